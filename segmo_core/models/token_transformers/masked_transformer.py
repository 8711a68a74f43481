"""The transformer that decides base tokens (paper sections 3.2, 3.5), with its losses."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmo_core import catalog
from segmo_core.models.aggregation.mean_max import MeanMaxAggregator, segment_membership
from segmo_core.models.alignment.contrastive_losses import grounding_loss
from segmo_core.models.alignment.segment_alignment import AlignmentInputs, SegmentAlignment
from segmo_core.models.batch_shares import mean_over_batch, num_shares, own_share, sum_of_shares
from segmo_core.models.randomness import generator_on
from segmo_core.models.token_transformers.masking import MaskingDraws, mask_tokens
from segmo_core.models.trunk.conditioned_transformer import (
    ConditionedTransformer,
    PredictionHead,
    TrunkOutput,
    initialise_weights,
)
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.models.trunk.configs import MaskedTransformerConfig

LIGHT_MASKING_LOWEST_TIME = 0.9
NO_TARGET = -100


@dataclass(frozen=True)
class MaskedTransformerDraws:
    """The randomness of a training step: what is hidden, and which samples lose condition or timing (B,) bool."""

    masking: MaskingDraws
    drop_condition: Tensor
    drop_timing: Tensor

    def own_share(self) -> MaskedTransformerDraws:
        """Those of this process's samples."""
        return MaskedTransformerDraws(
            self.masking.own_share(), own_share(self.drop_condition), own_share(self.drop_timing)
        )


@dataclass(frozen=True)
class MaskedTransformerLoss:
    """Scalars. total = cross_entropy + weighted alignment + weighted grounding; accuracy over hidden tokens."""

    total: Tensor
    cross_entropy: Tensor
    alignment: Tensor
    grounding: Tensor
    accuracy: Tensor


class GroundingHead(nn.Module):
    """Two towers into one space: the text of a segment alone, and the motion of a segment alone."""

    def __init__(self, text_width: int, latent_width: int) -> None:
        super().__init__()
        self.text_in = nn.Linear(text_width, latent_width)
        self.text_out = nn.Linear(latent_width, latent_width)
        self.motion = MeanMaxAggregator(latent_width)

    def embed_text(self, embeddings: Tensor) -> Tensor:
        """(..., W) sentence embeddings -> (..., d) unit vectors."""
        return F.normalize(self.text_out(F.gelu(self.text_in(embeddings))).float(), dim=-1)

    def embed_motion(self, hidden: Tensor, membership: Tensor) -> Tensor:
        """hidden (B, N, d), membership (B, S, N) bool -> (B, S, d) unit vectors."""
        return F.normalize(self.motion(hidden, membership).float(), dim=-1)

    def embed_pooled(self, pooled: Tensor) -> Tensor:
        """Mean and maximum (M, 2 d) over the tokens of M windows -> (M, d) unit vectors."""
        return F.normalize(self.motion.combine(pooled).float(), dim=-1)


