"""Where the floor under a body is, by what stands on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]

_TOLERANCE = 0.05
"""Metres: some put the floor under the soles, others through the lowest joint."""
_FLYING = 0.3  # metres above which a body is put down although nothing of it is seen to stand
_STANDING_SPEED = 0.3  # m/s of a toe over the floor and up
_SHORTEST_STAND = 0.1  # seconds
_LOWEST_SHARE = 10.0  # percent of the standing heights: stairs go up from the floor
_TOUCHING_SHARE = 2.0  # percent of all frames


def height_above_floor(motion: Motion) -> float:
    """Metres that ``motion`` (model skeleton) is above the floor it stands on, negative below; 0 within 5 cm.

    Told by the toes where they stand still for a tenth of a second, else by the lowest joints. Whoever lies, sits or
    kneels on the floor is held by what touches it.
    """
    heights = motion.joint_positions[..., 1].astype(np.float64)
    lowest = heights.min(axis=1)
    touching = float(np.percentile(lowest, _TOUCHING_SHARE))
    standing = _standing_heights(motion)
    if len(standing):
        floor = min(float(np.percentile(standing, _LOWEST_SHARE)), touching + _TOLERANCE)
        return floor if abs(floor) > _TOLERANCE else 0.0
    return touching if touching < -_TOLERANCE or touching > _FLYING else 0.0


def _standing_heights(motion: Motion) -> FloatArray:
    """(N,) heights of toes in the frames in which they rest."""
    toes = motion.joint_positions[:, [motion.skeleton.index(f"{side}_foot") for side in ("left", "right")]]
    heights = toes[..., 1].astype(np.float64)
    if motion.num_frames == 1:
        return heights.ravel()
    speed = np.linalg.norm(np.diff(toes.astype(np.float64), axis=0), axis=-1) * motion.frame_rate
    slow = np.asarray(np.concatenate([speed[:1], speed]) < _STANDING_SPEED)
    length = max(1, min(round(_SHORTEST_STAND * motion.frame_rate), motion.num_frames))
    windows = np.asarray(np.lib.stride_tricks.sliding_window_view(slow, length, axis=0).all(axis=-1))
    rests = np.zeros_like(slow)
    for start in range(length):
        rests[start : start + len(windows)] |= windows
    return heights[rests]
