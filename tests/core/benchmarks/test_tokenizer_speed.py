"""Short cuts of the tokenizer's training, held against what they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional
from toy_sequences import toy_pool, toy_sequences

from segmo_core.models.tokenizer.quantization import ResidualVectorQuantizer, VectorQuantizer
from segmo_core.models.tokenizer.rvqvae import UpsampledConvolution
from segmo_core.training import sources
from segmo_core.training.config import read_config
from segmo_core.training.sources import Mocap22Source


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_upsampled_convolution_is_a_convolution_of_doubled_frames(frames: int) -> None:
    torch.manual_seed(0)
    convolution, x = UpsampledConvolution(5, 3).double(), torch.randn(2, 5, frames, dtype=torch.float64)
    weight, bias = convolution.weight, convolution.bias
    doubled = x.repeat_interleave(2, dim=-1).requires_grad_()
    expected = functional.conv1d(doubled, weight, bias, padding=1)
    found = convolution(x.requires_grad_())
    torch.testing.assert_close(found, expected)
    pull = torch.randn_like(expected)
    gradients = torch.autograd.grad(found, (x, weight), pull)
    of_doubled, of_weight = torch.autograd.grad(expected, (doubled, weight), pull)
    torch.testing.assert_close(gradients[0], of_doubled.unflatten(-1, (frames, 2)).sum(dim=-1))
    torch.testing.assert_close(gradients[1], of_weight)


def test_codes_are_drawn_by_their_distance() -> None:
    torch.manual_seed(0)
    layer, latent, temperature = VectorQuantizer(6, 3, 0.99), torch.randn(3), 0.5
    layer.codebook.copy_(torch.randn(6, 3))
    rows = latent.expand(40_000, 3)
    noise = -torch.log(-torch.log(torch.rand(len(rows), 6).clamp(min=1e-20)))
    drawn = torch.bincount(layer.sample(rows, noise, temperature), minlength=6) / len(rows)
    distances = (latent - layer.codebook).square().sum(dim=1)
    torch.testing.assert_close(drawn, torch.softmax(-distances / temperature, dim=0), atol=0.01, rtol=0)
    assert layer.nearest(latent[None]).item() == distances.argmin().item()


def test_noise_is_never_not_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    quantizer = ResidualVectorQuantizer(1, 4, 2, 0.99, 0.0, 0.5).train()
    monkeypatch.setattr(torch, "rand", lambda *_, **__: torch.tensor([[[0.0, 1 - 2**-24, 0.5, 0.0]]]))
    noise = quantizer._gumbel_noise(torch.zeros(1, 1, 2), None)
    assert noise[0, 0] == -torch.inf
    assert noise[0, 1:3].isfinite().all()
    assert quantizer(torch.zeros(1, 1, 2)).token_ids.item() in (1, 2)


def test_every_layer_passes_the_whole_gradient_on() -> None:
    torch.manual_seed(0)
    quantizer = ResidualVectorQuantizer(3, 8, 4, 0.99, 0.0, 0.5).train()
    latents = torch.randn(2, 16, 4, requires_grad=True)
    quantized = quantizer(latents)
    codes = quantizer.decode(quantized.token_ids)
    assert quantized.quantized.shape == codes.shape
    quantized.quantized.sum().backward()
    torch.testing.assert_close(latents.grad, torch.full_like(latents, 3.0))  # as published: once for each layer


def test_tokens_of_sequences_composed_otherwise_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sequences, asked = toy_sequences(toy_pool(4)), []
    source = object.__new__(Mocap22Source)
    source._progress = None  # type: ignore[assignment]
    source._config = read_config(Path(__file__).parents[3] / "configs" / "published.json")
    monkeypatch.setattr(sources, "tokenize_pool", lambda *parts, **_: asked.append(parts[4].name))
    monkeypatch.setattr(Mocap22Source, "statistics", lambda _: (None, None))
    monkeypatch.setattr(Mocap22Source, "_with_boundaries", lambda *parts: parts[1])
    for key in ("first", "second"):
        pools = (type(sequences)(**(vars(sequences) | {"key": f"{key}-{split}"})) for split in "tv")
        monkeypatch.setattr(Mocap22Source, "sequences", lambda _, pools=tuple(pools): pools)
        source.token_pools(None, None, lambda name: tmp_path / name)  # type: ignore[arg-type]
    assert asked == ["train-first-t", "val-first-v", "train-second-t", "val-second-v"]
