"""The training loop and the data it feeds on, without any outside data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from toy_sequences import SIZES, toy_pool

from segmo_core.bundle import load_bundle, save_bundle
from segmo_core.cli import main
from segmo_core.errors import BundleError, ConfigError, FileFormatError
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.training.config import read_config
from segmo_core.training.loop import train
from segmo_core.training.objectives.tokens import MaskedObjective, ResidualObjective
from segmo_core.training.stage_settings import StageSettings


def masked_objective() -> MaskedObjective:
    torch.manual_seed(1)
    pool = toy_pool()
    return MaskedObjective(MaskedTransformer(MaskedTransformerConfig(**SIZES)), pool, pool, batch_size=8)


def settings(steps: int, **changes: object) -> StageSettings:
    values = {"batch_size": 8, "learning_rate": 3e-3, "warmup_steps": 5, "average_decay": 0.9, "log_every": 10}
    return StageSettings(steps=steps, **(values | {"validate_every": 20} | changes))  # type: ignore[arg-type]


def test_batch_tells_each_token_its_segment() -> None:
    pool = toy_pool()
    batch = pool.batch(np.arange(6), np.random.default_rng(0))
    for i in range(6):
        first, second = int(pool.ends[i, 0]), int(pool.ends[i, 1])
        expected = [0] * first + [1] * (second - first) + [-1] * (batch.token_ids.shape[1] - second)
        assert batch.token_segments[i].tolist() == expected
        assert batch.segment_starts[i].tolist() == [0, first, 0, 0, 0]
    assert batch.segment_is_valid.sum(dim=1).tolist() == [2] * 6


@pytest.mark.parametrize("kind", ["masked", "residual"])
def test_token_objectives_learn_what_the_sentence_says(kind: str, tmp_path: Path) -> None:
    if kind == "masked":
        objective: MaskedObjective | ResidualObjective = masked_objective()
    else:
        torch.manual_seed(1)
        pool = toy_pool()
        residual = ResidualTransformer(ResidualTransformerConfig(num_quantizers=3, **SIZES))
        objective = ResidualObjective(residual, pool, pool, batch_size=8)
    objective.model.eval()
    with torch.no_grad():
        before = objective.validate()["cross_entropy"]
    train(objective, settings(300, average_decay=0.0, learning_rate=1e-2), tmp_path)
    with torch.no_grad():
        after = objective.validate()["cross_entropy"]
    assert after < 0.7 * before


class TokenizerOnSines:
    """Windows of sines of random phase: few enough dimensions for a tiny tokenizer to learn."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.tokenizer = RVQVAE(
            RVQVAEConfig(feature_width=70, num_codes=32, code_width=8, num_quantizers=2, width=16, depth=1)
        )
        self.model: nn.Module = self.tokenizer

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        loss = self.tokenizer.training_loss(self._windows(generator), generator)
        return loss.total, {"reconstruction": loss.reconstruction.detach()}

    def validate(self) -> Mapping[str, float]:
        windows = self._windows(torch.Generator().manual_seed(0))
        decoded = self.tokenizer.decode(self.tokenizer.encode(windows))
        return {"error": float((decoded - windows).abs().mean())}

    @staticmethod
    def _windows(generator: torch.Generator) -> Tensor:
        phase = torch.rand(16, 1, 1, generator=generator) * 6.28
        time, column = torch.arange(16)[None, :, None] * 0.4, torch.arange(70)[None, None] * 0.1
        return torch.sin(time + column + phase)


def test_tokenizer_learns_and_resumes_with_its_codebooks(tmp_path: Path) -> None:
    objective = TokenizerOnSines()
    train(objective, settings(1, average_decay=0.0), tmp_path / "start")
    with torch.no_grad():
        before = objective.validate()["error"]
    whole = TokenizerOnSines()
    train(whole, settings(120, average_decay=0.0), tmp_path / "whole")
    with torch.no_grad():
        assert whole.validate()["error"] < 0.6 * before
    cut = TokenizerOnSines()
    train(cut, settings(60, average_decay=0.0), tmp_path / "cut")
    resumed = TokenizerOnSines()
    train(resumed, settings(120, average_decay=0.0), tmp_path / "cut", resume=True)
    for name, value in whole.model.state_dict().items():
        torch.testing.assert_close(resumed.model.state_dict()[name], value, rtol=0, atol=0)


def test_damaged_checkpoint_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(FileFormatError, match=r"checkpoint\.pt: cannot be resumed from"):
        train(masked_objective(), settings(5), tmp_path, resume=True)


def test_learning_rate_warms_up_stays_and_falls_to_zero() -> None:
    plan = StageSettings(steps=100, batch_size=1, learning_rate=1.0, warmup_steps=10, decay_steps=20)
    assert [plan.rate_at(step) for step in (0, 9, 50, 80, 90, 99)] == [0.1, 1.0, 1.0, 1.0, 0.5, 0.05]


def test_shipped_configs_are_valid_and_unknown_keys_are_named(tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "configs"
    assert read_config(folder / "starter.json").masked.norm_first
    assert read_config(folder / "published.json").masked.latent_width == 384
    plain = json.loads((folder / "starter.json").read_text())
    plain["masked"]["width"] = 3
    (tmp_path / "wrong.json").write_text(json.dumps(plain))
    with pytest.raises(ConfigError, match=r"wrong\.json: config\.masked: unknown key 'width'"):
        read_config(tmp_path / "wrong.json")


def test_only_a_tokenizer_may_have_another_token_rate(
    tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = json.loads((Path(__file__).parents[3] / "configs" / "starter.json").read_text())
    plain["tokenizer"]["downsampling_stages"] = 3
    (tmp_path / "slow.json").write_text(json.dumps(plain))
    parts = ["--data", str(tmp_path), "--config", str(tmp_path / "slow.json"), "--output", str(tmp_path / "out")]
    assert main(["train", "masked", *parts]) == 2
    assert "slow.json: 8 frames a token, expected 4 for all but a tokenizer" in capsys.readouterr().err
    bundle = load_bundle(tiny_bundle)
    tokenizer = RVQVAE(replace(bundle.tokenizer.config, downsampling_stages=3))
    arguments = {"description": "", "licence": "MIT", "text_encoder": "minilm", "model_card": ""}
    models = {name: getattr(bundle, name) for name in ("masked_transformer", "residual_transformer", "statistics")}
    save_bundle(tmp_path / "slow", name="slow", tokenizer=tokenizer, **models, **arguments)
    with pytest.raises(BundleError, match=r"bundle\.json: 8 frames a token, expected 4"):
        load_bundle(tmp_path / "slow")
