"""Our RVQ-VAE, given published weights, against the outputs of the published code."""

from __future__ import annotations

import pytest
import torch
from parity_fixtures import Fixture, assert_close, assert_gradient_norms, needs_parity_fixtures, read_fixture
from torch import Tensor

from segmo_core.conversion.upstream import convert_rvqvae, load_converted
from segmo_core.models.quantization import VectorQuantizer
from segmo_core.models.rvqvae import RVQVAE, RVQVAEConfig

pytestmark = needs_parity_fixtures


@pytest.fixture(name="fixture")
def read_rvq() -> Fixture:
    return read_fixture("rvq")


@pytest.fixture(name="model")
def build(fixture: Fixture) -> RVQVAE:
    facts = fixture.facts["cfg"]
    config = RVQVAEConfig(
        feature_width=facts["input_width"],
        num_codes=facts["nb_code"],
        code_width=facts["code_dim"],
        num_quantizers=fixture.facts["num_quantizers"],
        width=facts["width"],
        depth=facts["depth"],
    )
    model = RVQVAE(config).eval()
    load_converted(model, convert_rvqvae(fixture.weights()))
    return model


@torch.no_grad()
def test_latents(fixture: Fixture, model: RVQVAE) -> None:
    assert_close(model.latents(fixture["x"]).transpose(1, 2), fixture["z"])


def test_encoded_ids(fixture: Fixture, model: RVQVAE) -> None:
    assert torch.equal(model.encode(fixture["x"]), fixture["idx"])


@torch.no_grad()
def test_codes_of_ids(fixture: Fixture, model: RVQVAE) -> None:
    for layer, codes in enumerate(fixture["codes"]):
        only = torch.full_like(fixture["idx"], -1)
        only[..., layer] = fixture["idx"][..., layer]
        assert_close(model.quantizer.decode(only).transpose(1, 2), codes)


@pytest.mark.parametrize(("ids", "decoded"), [("idx", "dec"), ("idx_partial", "dec_partial")])
@torch.no_grad()
def test_decoded_ids(fixture: Fixture, model: RVQVAE, ids: str, decoded: str) -> None:
    assert_close(model.decode(fixture[ids]), fixture[decoded])


@torch.no_grad()
def test_decoding_the_first_two_layers(fixture: Fixture, model: RVQVAE) -> None:
    assert_close(model.decode(fixture["idx"][..., :2]), fixture["dec_first2"])


@torch.no_grad()
def test_forward(fixture: Fixture, model: RVQVAE) -> None:
    reconstruction, quantized = model(fixture["x"])
    assert_close(reconstruction, fixture["fwd_out"])
    assert_close(quantized.commitment.reshape(1), fixture["commit"])
    assert_close(quantized.perplexity.reshape(1), fixture["perplexity"])


def first_rows(quantizer: VectorQuantizer, latents: Tensor, generator: torch.Generator | None) -> Tensor:
    """The published choice of new codes; ours takes random rows."""
    return latents[: len(quantizer.codebook)]


def test_two_training_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VectorQuantizer, "_random_rows", first_rows)
    fixture = read_fixture("rvq_train_step")
    facts = fixture.facts["cfg"]
    config = RVQVAEConfig(
        num_codes=facts["nb_code"],
        code_width=facts["code_dim"],
        num_quantizers=facts["num_quantizers"],
        width=facts["width"],
        quantizer_dropout=0.0,
        quantizer_temperature=0.0,
        quantizer_decay=facts["mu"],
    )
    model = RVQVAE(config).train()
    weights = fixture.weights("model_before.")
    load_converted(model, convert_rvqvae(weights))
    for layer in model.quantizer.layers:
        layer.is_initialized.fill_(False)
    for step, features in (("step1", fixture["x"]), ("step2", fixture["x2"])):
        loss = model.training_loss(features)
        assert_close(loss.total.reshape(1), fixture[f"{step}.loss"])
        assert_close(loss.reconstruction.reshape(1), fixture[f"{step}.loss_rec"])
        assert_close(loss.position.reshape(1), fixture[f"{step}.loss_explicit"])
        assert_close(loss.commitment.reshape(1), fixture[f"{step}.commit"])
        assert_close(loss.perplexity.reshape(1), fixture[f"{step}.perplexity"])
        for index, layer in enumerate(model.quantizer.layers):
            assert_close(layer.codebook, fixture[f"{step}.codebook{index}"])
            assert_close(layer.code_sum, fixture[f"{step}.code_sum{index}"])
            assert_close(layer.code_count, fixture[f"{step}.code_count{index}"])
        if step == "step1":
            loss.total.backward()
            without_codebooks = {name: tensor for name, tensor in weights.items() if "codebook" not in name}
            assert_gradient_norms(model, convert_rvqvae, without_codebooks, fixture.facts["grad_norms_step1"])
            assert_close(model.decoder.output.weight.grad, fixture["step1.grad.decoder.model.6.weight"])
            assert_close(model.encoder.input.weight.grad, fixture["step1.grad.encoder.model.0.weight"])
