"""Whether a motion does what its segments say: what is known of each of them. Torch-free values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Finding = Literal["missing", "swapped", "too short", "unknown words"]


@dataclass(frozen=True)
class SegmentCheck:
    """One asked segment. score: cosine of its text and its own stretch. confidence: calibrated probability that the
    stretch shows it. start, end: frames where it is found, in order with the others. finding: what is wrong, or None
    ("unknown words": no training motion has what the text names, so that nobody can say it is found). other: the index
    of the segment it is swapped with.
    """

    text: str
    score: float
    confidence: float
    start: int
    end: int
    finding: Finding | None = None
    other: int | None = None


@dataclass(frozen=True)
class TrackAlignment:
    """Checks of all segments in order. score: of the whole, for ranking candidates; higher is better."""

    segments: tuple[SegmentCheck, ...]
    score: float

    @property
    def flagged(self) -> tuple[int, ...]:
        """Indices of the segments with a finding."""
        return tuple(index for index, check in enumerate(self.segments) if check.finding is not None)
