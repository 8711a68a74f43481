"""Training on of a tokenizer's decoder alone: its codes, and all transformers trained on them, stay what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from segmo_core.models.batch_shares import positions_of_share
from segmo_core.models.rvqvae import RVQVAE
from segmo_core.motion.features import FeatureLayout
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.training.objectives.tokenizer import TokenizerObjective

# Smooth-L1 losses turn from squares to absolute values here, in standard deviations: errors of a trained decoder are
# well below 1, where the published loss would be a square, which cares for the few large ones alone.
_BETA, _STEP_BETA = 0.2, 0.05
_STEP_WEIGHT = 2.0
# Hands are a few of many columns, and most of what a gesture is; the heading drifts by what its column is off.
_JOINT_WEIGHTS = {"elbow": 2.0, "wrist": 3.0}
_ROOT_COLUMNS = 4


class DecoderObjective(TokenizerObjective):
    """Windows are encoded by the frozen encoder; what is trained decodes them, mostly from all codes.

    Beside columns and positions, the positions' steps from frame to frame count: a waving hand must keep waving.
    """

    def __init__(self, model: RVQVAE, *arguments: Any, **named: Any) -> None:
        super().__init__(model, *arguments, **named)
        for part in (model.encoder, model.quantizer):
            part.requires_grad_(False)
        self._weights = column_weights(self._data.layout)

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        model, config = self._tokenizer, self._tokenizer.config
        numpy_generator = np.random.default_rng(int(generator.initial_seed()))
        rows = self._sampler.rows(self._batch_size, numpy_generator)
        num_layers = config.num_quantizers
        if numpy_generator.random() < config.quantizer_dropout:
            num_layers = int(numpy_generator.integers(1, num_layers + 1))
        features = self._windows(rows[positions_of_share()])
        with torch.autocast(features.device.type, enabled=False):
            token_ids = model.encode(features)[..., :num_layers]
        decoded = model.decode(token_ids).float()
        weights = self._weights.to(features.device)
        where = slice(config.position_start, config.position_stop)
        everything = _weighted(functional.smooth_l1_loss(decoded, features, beta=_BETA, reduction="none"), weights)
        root = functional.smooth_l1_loss(decoded[..., :_ROOT_COLUMNS], features[..., :_ROOT_COLUMNS])
        positions, found, weights = features[..., where], decoded[..., where], weights[where]
        position = _weighted(functional.smooth_l1_loss(found, positions, beta=_BETA, reduction="none"), weights)
        steps = _weighted(
            functional.smooth_l1_loss(found.diff(dim=1), positions.diff(dim=1), beta=_STEP_BETA, reduction="none"),
            weights,
        )
        total = everything + root + config.position_weight * position + _STEP_WEIGHT * steps
        return total, {"loss": total.detach(), "position": position.detach(), "steps": steps.detach()}


def column_weights(layout: FeatureLayout) -> Tensor:
    """(D,) how much a feature column counts: those of the positions and velocities of elbows and wrists count more."""
    weights = torch.ones(layout.dimension)
    if layout.num_joints != len(SMPL_JOINT_NAMES):  # KIT-ML's joints have other names
        return weights
    for joint, name in enumerate(SMPL_JOINT_NAMES):
        weight = _JOINT_WEIGHTS.get(name.split("_")[-1], 1.0)
        if joint > 0:  # the root has no local position
            first = layout.positions.start + 3 * (joint - 1)
            weights[first : first + 3] = weight
        first = layout.velocities.start + 3 * joint
        weights[first : first + 3] = weight
    return weights


def _weighted(losses: Tensor, weights: Tensor) -> Tensor:
    """The mean of losses (B, T, D) by column weights (D,)."""
    return (losses * weights).mean() / weights.mean()
