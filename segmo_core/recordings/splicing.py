"""A stretch put between two pieces of recorded motion, on the body they are of: pose, place and speed at both seams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.recordings.own_body import OwnBody, Poses
from segmo_core.recordings.replanted_feet import with_replanted_feet
from segmo_core.recordings.seam_blend import Kept, joined

FloatArray = NDArray[np.floating]

OVERLAP = 2
"""Frames by which a stretch reaches beyond its seams, there to tell how fast it goes."""
BLEND_OUTSIDE, BLEND_INSIDE = 0.35, 0.6
"""Seconds over which the difference at a seam fades, in the recording and in the stretch."""
_CONTEXT = 1.0  # s of the recording that feet are looked at in
_LONGEST_SHARE = 0.5  # of a stretch, or of what is recorded, that a blend may take
_FLOOR_SHARE = 5.0  # percent


@dataclass(frozen=True, eq=False)
class Spliced:
    """poses: of the whole new motion. start, end: the frames of it that are not as they were, blends included."""

    poses: Poses
    start: int
    end: int


def splice(
    body: OwnBody,
    left: Poses | None,
    stretch: Poses,
    right: Poses | None,
    frame_rate: float,
    *,
    blends_right: bool = True,
) -> Spliced:
    """``left``, ``stretch`` and ``right`` as one motion of ``body``; one of the outer two may be missing.

    stretch: of the model's skeleton, placed. It begins OVERLAP frames before the end of ``left`` and ends as many after
    the beginning of ``right``, where there are such. blends_right: False where not even the joints of ``right`` change.
    """
    before = None if left is None else left.local[-1]
    after = None if right is None else right.local[0]
    middle = body.posed(stretch, before, after)
    inside = len(stretch) - OVERLAP * ((left is not None) + (right is not None))
    start, end = 0, inside if left is None else len(left) + inside
    planted_end = end
    reach = max(1.0, min(BLEND_INSIDE * frame_rate, _LONGEST_SHARE * inside))
    if left is not None:
        outside = max(1.0, min(BLEND_OUTSIDE * frame_rate, _LONGEST_SHARE * len(left)))
        start = len(left) - int(np.ceil(outside))
        left, middle = joined(left, middle, min(OVERLAP, len(left)), (outside, reach), frame_rate, "left")
        middle = _together(left, middle)
    if right is not None:
        outside = max(1.0, min(BLEND_OUTSIDE * frame_rate, _LONGEST_SHARE * len(right))) if blends_right else 1.0
        length = len(middle)
        kept: Kept = "right" if blends_right else "right, wholly"
        middle, rest = joined(middle, right, min(OVERLAP, len(right)), (reach, outside), frame_rate, kept)
        if blends_right:
            middle = _together(middle, rest)
            end = planted_end = min(length + int(np.ceil(outside)) - 1, len(middle))
        else:  # what is told to be changed includes the frames that both have, though they are those of ``right``
            end, planted_end = length, length - min(OVERLAP, len(right))
            middle = _together(middle.frames(0, planted_end), right)
    floor = _floor(body)
    first, last = max(0, start - round(_CONTEXT * frame_rate)), min(len(middle), end + round(_CONTEXT * frame_rate))
    planted = (start - first, planted_end - first)
    near = with_replanted_feet(body, middle.frames(first, last), planted, frame_rate, floor)
    local = np.array(middle.local)
    local[start:end] = near.local[start - first : end - first]
    return Spliced(Poses(local, middle.root), start, end)


def _together(first: Poses, second: Poses) -> Poses:
    return Poses(np.concatenate([first.local, second.local]), np.concatenate([first.root, second.root]))


def _floor(body: OwnBody) -> float:
    """Height (m) of resting toes in the recording."""
    toes = [
        body.players.get(INDEX[f"{side}_foot"], body.players.get(INDEX[f"{side}_ankle"])) for side in ("left", "right")
    ]
    joints = [toe for toe in toes if toe is not None]
    return float(np.percentile(body.motion.joint_positions[:, joints, 1], _FLOOR_SHARE)) if joints else 0.0
