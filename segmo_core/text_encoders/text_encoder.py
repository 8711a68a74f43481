"""What every text encoder is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError


class TextEncoder(Protocol):
    """Turns sentences into vectors. ``name`` is the key in the catalog, ``width`` the length of a vector."""

    name: str
    width: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (M, width) float32 of M texts, in their order. The empty text has a vector too."""
        ...


@runtime_checkable
class WordEncoder(Protocol):
    """A text encoder that has vectors of words too, each in the light of its sentence."""

    def encode_words(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Unit vectors (L, width) float32 of the words (or parts of words) of each text, at most MAX_WORDS; none of the
        empty text."""
        ...


MAX_WORDS = 24


def word_encoder(encoder: TextEncoder) -> WordEncoder:
    """``encoder`` as one of words; InvalidRequestError where it is none."""
    if not isinstance(encoder, WordEncoder):
        raise InvalidRequestError(
            f"text encoder {encoder.name}: has no vectors of words, expected one that has (minilm)"
        )
    return encoder


def padded_words(words: Sequence[NDArray[np.float32]], width: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(M, L, width) vectors of the words of M texts, zero beyond their ends, and how many there are (M,)."""
    counts = np.array([len(found) for found in words], dtype=np.int64)
    padded = np.zeros((len(words), max(1, int(counts.max(initial=0))), width), dtype=np.float32)
    for row, found in zip(padded, words, strict=True):
        row[: len(found)] = found
    return padded, counts
