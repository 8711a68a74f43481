"""Masked transformers of MoMask and SegMo against the published code."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from segmo_core.conversion.parity_fixture import (
    RELATIVE_TOLERANCE,
    Comparisons,
    Fixture,
    dropped,
    stored_uniforms,
)
from segmo_core.conversion.upstream import load_published, published_masked_config, transformer_sizes
from segmo_core.conversion.upstream_names import POSITION_TABLE
from segmo_core.errors import FileFormatError
from segmo_core.models.aggregation.mean_max import (
    MeanMaxAggregator,
    max_of_segments,
    mean_of_segments,
    segment_membership,
)
from segmo_core.models.alignment.contrastive_losses import alignment_loss
from segmo_core.models.token_transformers.drawing import DrawMethod
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer, MaskedTransformerDraws
from segmo_core.models.token_transformers.masking import MaskingDraws, mask_tokens
from segmo_core.models.token_transformers.sampling import generate_base_tokens
from segmo_core.models.trunk.conditioned_transformer import sinusoidal_positions
from segmo_core.models.trunk.configs import MaskedTransformerConfig

EDIT_SETTINGS = {"cond_scale": 4}
DEFAULT_TOP_K_THRESHOLD = 0.9
_ANGLE_ROUNDING = 3 * 2.0**-24  # relative: one step of float32 in the frequency, half a step in the product


def load_masked_transformer(fixture: Fixture) -> MaskedTransformer:
    """The fixture's model in evaluation mode, without dropout, with the published switches."""
    weights, facts = fixture.weights(), fixture.fact("cfg")
    config = published_masked_config(
        MaskedTransformerConfig(
            **(vars(transformer_sizes(weights, facts["num_heads"])) | {"dropout": 0.0}),
            alignment_temperature=facts.get("align_temp", 0.1),
            alignment_weight=fixture.facts.get("train", {}).get("align_w", 1.0),
        ),
        has_segments=fixture.has_segments,
    )
    if fixture.has_segments:
        config = replace(config, max_segments=facts["max_segments"])
    model = MaskedTransformer(config).eval()
    load_published(model, weights)
    return model


def check_masked_transformer(fixture: Fixture, compare: Comparisons) -> None:
    model = load_masked_transformer(fixture)
    stored_positions = fixture.weights().get(POSITION_TABLE)
    if stored_positions is not None:
        _check_positions(stored_positions[:, 0], compare)
    _check_logits(fixture, compare, model)
    for mode, settings in fixture.fact("generate").items():
        compare.ids(f"generate {mode}", _generate(fixture, model, mode, settings), fixture[f"gen_{mode}"])
    if "edit_out" in fixture:
        compare.ids("edit", _edit(fixture, model), fixture["edit_out"])
    _check_training(fixture, compare, model)
    if fixture.has_segments:
        _check_alignment(fixture, compare, model)


def _check_positions(stored: Tensor, compare: Comparisons) -> None:
    """The whole table (positions, width). Far positions agree as closely as a float32 angle of as many radians can,
    for the rounding of the stored frequencies is that of the processor they were made on.
    """
    known_to = torch.arange(len(stored))[:, None] * _ANGLE_ROUNDING
    scale = (known_to / RELATIVE_TOLERANCE).clamp(min=1.0)
    compare.floats("positions", sinusoidal_positions(*stored.shape) / scale, stored / scale, 1.0)


@torch.no_grad()
def _check_logits(fixture: Fixture, compare: Comparisons, model: MaskedTransformer) -> None:
    ids, is_valid = fixture["ids"], ~fixture["pad"]
    condition = fixture.condition(ids.shape[1])
    with_text = model.logits(ids, is_valid, condition)
    without_text = model.logits(ids, is_valid, dropped(condition))
    found = {"logits_cond": with_text, "logits_uncond": without_text}
    for name, match in fixture.names(r"logits_cfg(\d+(?:\.\d+)?)").items():
        found[name] = without_text + (with_text - without_text) * float(match[1])
    for name, logits in found.items():
        compare.floats(name.replace("_", " "), logits[is_valid], fixture[name].transpose(1, 2)[is_valid])


def _generate(fixture: Fixture, model: MaskedTransformer, mode: str, settings: dict[str, Any]) -> Tensor:
    uniforms = f"gen_{mode}_u"
    method: DrawMethod = "argmax" if uniforms not in fixture else "gumbel" if settings.get("gsample") else "inverse_cdf"
    return generate_base_tokens(
        model,
        fixture.condition(int(fixture["lens"].max())),
        fixture["lens"],
        steps=settings["timesteps"],
        guidance_scale=settings["cond_scale"],
        temperature=settings.get("temperature", 1.0),
        top_k_share=1 - settings.get("topk_filter_thres", DEFAULT_TOP_K_THRESHOLD),
        method=method,
        uniforms=None if method == "argmax" else stored_uniforms(fixture[uniforms]),
    )


def _edit(fixture: Fixture, model: MaskedTransformer) -> Tensor:
    settings = EDIT_SETTINGS | fixture.facts.get("edit", {})
    return generate_base_tokens(
        model,
        fixture.condition(int(fixture["lens"].max())),
        fixture["lens"],
        steps=len(fixture["edit_u"]),
        guidance_scale=settings["cond_scale"],
        temperature=settings.get("temperature", 1.0),
        top_k_share=1 - settings.get("topk_filter_thres", DEFAULT_TOP_K_THRESHOLD),
        kept_ids=fixture["edit_tokens"],
        kept_mask=~fixture["edit_mask"],
        uniforms=stored_uniforms(fixture["edit_u"]),
    )


