"""Trainings that go on from a bundle: what it lacks is filled in, and other statistics change nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from segmo_core.engine import starter_bundle_path
from segmo_core.errors import DataError
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.shipped import bundle_folder
from segmo_core.training.starting import begun, renormalise, statistics_of
from tests.core.transformer_samples import TOKEN_IS_VALID, base_ids, condition, masked_transformer

TRAINING_ONLY = ("code_sum", "code_count", "is_initialized")


def tokenizer() -> RVQVAE:
    torch.manual_seed(0)
    model = RVQVAE(RVQVAEConfig(num_codes=16, code_width=8, num_quantizers=2, width=16, depth=1))
    for layer in model.quantizer.codebooks():
        layer.codebook.normal_()
    return model.eval()


def saved_as_in_a_bundle(model: torch.nn.Module, path: Path) -> Path:
    state = model.state_dict().items()
    save_file({n: v.half() if v.is_floating_point() else v for n, v in state if n.split(".")[-1] not in TRAINING_ONLY}, path)  # fmt: skip  # noqa: E501
    return path


def test_a_bundles_codebooks_go_on_where_they_are(tmp_path: Path) -> None:
    saved_as_in_a_bundle(tokenizer(), tmp_path / "tokenizer.safetensors")
    model = begun(RVQVAE(tokenizer().config), tmp_path, "tokenizer.safetensors")
    layer = model.quantizer.codebooks()[0]
    before = layer.codebook.clone()
    torch.testing.assert_close(layer.code_sum / layer.code_count[:, None], before)
    model.train()
    model(torch.randn(2, 16, 263), torch.Generator().manual_seed(0))
    assert float((layer.codebook - before).norm() / before.norm()) < 0.1  # not drawn anew from the batch


def test_the_starter_can_be_begun_from() -> None:
    folder = bundle_folder(Path("starter"))
    assert folder == starter_bundle_path()
    config = json.loads((folder / "bundle.json").read_text())
    model = begun(RVQVAE(RVQVAEConfig(**config["tokenizer"])), folder, "tokenizer.safetensors")
    weights = load_file(folder / "tokenizer.safetensors")
    name = "decoder.output.weight"
    torch.testing.assert_close(model.state_dict()[name], weights[name].float())
    statistics = statistics_of(folder)
    assert statistics is not None
    assert statistics.mean.shape == (263,)


def test_other_sizes_are_refused(tmp_path: Path) -> None:
    saved_as_in_a_bundle(tokenizer(), tmp_path / "tokenizer.safetensors")
    with pytest.raises(DataError, match="does not fit the config"):
        begun(RVQVAE(RVQVAEConfig(num_codes=8, code_width=8, num_quantizers=2, width=16)), tmp_path, "tokenizer.safetensors")  # fmt: skip  # noqa: E501
    with pytest.raises(DataError, match="no such file, expected weights to start from"):
        begun(tokenizer(), tmp_path / "nowhere", "tokenizer.safetensors")


def test_a_tokenizer_does_the_same_with_other_statistics() -> None:
    before, now = tokenizer(), tokenizer()
    generator = np.random.default_rng(0)
    statistics = [
        FeatureStatistics(
            generator.normal(size=263).astype(np.float32), generator.uniform(0.1, 1.0, 263).astype(np.float32)
        )
        for _ in range(2)
    ]
    renormalise(now, statistics[0], statistics[1])
    rows = generator.normal(size=(96, 263)).astype(np.float32)
    decoded = []
    with torch.inference_mode():
        for model, own in zip((before, now), statistics, strict=True):
            ids = model.encode(torch.from_numpy(own.normalised(rows))[None])
            decoded.append(ids[0, 8:-8])
            decoded.append(torch.from_numpy(own.restored(model.decode(ids[:, 8:-8])[0].numpy())))
    assert torch.equal(decoded[0], decoded[2])
    torch.testing.assert_close(decoded[1], decoded[3], atol=1e-4, rtol=1e-4)


def test_a_model_that_reads_words_begins_as_one_that_did_not(tmp_path: Path) -> None:
    earlier = masked_transformer()
    path = saved_as_in_a_bundle(earlier, tmp_path / "masked_transformer.safetensors")
    reading = begun(MaskedTransformer(masked_transformer(word_questions=3).config), tmp_path, path.name).eval()
    words, counts = torch.randn(4, 3, 5, 8), torch.tensor([[5, 2, 0], [1, 3, 2], [4, 0, 0], [2, 2, 0]])
    told = condition().with_words(words, counts)
    with torch.inference_mode():
        same = earlier.logits(base_ids(), TOKEN_IS_VALID, condition())
        found = reading.logits(base_ids(), TOKEN_IS_VALID, told)
    torch.testing.assert_close(found[TOKEN_IS_VALID], same[TOKEN_IS_VALID], atol=2e-2, rtol=2e-2)  # half precision
