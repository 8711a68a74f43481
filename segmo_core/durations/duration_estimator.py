"""Natural durations of segment texts by a bundle's duration model."""

from __future__ import annotations

from collections.abc import Sequence

from segmo_core.durations.segment_duration import SegmentDuration, with_words
from segmo_core.durations.words import read_duration_words
from segmo_core.models.estimators.configs import LONGEST, ONCE, SHORTEST, TYPICAL
from segmo_core.runtimes.motion_models import SecondsOfTexts
from segmo_core.text_encoders.text_encoder import TextEncoder


class DurationEstimator:
    """A duration model with the encoder of its texts. Milliseconds for a text."""

    def __init__(self, seconds_of: SecondsOfTexts, encoder: TextEncoder) -> None:
        self._seconds_of = seconds_of
        self._encoder = encoder

    def durations(self, texts: Sequence[str]) -> list[SegmentDuration]:
        """The natural duration of every text, in their order; what the text itself says of its time counts most."""
        if not texts:
            return []
        words = [read_duration_words(text) for text in texts]
        found = self._seconds_of(self._encoder.encode([found.rest for found in words])).tolist()
        return [
            with_words(row[ONCE], SegmentDuration(row[SHORTEST], row[TYPICAL], row[LONGEST]), said)
            for row, said in zip(found, words, strict=True)
        ]
