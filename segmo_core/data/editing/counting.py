"""How often something is done in recorded motion: waves, raises, bows, squats, jumps.

By peaks of a signal against its surroundings; thresholds are those that found 69 of 72 sets of squats right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import (
    ANKLES,
    HEAD,
    PELVIS,
    SHOULDERS,
    TOES,
    WRISTS,
    headings,
    smoothed,
    turned,
)  # fmt: skip

FloatArray = NDArray[np.floating]

_SQUAT, _BOW, _WAVE, _RAISE = 0.15, 0.08, 0.07, 0.35  # metres of prominence
_OFF_THE_FLOOR = 0.07  # metres of both feet
_SHORTEST_FLIGHT = 3  # frames


def peaks(values: FloatArray, prominence: float) -> int:
    """How many peaks of ``values`` (T,) stand out by so much; ends count as peaks where they are high."""
    from scipy.signal import find_peaks

    low = float(values.min()) - prominence
    return len(find_peaks(np.concatenate([[low], values, [low]]), prominence=prominence)[0])


def squats(joints: FloatArray) -> int:
    return peaks(smoothed(-joints[:, PELVIS, 1], 1.0), _SQUAT) if np.ptp(joints[:, PELVIS, 1]) > _SQUAT else 0


def bows(joints: FloatArray) -> int:
    return peaks(smoothed(-joints[:, HEAD, 1], 1.0), _BOW) if np.ptp(joints[:, HEAD, 1]) > 2 * _BOW else 0


def raises(joints: FloatArray, side: int) -> int:
    """Of the hand of ``side`` above the shoulder."""
    height = joints[:, WRISTS[side], 1] - joints[:, SHOULDERS[side], 1]
    return peaks(smoothed(height, 1.0), _RAISE) if height.max() > 0.0 and np.ptp(height) > _RAISE else 0


def waves(joints: FloatArray, side: int) -> int:
    """Swings to the side of a raised hand, while it is up."""
    across = turned(joints[:, WRISTS[side]] - joints[:, SHOULDERS[side]], -headings(joints))[:, 0]
    outward = smoothed(across * (1.0 if side == 0 else -1.0), 0.7)
    up = joints[:, WRISTS[side], 1] > joints[:, SHOULDERS[side], 1] + 0.05
    if up.sum() < 8:
        return 0
    first, last = int(np.argmax(up)), len(up) - int(np.argmax(up[::-1]))
    from scipy.signal import find_peaks

    return len(find_peaks(outward[first:last], prominence=_WAVE)[0])


def jumps(joints: FloatArray) -> int:
    """Stretches in which both feet are off the floor."""
    heights = np.minimum(joints[:, ANKLES, 1] - np.percentile(joints[:, ANKLES, 1], 10, axis=0), joints[:, TOES, 1])
    flags = (heights > _OFF_THE_FLOOR).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return int(((edges[1::2] - edges[::2]) >= _SHORTEST_FLIGHT).sum())
