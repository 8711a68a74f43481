"""A learned query that reads the tokens of a segment (paper, supplementary section C: query-to-token cross-attention).

The paper names the module and draws it, without equations; this is attention pooling in its usual form. The query
is the same for all segments: were it the segment's text, the motion vector would contain the text it is to be
matched with.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmo_core.models.trunk.conditioned_transformer import INITIAL_STANDARD_DEVIATION
from segmo_core.models.trunk.configs import TransformerConfig


class CrossAttentionAggregator(nn.Module):
    """Multi-head attention of one learned query over the tokens of each segment, then a linear map."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Parameter(nn.init.normal_(torch.empty(width), std=INITIAL_STANDARD_DEVIATION))
        self.key_value = nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)

    @classmethod
    def of(cls, config: TransformerConfig) -> CrossAttentionAggregator:
        return cls(config.latent_width, config.num_heads)

    def forward(self, hidden: Tensor, membership: Tensor) -> Tensor:
        """hidden (B, N, d), membership (B, S, N) bool -> (B, S, d); zero for an empty segment."""
        batch, num_segments, _ = membership.shape
        key, value = (
            part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for part in self.key_value(hidden).chunk(2, dim=-1)
        )
        query = self.query.to(key.dtype).view(1, self.num_heads, 1, -1).expand(batch, -1, num_segments, -1)
        is_present = membership.any(dim=-1, keepdim=True)
        # An empty segment reads all tokens, so that no softmax is over nothing; its result is not used.
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=(membership | ~is_present)[:, None])
        vectors: Tensor = self.output(attended.transpose(1, 2).flatten(2))
        return vectors.masked_fill(~is_present, 0.0)
