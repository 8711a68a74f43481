"""The states of a motion's tokens pooled over windows, as the grounding head was trained on segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]


def mean_and_max_of_windows(states: FloatArray, windows: NDArray[np.integer]) -> FloatArray:
    """states (N, d), windows (M, 2) [start, end), none empty -> (M, 2 d), for any number of overlapping windows.

    Means come from a cumulative sum, maxima from a table of maxima over powers of two (each window is covered
    by two entries of it), so the cost does not grow with the length of the windows.
    """
    starts, ends = windows[:, 0], windows[:, 1]
    lengths = ends - starts
    cumulative = np.concatenate([np.zeros((1, states.shape[1])), np.cumsum(states, axis=0, dtype=np.float64)])
    mean = ((cumulative[ends] - cumulative[starts]) / lengths[:, None]).astype(states.dtype)
    levels = [states]
    while 2 ** len(levels) <= lengths.max():
        half, previous = 2 ** (len(levels) - 1), levels[-1]
        levels.append(np.maximum(previous[:-half], previous[half:]))
    exponents = np.frexp(lengths)[1] - 1  # the whole part of the binary logarithm
    offsets = np.cumsum([0, *(len(level) for level in levels[:-1])])
    table = np.concatenate(levels)
    left = table[offsets[exponents] + starts]
    right = table[offsets[exponents] + ends - 2**exponents]
    return np.concatenate([mean, np.maximum(left, right)], axis=-1)
