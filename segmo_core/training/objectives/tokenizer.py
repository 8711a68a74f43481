"""Training the RVQ-VAE on windows of motion features."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segmo_core.data.feature_clips import C, FeatureClip, FeatureClips
from segmo_core.data.resident_pool import moved
from segmo_core.errors import DataError
from segmo_core.evaluation.tokenizer_error import reconstruction_error
from segmo_core.models.batch_shares import positions_of_share
from segmo_core.models.rvqvae import RVQVAE

FloatArray = NDArray[np.floating]


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


class TokenizerObjective:
    """Reconstruction of 64-frame windows (published window); validation is MPJPE in millimetres.

    max_validation: validate on so many clips, evenly picked; None takes all.
    """

    def __init__(
        self,
        model: RVQVAE,
        data: FeatureClips[C],
        *,
        only_shippable: bool,
        batch_size: int,
        mean: FloatArray,
        std: FloatArray,
        max_validation: int | None = None,
    ) -> None:
        self.model: nn.Module = model
        self._tokenizer = model
        self._data = data
        self._batch_size = batch_size
        self._sampler = WindowSampler(data.select("train", only_shippable=only_shippable), window=64)
        validation = [c for c in data.select("val", only_shippable=only_shippable) if not c.mirrored]
        self._validation = validation[:: -(-len(validation) // max_validation)] if max_validation else validation
        self._mean, self._std = mean, std
        self._resident: Tensor | None = None

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        numpy_generator = np.random.default_rng(int(generator.initial_seed()))
        rows = self._sampler.rows(self._batch_size, numpy_generator)
        loss = self._tokenizer.training_loss(self._windows(rows[positions_of_share()]), generator)
        return loss.total, {
            "loss": loss.total.detach(),
            "position": loss.position.detach(),
            "commitment": loss.commitment.detach(),
            "perplexity": loss.perplexity,
        }

    def _windows(self, rows: NDArray[np.integer]) -> Tensor:
        """Normalised features (B, T, D) of rows (B, T), on the model's device, where all features lie."""
        device = next(self.model.parameters()).device
        if device.type == "cpu":
            batch = (self._data.features[rows.ravel()].reshape(*rows.shape, -1) - self._mean) / self._std
            return torch.from_numpy(batch.astype(np.float32)).clamp(-30, 30)
        if self._resident is None:
            normalised = ((np.asarray(self._data.features) - self._mean) / self._std).astype(np.float32)
            self._resident = torch.from_numpy(normalised).clamp(-30, 30).to(device)
        return self._resident[moved(rows, device)]

    def validate(self) -> Mapping[str, float]:
        return {"mpjpe_mm": reconstruction_error(self._tokenizer, self._data, self._validation, self._mean, self._std)}
