"""How long a motion is likely to be, from its text (MoMask's length estimator)."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from segmo_core.models.estimators.configs import LengthEstimatorConfig
from segmo_core.models.finite_outputs import finite
from segmo_core.models.trunk.conditioned_transformer import initialise_weights

LEAKY_SLOPE = 0.2


class LengthEstimator(nn.Module):
    """Sentence embeddings (B, W) -> logits (B, K) over the length in tokens; class k is a length of k tokens."""

    def __init__(self, config: LengthEstimatorConfig) -> None:
        super().__init__()
        self.config = config
        widths = (config.text_width, *config.hidden_widths)
        pairs = list(itertools.pairwise(widths))
        self.layers = nn.ModuleList(nn.Linear(before, after) for before, after in pairs)
        self.norms = nn.ModuleList(nn.LayerNorm(after) for _, after in pairs)
        self.output = nn.Linear(widths[-1], config.num_classes)
        self.dropout = nn.Dropout(config.dropout)
        initialise_weights(self)

    def forward(self, text: Tensor) -> Tensor:
        states = text
        for number, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True), start=1):
            states = nn.functional.leaky_relu(norm(layer(states)), LEAKY_SLOPE)
            if number < len(self.layers):
                states = self.dropout(states)
        logits: Tensor = self.output(states)
        return logits

    @torch.inference_mode()
    def expected_lengths(self, text: Tensor) -> Tensor:
        """(B, W) -> (B,) float mean length in tokens. Length 0, which the published code may draw, is left out.

        BundleError where the logits are no finite numbers.
        """
        shares: Tensor = finite(self(text), "length estimator")[:, 1:].float().softmax(dim=-1)
        return shares @ torch.arange(1, self.config.num_classes, device=text.device, dtype=torch.float32)
