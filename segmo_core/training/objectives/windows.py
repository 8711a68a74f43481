"""Windows of motion features for training a tokenizer: of clips as they are, and of clips joined to sequences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmo_core.data.pools.feature_clips import C, FeatureClip, FeatureClips
from segmo_core.data.pools.resident_pool import moved
from segmo_core.errors import DataError

FloatArray = NDArray[np.floating]

WINDOW = 64  # frames, published


class WindowSampler:
    """Windows of a fixed number of frames, drawn by action: p(action) is the square root of its share of frames."""

    def __init__(self, clips: Sequence[FeatureClip], window: int) -> None:
        usable = [clip for clip in clips if clip.num_frames >= window]
        if not usable:
            raise DataError(f"data set: no clip of at least {window} frames")
        frames: dict[str, int] = defaultdict(int)
        for clip in usable:
            frames[clip.group] += clip.num_frames
        weights = np.array([clip.num_frames / frames[clip.group] ** 0.5 for clip in usable])
        self._cumulative = np.cumsum(weights / weights.sum())
        self._starts = np.array([clip.start for clip in usable])
        self._choices = np.array([clip.num_frames - window + 1 for clip in usable])
        self._window = window

    def rows(self, count: int, generator: np.random.Generator) -> NDArray[np.integer]:
        """(count, window) row indices into the data set's arrays."""
        picked = np.searchsorted(self._cumulative, generator.random(count)).clip(max=len(self._starts) - 1)
        first = self._starts[picked] + (generator.random(count) * self._choices[picked]).astype(np.int64)
        return np.asarray(first[:, None] + np.arange(self._window))


class TrainingWindows:
    """Windows of the train split of one set of clips, normalised."""

    def __init__(self, data: FeatureClips[C], *, only_shippable: bool, mean: FloatArray, std: FloatArray) -> None:
        self._sampler = WindowSampler(data.select("train", only_shippable=only_shippable), WINDOW)
        self._features, self._mean, self._std = data.features, mean, std
        self._resident: Tensor | None = None

    def rows(self, count: int, generator: np.random.Generator) -> NDArray[np.integer]:
        """(count, WINDOW) rows of windows drawn at random."""
        return self._sampler.rows(count, generator)

    def features(self, rows: NDArray[np.integer], device: torch.device) -> Tensor:
        """Features (B, T, D) float32 of rows (B, T) on ``device``, where all of them lie if it is no CPU."""
        if device.type == "cpu":
            return self._normalised(self._features[rows.ravel()]).reshape(*rows.shape, -1)
        if self._resident is None or self._resident.device != device:
            self._resident = self._normalised(self._features).to(device)
        return self._resident[moved(rows, device)]

    def _normalised(self, features: FloatArray) -> Tensor:
        return torch.from_numpy(((features - self._mean) / self._std).astype(np.float32)).clamp(-30, 30)
