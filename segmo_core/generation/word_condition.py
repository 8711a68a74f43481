"""The words of segments for models that read them one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from segmo_core.runtimes.condition import SegmentCondition
from segmo_core.text_encoders.text_encoder import TextEncoder, padded_words, word_encoder


def with_words_of(
    segments: Sequence[Sequence[str]], encoder: TextEncoder, condition: SegmentCondition
) -> SegmentCondition:
    """``condition`` with the words of its segments: S texts for each of B samples, empty where one is absent."""
    texts = [text for sample in segments for text in sample]
    words, counts = padded_words(word_encoder(encoder).encode_words(texts), encoder.width)
    shape = (len(segments), len(segments[0]))
    return replace(condition, words=words.reshape(*shape, *words.shape[1:]), word_counts=counts.reshape(shape))
