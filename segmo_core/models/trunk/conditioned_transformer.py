"""The trunk both token transformers share: condition tokens in front of motion tokens, attention over all.

Numerically equal to torch's nn.TransformerEncoder of nn.TransformerEncoderLayer (which the published models
use), but batch-first, with fused attention, and without computing outputs that nobody reads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmo_core.models.trunk.attention import attend
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.models.trunk.configs import TransformerConfig
from segmo_core.models.trunk.dropout import dropout
from segmo_core.models.trunk.packed_linear import linear_gelu, linear_part, linear_sum, pack_linears
from segmo_core.models.trunk.processor import has_bfloat16
from segmo_core.models.trunk.sequence_layout import SequenceLayout
from segmo_core.models.trunk.word_pooling import WordPooling

INITIAL_STANDARD_DEVIATION = 0.02
HEAD_NORM_EPSILON = 1e-12
MAX_TOKENS = 5000


def sinusoidal_positions(num_positions: int, width: int) -> Tensor:
    """(num_positions, width) float32: interleaved sine and cosine, base 10000.

    The angles are float32 as in the published code; their frequencies, sines and cosines are computed in float64 and
    rounded. float32 exponentials differ in the last bit from processor to processor, the rounded ones do not.
    Without values where tensors have none (torch's meta device).
    """
    table = torch.empty(num_positions, width)
    if table.is_meta:
        return table
    position = torch.arange(num_positions, dtype=torch.float32)[:, None]
    exponent = torch.arange(0, width, 2, dtype=torch.float32) * (-math.log(10000.0) / width)
    angle = (position * exponent.double().exp().float()).double()
    table[:, 0::2] = angle.sin()
    table[:, 1::2] = angle[:, : width // 2].cos()
    return table


def initialise_weights(module: nn.Module) -> None:
    """Normal(0, 0.02) for Linear and Embedding, zero bias; attention inputs Xavier uniform (published)."""
    for child in module.modules():
        if isinstance(child, (nn.Linear, nn.Embedding)):
            nn.init.normal_(child.weight, std=INITIAL_STANDARD_DEVIATION)
            if isinstance(child, nn.Linear) and child.bias is not None:
                nn.init.zeros_(child.bias)
    for child in module.modules():
        if isinstance(child, TransformerLayer):
            nn.init.xavier_uniform_(child.query_key_value.weight)
        elif isinstance(child, WordPooling):
            child.reset()


class TransformerLayer(nn.Module):
    """Self-attention and feed-forward (GELU), normalised after each (or before, ``norm_first``)."""

    def __init__(self, width: int, num_heads: int, feedforward_width: int, dropout: float, norm_first: bool) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.dropout = dropout
        self.norm_first = norm_first
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attention_output = nn.Linear(width, width)
        self.feedforward_in = nn.Linear(width, feedforward_width)
        self.feedforward_out = nn.Linear(feedforward_width, width)
        self.attention_norm = nn.LayerNorm(width)
        self.feedforward_norm = nn.LayerNorm(width)

    def forward(
        self, rows: Tensor, layout: SequenceLayout, only: tuple[Tensor, SequenceLayout] | None = None
    ) -> Tensor:
        """rows (M, d) of ``layout`` -> (M, d); with ``only`` (indices (R,), their layout) just those, (R, d)."""
        source = self.attention_norm(rows) if self.norm_first else rows
        share = self.dropout if self.training else 0.0
        if only is None:
            query, key, value = self.query_key_value(source).chunk(3, dim=-1)
            return self._finish(rows, attend(query, key, value, self.num_heads, layout, layout, share))
        wanted, wanted_layout = only
        width = rows.shape[-1]
        query = linear_part(self.query_key_value, source.index_select(0, wanted), 0, width)
        key, value = linear_part(self.query_key_value, source, width, 3 * width).chunk(2, dim=-1)
        attended = attend(query, key, value, self.num_heads, wanted_layout, layout, share)
        return self._finish(rows.index_select(0, wanted), attended)

    def _finish(self, rows: Tensor, attended: Tensor) -> Tensor:
        rows = self._added(self.attention_output, attended, rows)
        source = rows = self.attention_norm(rows) if not self.norm_first else rows
        if self.norm_first:
            source = self.feedforward_norm(rows)
        rows = self._added(self.feedforward_out, self._drop(linear_gelu(self.feedforward_in, source)), rows)
        return rows if self.norm_first else self.feedforward_norm(rows)

    def _added(self, linear: nn.Linear, values: Tensor, rows: Tensor) -> Tensor:
        """rows plus ``linear`` of values, after dropout."""
        if self.training:
            return rows + self._drop(linear(values))
        return linear_sum(linear, values, rows)

    def _drop(self, rows: Tensor) -> Tensor:
        return dropout(rows, self.dropout, self.training)


class PredictionHead(nn.Module):
    """Hidden states (..., d) -> (..., output_width): Linear, GELU, LayerNorm, Linear."""

    def __init__(self, width: int, output_width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width, eps=HEAD_NORM_EPSILON)
        self.output = nn.Linear(width, output_width)

    def forward(self, states: Tensor) -> Tensor:
        logits: Tensor = self.output(self.norm(linear_gelu(self.dense, states)))
        return logits


@dataclass(frozen=True)
class TrunkOutput:
    """motion: (B, N, d). segments: (B, S, d) outputs at the segment condition tokens, when asked for; caption:
    (B, d) at the caption token, when asked for.

    Padding and absent segments hold nothing meaningful unless they were asked for.
    """

    motion: Tensor
    segments: Tensor | None = None
    caption: Tensor | None = None


class ConditionedTransformer(nn.Module):
    """Condition tokens [caption, S segments, extra] followed by N motion tokens, through all layers.

    Only motion tokens have positions (from 0). With segment_order_embedding and timed_conditioning off this is
    the published network.
    """

    positions: Tensor

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.latent_width
        self.max_segments = config.max_segments
        self.dropout = config.dropout
        self.unconditional_sees_segment_count = config.unconditional_sees_segment_count
        self.input_projection = nn.Linear(config.code_width, width)
        self.condition_projection = nn.Linear(config.text_width, width)
        self.segment_order = nn.Embedding(config.max_segments, width) if config.segment_order_embedding else None
        self.timed_projection = nn.Linear(config.text_width, width) if config.timed_conditioning else None
        # For a segment's condition token and for its motion tokens, one after the other.
        self.word_pooling = (
            WordPooling(config.text_width, 2 * width, config.word_questions) if config.word_questions else None
        )
        self.layers = nn.ModuleList(
            TransformerLayer(width, config.num_heads, config.feedforward_width, config.dropout, config.norm_first)
            for _ in range(config.num_layers)
        )
        self.final_norm = nn.LayerNorm(width) if config.norm_first else None
        self._is_bfloat16 = False
        self.has_fixed_shapes = False
        self.register_buffer("positions", sinusoidal_positions(MAX_TOKENS, width), persistent=False)

    def forward(
        self,
        token_embeddings: Tensor,
        token_is_valid: Tensor,
        condition: TextCondition,
        *,
        extra_token: Tensor | None = None,
        want_segments: bool = False,
        want_caption: bool = False,
        keep_padding: bool = False,
        fixed_shapes: bool = False,
        only: Tensor | None = None,
    ) -> TrunkOutput:
        """token_embeddings (B, N, C), token_is_valid (B, N) bool, extra_token (B, d) one more condition token.

        only: (B, N) bool, the motion tokens whose outputs are read; the others' then hold nothing meaningful.
        keep_padding: compute outputs at padding and absent segments too (only the published losses read them).
        fixed_shapes: the same, and without looking for what is valid: no shape depends on it.
        """
        num_segments = min(condition.segment_is_valid.shape[1], self.max_segments)
        is_told = ~condition.is_dropped
        text = torch.cat([condition.caption_embeddings[:, None], condition.segment_embeddings[:, :num_segments]], dim=1)
        text = text * is_told[:, None, None]
        condition_tokens = self.condition_projection(text)
        if self.segment_order is not None and num_segments:
            order = self.segment_order.weight[:num_segments] * is_told[:, None, None]
            condition_tokens = condition_tokens + F.pad(order, (0, 0, 1, 0))

        timed_words = None
        if self.word_pooling is not None and condition.segment_words is not None and num_segments:
            words, timed_words = self._word_condition(condition, num_segments)
            condition_tokens = condition_tokens + F.pad(words, (0, 0, 1, 0))

        motion = self.input_projection(token_embeddings)
        if self.timed_projection is not None and num_segments:
            motion = motion + self._timed_condition(text[:, 1:], condition.token_segments, is_told, timed_words)
        motion = motion + self.positions[: motion.shape[1]]
        motion = dropout(motion, self.dropout, self.training)

        segment_is_valid = condition.segment_is_valid[:, :num_segments]
        if not self.unconditional_sees_segment_count:
            segment_is_valid = segment_is_valid & is_told[:, None]
        always = torch.ones_like(token_is_valid[:, :1])
        parts, keys = [condition_tokens], [always, segment_is_valid]
        if extra_token is not None:
            parts.append(extra_token[:, None].to(condition_tokens.dtype))
            keys.append(always)
        num_condition_tokens = sum(part.shape[1] for part in parts)
        is_valid = torch.cat([*keys, token_is_valid], dim=1)
        is_ragged = is_valid.device.type == "cpu" and not torch.is_grad_enabled() and not keep_padding
        is_ragged = is_ragged and not fixed_shapes
        if fixed_shapes:
            layout = SequenceLayout.padded(is_valid)
        else:
            layout = SequenceLayout.ragged(is_valid) if is_ragged else SequenceLayout.of(is_valid, keep_padding)
        rows = layout.to_rows(torch.cat([*parts, motion], dim=1))
        rows = rows.to(torch.bfloat16) if self._is_bfloat16 and (is_ragged or self._has_bfloat16_weights) else rows
        first_wanted = 0 if want_caption else 1 if want_segments else num_condition_tokens
        if only is not None:
            only = F.pad(only, (num_condition_tokens - first_wanted, 0), value=True)
        wanted, wanted_layout = layout.from_column(first_wanted, rows.device, only)
        for layer in self.layers[:-1]:
            rows = layer(rows, layout)
        rows = self.layers[-1](rows, layout, (wanted, wanted_layout))
        if self.final_norm is not None:
            rows = self.final_norm(rows.float() if self._has_bfloat16_weights else rows)
        states = wanted_layout.to_batch(rows.float() if self._is_bfloat16 else rows)
        return TrunkOutput(
            motion=states[:, num_condition_tokens - first_wanted :],
            segments=states[:, 1 - first_wanted : 1 - first_wanted + num_segments] if want_segments else None,
            caption=states[:, 0] if want_caption else None,
        )

    def fixes_shapes_on(self, device: torch.device) -> bool:
        """Whether a training step is computed in shapes that do not depend on what is valid, hidden or dropped.

        A processor saves what it leaves out. Elsewhere looking for it makes the host wait for the device, and a
        compiled network would be compiled for every shape.
        """
        return self.has_fixed_shapes or device.type != "cpu"

    def use_bfloat16(self) -> None:
        """Compute the layers in bfloat16 from now on, where the device that they are on can.

        What enters and leaves stays float32, and so do the statistics of normalisation; on a processor attention too,
        which is where it is without gradients alone. On a GPU the weights of the layers become bfloat16 for good.
        """
        if self.positions.device.type == "cpu":
            self._is_bfloat16 = has_bfloat16() and pack_linears(self.layers, torch.bfloat16) > 0
        else:
            self._become_bfloat16()

    def _become_bfloat16(self) -> None:
        self.layers.to(torch.bfloat16)
        self._is_bfloat16 = True

    @property
    def _has_bfloat16_weights(self) -> bool:
        """Whether the layers themselves are bfloat16, as on a GPU; a processor's packed layers keep theirs."""
        return next(self.layers.parameters()).dtype is torch.bfloat16

    def _word_condition(self, condition: TextCondition, num_segments: int) -> tuple[Tensor, Tensor]:
        """(B, S, d) to add to the condition tokens of segments, and to what their motion tokens are told."""
        assert self.word_pooling is not None
        assert condition.segment_words is not None
        assert condition.segment_word_counts is not None
        pooled = self.word_pooling(
            condition.segment_words[:, :num_segments], condition.segment_word_counts[:, :num_segments]
        )
        told, timed = (pooled * ~condition.is_dropped[:, None, None]).chunk(2, dim=-1)
        return told, timed

    def _timed_condition(
        self, segment_text: Tensor, token_segments: Tensor, is_told: Tensor, words: Tensor | None = None
    ) -> Tensor:
        """(B, S, W) text of segments and (B, N) segment of tokens -> (B, N, d) to add to the motion tokens.

        words: (B, S, d) what the segments' words add.
        """
        num_segments = segment_text.shape[1]
        timed = self.timed_projection(segment_text) if self.timed_projection is not None else segment_text
        if words is not None:
            timed = timed + words
        if self.segment_order is not None:
            timed = timed + self.segment_order.weight[:num_segments]
        # A product with the membership matrix: -1 selects nothing, and its gradient is a product as well.
        member = token_segments[:, :, None] == torch.arange(num_segments, device=token_segments.device)
        return (member & is_told[:, None, None]).to(timed.dtype) @ timed
