"""Segments of one motion primitive each, found by dynamic programming (paper, supplementary section B)."""

from __future__ import annotations

import numpy as np

from segmo_core.errors import InvalidRequestError
from segmo_core.segmentation.motion_primitives import PrimitiveLibrary, windows_of
from segmo_core.segmentation.motion_segmenter import FloatArray, checked_rows, shortest_segment


class ClusteringSegmenter:
    """Cuts so that every segment is near one primitive of the library all the way.

    The cost of a segment is the sum over its rows of the distance to its primitive, the one for which the sum is
    least; the cut with the least total cost is exact. shortest: as in ChangePointSegmenter.
    """

    name = "clustering"

    def __init__(self, library: PrimitiveLibrary, shortest: int = 4) -> None:
        self.library = library
        self.shortest = shortest

    def segment(self, features: FloatArray, num_segments: int) -> tuple[int, ...]:
        """See MotionSegmenter. InvalidRequestError when the features are not those of the library."""
        rows = checked_rows(features, num_segments)
        if rows.shape[1] != self.library.num_columns:
            raise InvalidRequestError(
                f"motion segmentation: rows of {rows.shape[1]} features, "
                f"expected {self.library.num_columns} as in the library of primitives"
            )
        costs = segment_costs(distances_to_primitives(rows, self.library))
        return cheapest_cut(costs, num_segments, shortest_segment(len(rows), num_segments, self.shortest))


def distances_to_primitives(rows: FloatArray, library: PrimitiveLibrary) -> FloatArray:
    """(T, D) -> (T, K): Euclidean distance of the window around each row to every primitive."""
    before = library.window // 2
    padded = np.pad(rows, ((before, library.window - 1 - before), (0, 0)), mode="edge")
    windows, centres = windows_of(padded, library.window), library.centres.astype(np.float64)
    squared = (windows**2).sum(axis=1)[:, None] - 2 * windows @ centres.T + (centres**2).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def segment_costs(distances: FloatArray) -> FloatArray:
    """(T, K) -> (T + 1, T + 1): entry [i, j] is the cost of rows i to j as one segment, infinite where j <= i."""
    num_rows = len(distances)
    cumulative = np.concatenate([np.zeros((1, distances.shape[1])), distances.cumsum(axis=0)])
    costs = np.full((num_rows + 1, num_rows + 1), np.inf)
    for start in range(num_rows):
        costs[start, start + 1 :] = (cumulative[start + 1 :] - cumulative[start]).min(axis=1)
    return costs


def cheapest_cut(costs: FloatArray, num_segments: int, shortest: int) -> tuple[int, ...]:
    """Ends of the ``num_segments`` segments with the least sum of ``costs`` [start, end], none below ``shortest``."""
    num_rows = len(costs) - 1
    too_short = np.arange(num_rows + 1)[None, :] - np.arange(num_rows + 1)[:, None] < shortest
    allowed = np.where(too_short, np.inf, costs)
    best = allowed[0]  # [end]: cost of the rows before ``end`` as one segment, then as two, ...
    choices = []
    for _ in range(num_segments - 1):
        totals = best[:, None] + allowed
        choices.append(totals.argmin(axis=0))
        best = totals.min(axis=0)
    ends = [num_rows]
    for starts in reversed(choices):
        ends.append(int(starts[ends[-1]]))
    return tuple(reversed(ends))
