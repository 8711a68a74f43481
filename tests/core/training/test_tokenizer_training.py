"""A tokenizer sees clips and the joins between them, with the published loss or the one for gestures; Muon for its
convolutions."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from resuming import assert_resumes_exactly
from toy_sequences import ToyClips, toy_pool, toy_sequences

from segmo_core.data.pools.token_pool import SequenceClips
from segmo_core.errors import ConfigError
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT
from segmo_core.training.config import read_config
from segmo_core.training.loop import Trainer, train
from segmo_core.training.objectives.reconstruction import column_weights
from segmo_core.training.objectives.tokenizer import TokenizerObjective
from segmo_core.training.objectives.windows import TrainingWindows
from segmo_core.training.optimizers import hidden_matrices
from segmo_core.training.stage_settings import StageSettings

REPOSITORY = Path(__file__).resolve().parents[3]
MUON = StageSettings(steps=12, batch_size=4, learning_rate=2e-3, warmup_steps=1, optimizer="muon", average_decay=0.9)
ALL = {"only_shippable": True}
STATISTICS = FeatureStatistics(np.zeros(263, np.float32), np.ones(263, np.float32))


class LongClips(ToyClips):
    """Clips long enough for a window."""

    def __init__(self) -> None:
        super().__init__()
        self.features = np.tile(self.features, (2, 1))

    def select(self, split: str, *, only_shippable: bool) -> list:
        return [dataclasses.replace(clip, stop=clip.start + 96) for clip in super().select(split, only_shippable=True)]


def joined_clips() -> SequenceClips:
    """Sequences of 64 frames and more."""
    whole = toy_sequences(toy_pool(120))
    long = [number for number, row in enumerate(whole.ends) if row[-1] >= 40]
    features = [np.tile(whole.features[whole.offsets[n] : whole.offsets[n + 1]], (2, 1)) for n in long]
    pool = dataclasses.replace(
        whole,
        features=np.concatenate(features),
        offsets=np.concatenate([[0], np.cumsum([len(rows) for rows in features])]),
        ends=[whole.ends[n] for n in long],
        actions=[["a", "b"] for _ in long],
    )
    return SequenceClips((pool, pool), HUMANML3D_LAYOUT)


def objective(**settings: object) -> TokenizerObjective:
    torch.manual_seed(0)
    model = RVQVAE(RVQVAEConfig(num_codes=16, code_width=8, num_quantizers=2, width=16, depth=1))
    return TokenizerObjective(
        model, LongClips(), only_shippable=True, batch_size=4, statistics=STATISTICS, **settings  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_share_of_every_batch_is_cut_from_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, int]] = []
    rows = TrainingWindows.rows

    def recorded(self: TrainingWindows, count: int, generator: np.random.Generator) -> np.ndarray:
        drawn.append((len(self._features), count))
        return np.asarray(rows(self, count, generator))

    monkeypatch.setattr(TrainingWindows, "rows", recorded)
    sequences = joined_clips()
    trained = objective(sequences=sequences, sequence_share=0.75)
    trained.loss(0, torch.Generator().manual_seed(0))
    assert drawn == [(1024, 1), (len(sequences.features), 3)]
    assert set(trained.validate()) == {"mpjpe_mm", "sequences_mpjpe_mm"}
    assert set(objective().validate()) == {"mpjpe_mm"}


@pytest.mark.parametrize("for_gestures", [False, True])
def test_both_losses_train(for_gestures: bool, tmp_path: Path) -> None:
    trained = objective(for_gestures=for_gestures)
    model, clips = trained.model, LongClips()
    assert isinstance(model, RVQVAE)
    rows = torch.from_numpy(np.stack([clips.features[clip.start : clip.stop] for clip in clips.select("val", **ALL)]))

    def error() -> float:
        with torch.inference_mode():
            return float((model.eval().decode(model.encode(rows)) - rows)[..., 4:67].abs().mean())

    trained.loss(0, torch.Generator().manual_seed(0))  # takes codes from a batch
    before = error()
    train(
        trained,
        StageSettings(steps=150, batch_size=4, learning_rate=3e-3, warmup_steps=1, optimizer="muon"),
        tmp_path,
    )
    assert error() < 0.9 * before


def test_hands_weigh_more_and_rotations_hardly_anything() -> None:
    weights = column_weights(HUMANML3D_LAYOUT)
    left_wrist = HUMANML3D_LAYOUT.positions.start + 3 * (20 - 1)
    assert weights[left_wrist : left_wrist + 3].tolist() == [3.0, 3.0, 3.0]
    assert weights[HUMANML3D_LAYOUT.rotations].max() < 0.2
    assert weights[:4].tolist() == [1.0, 1.0, 1.0, 3.0]  # the pelvis' height is one of few columns too


def test_muon_takes_the_convolutions_inside_the_stages() -> None:
    trained = objective()
    names = dict(trained.model.named_parameters())
    chosen = {id(weight) for weight in hidden_matrices(trained.model)}
    matrices = {name for name, parameter in names.items() if id(parameter) in chosen}
    assert matrices == {name for name in names if ".stages." in name and name.endswith(".weight")}
    spreads = {}
    for optimizer in ("muon", "adamw"):
        trainer = Trainer(objective(), dataclasses.replace(MUON, optimizer=optimizer))
        weight = trainer.model.get_parameter("encoder.stages.0.0.weight")
        before = weight.detach().clone()
        trainer.step(0)
        singular = torch.linalg.svdvals((weight.detach() - before).flatten(1))
        spreads[optimizer] = float(singular[0] / singular[-1])
    assert spreads["muon"] < 5 < spreads["adamw"]


def test_a_run_with_muon_resumes_exactly(tmp_path: Path) -> None:
    assert_resumes_exactly(objective, MUON, tmp_path)


def test_a_share_is_a_share(tmp_path: Path) -> None:
    text = (REPOSITORY / "configs" / "starter.json").read_text().rstrip().removesuffix("}")
    (tmp_path / "config.json").write_text(text + ', "sequence_share": 1.5}')
    with pytest.raises(ConfigError, match=r"sequence_share 1\.5, expected 0 to 1"):
        read_config(tmp_path / "config.json")
