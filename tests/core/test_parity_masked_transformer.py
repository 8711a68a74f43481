"""Our masked transformer, given published weights, against the outputs of the published code."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from parity_fixtures import (
    Fixture,
    assert_close,
    assert_gradient_norms,
    dropped,
    needs_parity_fixtures,
    published_condition,
    read_fixture,
    stored_uniforms,
)

from segmo_core.conversion.upstream import (
    convert_masked_transformer,
    load_converted,
    published_masked_config,
    transformer_sizes,
)
from segmo_core.models.aggregation import max_of_segments, mean_of_segments, segment_membership
from segmo_core.models.alignment import alignment_loss
from segmo_core.models.configs import MaskedTransformerConfig
from segmo_core.models.masked_transformer import MaskedTransformer, MaskedTransformerDraws
from segmo_core.models.masking import MaskingDraws, mask_tokens
from segmo_core.models.sampling import DrawMethod, generate_base_tokens
from segmo_core.models.transformer import sinusoidal_positions

pytestmark = needs_parity_fixtures

MOMASK, SEGMO = "momask_mask_transformer", "segmo_mask_transformer"
NUM_TOKENS = 13


def build(fixture: Fixture) -> MaskedTransformer:
    has_segments = "max_segments" in fixture.facts["cfg"]
    sizes = transformer_sizes(fixture.weights(), num_heads=fixture.facts["cfg"]["num_heads"])
    config = published_masked_config(
        MaskedTransformerConfig(**(vars(sizes) | {"dropout": 0.0})), has_segments=has_segments
    )
    model = MaskedTransformer(config).eval()
    load_converted(model, convert_masked_transformer(fixture.weights()))
    return model


@pytest.mark.parametrize("name", [MOMASK, SEGMO])
@torch.no_grad()
def test_logits_conditional_unconditional_guided(name: str) -> None:
    fixture = read_fixture(name)
    model, condition = build(fixture), published_condition(fixture)
    token_is_valid = ~fixture["pad"]
    with_text = model.logits(fixture["ids"], token_is_valid, condition)
    without_text = model.logits(fixture["ids"], token_is_valid, dropped(condition))
    guided = without_text + (with_text - without_text) * 4
    for found, stored in ((with_text, "logits_cond"), (without_text, "logits_uncond"), (guided, "logits_cfg4")):
        assert_close(found[token_is_valid], fixture[stored].transpose(1, 2)[token_is_valid])


def test_positions_are_the_stored_buffer() -> None:
    stored = read_fixture(MOMASK)["model.position_enc.pe"][:, 0]
    assert_close(sinusoidal_positions(*stored.shape), stored)


GENERATIONS = [
    (MOMASK, "argmax"), (MOMASK, "argmax_ts18"), (MOMASK, "invcdf"), (MOMASK, "invcdf_t07_top05"), (MOMASK, "gumbel"),
    (SEGMO, "argmax"), (SEGMO, "argmax_kit"), (SEGMO, "argmax_ts18"), (SEGMO, "argmax_otherseg"), (SEGMO, "invcdf"),
    (SEGMO, "invcdf_t07_top05"), (SEGMO, "gumbel"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "mode"), GENERATIONS)
def test_generated_ids(name: str, mode: str) -> None:
    fixture = read_fixture(name)
    settings: dict[str, Any] = fixture.facts["generate"][mode]
    method: DrawMethod = "gumbel" if mode == "gumbel" else "inverse_cdf" if mode.startswith("invcdf") else "argmax"
    generated = generate_base_tokens(
        build(fixture),
        published_condition(fixture),
        fixture["lens"],
        steps=settings["timesteps"],
        guidance_scale=settings["cond_scale"],
        temperature=settings.get("temperature", 1.0),
        top_k_share=1 - settings.get("topk_filter_thres", 0.9),
        method=method,
        uniforms=None if method == "argmax" else stored_uniforms(fixture[f"gen_{mode}_u"]),
    )
    assert torch.equal(generated, fixture[f"gen_{mode}"])


def test_edited_ids() -> None:
    fixture = read_fixture(MOMASK)
    edited = generate_base_tokens(
        build(fixture),
        published_condition(fixture),
        fixture["lens"],
        kept_ids=fixture["edit_tokens"],
        kept_mask=~fixture["edit_mask"],
        uniforms=stored_uniforms(fixture["edit_u"]),
    )
    assert torch.equal(edited, fixture["edit_out"])


def masking_draws(fixture: Fixture) -> MaskingDraws:
    return MaskingDraws(
        time=fixture["train_rand_time"],
        order=fixture["train_batch_rand"],
        replace=fixture["train_bern0_u"],
        random_ids=fixture["train_rand_id"],
        hide=fixture["train_bern1_u"],
    )


@pytest.mark.parametrize("name", [MOMASK, SEGMO])
def test_training_masking(name: str) -> None:
    fixture = read_fixture(name)
    masked = mask_tokens(
        fixture["train_ids"],
        fixture.token_is_valid(NUM_TOKENS),
        masking_draws(fixture),
        mask_id=fixture.facts["mask_id"],
        pad_id=fixture.facts["pad_id"],
        count_padding=True,
    )
    assert torch.equal(masked.input_ids, fixture["train_masked_ids"])


@pytest.mark.parametrize("name", [MOMASK, SEGMO])
def test_training_loss_and_gradients(name: str) -> None:
    fixture = read_fixture(name)
    model = build(fixture)
    nothing = torch.zeros(len(fixture["lens"]), dtype=torch.bool)
    if name == SEGMO:
        starts, ends = fixture["seg_start"], fixture["seg_end"] + 1
    else:
        starts = ends = torch.zeros(len(nothing), 0, dtype=torch.int64)
    loss = model.training_loss(
        fixture["train_ids"],
        fixture.token_is_valid(NUM_TOKENS),
        published_condition(fixture),
        starts,
        ends,
        draws=MaskedTransformerDraws(masking_draws(fixture), drop_condition=nothing, drop_timing=nothing),
        count_padding=True,
    )
    if name == SEGMO:
        assert_close(loss.cross_entropy.reshape(1), fixture["train_ce"])
        assert_close(loss.alignment.reshape(1), fixture["train_align"])
        assert_close(loss.total.reshape(1), fixture["train_total"])
    else:
        assert_close(loss.total.reshape(1), fixture["train_loss"])
    assert loss.accuracy.item() == pytest.approx(fixture.facts["train"]["acc"], abs=1e-6)
    loss.total.backward()
    assert_gradient_norms(model, convert_masked_transformer, fixture.weights(), fixture.facts["train"]["grad_norms"])


def test_segment_aggregation() -> None:
    fixture = read_fixture(SEGMO)
    membership = segment_membership(fixture["seg_start"], fixture["seg_end"] + 1, NUM_TOKENS)
    # The stored mask counts the tokens that were gathered for a segment, from the left.
    assert torch.equal(membership.sum(dim=-1), fixture["seg_token_mask"].sum(dim=-1))
    assert_close(mean_of_segments(fixture["align_motion_emb"], membership), fixture["align_mean"])
    assert_close(max_of_segments(fixture["align_motion_emb"], membership), fixture["align_max"])
    aggregator = build(fixture).alignment_aggregator
    assert aggregator is not None
    with torch.no_grad():
        assert_close(aggregator(fixture["align_motion_emb"], membership), fixture["align_agg"])


def test_alignment_loss_as_published() -> None:
    fixture = read_fixture(SEGMO)
    loss = alignment_loss(
        fixture["align_text_emb"],
        fixture["align_agg"],
        fixture["action_mask"],
        temperature=fixture.facts["cfg"]["align_temp"],
        include_padding=True,
    )
    assert_close(loss.reshape(1), fixture["align_loss"])


def test_alignment_loss_without_absent_segments() -> None:
    fixture = read_fixture(SEGMO)
    loss = alignment_loss(
        fixture["align_text_emb"],
        fixture["align_agg"],
        fixture["action_mask"],
        temperature=fixture.facts["cfg"]["align_temp"],
    )
    # The stored mean counts the one sample with a single segment (loss 0) among 15 present segments; ours among 14.
    assert_close(loss.reshape(1) * 14 / 15, fixture["align_loss_masked_variant"])


@pytest.mark.parametrize(("name", "is_dropped"), [("align_cond", False), ("align_uncond", True)])
@torch.no_grad()
def test_alignment_loss_of_a_forward(name: str, is_dropped: bool) -> None:
    fixture = read_fixture(SEGMO)
    model, condition = build(fixture), published_condition(fixture)
    embedded = model.token_embedding(fixture["ids"])
    output = model.trunk(
        embedded,
        ~fixture["pad"],
        dropped(condition) if is_dropped else condition,
        want_segments=True,
        keep_padding=True,
    )
    assert model.alignment_aggregator is not None
    assert output.segments is not None
    membership = segment_membership(fixture["seg_start"], fixture["seg_end"] + 1, NUM_TOKENS)
    loss = alignment_loss(
        output.segments,
        model.alignment_aggregator(output.motion, membership),
        fixture["action_mask"],
        temperature=0.1,
        include_padding=True,
    )
    assert_close(loss.reshape(1), fixture[name])
