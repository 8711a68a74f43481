"""RVQ-VAE against the published code: encoding, decoding, and training steps with moving-average codebooks."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from segmo_core.conversion.parity_fixture import Comparisons, Fixture
from segmo_core.conversion.upstream import load_published, rvqvae_sizes
from segmo_core.conversion.upstream_names import published_names
from segmo_core.errors import FileFormatError
from segmo_core.models.tokenizer.quantization import VectorQuantizer
from segmo_core.models.tokenizer.rvqvae import RVQVAE

WEIGHTS_BEFORE_TRAINING = "model_before."


class FirstRowsQuantizer(VectorQuantizer):
    """The published choice of new codes: the first latents of the batch. Ours takes random ones."""

    def _random_rows(self, latents: Tensor, generator: torch.Generator | None) -> Tensor:
        if len(latents) < len(self.codebook):
            raise FileFormatError(f"{len(latents)} latents for {len(self.codebook)} codes, expected as many at least")
        return latents[: len(self.codebook)]


def load_rvqvae(fixture: Fixture) -> RVQVAE:
    """The fixture's tokenizer, in evaluation mode."""
    weights = fixture.weights()
    config = replace(rvqvae_sizes(weights), dilation_growth=fixture.facts["cfg"].get("dilation_growth_rate", 3))
    model = RVQVAE(config).eval()
    load_published(model, weights)
    return model


@torch.no_grad()
def check_rvqvae(fixture: Fixture, compare: Comparisons) -> None:
    model = load_rvqvae(fixture)
    features, ids = fixture["x"], fixture["idx"]
    compare.floats("latents", model.latents(features).transpose(1, 2), fixture["z"])
    compare.ids("encode", model.encode(features), ids)
    for layer, codes in enumerate(fixture["codes"]):
        only = torch.full_like(ids, -1)
        only[..., layer] = ids[..., layer]
        compare.floats(f"codes of layer {layer}", model.quantizer.decode(only).transpose(1, 2), codes)
    compare.floats("decode", model.decode(ids), fixture["dec"])
    compare.floats("decode, codes left out", model.decode(fixture["idx_partial"]), fixture["dec_partial"])
    for name, match in fixture.names(r"dec_first(\d+)").items():
        compare.floats(f"decode, first {match[1]} layers", model.decode(ids[..., : int(match[1])]), fixture[name])
    reconstruction, quantized = model(features)
    compare.floats("forward", reconstruction, fixture["fwd_out"])
    compare.ids("forward, ids", quantized.token_ids, ids)
    compare.floats("commitment", quantized.commitment, fixture["commit"])
    compare.floats("perplexity", quantized.perplexity, fixture["perplexity"])


def check_rvqvae_training(fixture: Fixture, compare: Comparisons) -> None:
    """Two training forwards without an optimizer step between: initialisation from data, averages, reset."""
    model = _training_model(fixture)
    for step, features in (("step1", fixture["x"]), ("step2", fixture["x2"])):
        loss = model.training_loss(features)
        for name, value, stored in (
            ("loss", loss.total, "loss"),
            ("reconstruction loss", loss.reconstruction, "loss_rec"),
            ("position loss", loss.position, "loss_explicit"),
            ("commitment", loss.quantized.commitment, "commit"),
            ("perplexity", loss.quantized.perplexity, "perplexity"),
        ):
            compare.floats(f"{step} {name}", value, fixture[f"{step}.{stored}"])
        for index, layer in enumerate(_quantizers(model)):
            compare.floats(f"{step} codebook {index}", layer.codebook, fixture[f"{step}.codebook{index}"])
            compare.floats(f"{step} code sums {index}", layer.code_sum, fixture[f"{step}.code_sum{index}"])
            compare.floats(f"{step} code counts {index}", layer.code_count, fixture[f"{step}.code_count{index}"])
        expected = fixture.facts.get(f"grad_norms_{step}")
        if expected is not None:
            model.zero_grad()
            loss.total.backward()
            compare.gradient_norms(f"{step} gradient norms", model, expected)
            _compare_gradients(fixture, compare, model, step)
    resets = fixture.facts.get("resets_step2")
    if resets is not None:
        counts = torch.tensor([int((layer.code_count < 1).sum()) for layer in _quantizers(model)])
        compare.ids("step2 codes reset", counts, torch.tensor(resets))


def _training_model(fixture: Fixture) -> RVQVAE:
    facts = fixture.fact("cfg")
    weights = fixture.weights(WEIGHTS_BEFORE_TRAINING)
    config = replace(
        rvqvae_sizes(weights),
        quantizer_dropout=0.0,
        quantizer_temperature=0.0,
        quantizer_decay=facts["mu"],
        commitment_weight=facts["commit"],
        position_weight=facts["vel"],
        dilation_growth=facts.get("dilation_growth_rate", 3),
    )
    model = RVQVAE(config).train()
    model.quantizer.layers = nn.ModuleList(
        FirstRowsQuantizer(config.num_codes, config.code_width, config.quantizer_decay)
        for _ in range(config.num_quantizers)
    )
    load_published(model, weights)
    for layer in _quantizers(model):
        layer.is_initialized.fill_(False)
    return model


def _quantizers(model: RVQVAE) -> list[VectorQuantizer]:
    return [layer for layer in model.quantizer.layers if isinstance(layer, VectorQuantizer)]


def _compare_gradients(fixture: Fixture, compare: Comparisons, model: RVQVAE, step: str) -> None:
    ours = {theirs: name for name, theirs in published_names(model).items()}
    parameters = dict(model.named_parameters())
    for name, match in fixture.names(rf"{step}\.grad\.(.+)").items():
        gradient = parameters[ours[match[1]]].grad
        if gradient is None:
            compare.problem(f"{step} gradient of {match[1]}", "there is none")
        else:
            compare.floats(f"{step} gradient of {match[1]}", gradient, fixture[name])
