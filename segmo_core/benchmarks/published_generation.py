"""The published way of deciding tokens, kept as a yardstick of speed: our weights, torch's own encoder layers.

Two forwards for guidance, sequence-first layers without the fused path, the head on every position, the alignment
block's gather in every forward: what the public code bases do at inference (measured there; nothing is copied).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.models.token_transformers.drawing import hidden_counts
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.token_transformers.sampling import UniformSource
from segmo_core.models.trunk.conditioned_transformer import ConditionedTransformer, TransformerLayer
from segmo_core.models.trunk.conditioning import TextCondition

TOP_CLASSES_SHARE = 0.1


class PublishedTrunk:
    """torch's nn.TransformerEncoder with the weights of one of our trunks (post-norm, no order, no timing).

    dropout: above 0 for training; at inference there is none.
    """

    def __init__(self, trunk: ConditionedTransformer, dropout: float = 0.0) -> None:
        first = trunk.layers[0]
        if not isinstance(first, TransformerLayer) or first.norm_first or trunk.timed_projection is not None:
            raise ValueError("published way: expected a trunk with the published switches")
        width, heads = first.attention_norm.normalized_shape[0], first.num_heads
        layer = nn.TransformerEncoderLayer(width, heads, first.feedforward_in.out_features, dropout, "gelu")
        self.encoder = nn.TransformerEncoder(layer, len(trunk.layers), enable_nested_tensor=False)
        self.encoder.train(dropout > 0)
        self.dropout = dropout
        for target, source in zip(self.encoder.layers, trunk.layers, strict=True):
            _copy_layer(target, source)
        self.encoder.to(first.feedforward_in.weight.device)
        self.trunk = trunk

    def __call__(
        self, embeddings: Tensor, is_valid: Tensor, condition: TextCondition, extra: Tensor | None = None
    ) -> Tensor:
        """embeddings (B, N, C) -> motion outputs (B, N, d)."""
        return self.outputs(embeddings, is_valid, condition, extra)[:, -embeddings.shape[1] :]

    def outputs(
        self, embeddings: Tensor, is_valid: Tensor, condition: TextCondition, extra: Tensor | None = None
    ) -> Tensor:
        """Outputs at [caption, segments, extra, motion] (B, 1 + S + N, d); every condition is kept as a key, as
        published."""
        text = torch.cat([condition.caption_embeddings[:, None], condition.segment_embeddings], dim=1)
        text = self.trunk.condition_projection(text * (~condition.is_dropped)[:, None, None])
        motion = self.trunk.input_projection(embeddings).permute(1, 0, 2)
        motion = motion + self.trunk.positions[: len(motion), None]
        motion = functional.dropout(motion, self.dropout, self.dropout > 0)
        parts = [text.permute(1, 0, 2), motion]
        ignored = [torch.zeros_like(is_valid[:, :1]), ~condition.segment_is_valid, ~is_valid]
        if extra is not None:
            parts.insert(1, extra[None])
            ignored.insert(2, torch.zeros_like(is_valid[:, :1]))
        output: Tensor = self.encoder(torch.cat(parts), src_key_padding_mask=torch.cat(ignored, dim=1))
        return output.permute(1, 0, 2)


@torch.no_grad()
def published_base_tokens(
    model: MaskedTransformer,
    trunk: PublishedTrunk,
    condition: TextCondition,
    lengths: Tensor,
    segment_ends: Tensor,
    uniforms: UniformSource,
    *,
    steps: int = 10,
    guidance_scale: float = 4.0,
) -> Tensor:
    """Base tokens (B, N); the same ids as our sampler for the same uniform numbers."""
    is_valid = torch.arange(int(lengths.max()), device=lengths.device) < lengths[:, None]
    ids = torch.where(is_valid, model.mask_id, model.pad_id)
    scores = torch.where(is_valid, 0.0, 1e5)
    nothing = condition.with_drops(torch.ones_like(condition.is_dropped), torch.ones_like(condition.is_dropped))
    for step in range(steps):
        counts = torch.from_numpy(hidden_counts(lengths.cpu().numpy(), step, steps)).to(lengths.device)
        is_hidden = scores.argsort(dim=-1).argsort(dim=-1) < counts[:, None]
        ids = torch.where(is_hidden, model.mask_id, ids)
        both = []
        for part in (condition, nothing):
            hidden = trunk(model.token_embedding(ids), is_valid, part)
            gathered_segments(hidden, segment_ends)
            both.append(model.head(hidden))
        logits = both[1] + (both[0] - both[1]) * guidance_scale
        drawn = _draw(logits, uniforms(tuple(ids.shape)))
        ids = torch.where(is_hidden, drawn, ids)
        confidence = logits.softmax(dim=-1).gather(-1, drawn[..., None])[..., 0]
        scores = confidence.masked_fill(~is_hidden, 1e5)
    return torch.where(is_valid, ids, -1)


@torch.no_grad()
def published_residual_tokens(
    model: ResidualTransformer,
    trunk: PublishedTrunk,
    base_ids: Tensor,
    condition: TextCondition,
    uniforms: UniformSource,
    *,
    guidance_scale: float = 5.0,
) -> Tensor:
    """All tokens (B, N, Q), layer by layer, with two forwards each."""
    is_valid = base_ids >= 0
    nothing = condition.with_drops(torch.ones_like(condition.is_dropped), torch.ones_like(condition.is_dropped))
    decided, history = [base_ids], torch.zeros(())
    for layer in range(1, model.config.num_quantizers):
        history = history + model.embed_layer(decided[-1], layer - 1)
        numbers = torch.full((len(base_ids),), layer, dtype=torch.int64, device=base_ids.device)
        extra = functional.embedding(numbers, model.layer_projection.weight.T) + model.layer_projection.bias
        conditional, free = (
            model.project(model.head(trunk(history, is_valid, part, extra)), layer) for part in (condition, nothing)
        )
        logits = (free + (conditional - free) * guidance_scale)[..., : model.pad_id]
        decided.append(torch.where(is_valid, _draw(logits, uniforms(tuple(base_ids.shape))), -1))
    return torch.stack(decided, dim=-1)


def _draw(logits: Tensor, uniforms: Tensor) -> Tensor:
    """Inverse-CDF draw (B, N) among the top tenth of the classes of logits (B, N, V)."""
    kept = math.ceil(TOP_CLASSES_SHARE * logits.shape[-1] - 1e-9)
    values, indices = logits.topk(kept, dim=-1)
    filtered = torch.full_like(logits, -torch.inf).scatter(-1, indices, values)
    cumulative = filtered.softmax(dim=-1).cumsum(dim=-1)
    cumulative = cumulative / cumulative[..., -1:]
    return (cumulative <= uniforms[..., None]).sum(dim=-1).clamp(max=logits.shape[-1] - 1)


def gathered_segments(hidden: Tensor, ends: Tensor) -> Tensor:
    """Mean and maximum (B, S, 2 d) of every segment by a (B, S, N, d) copy, as in each published forward; at inference
    nobody reads it."""
    starts = functional.pad(ends[:, :-1], (1, 0))
    positions = torch.arange(hidden.shape[1], device=hidden.device)
    inside = ((positions >= starts[..., None]) & (positions < ends[..., None]))[..., None]
    spread = hidden[:, None].expand(-1, ends.shape[1], -1, -1)
    mean = (spread * inside).sum(dim=2) / inside.sum(dim=2).clamp(min=1)
    return torch.cat([mean, spread.masked_fill(~inside, -1e9).max(dim=2).values], dim=-1)


def _copy_layer(target: nn.Module, source: nn.Module) -> None:
    names = {
        "self_attn.in_proj": "query_key_value",
        "self_attn.out_proj": "attention_output",
        "linear1": "feedforward_in",
        "linear2": "feedforward_out",
        "norm1": "attention_norm",
        "norm2": "feedforward_norm",
    }
    state = source.state_dict()
    mapped = {}
    for theirs, ours in names.items():
        separator = "_" if theirs.endswith("in_proj") else "."
        for part in ("weight", "bias"):
            mapped[f"{theirs}{separator}{part}"] = state[f"{ours}.{part}"]
    target.load_state_dict(mapped)
