"""A decoder is trained on: reconstructions get better, and no token changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from sample_motions import turning_walk
from toy_sequences import ToyClip

from segmo_core.errors import ConfigError
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT, FeatureLayout, features_from_joints
from segmo_core.progress import SilentProgress
from segmo_core.training.config import read_config
from segmo_core.training.loop import train
from segmo_core.training.objectives.decoder import DecoderObjective
from segmo_core.training.run import _Run
from segmo_core.training.stage_settings import StageSettings

REPOSITORY = Path(__file__).resolve().parents[3]


class Walks:
    """One walk, as features; the same clip in every split."""

    def __init__(self) -> None:
        joints = turning_walk(num_frames=161).joint_positions
        self.features = features_from_joints(joints - joints[:, :, [1]].min() * np.array([0.0, 1.0, 0.0]))

    @property
    def layout(self) -> FeatureLayout:
        return HUMANML3D_LAYOUT

    def select(self, split: str, *, only_shippable: bool) -> Sequence[ToyClip]:
        return [ToyClip(0, len(self.features), group="walk")]

    def clip_features(self, clip: ToyClip) -> np.ndarray:
        return self.features[clip.start : clip.start + clip.num_frames]


def objective() -> DecoderObjective:
    torch.manual_seed(0)
    walks = Walks()
    model = RVQVAE(RVQVAEConfig(num_codes=32, code_width=16, num_quantizers=3, width=32, depth=1))
    model.quantizer.train()
    model(torch.from_numpy(((walks.features - walks.features.mean(0)) / 0.2)[None, :160].astype(np.float32)))
    return DecoderObjective(
        model,
        walks,  # type: ignore[arg-type]
        only_shippable=True,
        batch_size=4,
        statistics=FeatureStatistics(walks.features.mean(0), np.full(263, 0.2, dtype=np.float32)),
    )


def measured(of: DecoderObjective) -> Mapping[str, float]:
    with torch.no_grad():
        return of.validate()


def test_reconstruction_improves_and_tokens_stay(tmp_path: Path) -> None:
    trained = objective()
    model = trained.model
    assert isinstance(model, RVQVAE)
    windows = trained._parts[0][0].features(np.arange(64)[None], torch.device("cpu"))
    tokens = model.eval().encode(windows)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    error = measured(trained)["mpjpe_mm"]
    settings = StageSettings(steps=60, batch_size=4, learning_rate=3e-3, warmup_steps=1, weight_decay=0.1)
    train(trained, settings, tmp_path)
    assert measured(trained)["mpjpe_mm"] < 0.7 * error
    assert torch.equal(model.encode(windows), tokens)
    changed = {name.split(".")[0] for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"decoder"}


def test_a_config_without_that_stage_says_so(tmp_path: Path) -> None:
    run = object.__new__(_Run)
    run.config = read_config(REPOSITORY / "configs" / "humanml3d.json")
    run.progress = SilentProgress()
    with pytest.raises(ConfigError, match=r"stages\.decoder is missing"):
        run.train_decoder()
