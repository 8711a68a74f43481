"""What training on motion alone reads of a data set, whichever it is."""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.features import FeatureLayout

FloatArray = NDArray[np.floating]


class FeatureClip(Protocol):
    """Rows [start, stop) of a data set's features. group: what the clip is sampled by."""

    @property
    def start(self) -> int: ...
    @property
    def stop(self) -> int: ...
    @property
    def mirrored(self) -> bool: ...
    @property
    def num_frames(self) -> int: ...
    @property
    def group(self) -> str: ...


C = TypeVar("C", bound=FeatureClip)


class FeatureClips(Protocol[C]):
    """Clips by split, and their feature rows (rows, D) float32, un-normalised."""

    @property
    def features(self) -> FloatArray: ...
    @property
    def layout(self) -> FeatureLayout: ...
    def select(self, split: str, *, only_shippable: bool) -> list[C]: ...
    def clip_features(self, clip: C) -> FloatArray:
        """(T, D) un-normalised."""
        ...
