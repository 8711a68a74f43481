"""A motion compared with sentences, whichever way: what grounding and describing go on from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class ScoredMotion:
    """windows: (M, 2) half-open token ranges. scores: (M, K) cosines with the texts. of: the same (R, K) for any other
    token ranges (R, 2)."""

    windows: NDArray[np.integer]
    num_tokens: int
    scores: FloatArray
    of: Callable[[NDArray[np.integer]], FloatArray]


class TextFinder(Protocol):
    """A way of comparing motions with sentences. way: its name."""

    @property
    def way(self) -> str: ...
    @property
    def frame_rate(self) -> float:
        """Hz of the frames that four make a token of."""
        ...

    def scored(self, motion: Motion, texts: Sequence[str], progress: Progress | None = None) -> ScoredMotion: ...
    def confidence(self, score: float) -> float:
        """Probability that something of this similarity is there."""
        ...

    def alike(self, texts: Sequence[str]) -> FloatArray:
        """(K, K) cosines of the texts with each other."""
        ...
