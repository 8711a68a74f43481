"""Our residual transformer, given published weights, against the outputs of the published code."""

from __future__ import annotations

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
    convert_residual_transformer,
    load_converted,
    published_residual_config,
    transformer_sizes,
)
from segmo_core.models.configs import ResidualTransformerConfig
from segmo_core.models.residual_transformer import ResidualTransformer, ResidualTransformerDraws
from segmo_core.models.sampling import generate_residual_tokens

pytestmark = needs_parity_fixtures

SHARE, NOSHARE = "momask_residual_transformer_share", "momask_residual_transformer_noshare"
SEGMO = "segmo_residual_transformer_share"
ALL = [SHARE, NOSHARE, SEGMO]
NUM_TOKENS = 13


def build(fixture: Fixture, name: str) -> ResidualTransformer:
    facts = fixture.facts["cfg"]
    sizes = transformer_sizes(fixture.weights(), num_heads=facts["num_heads"])
    config = published_residual_config(
        ResidualTransformerConfig(
            **(vars(sizes) | {"dropout": 0.0}),
            num_quantizers=facts["num_quantizers"],
            share_weights=facts["share_weight"],
        ),
        has_segments=name == SEGMO,
    )
    model = ResidualTransformer(config).eval()
    load_converted(model, convert_residual_transformer(fixture.weights()))
    return model


@pytest.mark.parametrize("layer", [1, 2, 3])
@pytest.mark.parametrize("name", ALL)
@torch.no_grad()
def test_logits_of_each_layer(name: str, layer: int) -> None:
    fixture = read_fixture(name)
    model, condition = build(fixture, name), published_condition(fixture)
    token_is_valid = fixture.token_is_valid(NUM_TOKENS)
    history = fixture["motion_codes"]
    with_text = model.logits(history, layer, token_is_valid, condition)
    without_text = model.logits(history, layer, token_is_valid, dropped(condition))
    guided = without_text + (with_text - without_text) * 5
    for found, stored in ((with_text, "logits_cond"), (without_text, "logits_uncond"), (guided, "logits_cfg5")):
        assert_close(found[token_is_valid], fixture[f"{stored}_q{layer}"].transpose(1, 2)[token_is_valid])


@pytest.mark.parametrize("mode", ["argmax", "gumbel"])
@pytest.mark.parametrize("name", ALL)
def test_generated_ids(name: str, mode: str) -> None:
    fixture = read_fixture(name)
    base_ids = fixture["base_ids"].masked_fill(~fixture.token_is_valid(NUM_TOKENS), -1)
    generated = generate_residual_tokens(
        build(fixture, name),
        base_ids,
        published_condition(fixture),
        guidance_scale=5,
        method="gumbel" if mode == "gumbel" else "argmax",
        uniforms=stored_uniforms(fixture["gen_gumbel_u"]) if mode == "gumbel" else None,
        padding_is_drawable=True,
    )
    assert torch.equal(generated, fixture[f"gen_{mode}"])


@pytest.mark.parametrize("name", ALL)
def test_training_loss_and_gradients(name: str) -> None:
    fixture = read_fixture(name)
    model = build(fixture, name)
    nothing = torch.zeros(len(fixture["lens"]), dtype=torch.bool)
    loss = model.training_loss(
        fixture["train_all_idx"],
        fixture.token_is_valid(NUM_TOKENS),
        published_condition(fixture),
        draws=ResidualTransformerDraws(fixture["train_q_u"], drop_condition=nothing, drop_timing=nothing),
    )
    assert_close(loss.total.reshape(1), fixture["train_loss"])
    assert loss.accuracy.item() == pytest.approx(fixture.facts["train"]["acc"], abs=1e-6)
    loss.total.backward()
    assert_gradient_norms(model, convert_residual_transformer, fixture.weights(), fixture.facts["train"]["grad_norms"])
