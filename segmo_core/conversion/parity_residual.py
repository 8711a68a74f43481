"""Residual transformers, with shared weights and without, against the published code."""

from __future__ import annotations

import math
from dataclasses import replace

import torch

from segmo_core.conversion.parity_fixture import Comparisons, Fixture, dropped, stored_uniforms
from segmo_core.conversion.upstream import (
    load_published,
    published_residual_config,
    residual_num_quantizers,
    shares_weights,
    transformer_sizes,
)
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer, ResidualTransformerDraws
from segmo_core.models.token_transformers.sampling import generate_residual_tokens
from segmo_core.models.trunk.configs import ResidualTransformerConfig

DEFAULT_SETTINGS = {"cond_scale": 5, "topk": 0.9}


def load_residual_transformer(fixture: Fixture) -> ResidualTransformer:
    """The fixture's model in evaluation mode, without dropout, with the published switches."""
    weights, facts = fixture.weights(), fixture.fact("cfg")
    config = published_residual_config(
        ResidualTransformerConfig(
            **(vars(transformer_sizes(weights, facts["num_heads"])) | {"dropout": 0.0}),
            num_quantizers=residual_num_quantizers(weights),
            share_weights=shares_weights(weights),
        ),
        has_segments=fixture.has_segments,
    )
    if fixture.has_segments:
        config = replace(config, max_segments=fixture["cond"].shape[1] - 1)
    model = ResidualTransformer(config).eval()
    load_published(model, weights)
    return model


def check_residual_transformer(fixture: Fixture, compare: Comparisons) -> None:
    model = load_residual_transformer(fixture)
    compare.ids("pad id", torch.tensor(model.pad_id), torch.tensor(fixture.fact("pad_id")))
    _check_logits(fixture, compare, model)
    _check_generation(fixture, compare, model)
    _check_training(fixture, compare, model)


@torch.no_grad()
def _check_logits(fixture: Fixture, compare: Comparisons, model: ResidualTransformer) -> None:
    history = fixture["motion_codes"]
    is_valid, condition = fixture.token_is_valid(history.shape[1]), fixture.condition(history.shape[1])
    for layer in range(1, model.config.num_quantizers):
        with_text = model.logits(history, layer, is_valid, condition)
        without_text = model.logits(history, layer, is_valid, dropped(condition))
        found = {f"logits_cond_q{layer}": with_text, f"logits_uncond_q{layer}": without_text}
        for name, match in fixture.names(rf"logits_cfg(\d+(?:\.\d+)?)_q{layer}").items():
            found[name] = without_text + (with_text - without_text) * float(match[1])
        for name, logits in found.items():
            compare.floats(name.replace("_", " "), logits[is_valid], fixture[name].transpose(1, 2)[is_valid])


def _check_generation(fixture: Fixture, compare: Comparisons, model: ResidualTransformer) -> None:
    num_tokens = fixture["base_ids"].shape[1]
    base_ids = fixture["base_ids"].masked_fill(~fixture.token_is_valid(num_tokens), -1)
    facts = fixture.facts.get("generate", {})
    for mode in ("argmax", "gumbel"):
        settings = DEFAULT_SETTINGS | facts.get("argmax", {}) | facts.get(mode, {})
        generated = generate_residual_tokens(
            model,
            base_ids,
            fixture.condition(num_tokens),
            guidance_scale=settings["cond_scale"],
            temperature=settings.get("temperature", 1.0),
            top_k_share=1 - settings["topk"],
            method="gumbel" if mode == "gumbel" else "argmax",
            uniforms=stored_uniforms(fixture["gen_gumbel_u"]) if mode == "gumbel" else None,
            padding_is_drawable=True,
        )
        compare.ids(f"generate {mode}", generated, fixture[f"gen_{mode}"])


def _check_training(fixture: Fixture, compare: Comparisons, model: ResidualTransformer) -> None:
    ids, uniforms = fixture["train_all_idx"], fixture["train_q_u"]
    is_valid, condition = fixture.token_is_valid(ids.shape[1]), fixture.condition(ids.shape[1])
    nothing = torch.zeros(len(ids), dtype=torch.bool)
    loss = model.training_loss(ids, is_valid, condition, draws=ResidualTransformerDraws(uniforms, nothing, nothing))
    compare.floats("training loss", loss.total, fixture["train_loss"])
    compare.floats("training accuracy", loss.accuracy, fixture.fact("train", "acc"), scale=1.0)
    model.zero_grad()
    loss.total.backward()
    compare.gradient_norms("gradient norms", model, fixture.fact("train", "grad_norms"))
    active = fixture.facts["train"].get("active_q")
    if active is not None:
        share = 1 - torch.cos(uniforms * (math.pi / 2))
        layers = torch.round(share * (model.config.num_quantizers - 2)).long() + 1
        compare.ids("training layers drawn", layers, torch.tensor(active))
