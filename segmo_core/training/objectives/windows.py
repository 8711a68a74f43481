"""Windows of motion features for training a tokenizer: of clips as they are, and of clips joined to sequences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmo_core.data.pools.feature_clips import C, FeatureClip, FeatureClips
from segmo_core.data.pools.pose_rarity import pose_rarity
from segmo_core.data.pools.resident_pool import moved
from segmo_core.errors import DataError
from segmo_core.motion.feature_statistics import FeatureStatistics

FloatArray = NDArray[np.floating]

WINDOW = 64  # frames, published
_KEYFRAMED = 0.25  # weight of what an animator drew: many actions of few frames each


class WindowSampler:
    """Windows of a fixed number of frames, drawn by action: p(action) is the square root of its share of frames.

    rarity: (rows,) how much each row of the data set's arrays counts; windows are drawn by its mean over them besides.
    """

    def __init__(self, clips: Sequence[FeatureClip], window: int, rarity: FloatArray | None = None) -> None:
        usable = [clip for clip in clips if clip.num_frames >= window]
        if not usable:
            raise DataError(f"data set: no clip of at least {window} frames")
        frames: dict[str, int] = defaultdict(int)
        for clip in usable:
            frames[clip.group] += clip.num_frames
        weights = np.array([clip.num_frames / frames[clip.group] ** 0.5 for clip in usable])
        weights *= np.array([_KEYFRAMED if getattr(clip, "keyframed", False) else 1.0 for clip in usable])
        self._cumulative = np.cumsum(weights / weights.sum())
        self._starts = np.array([clip.start for clip in usable])
        self._choices = np.array([clip.num_frames - window + 1 for clip in usable])
        self._window = window
        if rarity is not None:
            sums = np.concatenate([[0.0], np.cumsum(rarity, dtype=np.float64)])
            firsts = [np.arange(first, first + n) for first, n in zip(self._starts, self._choices, strict=True)]
            by_start = [
                (sums[first + window] - sums[first]) * (weight / clip.num_frames)
                for first, weight, clip in zip(firsts, weights, usable, strict=True)
            ]
            self._starts, self._cumulative = np.concatenate(firsts), np.cumsum(np.concatenate(by_start))
            self._cumulative /= self._cumulative[-1]
            self._choices = np.ones_like(self._starts)

    @property
    def num_windows(self) -> int:
        return int(self._choices.sum())

    def rows(self, count: int, generator: np.random.Generator) -> NDArray[np.integer]:
        """(count, window) row indices into the data set's arrays."""
        picked = np.searchsorted(self._cumulative, generator.random(count)).clip(max=len(self._starts) - 1)
        first = self._starts[picked] + (generator.random(count) * self._choices[picked]).astype(np.int64)
        return np.asarray(first[:, None] + np.arange(self._window))


class TrainingWindows:
    """Windows of the train split of one set of clips, normalised. rare_poses: above 0, windows of rare poses are drawn
    more often (the exponent of ``pose_rarity``)."""

    def __init__(
        self,
        data: FeatureClips[C],
        *,
        only_shippable: bool,
        statistics: FeatureStatistics,
        rare_poses: float = 0.0,
    ) -> None:
        clips = data.select("train", only_shippable=only_shippable)
        rarity = pose_rarity(data.features, clips, data.layout, rare_poses) if rare_poses else None
        self._sampler = WindowSampler(clips, WINDOW, rarity)
        self._features, self._statistics = data.features, statistics
        self._resident: Tensor | None = None

    @property
    def num_windows(self) -> int:
        """How many windows there are, each of another frame."""
        return self._sampler.num_windows

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
        return torch.from_numpy((self._statistics.normalised(features)).astype(np.float32)).clamp(-30, 30)
