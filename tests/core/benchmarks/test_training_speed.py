"""The yardstick of training speed: the published steps compute the published losses, and the bench compares ways."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from segmo_core.benchmarks import published_training
from segmo_core.benchmarks.published_training import (
    PublishedMaskedStep,
    PublishedResidualStep,
    PublishedStep,
    PublishedTokenizerStep,
)
from segmo_core.benchmarks.random_pools import RandomClips, random_pool
from segmo_core.cli import main
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer, MaskedTransformerDraws
from segmo_core.models.token_transformers.masking import MaskingDraws
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer, ResidualTransformerDraws
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig

SWITCHES = {"segment_order_embedding": False, "timed_conditioning": False, "unconditional_sees_segment_count": True}
SIZES = {"num_codes": 16, "code_width": 8, "text_width": 12, "latent_width": 16, "feedforward_width": 32}
SIZES |= {"num_layers": 2, "num_heads": 2, "dropout": 0.0}
LENGTHS, ENDS = torch.tensor([11, 8]), torch.tensor([[2, 4, 6, 9, 11], [1, 3, 5, 7, 8]])
IS_VALID = torch.arange(11) < LENGTHS[:, None]
NONE = torch.zeros(2, dtype=torch.bool)


@pytest.fixture
def without_dropout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published_training, "DROPOUT", 0.0)


def tokenizer(num_quantizers: int = 3) -> RVQVAE:
    torch.manual_seed(0)
    made = RVQVAE(
        RVQVAEConfig(feature_width=70, num_codes=16, code_width=8, num_quantizers=num_quantizers, width=16, depth=1)
    )
    for layer in made.quantizer.codebooks():
        layer.codebook.normal_(std=0.1)
    return made.eval()


def features() -> torch.Tensor:
    return torch.randn(2, 44, 70, generator=torch.Generator().manual_seed(1))


def condition() -> TextCondition:
    generator = torch.Generator().manual_seed(2)
    captions, segments = torch.randn(2, 12, generator=generator), torch.randn(2, 5, 12, generator=generator)
    return TextCondition.from_embeddings(captions, segments, ENDS > 0, torch.full((2, 11), -1))


@pytest.mark.usefixtures("without_dropout")
def test_published_masked_step_has_our_loss_with_the_published_switches() -> None:
    tokens, of = tokenizer(), condition()
    torch.manual_seed(3)
    config = MaskedTransformerConfig(grounding_head=False, alignment_include_padding=True, **SIZES, **SWITCHES)
    model = MaskedTransformer(config)
    published = PublishedMaskedStep(model, tokens, features(), LENGTHS, of, ENDS)
    masking = MaskingDraws.draw(2, 11, 16, torch.Generator().manual_seed(0))
    ours = model.training_loss(
        tokens.encode(features())[..., 0],
        IS_VALID,
        of,
        torch.nn.functional.pad(ENDS[:, :-1], (1, 0)),
        ENDS,
        draws=MaskedTransformerDraws(masking, NONE, NONE),
        count_padding=True,
    )
    torch.testing.assert_close(published.loss(), ours.total)


@pytest.mark.usefixtures("without_dropout")
def test_published_residual_step_has_our_loss() -> None:
    tokens, of = tokenizer(), condition()
    torch.manual_seed(3)
    model = ResidualTransformer(ResidualTransformerConfig(num_quantizers=3, **SIZES, **SWITCHES))
    published = PublishedResidualStep(model, tokens, features(), LENGTHS, of)
    seen = set()
    for seed in range(4):
        torch.manual_seed(seed)
        layers = torch.randint(1, 3, (2,))
        seen |= set(layers.tolist())
        draws = ResidualTransformerDraws((layers - 1).float(), NONE, NONE)
        ours = model.training_loss(tokens.encode(features()), IS_VALID, of, draws=draws)
        torch.manual_seed(seed)
        torch.testing.assert_close(published.loss(), ours.total)
    assert seen == {1, 2}


def test_published_steps_learn() -> None:
    torch.manual_seed(3)
    of = condition()
    masked = MaskedTransformer(MaskedTransformerConfig(grounding_head=False, **SIZES, **SWITCHES))
    residual = ResidualTransformer(ResidualTransformerConfig(num_quantizers=3, **SIZES, **SWITCHES))
    steps: list[PublishedStep] = [
        PublishedMaskedStep(masked, tokenizer(), features(), LENGTHS, of, ENDS),
        PublishedResidualStep(residual, tokenizer(), features(), LENGTHS, of),
        PublishedTokenizerStep(tokenizer(), features()),
    ]
    for step in steps:
        losses = [step() for _ in range(40)]
        assert np.mean(losses[-10:]) < np.mean(losses[:10]), step


def test_random_data_is_as_long_as_humanml3d() -> None:
    pool = random_pool(full_length=False)
    assert pool.num_tokens.mean() * 4 / 20 == pytest.approx(7.1, abs=0.15)  # seconds
    assert pool.ends.max(axis=1).tolist() == pool.num_tokens.tolist()
    assert (pool.token_ids[np.arange(len(pool)), pool.num_tokens - 1] >= 0).all()
    assert random_pool(full_length=True).num_tokens.tolist() == [49] * len(pool)
    clips = RandomClips()
    assert sum(clip.num_frames for clip in clips.select("train", only_shippable=True)) == len(clips.features)


def test_bench_says_what_it_does_not_know(capsys) -> None:
    assert main(["bench", "train", "--stage", "evaluator"]) == 2
    assert "stage: 'evaluator', expected one of masked, residual, tokenizer" in capsys.readouterr().err
    assert main(["bench", "train", "--rounds", "0"]) == 2
    assert "rounds: 0, expected 1 to 100" in capsys.readouterr().err


@pytest.mark.slow
def test_bench_compares_the_ways_at_the_published_sizes(capsys) -> None:
    assert main(["bench", "train", "--stage", "tokenizer", "--stage", "masked", "--rounds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [stage["stage"] for stage in found["stages"]] == ["tokenizer", "masked"]
    assert found["stages"][1]["mean_tokens"] == pytest.approx(35.4, rel=0.03)
    for stage in found["stages"]:
        for way in ("published", "float32"):
            assert 0 < stage[way]["best"] <= stage[way]["median"]
            assert stage[way]["computing"] > 0
        assert stage["ratio_float32"] == pytest.approx(stage["published"]["median"] / stage["float32"]["median"])
