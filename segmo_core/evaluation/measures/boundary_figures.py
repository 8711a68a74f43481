"""How far boundaries are found from where they were asked for, or are known to be. Frames at 20 Hz."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segmo_core.evaluation.measures.intervals import Mean, Share
from segmo_core.grounding.segment_check import TrackAlignment
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN


@dataclass(frozen=True)
class BoundaryError:
    """Of found boundaries against asked or true ones. error: mean absolute distance, frames. bias: mean of found less
    asked. within_token: share at most 4 frames (0.2 s) away.
    """

    error: Mean
    bias: Mean
    within_token: Share


@dataclass(frozen=True)
class BoundaryFigures:
    """generated, real: over all prompts and joined test clips, None where there is no boundary; generated_recognised:
    of generated boundaries between two segments that the judge recognises; the rest by number of segments.
    """

    generated: BoundaryError | None
    generated_recognised: BoundaryError | None
    real: BoundaryError | None
    generated_by_count: dict[int, BoundaryError]
    real_by_count: dict[int, BoundaryError]


def boundary_errors(alignment: TrackAlignment, track: SegmentTrack) -> list[float]:
    """Found less asked frame of each inner boundary."""
    found = [check.end for check in alignment.segments[:-1]]
    return [float(end - asked) for end, asked in zip(found, track.ends[:-1], strict=True)]


def boundary_figures(
    generated: Mapping[int, Sequence[float]], recognised: Sequence[bool], real: Mapping[int, Sequence[float]]
) -> BoundaryFigures:
    """Signed errors in frames, by number of segments. recognised: of every generated boundary in the same order,
    whether the segments on both sides are.
    """
    made = [value for values in generated.values() for value in values]
    return BoundaryFigures(
        boundary_error(made),
        boundary_error([value for value, is_clear in zip(made, recognised, strict=True) if is_clear]),
        boundary_error([value for values in real.values() for value in values]),
        {count: row for count, values in generated.items() if (row := boundary_error(values)) is not None},
        {count: row for count, values in real.items() if (row := boundary_error(values)) is not None},
    )


def boundary_error(signed: Sequence[float]) -> BoundaryError | None:
    """Figures of signed errors in frames; None of none."""
    error, bias = Mean.of([abs(value) for value in signed]), Mean.of(signed)
    within = Share.of([abs(value) <= FRAMES_PER_TOKEN for value in signed])
    if error is None or bias is None or within is None:
        return None
    return BoundaryError(error, bias, within)
