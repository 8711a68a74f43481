"""Named arrays of other programs, from an archive or a pickle, as one motion: joints, poses or features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short
from segmo_core.formats.arrays import smpl_poses
from segmo_core.formats.arrays.features_files import motion_of_features
from segmo_core.formats.arrays.foreign_values import array_of, numbers_in, positive_number, texts_in
from segmo_core.formats.arrays.joint_arrays import joint_clips, motion_of_joints
from segmo_core.formats.reading.choices import ReadingChoices, chosen_clip, clip_names
from segmo_core.motion.features import HUMANML3D_LAYOUT, KIT_LAYOUT
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import Provenance

FloatArray = NDArray[np.floating]

GENERATED_RATE = 20.0  # Hz of what models of HumanML3D make
KIMODO_RATE = 30.0
JOINTS = ("motion", "posed_joints", "joints", "joints3d", "joints_3d", "pred_xyz", "xyz", "positions", "feats_joints")
_KIMODO = "posed_joints"
_TEXTS = ("text", "texts", "all_text")
_LENGTHS = ("lengths", "length", "all_lengths")
_NESTED = ("results", "smpl_params_global", "smpl_params", "params", "motion_data", "arr_0")
NAMES = (*JOINTS, *_TEXTS, *_LENGTHS, *smpl_poses.NAMES, *_NESTED)
_MAX_PEOPLE, _FEW = 100, 8
_MAX_DEPTH = 4
_MOST_FRAMES = 1e9


def motion_of_record(path: Path, record: Any, choices: ReadingChoices) -> Motion:
    """The motion in a dictionary of arrays, or in dictionaries within it (people, frames). Raises FileFormatError."""
    people = _people(record)
    if not people:
        some = ", ".join(in_short(name, 24) for name in list(record)[:6]) if isinstance(record, Mapping) else "no names"
        raise FileFormatError(
            f"{path}: {some or 'nothing'}, expected joints ({', '.join(JOINTS[:3])}, ...) or poses of an SMPL body "
            "(poses, or global_orient and body_pose) with a translation"
        )
    names = clip_names([name for name, _ in people], "person") if len(people) > 1 else ()
    several = _texts(people[0][1]) if len(people) == 1 else ()
    number = chosen_clip(path, names, choices.clip) if names else 0
    found = people[number][1]
    motion = _joints(path, found, choices, several) if _has_joints(found) else _poses(path, found, choices)
    if not names:
        return motion
    return replace(motion, provenance=replace(motion.provenance, clip=names[number], clips=names))


def _people(record: Any, depth: int = 0) -> list[tuple[str, Mapping[str, Any]]]:
    """Name and arrays of everybody in ``record``; frames that hold one person each are put together."""
    if isinstance(record, list) and len(record) == 1:
        record = record[0]
    if not isinstance(record, Mapping) or depth > _MAX_DEPTH:
        return []
    if _has_joints(record) or smpl_poses.has_poses(record):
        return [("", record)]
    inner = [(str(name), value) for name, value in record.items() if isinstance(value, (Mapping, list))]
    frames = [value for _, value in sorted(inner) if isinstance(value, Mapping) and smpl_poses.has_poses(value)]
    if _is_of_frames(frames):
        return [("", _together(frames))]
    for name in _NESTED:
        if name in record:
            found = _people(record[name], depth + 1)
            if found:
                return found
    found = [(name, person) for name, value in inner for _, person in _people(value, depth + 1)[:1]]
    return found[:_MAX_PEOPLE]


def _is_of_frames(frames: list[Mapping[str, Any]]) -> bool:
    """Whether dictionaries are frames with a pose or those of a few people in each, and not people over time."""
    poses = [numbers_in(next((frame[name] for name in smpl_poses.WHOLE if name in frame), None)) for frame in frames]
    most = max((len(each) if each.ndim == 2 else 1 for each in poses if each is not None), default=0)
    return len(frames) > _FEW >= most and all(each is not None and each.ndim in (1, 2) for each in poses)


def _together(frames: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Poses and translations of frames, each of the first person in it, as arrays over time."""
    names = [name for name in (*smpl_poses.WHOLE, *smpl_poses.TRANSLATION) if all(name in frame for frame in frames)]
    found: dict[str, Any] = {}
    for name in names:
        rows = [np.atleast_2d(array_of(frame[name])) for frame in frames]
        if all(map(len, rows)) and len({row[0].shape for row in rows}) == 1:
            found[name] = np.stack([row[0] for row in rows])
    return found


def _has_joints(record: Mapping[str, Any]) -> bool:
    return any(isinstance(record.get(name), np.ndarray) and _clips(record[name]) is not None for name in JOINTS)


def _clips(values: NDArray[Any]) -> Any:
    if values.dtype.kind not in "fiu":
        return None
    if values.ndim in (2, 3) and values.shape[-1] in (HUMANML3D_LAYOUT.dimension, KIT_LAYOUT.dimension):
        return values
    return joint_clips(values)


def _joints(path: Path, record: Mapping[str, Any], choices: ReadingChoices, texts: tuple[str | None, ...]) -> Motion:
    name = next(
        each for each in JOINTS if isinstance(record.get(each), np.ndarray) and _clips(record[each]) is not None
    )
    values = record[name].astype(np.float64)
    if values.shape[-1] in (HUMANML3D_LAYOUT.dimension, KIT_LAYOUT.dimension):
        return motion_of_features(path, values[0] if values.ndim == 3 else values, choices)
    clips = joint_clips(values)
    assert clips is not None  # as _has_joints found
    lengths = numbers_in(next((record[each] for each in _LENGTHS if each in record), None))
    counts = [] if lengths is None else [int(length) for length in lengths.ravel() if abs(length) < _MOST_FRAMES]
    told = Provenance(rate_origin="assumed")
    rate = KIMODO_RATE if name == _KIMODO else GENERATED_RATE
    given = positive_number(record.get("fps", record.get("frame_rate")))
    if given is not None and given < 1e4:
        rate, told = given, Provenance()
    return motion_of_joints(path, clips, rate, choices, texts=texts, lengths=counts, told=told)


def _texts(record: Mapping[str, Any]) -> tuple[str | None, ...]:
    return texts_in(next((record[name] for name in _TEXTS if name in record), None))


def _poses(path: Path, record: Mapping[str, Any], choices: ReadingChoices) -> Motion:
    return smpl_poses.motion_of_poses(path, smpl_poses.poses_of(path, record), choices)
