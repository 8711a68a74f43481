"""Joint positions in the shapes that text-to-motion tools write them in, brought to frames x joints x 3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short
from segmo_core.formats.arrays.joint_layouts import LAYOUTS, JointLayout
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import ReadingChoices, chosen_clip, clip_names
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import Provenance
from segmo_core.motion.skeleton import KIT_SKELETON, SMPL_JOINT_NAMES, Skeleton

FloatArray = NDArray[np.floating]

_NUM_JOINTS = len(SMPL_JOINT_NAMES)
_KIT_JOINTS = KIT_SKELETON.num_joints
# Joints of SMPL, SMPL-H, SMPL-X and what programs add to them: the first 22 are the body's.
_LARGER_BODIES = (24, 45, 52, 55, 73, 127, 144)
EXPECTED = "(T, 22, 3), (T, 66), (22, 3, T), (N, T, 22, 3) or (N, 22, 3, T) joints, also of 24, 52 or 55 SMPL joints"


@dataclass(frozen=True, eq=False)
class JointClips:
    """positions: of every clip (N, T, J, 3). shape: what they had before, for people."""

    positions: FloatArray
    shape: tuple[int, ...]

    @property
    def num_joints(self) -> int:
        return int(self.positions.shape[2])


def joint_clips(values: FloatArray) -> JointClips | None:
    """``values`` as clips of joints; None for a shape that is none of joints."""
    shape = values.shape
    joints = (_NUM_JOINTS, _KIT_JOINTS, *_LARGER_BODIES, *(layout.num_joints for layout in LAYOUTS))
    if values.ndim == 2 and shape[1] == 3 * _NUM_JOINTS:
        values = values.reshape(len(values), _NUM_JOINTS, 3)
    while values.ndim > 4 and values.shape[0] == 1:
        values = values[0]
    if values.ndim == 3 and values.shape[2] == 3 and values.shape[1] in joints:
        values = values[None]
    elif values.ndim == 3 and values.shape[1] == 3 and values.shape[0] in joints:
        values = np.moveaxis(values, 2, 0)[None]
    elif values.ndim == 3 and values.shape[2] == 3 * _NUM_JOINTS:
        values = values.reshape(*values.shape[:2], _NUM_JOINTS, 3)
    elif values.ndim == 4 and values.shape[3] == 3 and values.shape[2] in joints:
        pass
    elif values.ndim == 4 and values.shape[2] == 3 and values.shape[1] in joints:
        values = np.moveaxis(values, 3, 1)
    else:
        return None
    if 0 in values.shape:
        return None
    return JointClips(values, shape)


def motion_of_joints(
    path: Path,
    clips: JointClips,
    rate: float,
    choices: ReadingChoices,
    *,
    texts: Sequence[object] = (),
    lengths: Sequence[int] = (),
    told: Provenance | None = None,
) -> Motion:
    """One of ``clips``, the chosen or the first, at ``rate`` Hz. texts: their names. lengths: frames that count of
    each.

    Raises FileFormatError.
    """
    count = len(clips.positions)
    names = clip_names(texts if len(texts) == count else [None] * count) if count > 1 else ()
    number = chosen_clip(path, names, choices.clip)
    positions = clips.positions[number]
    if number < len(lengths) and 0 < lengths[number] < len(positions):
        positions = positions[: lengths[number]]
    told = replace(told or Provenance(), clip=names[number] if names else "", clips=names)
    layout = next((each for each in LAYOUTS if each.num_joints == clips.num_joints), None)
    if layout is not None:
        return replace(_of_layout(path, positions, rate, layout), provenance=told)
    files.check_size(path, len(positions), clips.num_joints)
    files.require_finite(path, positions, "values")
    if clips.num_joints == _KIT_JOINTS:
        return replace(files.build_motion(path, positions, rate, KIT_SKELETON), provenance=told)
    if clips.num_joints > _NUM_JOINTS:
        sentence = f"Of {clips.num_joints} joints the first {_NUM_JOINTS}, SMPL's body, were read."
        told = replace(told, repairs=(*told.repairs, sentence))
        positions = positions[:, :_NUM_JOINTS]
    motion = files.build_motion(path, positions, rate, files.skeleton_of_positions(positions))
    return replace(motion, provenance=told)


def _of_layout(path: Path, positions: FloatArray, rate: float, layout: JointLayout) -> Motion:
    files.check_size(path, len(positions), layout.num_joints)
    files.require_finite(path, positions, "values")
    names, parents, positions = layout.named(positions)
    offsets = np.zeros((len(names), 3))
    for joint, parent in enumerate(parents):
        if parent >= 0:
            bones = positions[:, joint] - positions[:, parent]
            length = float(np.linalg.norm(bones, axis=-1).mean())
            first = float(np.linalg.norm(bones[0]))
            offsets[joint] = bones[0] * (length / first) if first > 0 else [0.0, length, 0.0]
    return files.build_motion(path, positions, rate, Skeleton(names, parents, offsets))


def refuse_shape(path: Path, shape: tuple[int, ...], besides: str = "") -> FileFormatError:
    """The sentence for an array that is none of joints."""
    return FileFormatError(f"{path}: array of shape {in_short(shape, 60)}, expected {EXPECTED}{besides}")