def _check_training(fixture: Fixture, compare: Comparisons, model: MaskedTransformer) -> None:
    ids = fixture["train_ids"]
    is_valid, condition = fixture.token_is_valid(ids.shape[1]), fixture.condition(ids.shape[1])
    draws = MaskingDraws(
        time=fixture["train_rand_time"],
        order=fixture["train_batch_rand"],
        replace=fixture["train_bern0_u"],
        random_ids=fixture["train_rand_id"],
        hide=fixture["train_bern1_u"],
    )
    masked = mask_tokens(ids, is_valid, draws, mask_id=model.mask_id, pad_id=model.pad_id, count_padding=True)
    compare.ids("training masking", masked.input_ids, fixture["train_masked_ids"])
    for key, found in (("mask_id", model.mask_id), ("pad_id", model.pad_id)):
        compare.ids(key.replace("_", " "), torch.tensor(found), torch.tensor(fixture.fact(key)))
    with torch.no_grad():
        predicted = model.logits(masked.input_ids, is_valid, condition).argmax(dim=-1)
    compare.ids("training predictions", predicted[is_valid], fixture["train_pred"][is_valid])

    starts, ends = _segment_ranges(fixture)
    nothing = torch.zeros(len(ids), dtype=torch.bool)
    loss = model.training_loss(
        ids,
        is_valid,
        condition,
        starts,
        ends,
        draws=MaskedTransformerDraws(draws, drop_condition=nothing, drop_timing=nothing),
        count_padding=True,
    )
    if fixture.has_segments:
        compare.floats("training cross entropy", loss.cross_entropy, fixture["train_ce"])
        compare.floats("training alignment loss", loss.alignment, fixture["train_align"])
    compare.floats("training loss", loss.total, fixture["train_total" if fixture.has_segments else "train_loss"])
    compare.floats("training accuracy", loss.accuracy, fixture.fact("train", "acc"), scale=1.0)
    model.zero_grad()
    loss.total.backward()
    compare.gradient_norms("gradient norms", model, fixture.fact("train", "grad_norms"))


def _segment_ranges(fixture: Fixture) -> tuple[Tensor, Tensor]:
    """Half-open token ranges (B, S) of segments; the published ends are inclusive."""
    if not fixture.has_segments:
        nothing = torch.zeros(len(fixture["lens"]), 0, dtype=torch.int64)
        return nothing, nothing
    return fixture["seg_start"], fixture["seg_end"] + 1


@torch.no_grad()
def _check_alignment(fixture: Fixture, compare: Comparisons, model: MaskedTransformer) -> None:
    hidden, text, is_present = fixture["align_motion_emb"], fixture["align_text_emb"], fixture["action_mask"]
    temperature = model.config.alignment_temperature
    aggregate = _aggregator(model)
    membership = segment_membership(*_segment_ranges(fixture), hidden.shape[1])
    # The stored mask counts the tokens that were gathered for a segment, from the left.
    compare.ids("tokens of segments", membership.sum(dim=-1), fixture["seg_token_mask"].sum(dim=-1))
    compare.floats("aggregation mean", mean_of_segments(hidden, membership), fixture["align_mean"])
    compare.floats("aggregation max", max_of_segments(hidden, membership), fixture["align_max"])
    compare.floats("aggregation", aggregate(hidden, membership), fixture["align_agg"])

    motion = fixture["align_agg"]
    with_absent = alignment_loss(text, motion, is_present, temperature=temperature, include_padding=True)
    compare.floats("alignment loss, absent segments included", with_absent, fixture["align_loss"])
    without_absent = alignment_loss(text, motion, is_present, temperature=temperature)
    # Samples with one segment (whose loss is 0) count in the stored mean and not in ours.
    counts = is_present.sum(dim=1)
    share = counts[counts > 1].sum() / counts.sum()
    compare.floats(
        "alignment loss, absent segments left out", without_absent * share, fixture["align_loss_masked_variant"]
    )

    ids = fixture["ids"]
    membership = segment_membership(*_segment_ranges(fixture), ids.shape[1])
    condition = fixture.condition(ids.shape[1])
    for name, told in (("align_cond", condition), ("align_uncond", dropped(condition))):
        output = model.trunk(model.token_embedding(ids), ~fixture["pad"], told, want_segments=True, keep_padding=True)
        if output.segments is None:
            raise FileFormatError("the model gave no outputs at its segment tokens")
        loss = alignment_loss(
            output.segments,
            aggregate(output.motion, membership),
            is_present,
            temperature=temperature,
            include_padding=True,
        )
        compare.floats(f"alignment loss of a forward, {re.sub('align_', '', name)}", loss, fixture[name])


def _aggregator(model: MaskedTransformer) -> MeanMaxAggregator:
    if not isinstance(model.alignment_aggregator, MeanMaxAggregator):
        raise FileFormatError("the model has no alignment block, expected one of SegMo")
    return model.alignment_aggregator
