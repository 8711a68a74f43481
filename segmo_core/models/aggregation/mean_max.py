"""One vector per motion segment from the hidden states of its tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from segmo_core.models.trunk.configs import TransformerConfig

LOWEST = -1e9


def segment_membership(starts: Tensor, ends: Tensor, num_tokens: int) -> Tensor:
    """(B, S, N) bool: token n lies in [start, end) of segment s."""
    tokens = torch.arange(num_tokens, device=starts.device)
    return (tokens >= starts[..., None]) & (tokens < ends[..., None])


def mean_of_segments(hidden: Tensor, membership: Tensor) -> Tensor:
    """hidden (B, N, d), membership (B, S, N) bool -> (B, S, d); zero for an empty segment."""
    counts = membership.sum(dim=-1, keepdim=True).clamp(min=1)
    return (membership.to(hidden.dtype) @ hidden) / counts


def max_of_segments(hidden: Tensor, membership: Tensor) -> Tensor:
    """hidden (B, N, d), membership (B, S, N) bool -> (B, S, d); zero for an empty segment."""
    largest = hidden[:, None].masked_fill(~membership[..., None], LOWEST).max(dim=2).values
    return largest.masked_fill(~membership.any(dim=-1, keepdim=True), 0.0)


def mean_and_max_of_segments(hidden: Tensor, membership: Tensor) -> Tensor:
    """hidden (B, N, d), membership (B, S, N) bool -> (B, S, 2 d)."""
    return torch.cat([mean_of_segments(hidden, membership), max_of_segments(hidden, membership)], dim=-1)


class MeanMaxAggregator(nn.Module):
    """Linear map of [mean, max] over the tokens of a segment (the published aggregation)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.combine = nn.Linear(2 * width, width)

    @classmethod
    def of(cls, config: TransformerConfig) -> MeanMaxAggregator:
        return cls(config.latent_width)

    def forward(self, hidden: Tensor, membership: Tensor) -> Tensor:
        """hidden (B, N, d), membership (B, S, N) bool -> (B, S, d)."""
        combined: Tensor = self.combine(mean_and_max_of_segments(hidden, membership))
        return combined
