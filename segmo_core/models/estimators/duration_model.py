"""How long a segment naturally takes, from the vector of its text: quantiles, learned with the pinball loss."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from segmo_core.models.estimators.configs import DurationModelConfig
from segmo_core.models.finite_outputs import finite


class DurationModel(nn.Module):
    """Text vectors (B, W) -> (B, 4) logarithms of seconds: the act once, and its QUANTILES, in their order."""

    def __init__(self, config: DurationModelConfig) -> None:
        super().__init__()
        self.config = config
        self.hidden = nn.Linear(config.text_width, config.hidden_width)
        self.output = nn.Linear(config.hidden_width, 4)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, text: Tensor) -> Tensor:
        # A unit vector of W numbers has entries of about 1 / sqrt(W); layers like them of about 1.
        states = nn.functional.gelu(self.hidden(self.dropout(text * math.sqrt(self.config.text_width))))
        once, typical, below, above = self.output(self.dropout(states)).unbind(dim=-1)
        middle = math.log(self.config.mean_seconds)
        typical = typical + middle
        shortest = typical - nn.functional.softplus(below)
        longest = typical + nn.functional.softplus(above)
        return torch.stack([once + middle, shortest, typical, longest], dim=-1)

    @torch.inference_mode()
    def seconds(self, text: Tensor) -> Tensor:
        """(B, W) -> (B, 4) seconds: once, shortest, typical, longest. BundleError where they are no finite numbers."""
        return finite(self(text).exp(), "duration model")


def pinball_loss(predicted: Tensor, actual: Tensor, quantile: float) -> Tensor:
    """Elementwise loss whose expectation is least at the quantile (Koenker and Bassett 1978)."""
    error = actual - predicted
    return torch.maximum(quantile * error, (quantile - 1) * error)
