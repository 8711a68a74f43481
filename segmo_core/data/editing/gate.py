"""What keeps edited motion out that does not move like people do.

Limits are the 99.5th percentiles of 1,728 real training clips where a number stands alone, and stricter for walks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import ANKLES, FRAME_RATE, NECK, PELVIS, TOES, WRISTS
from segmo_core.data.editing.stances import centre_of_mass

FloatArray = NDArray[np.floating]

_ACCELERATIONS = {"pelvis": ((PELVIS,), 38.0), "wrists": (WRISTS, 136.0), "ankles": (ANKLES, 138.0)}
_WALK_ACCELERATIONS = {"pelvis": ((PELVIS,), 18.0), "wrists": (WRISTS, 80.0), "ankles": (ANKLES, 90.0)}
_SPEEDS = {"pelvis": ((PELVIS,), 4.9), "wrists": (WRISTS, 9.3), "ankles": (ANKLES, 10.3)}
_SINK = 0.05  # metres
_FLOAT, _FLOAT_FRAMES = 0.08, 16
_SKATE = 0.5  # m/s of toes on the floor, on average
_INSIDE_TRUNK = 0.06  # metres of a wrist from the line of the spine
_OUTSIDE = 0.3  # metres that the body's middle may be beside the feet of somebody who stands still
_UPRIGHT = 0.75


def complaint(joints: FloatArray, *, walks: bool = False, jumps: bool = False) -> str | None:
    """What is wrong with joints (T, 22, 3) at 20 Hz that stand on their floor, in a word; None where nothing is."""
    if not np.isfinite(joints).all():
        return "not finite"
    lowest = joints[..., 1].min(axis=1)
    if lowest.min() < -_SINK:
        return "sinks"
    floats = lowest > _FLOAT
    if not jumps and floats.any() and _longest_run(floats) > _FLOAT_FRAMES:
        return "floats"
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * FRAME_RATE
    for name, (parts, limit) in _SPEEDS.items():
        if np.percentile(speed[:, parts], 99) > limit:
            return f"{name} too fast"
    acceleration = np.linalg.norm(np.diff(joints, 2, axis=0), axis=-1) * FRAME_RATE**2
    for name, (parts, limit) in (_WALK_ACCELERATIONS if walks else _ACCELERATIONS).items():
        if np.percentile(acceleration[:, parts], 99) > limit:
            return f"{name} jerk"
    toes = np.linalg.norm(np.diff(joints[:, TOES], axis=0)[..., [0, 2]], axis=-1) * FRAME_RATE
    on_floor = joints[1:, TOES, 1] < 0.02
    if on_floor.any() and not jumps and toes[on_floor].mean() > (1.6 * _SKATE if walks else _SKATE):
        return "slides"
    for wrist in WRISTS:
        if _from_line(joints[:, wrist], joints[:, PELVIS], joints[:, NECK]).min() < _INSIDE_TRUNK:
            return "hand in the trunk"
    return None if walks or jumps else _balance(joints)


def _balance(joints: FloatArray) -> str | None:
    """Of somebody who stands upright and hardly moves, the middle of the body must be over the feet."""
    middle = centre_of_mass(joints)
    quiet = np.linalg.norm(np.gradient(middle, axis=0), axis=-1) * FRAME_RATE < 0.15
    quiet &= joints[:, PELVIS, 1] > _UPRIGHT
    if not quiet.any():
        return None
    feet = joints[:, [*ANKLES, *TOES]]
    low = feet[..., 1] < 0.13
    nearest = np.where(low, np.linalg.norm((feet - middle[:, None])[..., [0, 2]], axis=-1), np.inf).min(axis=1)
    return "out of balance" if np.percentile(nearest[quiet], 90) > _OUTSIDE else None


def _from_line(points: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    """(T,) distances of points from segments."""
    way = end - start
    share = np.sum((points - start) * way, axis=-1) / np.maximum(np.sum(way * way, axis=-1), 1e-9)
    nearest = start + np.clip(share, 0.0, 1.0)[:, None] * way
    return np.asarray(np.linalg.norm(points - nearest, axis=-1))


def _longest_run(flags: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return int((edges[1::2] - edges[::2]).max())
