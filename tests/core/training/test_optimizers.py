"""Muon for the matrices inside the trunk, AdamW for the rest; resumed exactly; weights to start from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from resuming import assert_resumes_exactly
from toy_sequences import SIZES, toy_pool
from transformer_samples import masked_transformer

from segmo_core.errors import ConfigError
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.trunk.configs import MaskedTransformerConfig
from segmo_core.training.loop import Trainer
from segmo_core.training.objectives.tokens import MaskedObjective
from segmo_core.training.optimizers import hidden_matrices
from segmo_core.training.stage_settings import StageSettings

MUON = StageSettings(steps=30, batch_size=8, learning_rate=2e-3, warmup_steps=1, optimizer="muon", average_decay=0.9)


def objective() -> MaskedObjective:
    torch.manual_seed(0)
    return MaskedObjective(MaskedTransformer(MaskedTransformerConfig(**SIZES)), toy_pool(), toy_pool(), 8)


def test_hidden_matrices_are_the_trunks_linear_layers_and_no_embedding_or_output() -> None:
    model = masked_transformer()
    chosen = {id(weight) for weight in hidden_matrices(model)}
    names = {name for name, parameter in model.named_parameters() if id(parameter) in chosen}
    assert "trunk.layers.0.query_key_value.weight" in names
    assert all(name.startswith("trunk.") and name.endswith(".weight") for name in names)
    assert not names & {"trunk.segment_order.weight", "token_embedding.weight", "head.output.weight"}


def test_muon_steps_turn_every_matrix_alike_in_all_directions() -> None:
    """The update of a hidden matrix has nearly equal singular values, which that of AdamW has not."""
    spreads = {}
    for name in ("muon", "adamw"):
        trainer = Trainer(objective(), dataclasses.replace(MUON, optimizer=name))
        weight = trainer.model.get_parameter("trunk.layers.0.feedforward_in.weight")
        before = weight.detach().clone()
        trainer.step(0)
        singular = torch.linalg.svdvals(weight.detach() - before)
        spreads[name] = float(singular[0] / singular[-1])
    assert spreads["muon"] < 5 < 10 < spreads["adamw"]


def test_a_run_with_muon_resumes_exactly(tmp_path: Path) -> None:
    assert_resumes_exactly(objective, MUON, tmp_path)


def test_unknown_optimizers_are_named() -> None:
    with pytest.raises(ConfigError, match=r"optimizer 'sgd', expected 'adamw' or 'muon'"):
        dataclasses.replace(MUON, optimizer="sgd")


def test_rare_actions_are_drawn_more_often() -> None:
    pool = toy_pool(200)
    counts = np.bincount(pool.labels[pool.labels >= 0].astype(int), minlength=16)
    rarest, commonest = int(np.argmin(counts)), int(np.argmax(counts))
    shares = {}
    for exponent in (0.0, 1.0):
        balanced = MaskedObjective(
            MaskedTransformer(MaskedTransformerConfig(**SIZES)), pool, pool, 64, rare_actions=exponent
        )
        drawn = np.concatenate([balanced.rows_of(torch.Generator().manual_seed(seed))[0] for seed in range(40)])
        seen = np.bincount(pool.labels[drawn][:, :2].astype(int).ravel(), minlength=16)
        shares[exponent] = seen[rarest] / seen[commonest]
    assert shares[1.0] > 1.15 * shares[0.0]
