"""Differences between rows that were measured with several seeds, and which of them can be told from chance."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

SURE = 0.05  # chance of telling any two rows of a table apart that do not differ

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Spread:
    """Values of some seeds. deviation: their own standard deviation (n - 1); 0 of a single one."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float:
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else 0.0


@dataclass(frozen=True)
class Difference:
    """One mean less another, with Welch's 95 % interval (Welch 1947) and the chance of one as large by seeds alone."""

    value: float
    low: float
    high: float
    chance: float

    @classmethod
    def between(cls, values: Sequence[float], reference: Sequence[float]) -> Difference | None:
        """None where one side has fewer than two values: nothing is known of its spread."""
        if min(len(values), len(reference)) < 2:
            return None
        value = float(np.mean(values) - np.mean(reference))
        if all(np.ptp(some) <= _ROUNDING * np.abs(some).max() for some in (values, reference)):
            is_same = abs(value) <= _ROUNDING * np.abs(reference).max()  # Welch's formula divides by the spread
            return cls(value, value, value, 1.0 if is_same else 0.0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # one side may be without spread, which Welch allows
            found = stats.ttest_ind(values, reference, equal_var=False)
        interval = found.confidence_interval(0.95)
        return cls(value, float(interval.low), float(interval.high), float(found.pvalue))


def told_apart(chances: Sequence[float]) -> list[bool]:
    """Of several comparisons, those that hold together: Holm's step-down (Holm 1979) at ``SURE``."""
    order = np.argsort(chances, kind="stable")
    found = [False] * len(chances)
    for place, index in enumerate(order):
        if chances[index] > SURE / (len(chances) - place):
            break
        found[int(index)] = True
    return found
