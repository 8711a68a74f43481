"""Training on of a tokenizer's decoder alone: its codes, and all transformers trained on them, stay what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.training.objectives.reconstruction import BodyLoss
from segmo_core.training.objectives.tokenizer import TokenizerObjective


class DecoderObjective(TokenizerObjective):
    """Windows are encoded by the frozen encoder; what is trained decodes them, mostly from all codes."""

    def __init__(self, model: RVQVAE, *arguments: Any, **named: Any) -> None:
        super().__init__(model, *arguments, **named)
        for part in (model.encoder, model.quantizer):
            part.requires_grad_(False)
        self._loss = BodyLoss(self._data.layout, self._statistics.std)

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        model, config = self._tokenizer, self._tokenizer.config
        numpy_generator = np.random.default_rng(int(generator.initial_seed()))
        features = self._windows(numpy_generator)
        num_layers = config.num_quantizers
        if numpy_generator.random() < config.quantizer_dropout:
            num_layers = int(numpy_generator.integers(1, num_layers + 1))
        with torch.autocast(features.device.type, enabled=False):
            token_ids = model.encode(features)[..., :num_layers]
        return self._loss(model.decode(token_ids), features)
