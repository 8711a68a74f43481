"""Where a foot goes when it stands still while it stands and is lifted while it swings.

What is added to a foot's path is the least that keeps it in place during contacts, and smooth in time: one banded
least-squares problem over all frames, in which every contact finds the place that suits the foot before and after.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.feet.least_squares import Bands

FloatArray = NDArray[np.floating]
BoolArray = NDArray[np.bool_]

_RATE = 20.0  # Hz; weights are those of frames at this rate, and scaled to others
_PINNED = 1000.0  # of a change from frame to frame while a foot surely stands; the others are weighed against it
_HORIZONTAL = (0.4, 2.0)  # of what is added, and of its second difference
_VERTICAL_PINNED = 5.0
_ON_FLOOR = 3.0  # of the distance from the floor
_LEVEL = 0.005  # m, above or below the floor, that a standing toe may be
_VERTICAL = (0.05, 0.01)
_HELD = 1e6  # of what is added where nothing may be

# Toe height in the course of a swing, as a share of its highest: median of real runs, the rise as in real walks.
_SWING_PHASE = np.linspace(0.0, 1.0, 11)
_SWING_SHAPE = np.array([0.0, 0.44, 0.72, 0.93, 1.0, 0.83, 0.58, 0.40, 0.35, 0.36, 0.1])
# Highest toe (m) of a swing over a distance (m): median of real walks and runs.
_SWING_DISTANCE = np.array([0.1, 0.3, 0.75, 1.1, 1.4, 1.9, 2.4])
_SWING_HEIGHT = np.array([0.0, 0.05, 0.065, 0.095, 0.105, 0.226, 0.337])
_SLOW_SWING_HEIGHT = 0.07  # m; and as much more for every
_HEIGHT_OF_SPEED = 0.03  # m for a m/s of the swinging foot: long steps of a slow walk are not high


def pinned(
    path: FloatArray,
    contact: FloatArray,
    frame_rate: float,
    max_correction: float,
    held: BoolArray | None = None,
) -> FloatArray:
    """Shifts (T, 2) that hold a horizontal path (T, 2) metres in place where ``contact`` (T,), 0 to 1, is high.

    Contacts that need more than ``max_correction`` metres are taken for slides that are meant: they are set to 0 in
    ``contact``. held: (T,) where nothing is shifted.
    """
    while True:
        shift = _added(path, _PINNED * contact[:-1] ** 2, None, _HORIZONTAL, frame_rate, held)
        too_far = np.linalg.norm(shift, axis=-1) > max_correction
        dropped = [(start, end) for start, end in runs(contact > 0.05) if too_far[start : end + 1].any()]
        if not dropped:
            return shift
        for start, end in dropped:
            contact[start:end] = 0.0


def grounded(height: FloatArray, contact: FloatArray, frame_rate: float, held: BoolArray | None = None) -> FloatArray:
    """Lifts (T,) that bring heights (T,) metres above the floor near 0, and level, where ``contact`` (T,) is high.

    held: (T,) where nothing is lifted.
    """
    off = height - np.clip(height, -_LEVEL, _LEVEL)
    still, off_floor = _VERTICAL_PINNED * contact[:-1], (_ON_FLOOR * contact, off)
    return _added(height[:, None], still, off_floor, _VERTICAL, frame_rate, held)[:, 0]


def swing_clearance(height: FloatArray, path: FloatArray, contact: FloatArray, frame_rate: float) -> FloatArray:
    """Lifts (T,) of swings between two contacts that stay below what real steps of that length reach.

    height: (T,) metres above the floor. path: (T, 2) metres, horizontal.
    """
    lift = np.zeros(len(height))
    for start, end in runs(contact < 0.5):
        if start == 0 or end == len(contact) or end - start < 3:
            continue
        distance = float(np.linalg.norm(path[end] - path[start - 1]))
        speed = distance / (end - start + 1) * frame_rate
        highest = min(
            float(np.interp(distance, _SWING_DISTANCE, _SWING_HEIGHT)), _SLOW_SWING_HEIGHT + _HEIGHT_OF_SPEED * speed
        )
        phase = np.arange(1, end - start + 1) / (end - start + 1)
        lift[start:end] = np.maximum(0.0, highest * np.interp(phase, _SWING_PHASE, _SWING_SHAPE) - height[start:end])
    return _softened(lift)


def runs(flags: BoolArray) -> list[tuple[int, int]]:
    """Half-open runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _added(
    path: FloatArray,
    still: FloatArray,
    off_floor: tuple[FloatArray, FloatArray] | None,
    least: tuple[float, float],
    frame_rate: float,
    held: BoolArray | None = None,
) -> FloatArray:
    """(T, columns) least smooth addition to a path (T, columns).

    still: (T - 1,) weight of its movement from each frame to the next. off_floor: (T,) weight and what to take away.
    held: (T,) where nothing is added.
    """
    scale = frame_rate / _RATE
    bands = Bands(len(path), width=2, columns=path.shape[1])
    bands.add({0: 1.0}, least[0] / scale)
    bands.add({0: 1.0, 1: -2.0, 2: 1.0}, least[1] * scale**3)
    bands.add({0: -1.0, 1: 1.0}, still * scale, path[:-1] - path[1:])
    if off_floor is not None:
        bands.add({0: 1.0}, off_floor[0] / scale, -off_floor[1][:, None])
    if held is not None:
        bands.add({0: 1.0}, _HELD * held)
    return bands.solve()


def _softened(values: FloatArray) -> FloatArray:
    """(T,) with every value a little of its neighbours'."""
    padded = np.concatenate([values[:1], values, values[-1:]])
    return 0.12 * padded[:-2] + 0.76 * padded[1:-1] + 0.12 * padded[2:]
