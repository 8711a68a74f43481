"""What an edited recording is put together of: numbers that stay, numbers that are new, and the segments of both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import kinematics
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.recordings.own_body import Poses
from segmo_core.recordings.placing import Piece
from segmo_core.recordings.recording import Recording
from segmo_core.recordings.texts import UNKNOWN, StretchTexts
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

_OFF_BODY_SECONDS = 0.5


def motion_of_poses(poses: Poses, frame_rate: float) -> Motion:
    joints = kinematics.forward_kinematics(MODEL_SKELETON, poses.local, poses.root)
    return Motion(joints, frame_rate, MODEL_SKELETON, poses.local)


def assembled(old: Motion, kept_before: int, new: Motion, kept_after: int) -> Motion:
    """The first and the last frames of ``old`` with ``new`` between, numbers as they are."""
    count = old.num_frames
    joints = [old.joint_positions[:kept_before], new.joint_positions, old.joint_positions[count - kept_after :]]
    local = None
    if old.local_rotations is not None and new.local_rotations is not None:
        turns = [old.local_rotations[:kept_before], new.local_rotations, old.local_rotations[count - kept_after :]]
        local = np.concatenate(turns)
    return Motion(np.concatenate(joints), old.frame_rate, old.skeleton, local)


def off_body_of(source: Recording, left: Piece | None, right: Piece | None, frames: int) -> FloatArray | None:
    """(T, J, 3) what joints are beside the rigid body, in the stretch fading away from what they are at its ends."""
    if source.off_body is None:
        return None
    zero = np.zeros((0, *source.off_body.shape[1:]))
    before = zero if left is None else source.off_body[left.start : left.end]
    after = zero
    if right is not None:
        theirs = right.of.off_body
        after = (
            np.zeros((right.end - right.start, *zero.shape[1:])) if theirs is None else theirs[right.start : right.end]
        )
    length = max(1.0, min(_OFF_BODY_SECONDS * source.frame_rate, frames / 2))
    place = np.arange(frames)
    middle = np.zeros((frames, *zero.shape[1:]))
    for each, apart in ((before[-1:], place + 1.0), (after[:1], frames - place + 0.0)):
        if len(each):
            share = np.clip(1.0 - apart / length, 0.0, 1.0)
            middle += each * (share**2 * (3.0 - 2.0 * share))[:, None, None]
    return np.concatenate([before, middle, after])


def track_of(
    source: Recording,
    left: Piece | None,
    right: Piece | None,
    stretch: tuple[int, int],
    num_frames: int,
    texts: StretchTexts,
) -> SegmentTrack:
    """The segments of the new motion in frames of the file."""
    parts: list[tuple[str, int]] = []
    start, end = stretch[0] + source.first, stretch[1] + source.first
    if start > 0:
        parts += _told(None if left is None else source.track, 0, start, texts.before)
    shares = np.cumsum([0.0, *texts.seconds]) / sum(texts.seconds)
    bounds = np.round(start + shares * (end - start)).astype(int).tolist()
    parts += [(text, stop - begin) for text, begin, stop in zip(texts.texts, bounds, bounds[1:], strict=False)]
    left_over = num_frames + source.first - end
    if right is not None and left_over > 0:
        parts += _told(
            right.of.track, right.start + right.of.first, right.start + right.of.first + left_over, texts.after
        )
    parts = [(text, count) for text, count in parts if count > 0]
    return SegmentTrack.from_durations([text for text, _ in parts], [count for _, count in parts])


def _told(track: SegmentTrack | None, start: int, end: int, text: str) -> list[tuple[str, int]]:
    """Texts and frames of [``start``, ``end``): of ``track`` where there is one, else ``text`` for all."""
    if track is None or track.num_frames < end:
        return [(text or UNKNOWN, end - start)]
    return [(part.text, part.num_frames) for part in track.cut(start, end)]
