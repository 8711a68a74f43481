"""Training the masked and the residual transformer on a pool of tokenised sequences."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segmo_core.data.pools.resident_pool import ResidentPool, TokenBatch
from segmo_core.data.pools.token_pool import TokenPool
from segmo_core.models.batch_shares import positions_of_share
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.trunk.conditioning import TextCondition

FloatArray = NDArray[np.floating]

LENGTH_BUCKETS = 4
RAREST_SHARE = 0.01
VALIDATION_BATCH = 100


def draw_rows(
    pool: TokenPool, batch_size: int, generator: np.random.Generator, cumulative: FloatArray | None = None
) -> NDArray[np.integer]:
    """Rows of one batch: sequences of like length together, which saves about a third of the padding.

    cumulative: (M,) running sum of the sequences' probabilities; None draws all alike.
    """
    size = batch_size * LENGTH_BUCKETS
    if cumulative is None:
        drawn = generator.integers(0, len(pool), size=size)
    else:
        drawn = np.searchsorted(cumulative, generator.random(size)).clip(max=len(pool) - 1)
    ordered = drawn[np.argsort(pool.num_tokens[drawn], kind="stable")]
    bucket = int(generator.integers(LENGTH_BUCKETS))
    return np.asarray(ordered[bucket * batch_size : (bucket + 1) * batch_size])


def rarity(pool: TokenPool) -> FloatArray:
    """(M,) mean over a sequence's segments of how rare their action is: one over its share of all segments, at most
    one over RAREST_SHARE."""
    is_valid = pool.labels >= 0
    shares = np.maximum(np.bincount(pool.labels[is_valid].astype(np.int64)) / is_valid.sum(), RAREST_SHARE)
    rare = np.where(is_valid, 1.0 / shares[np.where(is_valid, pool.labels, 0)], 0.0)
    return np.asarray(rare.sum(axis=1) / np.maximum(is_valid.sum(axis=1), 1))


def condition_of(batch: TokenBatch) -> TextCondition:
    """The full condition of a batch: caption, segments with their words, and timing."""
    condition = TextCondition.from_embeddings(
        batch.caption_embeddings, batch.segment_embeddings, batch.segment_is_valid, batch.token_segments
    )
    if batch.segment_words is None or batch.segment_word_counts is None:
        return condition
    return condition.with_words(batch.segment_words, batch.segment_word_counts)


class TokenObjective(ABC):
    """Batches drawn from a training pool; validation over the whole of another. Says not what the loss is.

    rare_actions: sequences are drawn with probability rarity ** rare_actions; 0 draws all alike. draw_motions: rows of
    one motion share one chance, so that motions of many captions are not drawn more.
    """

    pads_fully = False

    def __init__(
        self,
        model: MaskedTransformer | ResidualTransformer,
        train: TokenPool,
        validation: TokenPool,
        batch_size: int,
        rare_actions: float = 0.0,
        draw_motions: bool = False,
    ) -> None:
        self.model: nn.Module = model
        self._trunk = model.trunk
        self._pools, self._batch_size = (train, validation), batch_size
        self._resident: tuple[ResidentPool, ResidentPool] | None = None
        weights = rarity(train) ** rare_actions if rare_actions else None
        self.num_items = len(train)
        if draw_motions and len(train.motions):
            counts = np.bincount(train.motions)
            self.num_items = int((counts > 0).sum())
            shares = 1.0 / counts[train.motions]
            weights = shares if weights is None else weights * shares
        self._cumulative = None if weights is None else np.cumsum(weights / weights.sum())

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        pool, _ = self._on_device()
        rows, numpy_generator = self.rows_of(generator)
        batch = pool.batch(
            rows,
            numpy_generator,
            share=positions_of_share(),
            fixed_length=self.pads_fully or self._trunk.fixes_shapes_on(pool.device),
        )
        return self.batch_loss(batch, generator)

    def rows_of(self, generator: torch.Generator) -> tuple[NDArray[np.integer], np.random.Generator]:
        """The sequences of a step, and a generator for what else is drawn on the host."""
        numpy_generator = np.random.default_rng(generator.initial_seed())
        return draw_rows(self._pools[0], self._batch_size, numpy_generator, self._cumulative), numpy_generator

    def _on_device(self) -> tuple[ResidentPool, ResidentPool]:
        """Training and validation pool, where the model is."""
        device = self._trunk.positions.device
        if self._resident is None or self._resident[0].device != device:
            train, validation = self._pools
            self._resident = train.on(device), validation.on(device)
        return self._resident

    def validate(self) -> Mapping[str, float]:
        """Means over the whole pool with the same masks and wordings every time."""
        _, pool = self._on_device()
        sums: dict[str, float] = {}
        batches = 0
        for start in range(0, len(pool), VALIDATION_BATCH):
            rows = np.arange(start, min(start + VALIDATION_BATCH, len(pool)))
            batch = pool.batch(rows, np.random.default_rng(start))
            _, figures = self.batch_loss(batch, torch.Generator().manual_seed(start))
            for name, value in figures.items():
                sums[name] = sums.get(name, 0.0) + float(value)
            batches += 1
        return {name: total / batches for name, total in sums.items()}

    @abstractmethod
    def batch_loss(self, batch: TokenBatch, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The loss of a batch and figures for the log."""


class MaskedObjective(TokenObjective):
    """Masked modelling of base tokens with alignment and grounding losses."""

    def __init__(
        self,
        model: MaskedTransformer,
        train: TokenPool,
        validation: TokenPool,
        batch_size: int,
        rare_actions: float = 0.0,
        draw_motions: bool = False,
        mask_over_padding: bool = False,
    ) -> None:
        super().__init__(model, train, validation, batch_size, rare_actions, draw_motions)
        self._masked = model
        self.pads_fully = mask_over_padding

    def batch_loss(self, batch: TokenBatch, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        loss = self._masked.training_loss(
            batch.token_ids[..., 0].clamp(min=0),
            batch.token_is_valid,
            condition_of(batch),
            batch.segment_starts,
            batch.segment_ends,
            generator,
            segment_labels=batch.segment_labels,
            count_padding=self.pads_fully,
        )
        return loss.total, {
            "cross_entropy": loss.cross_entropy.detach(),
            "alignment": loss.alignment.detach(),
            "grounding": loss.grounding.detach(),
            "accuracy": loss.accuracy,
        }


class ResidualObjective(TokenObjective):
    """Prediction of one residual layer, drawn per sample, from the layers below."""

    def __init__(
        self,
        model: ResidualTransformer,
        train: TokenPool,
        validation: TokenPool,
        batch_size: int,
        rare_actions: float = 0.0,
        draw_motions: bool = False,
    ) -> None:
        super().__init__(model, train, validation, batch_size, rare_actions, draw_motions)
        self._residual = model

    def batch_loss(self, batch: TokenBatch, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        loss = self._residual.training_loss(batch.token_ids, batch.token_is_valid, condition_of(batch), generator)
        return loss.total, {"cross_entropy": loss.total.detach(), "accuracy": loss.accuracy}
