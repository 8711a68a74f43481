"""The stretch of a motion that can be repeated without end: a walk cycle, relative to where it has come to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]

_LEAST_SECONDS = 0.6  # faster than this no person repeats a step with the same foot, but for a sprint
_FARTHEST = 0.10  # metres a joint, on average, between two poses that pass for one
_SPEED_SECONDS = 0.1  # of its own speed a joint goes on; poses that move otherwise are not alike
_UP = np.array([0.0, 1.0, 0.0])


def loop_range(motion: Motion) -> tuple[int, int]:
    """First and last frame of the stretch whose last pose is most like its first, whatever the place and heading.

    Raises InvalidRequestError when no two poses far enough apart are alike.
    """
    motion = kinematics.ensure_rotations(motion)
    assert motion.local_rotations is not None
    positions = motion.joint_positions.astype(np.float64)
    level = positions - positions[:, :1] * [1.0, 0.0, 1.0]
    turn = rotations.from_axis_angle(_UP, -_headings(motion))
    poses = rotations.rotate(turn[:, None], level)
    speeds = rotations.rotate(turn[:, None], np.gradient(positions, axis=0) if len(positions) > 1 else 0.0 * positions)
    described = np.concatenate([poses, speeds * motion.frame_rate * _SPEED_SECONDS], axis=1).reshape(len(poses), -1)
    squares = np.sum(described**2, axis=1)
    apart = squares[:, None] + squares[None] - 2.0 * described @ described.T
    apart = np.sqrt(np.maximum(apart, 0.0) / motion.skeleton.num_joints)
    start, end = np.indices(apart.shape)
    least = max(2, int(np.ceil(_LEAST_SECONDS * motion.frame_rate)))
    apart[end - start < least] = np.inf
    first, last = np.unravel_index(int(np.argmin(apart)), apart.shape)
    if not apart[first, last] <= _FARTHEST:
        found = f"the nearest differ by {100 * apart[first, last]:.0f} cm" if len(poses) > least else "it is too short"
        raise InvalidRequestError(f"loop: no two poses of this motion are alike ({found}), expected one that repeats")
    return int(first), int(last)


def as_loop(motion: Motion, first: int, last: int) -> Motion:
    """Frames ``first`` to ``last`` with the pose of the last made that of the first, in heading and height too.

    What they differ by is taken out evenly over all frames; the path goes straight on from turn to turn.
    """
    motion = kinematics.ensure_rotations(motion).frames(first, last + 1)
    assert motion.local_rotations is not None
    count = motion.num_frames
    share = np.arange(count) / (count - 1)
    headings = _headings(motion)
    turns = rotations.from_axis_angle(_UP, -(headings[-1] - headings[0]) * share)
    local = np.array(motion.local_rotations)
    local[:, 0] = rotations.multiply(turns, local[:, 0])
    local = _closed(local, share)
    root = motion.joint_positions[:, 0].astype(np.float64)
    steps = rotations.rotate(turns[:-1], np.diff(root, axis=0))
    path = np.concatenate([root[:1], root[0] + np.cumsum(steps, axis=0)])
    path[:, 1] = root[:, 1] - (root[-1, 1] - root[0, 1]) * share
    local = rotations.continuous(rotations.normalize(local))
    hands = motion.hands
    if hands is not None:
        turned = rotations.continuous(rotations.normalize(_closed(hands.local_rotations, share)))
        hands = replace(hands, local_rotations=turned)
    positions = kinematics.forward_kinematics(motion.skeleton, local, path)
    return Motion(positions, motion.frame_rate, motion.skeleton, local, hands=hands)


def _closed(local: FloatArray, share: FloatArray) -> FloatArray:
    """Rotations (T, J, 4) whose last are made the first, by what they differ times ``share`` (T,)."""
    missing = rotations.multiply(local[0], rotations.inverse(local[-1]))
    return rotations.multiply(rotations.slerp(rotations.IDENTITY_QUATERNION, missing, share[:, None]), local)


def _headings(motion: Motion) -> FloatArray:
    """(T,) radians about Y of the way the root faces, unrolled."""
    assert motion.local_rotations is not None
    forward = rotations.rotate(motion.local_rotations[:, 0], np.array([0.0, 0.0, 1.0]))
    angles: FloatArray = np.unwrap(np.arctan2(forward[:, 0], forward[:, 2]))
    return angles
