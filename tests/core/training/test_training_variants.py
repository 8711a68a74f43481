"""Every variant trains: its losses fall, and a run that was killed and resumed ends with the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from toy_sequences import SIZES, ToyClips, toy_pool, toy_sequences

from segmo_core.data.boundary_sources import open_segmenter, with_boundaries
from segmo_core.data.pools.token_pool import TokenPool
from segmo_core.errors import CancelledError, ConfigError, FileFormatError
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.trunk.configs import MaskedTransformerConfig
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT
from segmo_core.progress import CallbackProgress
from segmo_core.training.config import read_config
from segmo_core.training.loop import train
from segmo_core.training.objectives.tokens import MaskedObjective
from segmo_core.training.stage_settings import StageSettings

VARIANTS: dict[str, dict[str, str]] = {
    "default": {},
    **{f"aggregation {name}": {"aggregation": name} for name in ("mean", "max", "cross-attention", "cls")},
    **{f"alignment {name}": {"alignment": name} for name in ("batch-level", "global", "token", "none")},
    **{f"boundaries {name}": {"boundaries": name} for name in ("uniform", "change-point", "clustering")},
}


def pool_of(boundaries: str, folder: Path) -> TokenPool:
    pool, statistics = toy_pool(), FeatureStatistics(np.zeros(263), np.ones(263))
    if boundaries == "exact":
        return pool
    segmenter = open_segmenter(boundaries, ToyClips(), statistics, folder)
    return with_boundaries(pool, toy_sequences(pool), segmenter, statistics, HUMANML3D_LAYOUT)


def objective_of(variant: dict[str, str], folder: Path) -> MaskedObjective:
    switches = dict(variant)
    pool = pool_of(switches.pop("boundaries", "exact"), folder)
    torch.manual_seed(1)
    config = MaskedTransformerConfig(timed_conditioning_dropout=0.5, dropout=0.1, **SIZES, **switches)  # type: ignore[arg-type]
    return MaskedObjective(MaskedTransformer(config), pool, pool, batch_size=8)


def settings(steps: int, **changes: object) -> StageSettings:
    values = {"batch_size": 8, "learning_rate": 1e-2, "warmup_steps": 5, "average_decay": 0.9, "log_every": 10}
    return StageSettings(steps=steps, **(values | {"validate_every": 20} | changes))  # type: ignore[arg-type]


class KilledAt(CallbackProgress):
    def __init__(self, step: int) -> None:
        super().__init__()
        self._left = step

    def raise_if_cancelled(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise CancelledError()


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_learns(name: str, tmp_path: Path) -> None:
    objective = objective_of(VARIANTS[name], tmp_path)
    objective.model.eval()
    with torch.no_grad():
        before = objective.validate()
    train(objective, settings(150), tmp_path / "run")
    with torch.no_grad():
        after = objective.validate()
    assert after["cross_entropy"] < 0.8 * before["cross_entropy"]
    if "none" in name:
        assert before["alignment"] == after["alignment"] == 0.0
    else:
        assert after["alignment"] < 0.8 * before["alignment"]


@pytest.mark.parametrize("name", VARIANTS)
def test_a_killed_and_resumed_run_ends_with_the_same_numbers(name: str, tmp_path: Path) -> None:
    variant = VARIANTS[name]
    whole = train(objective_of(variant, tmp_path), settings(30), tmp_path / "whole")
    cut, saving_always = objective_of(variant, tmp_path), settings(30, checkpoint_seconds=0.0)
    with pytest.raises(CancelledError):
        train(cut, saving_always, tmp_path / "cut", progress=KilledAt(17))
    resumed = train(objective_of(variant, tmp_path), settings(30), tmp_path / "cut", resume=True)
    assert whole.state_dict().keys() == resumed.state_dict().keys()
    for key, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[key], value, rtol=0, atol=0)
    last, same = (json.loads((tmp_path / run / "log.jsonl").read_text().splitlines()[-1]) for run in ("cut", "whole"))
    assert last["step"] == 30
    assert last == same


def test_a_checkpoint_of_another_variant_is_refused(tmp_path: Path) -> None:
    train(objective_of({}, tmp_path), settings(2), tmp_path / "run")
    with pytest.raises(FileFormatError, match="cannot be resumed from"):
        train(objective_of({"aggregation": "cls"}, tmp_path), settings(4), tmp_path / "run", resume=True)


def test_boundaries_are_those_of_the_segmenter(tmp_path: Path) -> None:
    exact = toy_pool()
    uniform, found, clustered = (pool_of(name, tmp_path) for name in ("uniform", "change-point", "clustering"))
    halves = -(-exact.num_tokens.astype(int) // 2)
    assert uniform.ends[:, 0].tolist() == halves.tolist()
    for pool in (uniform, found, clustered):
        np.testing.assert_array_equal(pool.ends[:, 1:], exact.ends[:, 1:])
        np.testing.assert_array_equal(pool.token_ids, exact.token_ids)
    apart = exact.token_ids[:, 0, 0] != exact.token_ids[:, 6, 0]  # the same sentence twice has no boundary to find
    shortest = np.minimum(4, exact.num_tokens // 2)
    possible = apart & (exact.ends[:, 0] >= shortest) & (exact.num_tokens - exact.ends[:, 0] >= shortest)
    assert possible.sum() >= 15
    assert (found.ends[possible, 0] == exact.ends[possible, 0]).mean() > 0.9
    # Windows of two tokens reach over the boundary, so that a primitive may begin one token late.
    assert np.abs(clustered.ends[possible, 0] - exact.ends[possible, 0]).max() <= 1


def test_primitives_are_built_once_from_the_train_split(tmp_path: Path) -> None:
    clips, statistics = ToyClips(), FeatureStatistics(np.zeros(263), np.ones(263))
    first = open_segmenter("clustering", clips, statistics, tmp_path / "cache")
    again = open_segmenter("clustering", clips, statistics, tmp_path / "cache")
    assert clips.selected == ["train"]
    rows = np.random.default_rng(0).standard_normal((20, 129))
    assert first.segment(rows, 4) == again.segment(rows, 4)
    other = FeatureStatistics(statistics.mean, 2 * statistics.std)
    open_segmenter("clustering", clips, other, tmp_path / "cache")  # other numbers, another library
    assert clips.selected == ["train", "train"]
    with pytest.raises(ConfigError, match="motion segmenter: 'guess' is unknown"):
        open_segmenter("guess", clips, statistics, tmp_path)


def test_config_files_choose_variants_and_name_unknown_ones(tmp_path: Path) -> None:
    starter = json.loads((Path(__file__).parents[3] / "configs" / "starter.json").read_text())
    path = tmp_path / "variant.json"
    chosen = starter | {"boundaries": "change-point"}
    chosen["masked"] = starter["masked"] | {"alignment": "token", "aggregation": "cls", "alignment_weight": 0.1}
    path.write_text(json.dumps(chosen))
    config = read_config(path)
    assert (config.boundaries, config.masked.alignment, config.masked.aggregation) == ("change-point", "token", "cls")
    path.write_text(json.dumps(starter))
    assert read_config(path).boundaries == "exact"
    path.write_text(json.dumps(starter | {"boundaries": "guess"}))
    with pytest.raises(ConfigError, match="boundaries 'guess' are unknown, expected one of exact, uniform, change-po"):
        read_config(path)
