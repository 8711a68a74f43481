"""Where a drawn stretch stands between the recorded frames beside it, and where those go that may be moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import kinematics
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.recordings.bridging import Drawn, poses_of
from segmo_core.recordings.own_body import OwnBody, Poses
from segmo_core.recordings.recording import Recording
from segmo_core.recordings.root_path import arriving, headings, laid_at, missed, moved_on_floor
from segmo_core.recordings.splicing import OVERLAP

FloatArray = NDArray[np.floating]

_FLOOR_SHARE = 5.0  # percent
_FEET = (INDEX["left_foot"], INDEX["right_foot"])


@dataclass(frozen=True, eq=False)
class Piece:
    """Frames [start, end) of a recording. is_bound: they stay where they are."""

    of: Recording
    start: int
    end: int
    is_bound: bool = True

    def on_model(self) -> Motion:
        """Its frames on the model's skeleton."""
        return self.of.on_model.frames(self.start, self.end)


@dataclass(frozen=True, eq=False)
class PlacedStretch:
    """stretch: poses of the model, OVERLAP frames beyond its seams. angle, source, target: how what follows is moved on
    the floor, None where it stays. missed: metres and radians.
    """

    stretch: Poses
    move: tuple[float, FloatArray, FloatArray] | None
    missed: tuple[float, float]

    @classmethod
    def of(cls, source: Recording, drawn: Drawn, left: Piece | None, right: Piece | None) -> PlacedStretch:
        """``drawn`` after ``left`` and before ``right``, at least one of them; on the floor of ``source``."""
        poses, start, end = drawn.poses, drawn.start, drawn.end
        poses = Poses(poses.local, poses.root + np.array([0.0, _floor(source.on_model) - _floor_of(poses), 0.0]))
        after = None if right is None else poses_of(right.on_model())
        move, off = None, (0.0, 0.0)
        if left is not None:
            before = poses_of(left.on_model())
            poses = laid_at(poses, start - 1, before.frames(len(before) - 1, len(before)))
            if after is not None and right is not None and right.is_bound:
                off = missed(poses, end, after)
                poses = arriving(poses, start - 1, end, after, source.frame_rate)
            elif after is not None:
                angle = headings(poses.frames(end, end + 1))[0] - headings(after.frames(0, 1))[0]
                move = (float(angle), after.root[0], poses.root[end])
        elif after is not None:
            poses = laid_at(poses, end, after)
        first = start - OVERLAP if left is not None else start
        last = end + OVERLAP if right is not None else end
        return cls(poses.frames(first, last), move, off)

    def right_on(self, body: OwnBody, right: Piece | None, before: Poses | None) -> Poses | None:
        """The frames of ``right`` on ``body``, moved as they have to be; ``before`` is what they come after."""
        if right is None:
            return None
        model = poses_of(right.on_model())
        model = model if self.move is None else moved_on_floor(model, *self.move)
        if body.is_model:
            return model
        theirs = right.of.own
        if theirs is body or theirs.motion.skeleton.same_as(body.motion.skeleton):
            own = theirs.poses.frames(right.start, right.end)
            return own if self.move is None else moved_on_floor(own, *self.move)
        return body.posed(model, None if before is None else before.local[-1], None)


def _floor(motion: Motion) -> float:
    return float(np.percentile(motion.joint_positions[:, _FEET, 1], _FLOOR_SHARE))


def _floor_of(poses: Poses) -> float:
    joints = kinematics.forward_kinematics(MODEL_SKELETON, poses.local, poses.root)
    return float(np.percentile(joints[:, _FEET, 1], _FLOOR_SHARE))
