"""What makes a training step fast and must not change what it computes."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from toy_sequences import SIZES, toy_pool
from transformer_samples import (
    ENDS,
    NUM_CODES,
    NUM_TOKENS,
    STARTS,
    TOKEN_IS_VALID,
    all_ids,
    base_ids,
    condition,
    masked_transformer,
    residual_transformer,
    seeded,
)

from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer, MaskedTransformerDraws
from segmo_core.models.token_transformers.masking import MaskingDraws
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.models.trunk.dropout import dropout
from segmo_core.training.averaging import WeightAverage, weights_of
from segmo_core.training.loop import FigureSums, Trainer
from segmo_core.training.objectives.tokens import MaskedObjective, ResidualObjective
from segmo_core.training.stage_settings import StageSettings

DROPPED = torch.tensor([True, False, True, True])
UNTIMED = torch.tensor([False, True, False, True])


def gradients(model: torch.nn.Module, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}


@pytest.mark.parametrize("labels", [None, torch.tensor([[0, 1, -1], [2, 1, 0], [3, -1, -1], [0, 3, -1]])])
@pytest.mark.parametrize("alignment", ["in-sample", "batch-level", "global", "token", "none"])
def test_fixed_shapes_give_the_same_masked_loss_and_gradients(alignment: str, labels: torch.Tensor | None) -> None:
    model, draws = masked_transformer(alignment=alignment), MaskingDraws.draw(4, NUM_TOKENS, NUM_CODES, seeded(3))
    losses, found = [], []
    for fixed in (False, True):
        model.trunk.has_fixed_shapes = fixed
        loss = model.training_loss(
            base_ids(),
            TOKEN_IS_VALID,
            condition(),
            STARTS,
            ENDS,
            segment_labels=labels,
            draws=MaskedTransformerDraws(draws, DROPPED, ~DROPPED if alignment != "none" else UNTIMED),
        )
        losses.append(loss)
        found.append(gradients(model, loss.total))
    assert losses[0].grounding > 0.1
    assert alignment in ("none", "in-sample", "token") or losses[0].alignment >= 0
    for name, value in vars(losses[0]).items():
        torch.testing.assert_close(getattr(losses[1], name), value, msg=name)
    assert found[0].keys() == found[1].keys()
    for name, value in found[0].items():
        torch.testing.assert_close(found[1][name], value, rtol=1e-4, atol=1e-6, msg=name)


@pytest.mark.parametrize("switches", [{}, {"share_weights": False}])
def test_fixed_shapes_give_the_same_residual_loss_and_gradients(switches: dict[str, bool]) -> None:
    model, losses, found = residual_transformer(**switches), [], []
    for fixed in (False, True):
        model.trunk.has_fixed_shapes = fixed
        loss = model.training_loss(all_ids(), TOKEN_IS_VALID, condition(), seeded(4))
        losses.append(loss)
        found.append(gradients(model, loss.total))
    for name, value in vars(losses[0]).items():
        torch.testing.assert_close(getattr(losses[1], name), value, msg=name)
    assert found[0].keys() == found[1].keys()
    for name, value in found[0].items():
        torch.testing.assert_close(found[1][name], value, rtol=1e-4, atol=1e-6, msg=name)


def test_batches_of_fixed_length_differ_in_padding_alone() -> None:
    pool = toy_pool().on(torch.device("cpu"))
    rows = np.flatnonzero(pool.num_tokens < 9)[:4]
    short = pool.batch(rows, np.random.default_rng(0))
    padded = pool.batch(rows, np.random.default_rng(0), fixed_length=True)
    length = short.token_ids.shape[1]
    assert (length, padded.token_ids.shape[1]) == (int(pool.num_tokens[rows].max()), 10)
    assert torch.equal(padded.token_ids[:, :length], short.token_ids)
    assert not padded.token_is_valid[:, length:].any()
    assert (padded.token_segments[:, length:] == -1).all()
    for name in ("segment_starts", "segment_ends", "segment_labels", "caption_embeddings", "segment_embeddings"):
        assert torch.equal(getattr(padded, name), getattr(short, name))


def test_shares_of_a_batch_are_its_samples_in_turn() -> None:
    pool, rows = toy_pool().on(torch.device("cpu")), np.array([5, 30, 2, 11, 7, 8])
    whole = pool.batch(rows, np.random.default_rng(0))
    for number in range(2):
        share = pool.batch(rows, np.random.default_rng(0), share=slice(number, None, 2))
        for name, value in vars(share).items():
            assert value is None or torch.equal(value, getattr(whole, name)[number::2])


def test_dropout_drops_its_share_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    values = torch.ones(200_000)
    dropped = dropout(values, 0.25, True)
    assert sorted(dropped.unique().tolist()) == pytest.approx([0.0, 4 / 3])
    assert (dropped == 0).float().mean().item() == pytest.approx(0.25, abs=0.005)
    assert dropout(values, 1e-6, True) is values  # below one level
    assert dropout(values, 0.25, False) is values


def test_average_follows_the_formula_and_copies_buffers() -> None:
    model = torch.nn.BatchNorm1d(1)
    average = WeightAverage(model, 0.5)
    with torch.no_grad():
        for step, value in enumerate((3.0, 5.0)):
            model.weight.fill_(value)
            model.running_mean.fill_(10 * value)
            average.update(step)
    # Decays are the smaller of 0.5 and (1 + step) / (10 + step): 1/10, then 2/11.
    first = 0.1 * 1.0 + 0.9 * 3.0
    assert average.state["weight"].item() == pytest.approx(2 / 11 * first + 9 / 11 * 5.0)
    assert average.state["running_mean"].item() == 50.0
    with weights_of(model, average):
        assert model.weight.item() == average.state["weight"].item()
    assert model.weight.item() == 5.0


def test_figures_are_means_since_the_last_time() -> None:
    sums = FigureSums()
    assert sums.take_means() == {}
    for value in (1.0, 2.0, 6.0):
        sums.add({"a": torch.tensor(value), "b": torch.tensor(1)})
    assert sums.take_means() == {"a": 3.0, "b": 1.0}
    sums.add({"a": torch.tensor(7.0)})
    assert sums.take_means() == {"a": 7.0}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler for the processor")
@pytest.mark.parametrize("kind", ["masked", "residual"])
def test_compiled_layers_give_the_same_losses(kind: str) -> None:
    figures = []
    for compiled in (False, True):
        torch.manual_seed(1)
        pool = toy_pool()
        if kind == "masked":
            model = MaskedTransformer(MaskedTransformerConfig(dropout=0.0, timed_conditioning_dropout=0.5, **SIZES))
            objective: MaskedObjective | ResidualObjective = MaskedObjective(model, pool, pool, 8)
        else:
            residual = ResidualTransformer(ResidualTransformerConfig(dropout=0.0, num_quantizers=3, **SIZES))
            objective = ResidualObjective(residual, pool, pool, 8)
        settings = StageSettings(steps=4, batch_size=8, learning_rate=1e-3, warmup_steps=1, compile=compiled)
        trainer = Trainer(objective, settings)
        trainer.model.trunk.has_fixed_shapes = True
        names = set(trainer.model.state_dict())
        figures.append([{name: float(value) for name, value in trainer.step(step).items()} for step in range(4)])
        assert names == set(trainer.model.state_dict())
        assert (trainer.model.trunk._compiled_call_impl is not None) == compiled
    for plain, compiled_ones in zip(*figures, strict=True):
        assert compiled_ones == pytest.approx(plain, rel=1e-4, abs=1e-5)
