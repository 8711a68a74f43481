"""Natural durations of segment texts by a bundle's duration model."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from segmo_core.durations.segment_duration import SegmentDuration, with_words
from segmo_core.durations.words import read_duration_words
from segmo_core.models.estimators.duration_model import LONGEST, ONCE, SHORTEST, TYPICAL, DurationModel
from segmo_core.text_encoders.text_encoder import TextEncoder


class DurationEstimator:
    """A duration model with the encoder of its texts. Milliseconds for a text."""

    def __init__(self, model: DurationModel, encoder: TextEncoder) -> None:
        self._model = model
        self._encoder = encoder

    def durations(self, texts: Sequence[str]) -> list[SegmentDuration]:
        """The natural duration of every text, in their order; what the text itself says of its time counts most."""
        if not texts:
            return []
        words = [read_duration_words(text) for text in texts]
        vectors = torch.from_numpy(self._encoder.encode([found.rest for found in words]))
        found = self._model.seconds(vectors).tolist()
        return [
            with_words(row[ONCE], SegmentDuration(row[SHORTEST], row[TYPICAL], row[LONGEST]), said)
            for row, said in zip(found, words, strict=True)
        ]
