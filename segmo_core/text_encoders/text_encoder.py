"""What every text encoder is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class TextEncoder(Protocol):
    """Turns sentences into vectors. ``name`` is the key in the catalog, ``width`` the length of a vector."""

    name: str
    width: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (M, width) float32 of M texts, in their order. The empty text has a vector too."""
        ...
