"""Rotations as three angle curves that stay on the motion between the keys too.

Programs interpolate the angles one by one. Near the pole of the angles, where the first and the last axis meet, that
leaves the motion by decimetres within a sixtieth of a second. So every key is the triplet nearest to the one before,
and there are more keys where that is not enough. (Another rotation order for joints that come near a pole would need
fewer; but takes whose orders differ cannot be merged onto one rig.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]

_PRODUCT = "ZYX"  # FBX's order XYZ turns about X first, which stands last in a product of matrices
_LARGEST_ERROR = 1e-4  # radians of one joint between keys; over a whole arm that is an eighth of a millimetre
_MOST_SPLITS = 6
# Where an interval is tried: off the middle, so that deviations that cancel there are seen as well.
_TRIED = 1.0 / 3.0


@dataclass(frozen=True, eq=False)
class RotationCurve:
    """seconds: (K,) times of the keys. degrees: (K, 3) about X, Y and Z, in FBX's order XYZ."""

    seconds: FloatArray
    degrees: NDArray[np.float64]


def to_degrees(quaternions: FloatArray) -> FloatArray:
    """Quaternions (..., 4) as angles (..., 3) about X, Y and Z, in degrees."""
    return np.degrees(rotations.to_euler(quaternions, _PRODUCT))[..., ::-1]


def rotation_curve(seconds: FloatArray, local_rotations: FloatArray, *, more_keys: bool) -> RotationCurve:
    """The curve of one joint's local_rotations (T, 4) at ``seconds`` (T,), with keys there.

    more_keys: also between them, where angles that go straight would leave the motion.
    """
    quaternions = local_rotations
    if more_keys:
        seconds, quaternions = _with_more_keys(seconds, local_rotations)
    angles = rotations.to_euler(quaternions, _PRODUCT)
    # Beginning near zero, so that no curve starts a whole turn away from the rest pose.
    unrolled = rotations.unroll_euler(np.concatenate([np.zeros((1, 3)), angles]))[1:]
    return RotationCurve(seconds, np.degrees(unrolled)[:, ::-1])


def _with_more_keys(seconds: FloatArray, quaternions: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Times and rotations (K, 4) of the keys: the given ones, and halves of the intervals that need it."""
    times, keys = [seconds], [quaternions]
    start, end, before, after = seconds[:-1], seconds[1:], quaternions[:-1], quaternions[1:]
    for _ in range(_MOST_SPLITS):
        is_off = _error_between(before, after) > _LARGEST_ERROR
        start, end, before, after = start[is_off], end[is_off], before[is_off], after[is_off]
        if len(start) == 0:
            break
        half, middle = (start + end) / 2.0, rotations.slerp(before, after, 0.5)
        times.append(half)
        keys.append(middle)
        start, end = np.concatenate([start, half]), np.concatenate([half, end])
        before, after = np.concatenate([before, middle]), np.concatenate([middle, after])
    all_times = np.concatenate(times)
    in_time = np.argsort(all_times)
    return all_times[in_time], np.concatenate(keys)[in_time]


def _error_between(before: FloatArray, after: FloatArray) -> FloatArray:
    """(N,) radians between the arc from ``before`` to ``after`` (N, 4) and what interpolated angles give instead."""
    angles = rotations.unroll_euler(np.stack([rotations.to_euler(q, _PRODUCT) for q in (before, after)]))
    found = rotations.from_euler(angles[0] + _TRIED * (angles[1] - angles[0]), _PRODUCT)
    cosine = np.abs(np.sum(found * rotations.slerp(before, after, _TRIED), axis=-1))
    angle: FloatArray = 2.0 * np.arccos(np.minimum(cosine, 1.0))
    return angle
