"""Whether a motion does what its segments say: what is known of each of them. Torch-free values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Finding = Literal["missing", "swapped", "too short", "not as asked", "unknown words"]


@dataclass(frozen=True)
class SegmentCheck:
    """One asked segment. score: cosine of its text and its own stretch. confidence: calibrated probability that the
    stretch shows it, judged on joints. start, end: frames where it is found, in order with the others. finding: what is
    wrong, or None ("not as asked": what the words count or measure is otherwise; "unknown words": no training motion
    has what the text names, so that nobody can say it is found). other: the index of the segment it is swapped with.
    measured: what geometry measured of what the words ask, empty where they ask for nothing that it can tell.
    """

    text: str
    score: float
    confidence: float
    start: int
    end: int
    finding: Finding | None = None
    other: int | None = None
    measured: str = ""


@dataclass(frozen=True)
class TrackAlignment:
    """Checks of all segments in order. score: of the whole, for ranking candidates; higher is better."""

    segments: tuple[SegmentCheck, ...]
    score: float

    @property
    def flagged(self) -> tuple[int, ...]:
        """Indices of the segments with a finding."""
        return tuple(index for index, check in enumerate(self.segments) if check.finding is not None)

    @property
    def repairable(self) -> tuple[int, ...]:
        """Indices of the flagged segments that another motion may mend: not those of words that nobody trained."""
        return tuple(index for index in self.flagged if self.segments[index].finding != "unknown words")
