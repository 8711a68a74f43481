"""Where in a motion a sentence was found. A torch-free value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEAD, ALIGNED = "head", "aligned"


@dataclass(frozen=True)
class GroundingResult:
    """Where a query is found: frames [start, end) at the motion's rate, cosine score, similarity curve (T,).

    confidence: calibrated probability that the motion shows it there at all; below 0.5 the answer is rather that it
    does not. way: what looked, HEAD (the grounding head) or ALIGNED (the paper's way, which has no calibrated
    confidence).
    """

    query: str
    start: int
    end: int
    score: float
    confidence: float
    curve: NDArray[np.floating]
    way: str = HEAD

    @property
    def is_calibrated(self) -> bool:
        """Whether its confidence says anything."""
        return self.way == HEAD
