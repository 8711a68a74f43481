"""How long a segment naturally takes, from the vector of its text: quantiles, learned with the pinball loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from segmo_core.errors import ConfigError

QUANTILES = (0.1, 0.5, 0.9)
ONCE, SHORTEST, TYPICAL, LONGEST = range(4)


@dataclass(frozen=True)
class DurationModelConfig:
    """Sizes. text_width: of the text encoder's vectors. hidden_width: of the one hidden layer.

    mean_seconds: what the outputs start from (the middle of the training data).
    """

    text_width: int = 384
    hidden_width: int = 64
    dropout: float = 0.3
    mean_seconds: float = 3.0

    def __post_init__(self) -> None:
        if min(self.text_width, self.hidden_width) < 1:
            raise ConfigError("DurationModelConfig: every width must be at least 1")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"DurationModelConfig.dropout: {self.dropout}, expected 0 to below 1")
        if self.mean_seconds <= 0:
            raise ConfigError(f"DurationModelConfig.mean_seconds: {self.mean_seconds}, expected above 0")


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
        """(B, W) -> (B, 4) seconds: once, shortest, typical, longest."""
        seconds: Tensor = self(text).exp()
        return seconds


def pinball_loss(predicted: Tensor, actual: Tensor, quantile: float) -> Tensor:
    """Elementwise loss whose expectation is least at the quantile (Koenker and Bassett 1978)."""
    error = actual - predicted
    return torch.maximum(quantile * error, (quantile - 1) * error)
