"""Attention over rows of a layout: over a padded batch with gradients, over the rows as they lie without."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from segmo_core.models.trunk.dropout import dropout
from segmo_core.models.trunk.sequence_layout import SequenceLayout


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    num_heads: int,
    query_layout: SequenceLayout,
    layout: SequenceLayout,
    dropout_share: float = 0.0,
) -> Tensor:
    """query (R, d) of ``query_layout``, key and value (M, d) of ``layout``, of the same batch -> (R, d).

    dropout_share: of the weights, dropped; 0 at inference.
    """
    if layout.counts is not None:
        return _attend_in_runs(query, key, value, num_heads, query_layout, layout)
    query = _heads(query_layout.to_batch(query), num_heads)
    key, value = (_heads(layout.to_batch(part), num_heads) for part in (key, value))
    mask = None if layout.is_valid is None else layout.is_valid[:, None, None, :]
    if dropout_share > 0 and query.device.type == "cpu":
        # The fused kernel has no dropout on a processor; torch's fallback is slower than this.
        with torch.autocast("cpu", enabled=False):
            scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
            if mask is not None:
                scores = scores + torch.zeros_like(mask, dtype=scores.dtype).masked_fill(~mask, -torch.inf)
            attended = dropout(scores.softmax(dim=-1), dropout_share, True) @ value
    elif query.dtype == torch.bfloat16 and query.device.type == "cpu":
        # The fused kernel's gradients take two and a half times as long in bfloat16.
        with torch.autocast("cpu", enabled=False):
            attended = F.scaled_dot_product_attention(query.float(), key.float(), value.float(), attn_mask=mask)
            attended = attended.to(query.dtype)
    else:
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout_share)
    return query_layout.to_rows(attended.transpose(1, 2).flatten(2))


def _attend_in_runs(
    query: Tensor, key: Tensor, value: Tensor, num_heads: int, query_layout: SequenceLayout, layout: SequenceLayout
) -> Tensor:
    parts, first_query, first_key = [], 0, 0
    for number, queries, keys in query_layout.runs(layout):
        last_query, last_key = first_query + number * queries, first_key + number * keys
        if queries:
            # float: on a processor the fused kernel is slower in bfloat16.
            own, others, content = (
                rows.view(number, -1, num_heads, rows.shape[-1] // num_heads).transpose(1, 2).float()
                for rows in (query[first_query:last_query], key[first_key:last_key], value[first_key:last_key])
            )
            attended = F.scaled_dot_product_attention(own, others, content)
            parts.append(attended.transpose(1, 2).reshape(number * queries, -1).to(query.dtype))
        first_query, first_key = last_query, last_key
    return parts[0] if len(parts) == 1 else torch.cat([query[:0], *parts])


def _heads(batch: Tensor, num_heads: int) -> Tensor:
    """(B, L, d) -> (B, heads, L, d / heads)."""
    heads: Tensor = batch.unflatten(-1, (num_heads, -1))
    return heads.transpose(1, 2)
