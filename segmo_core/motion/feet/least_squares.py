"""Least squares over the frames of a motion, where only near frames have to do with each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]


class Bands:
    """Sum of squares in ``count`` unknowns of ``columns`` numbers, each term over at most ``width`` + 1 neighbours.

    Columns share the weights. Time grows with count, so that a minute of motion costs milliseconds. Every unknown
    needs a term that holds it.
    """

    def __init__(self, count: int, width: int, columns: int) -> None:
        self._matrix = np.zeros((width + 1, count))  # entry [k, i]: row i + k, column i
        self._right = np.zeros((count, columns))

    def add(
        self,
        coefficients: Mapping[int, float],
        weight: FloatArray | float,
        wanted: FloatArray | None = None,
        *,
        first: int = 0,
        step: int = 1,
    ) -> None:
        """Add weight[n] |sum of coefficient x[first + n step + offset] - wanted[n]|^2 for every n that fits.

        coefficients: offset, from 0, to coefficient. weight: (N,) or one for all. wanted: (N, columns), default 0.
        """
        start = np.arange(first, len(self._right) - max(coefficients), step)
        weights = np.broadcast_to(np.asarray(weight, dtype=np.float64), start.shape)
        for low, a in coefficients.items():
            if wanted is not None:
                self._right[start + low] += a * weights[:, None] * wanted
            for high, b in coefficients.items():
                if high >= low:
                    self._matrix[high - low, start + low] += a * b * weights

    def solve(self) -> FloatArray:
        """The unknowns (count, columns)."""
        from scipy.linalg import solveh_banded  # slow to import, and a window that starts does not need it

        solution: FloatArray = solveh_banded(self._matrix, self._right, lower=True, check_finite=False)
        return solution
