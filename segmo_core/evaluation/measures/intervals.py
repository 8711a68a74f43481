"""Shares and means with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segmo_core.errors import InvalidRequestError

_NORMAL_95 = 1.959964
_RESAMPLES = 2000


@dataclass(frozen=True)
class Share:
    """``hits`` of ``total`` with Wilson's 95 % interval (Wilson 1927), which holds near 0 and 1 too."""

    hits: int
    total: int
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: Sequence[bool]) -> Share | None:
        """The share of True; None of nothing."""
        return cls.counted(sum(map(bool, hits)), len(hits)) if len(hits) else None

    @classmethod
    def counted(cls, hits: int, total: int) -> Share:
        if not 0 <= hits <= total or total < 1:
            raise InvalidRequestError(f"share: {hits} of {total}, expected some of at least one")
        share, z2 = hits / total, _NORMAL_95**2
        centre = (share + z2 / (2 * total)) / (1 + z2 / total)
        half = _NORMAL_95 / (1 + z2 / total) * np.sqrt(share * (1 - share) / total + z2 / (4 * total**2))
        return cls(hits, total, share, max(0.0, float(centre - half)), min(1.0, float(centre + half)))


@dataclass(frozen=True)
class Mean:
    """Mean of ``total`` values with the 95 % interval of the bootstrap (percentiles of resampled means)."""

    total: int
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Mean | None:
        """None of nothing. The same values give the same interval."""
        if not len(values):
            return None
        array = np.asarray(values, dtype=np.float64)
        rows = np.random.default_rng(0).integers(len(array), size=(_RESAMPLES, len(array)))
        low, high = np.percentile(array[rows].mean(axis=1), [2.5, 97.5])
        return cls(len(array), float(array.mean()), float(low), float(high))
