"""Training the boundary model: texts of a composed sequence compete for its frames, and its boundaries are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.data.pools.resident_pool import ResidentPool
from segmo_core.data.pools.token_pool import SequencePool, TokenPool
from segmo_core.models.batch_shares import positions_of_share
from segmo_core.models.estimators.boundary_model import BoundaryModel
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

_GIVEN_BACK = 0.5  # share of the sequences that are shown as the tokenizer gives them back, like generated motion
_NOISE = 0.05  # standard deviation of what is added to normalised features
_SPREAD = 1.5  # frames around a boundary that count as nearly right: standard deviation of a Gaussian
_BEGIN_WEIGHT = 3.0
VALIDATION_BATCH = 50


class BoundaryObjective:
    """Cross-entropy of the texts of each frame's sequence, and of the beginnings of segments.

    sequences, tokens: the train and the val split, composed and tokenised. tokenizer: whose decoder gives sequences
    back; it is not trained.
    """

    def __init__(
        self,
        model: BoundaryModel,
        tokenizer: RVQVAE,
        sequences: tuple[SequencePool, SequencePool],
        tokens: tuple[TokenPool, TokenPool],
        *,
        batch_size: int,
        statistics: FeatureStatistics,
    ) -> None:
        self.model: nn.Module = model
        self._boundary_model = model
        self._tokenizer = tokenizer.eval().requires_grad_(False)
        self._sequences, self._tokens = sequences, tokens
        self._batch_size, self._statistics = batch_size, statistics
        self._several = [np.flatnonzero((pool.ends > 0).sum(axis=1) > 1) for pool in tokens]
        self._resident: list[ResidentPool] = []

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        numpy_generator = np.random.default_rng(generator.initial_seed())
        return self._loss(0, numpy_generator.choice(self._several[0], self._batch_size), numpy_generator)

    def validate(self) -> Mapping[str, float]:
        """Means over sequences of several segments, every second one as the tokenizer gives it back."""
        rows = self._several[1]
        batches = [rows[start : start + VALIDATION_BATCH] for start in range(0, len(rows), VALIDATION_BATCH)]
        figures = [self._loss(1, batch, np.random.default_rng(number))[1] for number, batch in enumerate(batches)]
        return {name: float(np.mean([float(row[name]) for row in figures])) for name in figures[0]}

    def _loss(
        self, split: int, rows: NDArray[np.integer], generator: np.random.Generator
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        device = self._boundary_model.sharpness.device
        if not self._resident or self._resident[0].device != device:
            self._resident = [pool.on(device) for pool in self._tokens]
        share = positions_of_share()
        batch = self._resident[split].batch(rows, generator, share=share)
        is_given_back = torch.from_numpy((generator.random(len(rows)) < _GIVEN_BACK)[share]).to(device)
        features = self._features(split, rows[share], batch.token_ids.shape[1] * FRAMES_PER_TOKEN).to(device)
        with torch.no_grad():
            given_back = self._tokenizer.decode(batch.token_ids).float()
        features = torch.where(is_given_back[:, None, None], given_back, features)
        if self.model.training:
            features = features + _NOISE * torch.randn_like(features)
        is_valid = batch.token_is_valid.repeat_interleave(FRAMES_PER_TOKEN, dim=1)
        segments = batch.token_segments.repeat_interleave(FRAMES_PER_TOKEN, dim=1)
        vectors, begins = self._boundary_model(features, is_valid)
        texts = self._boundary_model.embed_texts(batch.segment_embeddings)
        logits = vectors @ texts.transpose(1, 2) * self._boundary_model.sharpness.exp()
        logits = logits.float().masked_fill(~batch.segment_is_valid[:, None], -1e4)
        text = functional.cross_entropy(logits[is_valid], segments[is_valid])
        wanted = beginnings(batch.segment_starts, batch.segment_labels, segments.shape[1])
        begin = functional.binary_cross_entropy_with_logits(begins.float()[is_valid], wanted[is_valid])
        found = (logits.argmax(dim=-1) == segments)[is_valid].float().mean()
        return text + _BEGIN_WEIGHT * begin, {
            "text": text.detach(),
            "begin": begin.detach(),
            "accuracy": found,
        }

    def _features(self, split: int, rows: NDArray[np.integer], length: int) -> Tensor:
        """Normalised features (B, length, D) of the sequences as they are, zero beyond their ends."""
        pool = self._sequences[split]
        features = torch.zeros(len(rows), length, len(self._statistics.mean))
        for place, row in enumerate(rows):
            frames = np.asarray(pool.features[pool.offsets[row] : pool.offsets[row + 1]], dtype=np.float32)
            features[place, : len(frames)] = torch.from_numpy(self._statistics.normalised(frames)).clamp(-30, 30)
        return features


def beginnings(starts: Tensor, labels: Tensor, num_frames: int) -> Tensor:
    """(B, T) how much each frame is the first of a segment, 1 at the frame and falling off around it.

    starts: (B, S) in tokens, 0 of the first and of absent segments. labels: (B, S); a segment that goes on with the
    action before it has no visible beginning.
    """
    is_new = torch.cat([torch.zeros_like(labels[:, :1], dtype=torch.bool), labels[:, 1:] != labels[:, :-1]], dim=1)
    frames = torch.arange(num_frames, device=starts.device)
    distance = (frames - FRAMES_PER_TOKEN * starts[..., None]) / _SPREAD
    near = torch.exp(-0.5 * distance.square()) * (is_new & (starts > 0))[..., None]
    return near.amax(dim=1)
