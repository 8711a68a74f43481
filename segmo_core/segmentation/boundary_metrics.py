"""How far found segment boundaries are from true ones (paper, supplementary table 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class BoundaryError:
    """Mean and standard deviation of |found - true| over ``count`` inner boundaries, in the unit of the ends."""

    mean: float
    std: float
    count: int


def boundary_error(found: Sequence[Sequence[int]], true: Sequence[Sequence[int]]) -> BoundaryError:
    """Over all motions: found and true segment ends, boundary by boundary in order; the last end is no boundary.

    Both cut a motion into as many segments. Raises ValueError where they do not, or where there is no boundary.
    """
    errors: list[int] = []
    for number, (ours, theirs) in enumerate(zip(found, true, strict=True)):
        if len(ours) != len(theirs):
            raise ValueError(f"motion {number}: {len(ours)} segments found, expected {len(theirs)}")
        errors.extend(abs(a - b) for a, b in zip(ours[:-1], theirs[:-1], strict=True))
    if not errors:
        raise ValueError("no motion has more than one segment, expected at least one boundary")
    return BoundaryError(float(np.mean(errors)), float(np.std(errors)), len(errors))
