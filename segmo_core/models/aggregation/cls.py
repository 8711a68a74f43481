"""A learned token in front of the tokens of a segment (paper, supplementary section C: CLS-token self-attention).

As in BERT: the segment vector is the output of one transformer layer at that token. The paper names the module
and draws it, without equations.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from segmo_core.models.trunk.conditioned_transformer import INITIAL_STANDARD_DEVIATION, TransformerLayer
from segmo_core.models.trunk.configs import TransformerConfig
from segmo_core.models.trunk.sequence_layout import SequenceLayout


class ClsAggregator(nn.Module):
    """One post-norm layer of self-attention over [CLS, tokens of the segment], read at CLS."""

    def __init__(self, width: int, num_heads: int, feedforward_width: int, dropout: float) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(nn.init.normal_(torch.empty(width), std=INITIAL_STANDARD_DEVIATION))
        self.layer = TransformerLayer(width, num_heads, feedforward_width, dropout, norm_first=False)

    @classmethod
    def of(cls, config: TransformerConfig) -> ClsAggregator:
        return cls(config.latent_width, config.num_heads, config.feedforward_width, config.dropout)

    def forward(self, hidden: Tensor, membership: Tensor) -> Tensor:
        """hidden (B, N, d), membership (B, S, N) bool -> (B, S, d); zero for an empty segment."""
        batch, num_segments, num_tokens = membership.shape
        tokens = hidden[:, None].expand(-1, num_segments, -1, -1).flatten(0, 1)
        first = self.cls_token.to(hidden.dtype).expand(len(tokens), 1, -1)
        is_valid = nn.functional.pad(membership.flatten(0, 1), (1, 0), value=True)
        on_processor = hidden.device.type == "cpu"  # elsewhere nothing is looked up on the host
        layout = SequenceLayout.of(is_valid) if on_processor else SequenceLayout.padded(is_valid)
        rows = layout.to_rows(torch.cat([first, tokens], dim=1))
        positions = torch.arange(len(tokens), device=hidden.device) * (num_tokens + 1)
        if layout.positions is not None:
            positions = torch.searchsorted(layout.positions, positions)
        only_first = SequenceLayout(len(tokens), 1, None, None)
        vectors: Tensor = self.layer(rows, layout, (positions, only_first)).view(batch, num_segments, -1)
        return vectors.masked_fill(~membership.any(dim=-1, keepdim=True), 0.0)
