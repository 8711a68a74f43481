"""Training the RVQ-VAE on windows of motion features."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segmo_core.data.pools.feature_clips import C, FeatureClips
from segmo_core.data.pools.token_pool import SequenceClips
from segmo_core.evaluation.measures.tokenizer_error import reconstruction_error
from segmo_core.models.batch_shares import positions_of_share
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.training.objectives.reconstruction import BodyLoss
from segmo_core.training.objectives.windows import TrainingWindows

FloatArray = NDArray[np.floating]


class TokenizerObjective:
    """Reconstruction of 64-frame windows (published window); validation is MPJPE in millimetres.

    max_validation: validate on so many clips, evenly picked; None takes all. sequences: clips joined to sequences,
    which make ``sequence_share`` of every batch and are validated on besides. for_gestures: with ``BodyLoss``
    instead of the published loss. rare_poses: see ``TrainingWindows``.
    """

    def __init__(
        self,
        model: RVQVAE,
        data: FeatureClips[C],
        *,
        only_shippable: bool,
        batch_size: int,
        statistics: FeatureStatistics,
        max_validation: int | None = None,
        sequences: SequenceClips | None = None,
        sequence_share: float = 0.0,
        for_gestures: bool = False,
        rare_poses: float = 0.0,
    ) -> None:
        self.model: nn.Module = model
        self._tokenizer = model
        self._data = data
        self._only_shippable, self._statistics = only_shippable, statistics
        validation = [c for c in data.select("val", only_shippable=only_shippable) if not c.mirrored]
        self._validation = validation[:: -(-len(validation) // max_validation)] if max_validation else validation
        self._sequences = sequences
        joined = 0 if sequences is None else round(batch_size * sequence_share)
        drawn_from = partial(
            TrainingWindows, only_shippable=only_shippable, statistics=statistics, rare_poses=rare_poses
        )
        self._parts = [(drawn_from(data), batch_size - joined)]
        if sequences is not None and joined:
            self._parts.append((drawn_from(sequences), joined))
        self._body_loss = BodyLoss(data.layout, statistics.std) if for_gestures else None

    @property
    def num_items(self) -> int:
        """Windows that there are: of these an epoch consists."""
        return sum(windows.num_windows for windows, _ in self._parts)

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        features = self._windows(np.random.default_rng(int(generator.initial_seed())))
        if self._body_loss is None:
            loss = self._tokenizer.training_loss(features, generator)
            total, figures = loss.total, {"loss": loss.total.detach(), "position": loss.position.detach()}
            quantized = loss.quantized
        else:
            decoded, quantized = self._tokenizer(features, generator)
            total, reconstruction = self._body_loss(decoded, features)
            total = total + self._tokenizer.config.commitment_weight * quantized.commitment
            figures = {**reconstruction, "loss": total.detach()}
        return total, {
            **figures,
            "commitment": quantized.commitment.detach(),
            "perplexity": quantized.perplexity,
        }

    def _windows(self, generator: np.random.Generator) -> Tensor:
        """This process's share of a batch (B, T, D) of normalised features, on the model's device."""
        device = next(self.model.parameters()).device
        drawn = [(windows, windows.rows(count, generator)) for windows, count in self._parts]
        first, parts, mine = 0, [], positions_of_share()
        share = np.arange(sum(len(rows) for _, rows in drawn))[mine]
        for windows, rows in drawn:
            own = share[(share >= first) & (share < first + len(rows))] - first
            first += len(rows)
            if len(own):
                parts.append(windows.features(rows[own], device))
        return torch.cat(parts)

    def validate(self) -> Mapping[str, float]:
        figures = {"mpjpe_mm": self._error(self._data, self._validation)}
        if self._sequences is not None:
            joined = self._sequences.select("val", only_shippable=self._only_shippable)
            figures["sequences_mpjpe_mm"] = self._error(self._sequences, joined)
        return figures

    def _error(self, data: FeatureClips[C], clips: list[C]) -> float:
        return reconstruction_error(self._tokenizer, data, clips, self._statistics)
