"""Mean pooling over the tokens of a segment (paper, supplementary section C)."""

from __future__ import annotations

from torch import Tensor, nn

from segmo_core.models.aggregation.mean_max import mean_of_segments
from segmo_core.models.trunk.configs import TransformerConfig


class MeanAggregator(nn.Module):
    """The mean of the hidden states of a segment; nothing to learn."""

    @classmethod
    def of(cls, config: TransformerConfig) -> MeanAggregator:
        return cls()

    def forward(self, hidden: Tensor, membership: Tensor) -> Tensor:
        """hidden (B, N, d), membership (B, S, N) bool -> (B, S, d)."""
        return mean_of_segments(hidden, membership)
