"""Vectors of texts, each encoded once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
CACHED_TEXTS = 4096
BATCH_SIZE = 64
# Up to this many new texts are encoded one by one. Sums of floats depend on the shape of the batch in their last
# bits; a prompt must have the same vectors whatever was encoded, and cached, before it.
MAX_SINGLY = 12


class VectorCache:
    """The vectors (width,) of the texts that were asked for last. May be asked from several threads."""

    def __init__(self, width: int, size: int = CACHED_TEXTS) -> None:
        self._width = width
        self._size = size
        self._vectors: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._vectors)

    def encode(self, texts: Sequence[str], encode_new: Callable[[list[str]], Mapping[str, Vector]]) -> Vector:
        """(M, width) float32 of M texts, in their order. ``encode_new`` is called with those not known, if any."""
        with self._lock:
            vectors = {text: self._vectors[text] for text in texts if text in self._vectors}
            new = [text for text in dict.fromkeys(texts) if text not in vectors]
            if new:
                vectors.update(encode_new(new))
            for text in dict.fromkeys(texts):
                self._vectors[text] = vectors[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._size:
                self._vectors.popitem(last=False)
        return np.array([vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), self._width)


def encode_by_length(
    token_ids: Mapping[str, Sequence[int]], encode_batch: Callable[[list[Sequence[int]]], Vector]
) -> dict[str, Vector]:
    """Vectors of texts given by their token ids; texts of like length share a batch."""
    ordered = sorted(token_ids, key=lambda text: len(token_ids[text]))
    size = 1 if len(ordered) <= MAX_SINGLY else BATCH_SIZE
    vectors: dict[str, Vector] = {}
    for first in range(0, len(ordered), size):
        batch = ordered[first : first + size]
        vectors.update(zip(batch, encode_batch([token_ids[text] for text in batch]), strict=True))
    return vectors
