"""Rotations as three angle curves that stay on the motion between the keys too.

Programs interpolate the angles one by one. Near the pole of a rotation order, where the first and the last axis meet,
that leaves the motion by decimetres within a sixtieth of a second. So each joint gets the order whose pole it stays
farthest from, every key the triplet nearest to the one before, and more keys where that is not enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]

FBX_ORDERS = ("XYZ", "XZY", "YZX", "YXZ", "ZXY", "ZYX")
"""FbxEuler::EOrder; the first letter is the axis turned about first, which stands last in a product of matrices."""

_FAR_FROM_POLE = np.radians(35.0)  # from there on the usual order is kept
_LARGEST_ERROR = 2e-4  # radians of one joint between keys; over a whole arm that is a quarter of a millimetre
_MOST_SPLITS = 6
# Where an interval is tried: off the middle, so that deviations that cancel there are seen as well.
_TRIED = 1.0 / 3.0


@dataclass(frozen=True, eq=False)
class RotationCurve:
    """order: index into FBX_ORDERS. frames: (K,) times of the keys in frames. degrees: (K, 3) about X, Y and Z."""

    order: int
    frames: NDArray[np.float64]
    degrees: NDArray[np.float64]


def to_degrees(quaternions: FloatArray, order: int) -> FloatArray:
    """Quaternions (..., 4) as angles (..., 3) about X, Y and Z, in degrees, for FBX_ORDERS[order]."""
    return np.degrees(rotations.to_euler(quaternions, _product(order)))[..., _to_xyz(order)]


def rotation_curves(local_rotations: FloatArray) -> list[RotationCurve]:
    """One curve for each joint of local_rotations (T, J, 4), with keys on all frames and between where needed."""
    orders = _choose_orders(local_rotations)
    return [_curve(local_rotations[:, joint], int(order)) for joint, order in enumerate(orders)]


def _product(order: int) -> str:
    """The order as a product of matrices, as ``rotations.to_euler`` wants it."""
    return FBX_ORDERS[order][::-1]


def _to_xyz(order: int) -> list[int]:
    return [_product(order).index(axis) for axis in "XYZ"]


def _choose_orders(local_rotations: FloatArray) -> NDArray[np.intp]:
    """(J,) the usual order where the joint keeps far from its pole, else the one whose pole it keeps farthest from."""
    matrices = rotations.to_matrix(local_rotations)
    distances = []
    for order in range(len(FBX_ORDERS)):
        last, _, first = ("XYZ".index(axis) for axis in FBX_ORDERS[order])
        largest = np.abs(matrices[..., first, last]).max(axis=0)
        distances.append(np.arccos(np.minimum(largest, 1.0)))
    table = np.stack(distances)
    return np.where(table[0] >= _FAR_FROM_POLE, 0, table.argmax(axis=0))


def _curve(quaternions: FloatArray, order: int) -> RotationCurve:
    frames, quaternions = _with_more_keys(quaternions, order)
    angles = rotations.to_euler(quaternions, _product(order))
    # Beginning near zero, so that no curve starts a whole turn away from the rest pose.
    unrolled = rotations.unroll_euler(np.concatenate([np.zeros((1, 3)), angles]))[1:]
    return RotationCurve(order, frames, np.degrees(unrolled)[:, _to_xyz(order)])


def _with_more_keys(quaternions: FloatArray, order: int) -> tuple[NDArray[np.float64], FloatArray]:
    """Times in frames and rotations (K, 4) of the keys: the given ones, and halves of the intervals that need it."""
    times = [np.arange(len(quaternions), dtype=np.float64)]
    keys = [quaternions]
    start, before, after = times[0][:-1], quaternions[:-1], quaternions[1:]
    length = 1.0
    for _ in range(_MOST_SPLITS):
        is_off = _error_between(before, after, order) > _LARGEST_ERROR
        start, before, after = start[is_off], before[is_off], after[is_off]
        if len(start) == 0:
            break
        length /= 2.0
        middle = rotations.slerp(before, after, 0.5)
        times.append(start + length)
        keys.append(middle)
        start = np.concatenate([start, start + length])
        before, after = np.concatenate([before, middle]), np.concatenate([middle, after])
    if len(times) == 1:
        return times[0], quaternions
    all_times = np.concatenate(times)
    in_time = np.argsort(all_times)
    return all_times[in_time], np.concatenate(keys)[in_time]


def _error_between(before: FloatArray, after: FloatArray, order: int) -> FloatArray:
    """(N,) radians between the arc from ``before`` to ``after`` (N, 4) and what interpolated angles give instead."""
    product = _product(order)
    angles = rotations.unroll_euler(np.stack([rotations.to_euler(q, product) for q in (before, after)]))
    found = rotations.from_euler(angles[0] + _TRIED * (angles[1] - angles[0]), product)
    cosine = np.abs(np.sum(found * rotations.slerp(before, after, _TRIED), axis=-1))
    return 2.0 * np.arccos(np.minimum(cosine, 1.0))
