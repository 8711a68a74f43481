"""What happens in a stretch of a motion, in words. Torch-free values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmo_core.timeline.segment_track import SegmentTrack

NOTHING_KNOWN = "nothing known"
LEAST_CONFIDENCE = 0.5


@dataclass(frozen=True)
class TextMatch:
    """A sentence that was compared with a stretch.

    score: cosine of their vectors. confidence: probability that the stretch shows it, rather than nothing that is known
    (GroundingCalibration) or another candidate; candidates that mean the same share none of it.
    """

    text: str
    score: float
    confidence: float


@dataclass(frozen=True)
class DescribedStretch:
    """Frames [start, end) of a motion and the sentences that fit them, the best first."""

    start: int
    end: int
    matches: tuple[TextMatch, ...]

    @property
    def is_known(self) -> bool:
        return self.matches[0].confidence >= LEAST_CONFIDENCE

    @property
    def text(self) -> str:
        """The best sentence, or NOTHING_KNOWN where even that one is improbable."""
        return self.matches[0].text if self.is_known else NOTHING_KNOWN


def track_of(stretches: Sequence[DescribedStretch], unknown: str = NOTHING_KNOWN) -> SegmentTrack:
    """Stretches that tile a motion as segments with their texts; ``unknown`` where nothing is known."""
    return SegmentTrack.from_durations(
        [stretch.text if stretch.is_known else unknown for stretch in stretches],
        [stretch.end - stretch.start for stretch in stretches],
    )
