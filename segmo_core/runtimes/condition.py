"""What a model is told about the motion it decides, as arrays that any runtime reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class SegmentCondition:
    """A batch of conditions.

    caption: (B, W) sentence vector of the whole prompt. segments: (B, S, W) of each segment, in temporal order;
    anything where absent. segment_is_valid: (B, S) bool. token_segments: (B, N) int64, the segment each motion token
    belongs to; -1 = not told. words: (B, S, L, W) vectors of the words of each segment, the first word_counts (B, S) of
    which are there; None for models that do not read them.
    """

    caption: FloatArray
    segments: FloatArray
    segment_is_valid: NDArray[np.bool_]
    token_segments: NDArray[np.int64]
    words: FloatArray | None = None
    word_counts: NDArray[np.int64] | None = None

    def without_timing(self) -> SegmentCondition:
        """The same text with no token told its segment."""
        return replace(self, token_segments=np.full_like(self.token_segments, -1))


def segments_of_tokens(ends: Sequence[int], num_tokens: int) -> NDArray[np.int64]:
    """(N,) index of the segment of each token, from where segments end, in tokens; -1 past the last end."""
    tokens = np.arange(num_tokens)
    found = np.searchsorted(np.asarray(ends, dtype=np.int64), tokens, side="right").astype(np.int64)
    return np.where(found < len(ends), found, -1)
