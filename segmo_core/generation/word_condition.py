"""The words of segments for models that read them one by one."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.text_encoders.text_encoder import TextEncoder, padded_words, word_encoder


def with_words_of(segments: Sequence[Sequence[str]], encoder: TextEncoder, condition: TextCondition) -> TextCondition:
    """``condition`` with the words of its segments: S texts for each of B samples, empty where one is absent."""
    texts = [text for sample in segments for text in sample]
    words, counts = padded_words(word_encoder(encoder).encode_words(texts), encoder.width)
    shape = (len(segments), len(segments[0]))
    return condition.with_words(
        torch.from_numpy(words).unflatten(0, shape), torch.from_numpy(counts).unflatten(0, shape)
    )
