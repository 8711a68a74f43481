"""A motion file opened to be edited: its own numbers, and the body that is understood by them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats import registry
from segmo_core.formats.arrays.npz_files import read_segment_track
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.motion.skeleton import Skeleton
from segmo_core.recordings.own_body import OwnBody, Poses
from segmo_core.retargeting.joint_map import JointMap
from segmo_core.retargeting.joint_tree import common_ancestor
from segmo_core.retargeting.to_model_skeleton import RetargetResult, to_model_skeleton
from segmo_core.retargeting.up_axis import to_y_up
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

OWN_NUMBERS = (".bvh", ".npy", ".npz")
"""Extensions of files whose frames can be kept as they are written, number by number."""


@dataclass(frozen=True, eq=False)
class Recording:
    """numbers: the motion as the file has it: skeleton, unit, axes, rate and every number. on_model: its frames from
    ``first`` on, on the model's skeleton, on the floor. own: the same frames of the file's own body. scale, turn: from
    the file's unit and axes to those of ``own``. off_body: (T, J, 3) metres, in the root's frame, that the file's
    joints are beside a rigid body's; None where they are not. track: the segments that came with it, in its frames.
    """

    numbers: Motion
    on_model: Motion
    own: OwnBody
    first: int = 0
    scale: float = 1.0
    turn: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0)
    off_body: FloatArray | None = None
    track: SegmentTrack | None = None

    @property
    def num_frames(self) -> int:
        """Of the file, those before ``first`` included."""
        return self.numbers.num_frames

    @property
    def frame_rate(self) -> float:
        return self.numbers.frame_rate

    def numbers_of(self, poses: Poses, off_body: FloatArray | None) -> Motion:
        """What stands in the file for ``poses`` of its body, beside which joints are ``off_body`` (K, J, 3)."""
        body = self.own.motion.skeleton
        joints = kinematics.forward_kinematics(body, poses.local, poses.root)
        if off_body is not None:
            joints = joints + rotations.rotate(poses.local[:, None, 0], off_body)
        back = rotations.inverse(np.array(self.turn))
        local = None
        if self.numbers.local_rotations is not None:
            local = rotations.multiply(rotations.multiply(back, poses.local), np.array(self.turn))
        return Motion(rotations.rotate(back, joints / self.scale), self.frame_rate, self.numbers.skeleton, local)


def read_recording(path: Path, choices: ReadingChoices = PLAIN_READING, joint_map: JointMap | None = None) -> Recording:
    """A file to be edited. FileFormatError as of ``motion_files.open_motion``, InvalidRequestError for another clip.

    Files that hold more than a body's joints (FBX, glTF, poses of SMPL, ...) are edited on the model's skeleton.
    """
    path = Path(path)
    numbers = registry.read_motion(path, choices)
    try:
        found = to_model_skeleton(numbers, joint_map, on_floor=True)
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from None
    track = read_segment_track(path) if path.suffix.lower() == ".npz" else None
    if path.suffix.lower() not in OWN_NUMBERS or found.is_mirrored:
        return on_model_skeleton(found.motion, track)
    return recording_of(numbers, found, track)


def on_model_skeleton(motion: Motion, track: SegmentTrack | None = None) -> Recording:
    """A recording that is on the model's skeleton, such as a take of the Studio."""
    motion = replace(kinematics.ensure_rotations(motion), hands=None)
    return Recording(motion, motion, OwnBody.of_model(motion), track=track)


def recording_of(numbers: Motion, found: RetargetResult, track: SegmentTrack | None = None) -> Recording:
    """``numbers`` of a file whose retargeting ``found`` what its joints play."""
    numbers = replace(numbers, hands=None)
    first, scale, turn = found.dropped_frames, found.scale, to_y_up(found.up_axis)
    on_model = replace(found.motion, hands=None)
    if found.matched_by == "same skeleton":
        return Recording(numbers, on_model, OwnBody.of_model(on_model), track=track)
    joints = rotations.rotate(turn, numbers.joint_positions[first:].astype(np.float64) * scale)
    offsets = rotations.rotate(turn, numbers.skeleton.rest_offsets * scale)
    local = numbers.local_rotations
    if local is not None:
        skeleton = Skeleton(numbers.skeleton.joint_names, numbers.skeleton.parents, offsets)
        local = rotations.multiply(rotations.multiply(turn, local[first:]), rotations.inverse(turn))
        own = Motion(joints, numbers.frame_rate, skeleton, local)
    else:
        # Positions alone: the rest pose of their skeleton is Y up already.
        skeleton = replace(numbers.skeleton, rest_offsets=numbers.skeleton.rest_offsets * scale, end_offsets=None)
        own = kinematics.rigid_motion(skeleton, joints, numbers.frame_rate)
    assert own.local_rotations is not None
    reached = kinematics.forward_kinematics(skeleton, own.local_rotations, joints[:, 0])
    off_body = rotations.rotate(rotations.inverse(own.local_rotations[:, None, 0]), joints - reached)
    players = {INDEX[name]: joint for name, joint in found.joint_map.indices(_with_ends(numbers, found)).items()}
    players = {name: joint for name, joint in players.items() if joint < numbers.skeleton.num_joints}
    hips, shoulders = ([players[INDEX[f"{side}_{part}"]] for side in ("left", "right")] for part in ("hip", "shoulder"))
    players.setdefault(INDEX["pelvis"], common_ancestor(numbers.skeleton, hips[0], hips[1]))
    bearer = common_ancestor(numbers.skeleton, shoulders[0], shoulders[1])
    if bearer not in players.values():
        players.setdefault(INDEX["spine3"], bearer)
    body = OwnBody(own, on_model, MappingProxyType(players))
    kept_off = off_body if float(np.abs(off_body).max()) > 1e-6 else None
    return Recording(numbers, on_model, body, first, scale, tuple(turn.tolist()), kept_off, track)


def _with_ends(numbers: Motion, found: RetargetResult) -> Skeleton:
    """The skeleton with the ends of its bones, which a joint map may name."""
    from segmo_core.retargeting.end_joints import with_end_joints

    return with_end_joints(numbers).skeleton


def at_rate(recording: Recording, frame_rate: float) -> Recording:
    """``recording`` at another rate, as something to be joined to one of that rate."""
    if recording.frame_rate == frame_rate:
        return recording
    on_model, own = (resample_motion(each, frame_rate) for each in (recording.on_model, recording.own.motion))
    count = min(on_model.num_frames, own.num_frames)
    on_model, own = on_model.frames(0, count), own.frames(0, count)
    return replace(
        recording, numbers=own, on_model=on_model, first=0, off_body=None, track=None,
        own=replace(recording.own, motion=own, on_model=on_model),
    )  # fmt: skip


def frames_of(recording: Recording, start: float, end: float) -> tuple[int, int]:
    """Frames [a, b) of the file between two seconds of it. InvalidRequestError where they are none of its own."""
    seconds = recording.num_frames / recording.frame_rate
    if not 0.0 <= start < end:
        raise InvalidRequestError(f"stretch: {start:g} to {end:g} s, expected a beginning before its end")
    if end > seconds + 0.5 / recording.frame_rate:
        raise InvalidRequestError(f"stretch: ends at {end:g} s, expected at most the {seconds:.2f} s of the recording")
    a, b = round(start * recording.frame_rate), min(round(end * recording.frame_rate), recording.num_frames)
    return max(a, recording.first), b
