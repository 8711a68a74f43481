"""Trains small models into the folder given; run by torchrun, and imported for the same in one process."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from toy_sequences import SIZES, toy_pool

from segmo_core.errors import ConfigError
from segmo_core.models.batch_shares import num_shares, own_share
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.training.loop import Objective, train
from segmo_core.training.objectives.tokens import MaskedObjective, ResidualObjective
from segmo_core.training.processes import joined_processes
from segmo_core.training.stage_settings import StageSettings

BATCH, STEPS = 8, 6


class NoiseTokenizer:
    """Windows of noise, each process its share."""

    def __init__(self) -> None:
        self._tokenizer = RVQVAE(
            RVQVAEConfig(feature_width=70, num_codes=32, code_width=8, num_quantizers=3, width=16, depth=1)
        )
        self.model: nn.Module = self._tokenizer

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        windows = own_share(torch.randn(BATCH, 16, 70, generator=generator))
        loss = self._tokenizer.training_loss(windows, generator)
        return loss.total, {"loss": loss.total.detach(), "perplexity": loss.quantized.perplexity}

    def validate(self) -> Mapping[str, float]:
        codes = torch.stack([layer.codebook for layer in self._tokenizer.quantizer.codebooks()])
        return {"codes": float(codes.abs().sum())}


def objectives() -> dict[str, Objective]:
    """Every loss that looks at other samples of a batch; no dropout, which differs between processes."""
    pool = toy_pool()
    made: dict[str, Objective] = {}
    for alignment in ("in-sample", "batch-level", "global", "token"):
        torch.manual_seed(1)
        config = MaskedTransformerConfig(
            dropout=0.0, timed_conditioning_dropout=0.5, condition_dropout=0.4, alignment=alignment, **SIZES
        )
        made[alignment] = MaskedObjective(MaskedTransformer(config), pool, pool, BATCH)
    torch.manual_seed(1)
    config = ResidualTransformerConfig(dropout=0.0, num_quantizers=3, **SIZES)
    made["residual"] = ResidualObjective(ResidualTransformer(config), pool, pool, BATCH)
    torch.manual_seed(1)
    made["tokenizer"] = NoiseTokenizer()
    return made


def settings(steps: int = STEPS, batch_size: int = BATCH) -> StageSettings:
    return StageSettings(
        steps=steps, batch_size=batch_size, learning_rate=3e-3, warmup_steps=2, weight_decay=0.01, gradient_clip=1.0,
        average_decay=0.9, log_every=1, validate_every=3,
    )  # fmt: skip


def train_all(folder: Path) -> None:
    for name, objective in objectives().items():
        train(objective, settings(), folder / name)


def main(folder: Path) -> None:
    with joined_processes("cpu"):
        assert num_shares() == 2
        train_all(folder)
        train(objectives()["in-sample"], settings(steps=3), folder / "resumed")
        train(objectives()["in-sample"], settings(), folder / "resumed", resume=True)
        with pytest.raises(ConfigError, match="a batch of 7 on 2 processes, expected a multiple of them"):
            train(objectives()["in-sample"], settings(batch_size=7), folder / "refused")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
