"""Where a generated stretch goes: laid on the recording where that stands, and bent to arrive where it goes on.

What heading and place are off by is spread over the time of the stretch, most of it where the body is on its way
anyway: steps become a little longer or turn a little more, and who stands stays where they stand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.features import HUMANML3D_LAYOUT, facing_direction
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.recordings.own_body import Poses

FloatArray = NDArray[np.floating]

_UP = np.array([0.0, 1.0, 0.0])
_ON_FLOOR = np.array([1.0, 0.0, 1.0])
_STANDING = 0.12  # m/s that count as the speed of somebody who stands
_SMOOTHING = 0.12  # s of a Gaussian over speeds
_EASE = 0.25  # s at either end over which no more is put right than the body can begin and stop


def headings(poses: Poses) -> FloatArray:
    """(K,) radians about Y that hips and shoulders of the model face, unrolled; 0 is +Z."""
    joints = kinematics.forward_kinematics(MODEL_SKELETON, poses.local, poses.root)
    forward = facing_direction(joints, HUMANML3D_LAYOUT)
    angles: FloatArray = np.unwrap(np.arctan2(forward[:, 0], forward[:, 2]))
    return angles


def moved_on_floor(poses: Poses, angle: float, source: FloatArray, target: FloatArray) -> Poses:
    """Turned by ``angle`` about Y, ``source`` (3,) brought to ``target`` (3,) on the floor; heights stay."""
    turn = rotations.from_axis_angle(_UP, np.array(angle))
    root = rotations.rotate(turn, (poses.root - source) * _ON_FLOOR) + target * _ON_FLOOR
    root[:, 1] = poses.root[:, 1]
    local = np.array(poses.local)
    local[:, 0] = rotations.multiply(turn, local[:, 0])
    return Poses(local, root)


def laid_at(poses: Poses, frame: int, target: Poses) -> Poses:
    """Moved on the floor so that ``frame`` stands where the first frame of ``target`` stands, facing the same way."""
    angle = headings(target.frames(0, 1))[0] - headings(poses.frames(frame, frame + 1))[0]
    return moved_on_floor(poses, float(angle), poses.root[frame], target.root[0])


def missed(poses: Poses, frame: int, target: Poses) -> tuple[float, float]:
    """How far ``frame`` is from the first frame of ``target``: metres on the floor, and radians of heading."""
    apart = float(np.linalg.norm((target.root[0] - poses.root[frame])[[0, 2]]))
    return apart, float(_wrapped(headings(target.frames(0, 1))[0] - headings(poses.frames(frame, frame + 1))[0]))


def arriving(poses: Poses, start: int, end: int, target: Poses, frame_rate: float) -> Poses:
    """``poses`` changed after frame ``start`` so that frame ``end`` stands where ``target`` begins, facing its way."""
    missing = missed(poses, end, target)[1]
    share = _shares(poses, start, end, frame_rate, with_turns=True)
    turn = rotations.from_axis_angle(_UP, missing * share)
    steps = rotations.rotate(turn[:-1], np.diff(poses.root * _ON_FLOOR, axis=0))
    root = np.concatenate([poses.root[:1], poses.root[0] + np.cumsum(steps, axis=0)])
    root += _shares(poses, start, end, frame_rate, with_turns=False)[:, None] * (target.root[0] - root[end])
    root[:, 1] = poses.root[:, 1]
    local = np.array(poses.local)
    local[:, 0] = rotations.multiply(turn, local[:, 0])
    return Poses(rotations.continuous(local), root)


def _shares(poses: Poses, start: int, end: int, frame_rate: float, *, with_turns: bool) -> FloatArray:
    """(K,) 0 up to ``start``, 1 from ``end`` on, and between how much of what is missing is put right by then."""
    from scipy.ndimage import gaussian_filter1d  # slow to import

    speed = np.linalg.norm(np.diff(poses.root[:, [0, 2]], axis=0), axis=-1) * frame_rate
    if with_turns:
        speed = speed + np.abs(np.diff(headings(poses))) * frame_rate * 0.5  # the pelvis of who turns goes about that
    steps = gaussian_filter1d(speed, _SMOOTHING * frame_rate, mode="nearest")[start:end] + _STANDING
    ease = max(min(_EASE * frame_rate, (end - start) / 3), 1.0)
    place = np.arange(end - start) + 0.5
    steps = steps * np.clip(np.minimum(place, end - start - place) / ease, 0.0, 1.0)
    share = np.ones(len(poses))
    share[: start + 1] = 0.0
    share[start : end + 1] = np.concatenate([[0.0], np.cumsum(steps) / steps.sum()])
    return share


def _wrapped(angle: float) -> float:
    return (angle + np.pi) % (2 * np.pi) - np.pi
