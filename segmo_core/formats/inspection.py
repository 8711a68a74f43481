"""What a motion file is, without changing it: frames, skeleton, size, axes, feet, and how it sits on the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.arrays.npz_files import read_segment_track
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
from segmo_core.formats.registry import FORMATS, read_motion
from segmo_core.formats.scene.own_skeleton import metres_per_unit
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.motion_quality import foot_skating
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.retargeting.joint_map import JointMap
from segmo_core.retargeting.to_model_skeleton import RetargetResult, to_model_skeleton
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

_BUNDLE_FILE = "bundle.json"


@dataclass(frozen=True)
class JointInspection:
    """One joint: parent is its index, -1 for the root; bone_length in the file's unit."""

    name: str
    parent: int
    bone_length: float


@dataclass(frozen=True)
class BodyInspection:
    """What is known once the joints of a body are found; lengths in metres, angles in degrees.

    metres_per_unit: of the file. up_axis: of the file. facing: heading of the first frame about Y after turning Y up;
    0 faces +Z, 90 faces +X. travel: length of the pelvis' path over the floor. floor: height of the toes when down,
    5th percentile. foot_speed: m/s over the floor while they are down. retargeting: how the joints were found, a
    line; mean_error, worst_error: what it costs to put the motion on the model skeleton. repairs: what was put right on
    the way. warnings: what is doubtful. fingers: how many joints of fingers there are and what is kept of them;
    finger_joints_found, finger_joints_kept: the same as numbers.
    """

    metres_per_unit: float
    up_axis: str
    facing: float
    travel: float
    floor: float
    foot_speed: float
    retargeting: str
    joint_map: Mapping[str, str]
    missing_joints: tuple[str, ...]
    mean_error: float
    worst_error: float
    repairs: tuple[str, ...]
    warnings: tuple[str, ...]
    fingers: str
    finger_joints_found: int
    finger_joints_kept: int


@dataclass(frozen=True)
class FileInspection:
    """A motion file. clip: the one of its ``clips`` that is described; empty where the file holds one motion. repairs:
    what had to be put right in reading. lowest, highest: corners of the box around all joints of all frames, the file's
    unit and axes.

    is_rigid: rotations are known, so bones keep their length. is_model_skeleton: joints, parents and bone lengths are
    the model's. body: None where no human body was found; no_body says why.
    """

    path: str
    format_title: str
    num_bytes: int
    num_frames: int
    frame_rate: float
    clip: str
    clips: tuple[str, ...]
    repairs: tuple[str, ...]
    seconds: float
    joints: tuple[JointInspection, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    is_rigid: bool
    is_model_skeleton: bool
    segments: SegmentTrack | None
    body: BodyInspection | None
    no_body: str


def inspect_file(
    path: Path,
    joint_map: JointMap | None = None,
    *,
    up_axis: str | None = None,
    choices: ReadingChoices = PLAIN_READING,
) -> FileInspection:
    """Read and describe ``path``. Raises FileFormatError when it is no motion file that can be read.

    joint_map, up_axis: as for retargeting; None finds out. choices: which clip, and at which rate.
    """
    path = Path(path)
    if (path / _BUNDLE_FILE).is_file():
        raise InvalidRequestError(f"{path}: is a model bundle, expected a motion file (see segmo info {path})")
    motion = read_motion(path, choices)
    skeleton = motion.skeleton
    body, no_body = None, ""
    try:
        body = _body(to_model_skeleton(motion, joint_map, up_axis=up_axis, on_floor=True))
    except FileFormatError as error:
        no_body = str(error)
    told = motion.provenance
    points = motion.joint_positions.reshape(-1, 3)
    return FileInspection(
        path=str(path),
        format_title=_title(path),
        num_bytes=path.stat().st_size,
        num_frames=motion.num_frames,
        frame_rate=motion.frame_rate,
        clip=told.clip,
        clips=told.clips,
        repairs=told.repairs if body is None else body.repairs,
        seconds=motion.seconds,
        joints=tuple(
            JointInspection(name, parent, float(length))
            for name, parent, length in zip(skeleton.joint_names, skeleton.parents, skeleton.bone_lengths, strict=True)
        ),
        lowest=tuple(points.min(axis=0).tolist()),
        highest=tuple(points.max(axis=0).tolist()),
        is_rigid=motion.local_rotations is not None,
        is_model_skeleton=skeleton.same_as(MODEL_SKELETON),
        segments=read_segment_track(path) if path.suffix.lower() == ".npz" else None,
        body=body,
        no_body=no_body,
    )


def _title(path: Path) -> str:
    extension = path.suffix.lower()
    return next(row.title for row in FORMATS.values() if row.reader and extension in row.extensions)


def _body(result: RetargetResult) -> BodyInspection:
    motion = result.motion
    toes = [motion.skeleton.index(f"{side}_foot") for side in ("left", "right")]
    path = motion.joint_positions[:, 0].astype(np.float64)[:, [0, 2]]
    return BodyInspection(
        metres_per_unit=1.0 if result.matched_by == "same skeleton" else metres_per_unit(result.scale),
        up_axis=result.up_axis,
        facing=facing_degrees(motion),
        travel=float(np.linalg.norm(np.diff(path, axis=0), axis=-1).sum()),
        floor=float(np.percentile(motion.joint_positions[:, toes, 1], 5)) + result.lowered,
        foot_speed=foot_skating(motion.joint_positions, motion.frame_rate),
        retargeting=result.summary,
        joint_map=dict(result.joint_map.joints),
        missing_joints=result.missing_joints,
        mean_error=result.mean_error,
        worst_error=result.worst_error,
        repairs=result.repairs,
        warnings=result.warnings,
        fingers=result.told_fingers,
        finger_joints_found=result.num_finger_joints,
        finger_joints_kept=0 if motion.hands is None else motion.hands.num_found,
    )


def facing_degrees(motion: Motion) -> float:
    """Where the pelvis of the first frame faces: degrees about Y from +Z towards +X, in (-180, 180]."""
    motion = kinematics.ensure_rotations(motion)
    assert motion.local_rotations is not None  # ensure_rotations gave them
    forward = rotations.rotate(motion.local_rotations[0, 0], np.array([0.0, 0.0, 1.0]))
    return float(np.degrees(np.arctan2(forward[0], forward[2])))
