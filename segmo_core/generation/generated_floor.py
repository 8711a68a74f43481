"""The floor under a generated motion, which no recording knows: what stands, sits and lies has its own support."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.feet.foot_paths import runs
from segmo_core.motion.motion import Motion
from segmo_core.motion.support import floor_heights

FloatArray = NDArray[np.floating]

_TOLERANCE = 0.03  # metres; floors that are as right as that stay what they are
_IN_THE_AIR = 0.05
_LONGEST_FLIGHT = 0.7  # seconds; that of a jump of 60 cm
_SMOOTHING = 3.0  # frames at 20 Hz, of a Gaussian


def with_own_support(motion: Motion, resting_height: float) -> Motion | None:
    """``motion`` (22 joints, its floor at 0) moved up and down so that whatever carries it rests on the floor, standing
    toes at ``resting_height`` (m); None where the floor is right already, within 3 cm everywhere."""
    joints = motion.joint_positions.astype(np.float64)
    floor = floor_heights(joints, motion.frame_rate, level=0.0)
    floor = floor + _touching(joints[..., 1].min(axis=1) - floor, motion.frame_rate)
    if np.abs(floor).max() <= _TOLERANCE:
        return None
    joints[..., 1] += resting_height - floor[:, None]
    return replace(motion, joint_positions=joints.astype(np.float32))


def _touching(heights: FloatArray, frame_rate: float) -> FloatArray:
    """(T,) to add to a floor above which the lowest joint is at ``heights`` (T,): nobody flies for longer than a jump
    takes, so in longer flights the body touches down where it is lowest, now and then."""
    from scipy.ndimage import gaussian_filter1d  # slow to import

    added = np.zeros(len(heights))
    longest = round(_LONGEST_FLIGHT * frame_rate)
    for start, end in runs(heights > _IN_THE_AIR):
        if end - start <= longest:
            continue
        count = -(-(end - start) // longest)
        bounds = np.linspace(start, end, 2 * count).round().astype(int)  # flight, touch, flight, ..., touch, flight
        pieces = zip(bounds[1:-1:2], bounds[2:-1:2], strict=True)
        touches = [int(first + np.argmin(heights[first:last])) for first, last in pieces]
        if start == 0:
            touches.insert(0, int(np.argmin(heights[: bounds[1]])))
        if end == len(heights):
            touches.append(int(bounds[-2] + np.argmin(heights[bounds[-2] :])))
        knots = np.array([*[start - 1] * (start > 0), *touches, *[end] * (end < len(heights))])
        values = np.where((knots >= start) & (knots < end), heights[knots.clip(max=len(heights) - 1)], 0.0)
        added[start:end] = np.interp(np.arange(start, end), knots, values)
    smoothed: FloatArray = gaussian_filter1d(added, _SMOOTHING * frame_rate / 20.0, mode="nearest")
    return smoothed