class MaskedTransformer(nn.Module):
    """Predicts hidden base tokens. Ids: 0 to V-1 codes, V the mask token, V+1 padding."""

    def __init__(self, config: MaskedTransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.mask_id = config.num_codes
        self.pad_id = config.num_codes + 1
        self.token_embedding = nn.Embedding(config.num_codes + 2, config.code_width)
        self.trunk = ConditionedTransformer(config)
        self.head = PredictionHead(config.latent_width, config.num_codes)
        self.segment_alignment: SegmentAlignment | None = None
        self.alignment_aggregator: nn.Module | None = None
        if config.has_alignment:
            self.segment_alignment = catalog.load(catalog.ALIGNMENTS, "alignment", config.alignment)()
            if self.segment_alignment.uses_aggregator:
                aggregator = catalog.load(catalog.AGGREGATORS, "aggregation", config.aggregation)
                self.alignment_aggregator = aggregator.of(config)
        has_grounding = config.grounding_head and config.max_segments > 0
        self.grounding = GroundingHead(config.text_width, config.latent_width) if has_grounding else None
        initialise_weights(self)

    def hidden(
        self, token_ids: Tensor, token_is_valid: Tensor, condition: TextCondition, only: Tensor | None = None
    ) -> Tensor:
        """token_ids (B, N) int64 (mask id where undecided), token_is_valid (B, N) bool -> (B, N, d).

        only: (B, N) bool, the tokens whose outputs are read; the others' then hold nothing meaningful.
        """
        hidden: Tensor = self.trunk(self._embed(token_ids, token_is_valid), token_is_valid, condition, only=only).motion
        return hidden

    def logits(self, token_ids: Tensor, token_is_valid: Tensor, condition: TextCondition) -> Tensor:
        """As ``hidden``, through the head: (B, N, V)."""
        logits: Tensor = self.head(self.hidden(token_ids, token_is_valid, condition))
        return logits

    def training_loss(
        self,
        token_ids: Tensor,
        token_is_valid: Tensor,
        condition: TextCondition,
        segment_starts: Tensor,
        segment_ends: Tensor,
        generator: torch.Generator | None = None,
        *,
        segment_labels: Tensor | None = None,
        draws: MaskedTransformerDraws | None = None,
        count_padding: bool = False,
    ) -> MaskedTransformerLoss:
        """Masked modelling plus the segment losses.

        token_ids, token_is_valid: (B, N). segment_starts, segment_ends: (B, S) half-open token ranges.
        segment_labels: (B, S) int64, equal where segments show the same action (negative = unknown), so that
        grounding does not push them apart. Randomness comes from ``generator`` or is given as ``draws``. The samples
        may be one process's share of a batch, with a generator that is the same in all (see ``batch_shares``).
        count_padding: see masking.mask_tokens.
        """
        if draws is None:
            if generator is None:
                raise ValueError("training_loss: no generator and no draws, expected one of them")
            whole = len(token_ids) * num_shares()
            draws = self._draw(whole, token_ids.shape[1], generator_on(token_ids.device, generator)).own_share()
        device = token_ids.device
        fixed_shapes = self.trunk.fixes_shapes_on(device)
        condition = condition.with_drops(draws.drop_condition.to(device), draws.drop_timing.to(device))
        masked = mask_tokens(
            token_ids,
            token_is_valid,
            draws.masking.to(device),
            mask_id=self.mask_id,
            pad_id=self.pad_id,
            count_padding=count_padding,
        )
        output = self.trunk(
            self._embed(masked.input_ids, token_is_valid),
            token_is_valid,
            condition,
            want_segments=self.segment_alignment is not None,
            want_caption=self.segment_alignment is not None and self.segment_alignment.uses_caption,
            keep_padding=self.config.alignment_include_padding,
            fixed_shapes=fixed_shapes,
        )
        states, target_ids = output.motion.flatten(0, 1), token_ids.masked_fill(~masked.is_target, NO_TARGET).flatten()
        if not fixed_shapes:
            targets = masked.is_target.flatten().nonzero()[:, 0]
            states, target_ids = states.index_select(0, targets), target_ids[targets]
        logits, num_targets = self.head(states).float(), masked.is_target.sum()
        surprise = F.cross_entropy(logits, target_ids, ignore_index=NO_TARGET, reduction="sum")
        cross_entropy = mean_over_batch(surprise, num_targets)
        accuracy = mean_over_batch((logits.argmax(dim=-1) == target_ids).sum(), num_targets)

        membership = segment_membership(segment_starts, segment_ends, token_ids.shape[1])
        alignment = self._alignment(output, token_is_valid, membership, condition)
        grounding = self._grounding(output.motion, membership, condition, segment_labels)
        total = cross_entropy + self.config.alignment_weight * alignment + self.config.grounding_weight * grounding
        return MaskedTransformerLoss(total, cross_entropy, alignment, grounding, accuracy)

    @property
    def aligns_segments(self) -> bool:
        """Whether ``segment_similarity`` is defined: alignment was trained, and pools tokens to segments."""
        return self.alignment_aggregator is not None

    @torch.inference_mode()
    def segment_similarity(
        self,
        token_ids: Tensor,
        token_is_valid: Tensor,
        condition: TextCondition,
        segment_starts: Tensor,
        segment_ends: Tensor,
    ) -> Tensor:
        """Cosine (B, S) of each text segment with its motion segment in the aligned space, nothing hidden.

        Arguments as for ``training_loss``; where a segment is absent the number means nothing.
        """
        output = self.trunk(self._embed(token_ids, token_is_valid), token_is_valid, condition, want_segments=True)
        if output.segments is None:
            raise ValueError("segment_similarity: this model has no segments")
        known = output.segments.shape[1]
        membership = segment_membership(segment_starts[:, :known], segment_ends[:, :known], token_ids.shape[1])
        return F.cosine_similarity(output.segments.float(), self._aggregate(output.motion, membership).float(), dim=-1)

    @torch.inference_mode()
    def window_similarity(self, token_ids: Tensor, condition: TextCondition, windows: Tensor) -> Tensor:
        """Cosine (K, M) of the first segment of each of K conditions with M windows (M, 2) of one motion, tokens (N,),
        in the aligned space: each text is read beside the whole motion, of which nothing is hidden."""
        count = len(condition.caption_embeddings)
        ids = token_ids[None].expand(count, -1)
        is_valid = torch.ones_like(ids, dtype=torch.bool)
        output = self.trunk(self._embed(ids, is_valid), is_valid, condition, want_segments=True)
        if output.segments is None:
            raise ValueError("window_similarity: this model has no segments")
        starts, ends = (bound[None].expand(count, -1) for bound in windows.unbind(dim=-1))
        vectors = self._aggregate(output.motion, segment_membership(starts, ends, len(token_ids)))
        return F.cosine_similarity(output.segments[:, :1].float(), vectors.float(), dim=-1)

    def embed_text_segments(self, embeddings: Tensor) -> Tensor:
        """(M, W) sentence embeddings -> (M, d) unit vectors, comparable with ``grounding.embed_pooled``."""
        return self._grounding_head().embed_text(embeddings)

    @torch.inference_mode()
    def motion_states(self, token_ids: Tensor) -> Tensor:
        """Outputs (N, d) at base tokens (N,) of which nothing is hidden, without any text."""
        condition = TextCondition.unconditional(
            1, len(token_ids), text_width=self.config.text_width, device=token_ids.device
        )
        return self.hidden(token_ids[None], torch.ones_like(token_ids[None], dtype=torch.bool), condition)[0]

    def _embed(self, token_ids: Tensor, token_is_valid: Tensor) -> Tensor:
        embedded: Tensor = self.token_embedding(torch.where(token_is_valid, token_ids, self.pad_id))
        return embedded

    def _grounding_head(self) -> GroundingHead:
        if self.grounding is None:
            raise ValueError("this model was trained without a grounding head")
        return self.grounding

    def _draw(self, batch_size: int, num_tokens: int, generator: torch.Generator) -> MaskedTransformerDraws:
        config = self.config
        masking = MaskingDraws.draw(batch_size, num_tokens, config.num_codes, generator)
        drop_condition, drop_timing, light = torch.rand(3, batch_size, generator=generator, device=generator.device)
        is_dropped = drop_condition < config.condition_dropout
        if self.grounding is not None:
            # Grounding reads whole motions; unconditional samples must not all be mostly hidden in training.
            is_light = is_dropped & (light < config.grounding_light_masking)
            lightly = LIGHT_MASKING_LOWEST_TIME + (1 - LIGHT_MASKING_LOWEST_TIME) * masking.time
            masking = MaskingDraws(**(vars(masking) | {"time": torch.where(is_light, lightly, masking.time)}))
        return MaskedTransformerDraws(masking, is_dropped, drop_timing < config.timed_conditioning_dropout)

    def _alignment(
        self, output: TrunkOutput, token_is_valid: Tensor, membership: Tensor, condition: TextCondition
    ) -> Tensor:
        if self.segment_alignment is None or output.segments is None:
            return output.motion.new_zeros(())
        known = output.segments.shape[1]  # segments beyond the model's maximum have no condition token
        inputs = AlignmentInputs(
            output.motion,
            token_is_valid,
            output.segments,
            condition.segment_is_valid[:, :known],
            membership[:, :known],
            output.caption,
            self.trunk.fixes_shapes_on(output.motion.device),
        )
        if not self.config.alignment_include_padding:
            # A motion token that was told its segment, or a text that was taken away, has no answer to find.
            is_honest = ~condition.is_dropped
            if self.config.timed_conditioning:
                is_honest = is_honest & (condition.token_segments < 0).all(dim=1)
            has_enough = inputs.segment_is_valid.sum(dim=1) >= self.segment_alignment.min_segments
            inputs = self._taking_part(inputs, is_honest & has_enough)
        if not self.trunk.fixes_shapes_on(output.motion.device) and not _any_process_has(inputs.motion):
            return inputs.motion.sum() + inputs.text_segments.sum()
        return self.segment_alignment(
            inputs,
            self._aggregate,
            self.config.alignment_temperature,
            self.config.alignment_include_padding,
        )

    def _taking_part(self, inputs: AlignmentInputs, samples: Tensor) -> AlignmentInputs:
        if self.trunk.fixes_shapes_on(samples.device):
            return inputs.taking_part(samples)
        return inputs.of_rows(samples.nonzero()[:, 0])

    def _aggregate(self, hidden: Tensor, membership: Tensor) -> Tensor:
        if self.alignment_aggregator is None:
            raise ValueError("this model aligns without pooling tokens")
        vectors: Tensor = self.alignment_aggregator(hidden, membership)
        return vectors

    def _grounding(self, hidden: Tensor, membership: Tensor, condition: TextCondition, labels: Tensor | None) -> Tensor:
        if self.grounding is None or self.config.grounding_weight == 0:
            return hidden.new_zeros(())
        if self.trunk.fixes_shapes_on(hidden.device):
            takes_part = condition.segment_is_valid & condition.is_dropped[:, None]
            return grounding_loss(
                self.grounding.embed_text(condition.segment_embeddings).flatten(0, 1),
                self.grounding.embed_motion(hidden, membership).flatten(0, 1),
                condition.segment_embeddings.flatten(0, 1),
                None if labels is None else labels.flatten(),
                temperature=self.config.grounding_temperature,
                takes_part=takes_part.flatten(),
            )
        rows = condition.is_dropped.nonzero()[:, 0]
        if not _any_process_has(rows):
            return hidden.new_zeros(())
        is_valid = condition.segment_is_valid[rows]
        embeddings = condition.segment_embeddings[rows][is_valid]
        return grounding_loss(
            self.grounding.embed_text(embeddings),
            self.grounding.embed_motion(hidden[rows], membership[rows])[is_valid],
            embeddings,
            None if labels is None else labels[rows][is_valid],
            temperature=self.config.grounding_temperature,
        )


def _any_process_has(rows: Tensor) -> bool:
    """Whether this or another process has a row: all of them must go the same way, for they wait for each other."""
    return int(sum_of_shares(torch.tensor(len(rows), device=rows.device))) > 0 if num_shares() > 1 else len(rows) > 0
