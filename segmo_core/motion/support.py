"""The height of the floor under every frame of a motion, from what the body rests on.

One number for a whole clip cannot be right: calibration drifts, and bodies put on another skeleton stand, sit and lie
at slightly different heights. So the floor follows the lowest part of the body while that part rests, whichever it
is, and goes straight on between, so that jumps keep their flight. What rests well above the floor (on a stair, a
stool, a bar) says nothing of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]

# Metres between a joint and the floor under the part of the body that it stands for, as the joints of lying and
# kneeling people in HumanML3D have it; small for those that touch with their tip.
_CLEARANCES = {
    "foot": 0.0, "ankle": 0.04, "knee": 0.04, "hip": 0.06, "pelvis": 0.06, "spine1": 0.06, "spine2": 0.06,
    "spine3": 0.06, "neck": 0.05, "head": 0.05, "collar": 0.06, "shoulder": 0.05, "elbow": 0.03, "wrist": 0.02,
}  # fmt: skip
_CLEARANCE = np.array([_CLEARANCES[name.removeprefix("left_").removeprefix("right_")] for name in SMPL_JOINT_NAMES])
_FRAME_RATE = 20
_RESTING_SPEED = 0.5  # m/s; feet on the floor of measured runs slide at up to 0.35
_FALLING = -5.0  # m/s2 of the body's middle; freely falling bodies have -9.8
_WITHIN = 0.03  # metres; parts this close above the lowest one rest on the same floor
_STANDS_ON_SOMETHING = 0.12  # metres above the floor; a stair is 0.15 to 0.2
_SMOOTHING = 3.0  # frames, of a Gaussian
_DEEPEST = 0.02  # metres that moving feet may dip in
_MARGIN = 6  # frames before and after a deeper dip in which the floor gives way


def floor_heights(
    joint_positions: FloatArray, frame_rate: float = _FRAME_RATE, level: float | None = None
) -> FloatArray:
    """(T,) height of the floor in the frames of joints (T, 22, 3), metres, Y up.

    level: about where it is, if that is known; else it is told from what rests lowest. Where nothing ever rests, the
    lowest point of all frames.
    """
    from scipy.ndimage import gaussian_filter1d, minimum_filter1d  # slow to import

    joints = np.asarray(joint_positions, dtype=np.float64)
    bottoms = joints[..., 1] - _CLEARANCE
    lowest: FloatArray = bottoms.min(axis=1)
    resting = _resting(joints, bottoms, lowest, frame_rate)
    if not resting.any():
        return np.full(len(joints), lowest.min())
    if level is None or not (resting & (np.abs(lowest - level) < _STANDS_ON_SOMETHING)).any():
        level = float(np.percentile(lowest[resting], 10, method="lower"))
    on_floor = np.flatnonzero(resting & (np.abs(lowest - level) < _STANDS_ON_SOMETHING))
    floor = gaussian_filter1d(np.interp(np.arange(len(joints)), on_floor, lowest[on_floor]), _SMOOTHING, mode="nearest")
    dips = minimum_filter1d(np.minimum(lowest + _DEEPEST - floor, 0.0), 2 * _MARGIN + 1, mode="nearest")
    return np.asarray(floor + gaussian_filter1d(dips, _MARGIN / 3, truncate=3.0, mode="nearest"))


def on_their_floor(joint_positions: FloatArray, frame_rate: float = _FRAME_RATE) -> FloatArray:
    """Joints (T, 22, 3) moved up or down so that the floor of every frame is at 0."""
    moved: FloatArray = np.array(joint_positions, dtype=np.float64)
    moved[..., 1] -= floor_heights(moved, frame_rate)[:, None]
    return moved


def _resting(joints: FloatArray, bottoms: FloatArray, lowest: FloatArray, frame_rate: float) -> NDArray[np.bool_]:
    """(T,) whether one of the lowest parts of the body rests and the body does not fall."""
    if len(joints) < 3:
        return np.ones(len(joints), dtype=np.bool_)
    speeds = np.linalg.norm(np.gradient(joints, axis=0), axis=-1) * frame_rate
    near = bottoms < lowest[:, None] + _WITHIN
    slow = (near & (speeds < _RESTING_SPEED)).any(axis=1)
    middle = joints[:, [0, 3, 6, 9]].mean(axis=1)[:, 1]
    falling = np.gradient(np.gradient(middle)) * frame_rate**2 < _FALLING
    return np.asarray(slow & ~falling)
