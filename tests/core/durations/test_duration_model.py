"""The duration model: its quantiles, its training on clips with labels, and its place in a bundle."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from captioned_folders import small_mocap22
from tiny_training import write_tiny_config

from segmo_core.bundle import add_duration_model, load_bundle, load_duration_model
from segmo_core.bundle_manifest import record_figures
from segmo_core.cli import main
from segmo_core.data.duration_samples import DurationSamples
from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.durations.suggested_track import durations_by_rules
from segmo_core.engine import Engine
from segmo_core.errors import BundleError, ConfigError, DataError
from segmo_core.evaluation.measures.duration_figures import constant_duration, duration_figures
from segmo_core.models.estimators.configs import DurationModelConfig
from segmo_core.models.estimators.duration_model import DurationModel, pinball_loss
from segmo_core.models.sampling_settings import GroundingCalibration
from segmo_core.training.duration_run import DurationTrainingSettings, train_durations
from segmo_core.training.run import train

TEXTS = ["a person walks", "a person jumps", "a person sits down"]


@pytest.fixture
def model() -> DurationModel:
    torch.manual_seed(3)
    return DurationModel(DurationModelConfig(hidden_width=8)).eval()


@pytest.fixture
def old_bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A bundle from before there were duration models: its manifest does not know the word."""
    folder = shutil.copytree(tiny_bundle, tmp_path / "old")
    manifest = json.loads((folder / "bundle.json").read_text())
    del manifest["duration_model"]
    (folder / "bundle.json").write_text(json.dumps(manifest))
    return folder


def test_the_loss_is_least_at_the_quantile() -> None:
    values = torch.arange(101.0)
    losses = [float(pinball_loss(torch.tensor(float(guess)), values, 0.9).mean()) for guess in range(101)]
    assert int(np.argmin(losses)) == 90


def test_quantiles_are_in_order(model: DurationModel) -> None:
    seconds = model.seconds(torch.nn.functional.normalize(torch.randn(200, 384), dim=-1))
    assert (seconds[:, 1] <= seconds[:, 2]).all()
    assert (seconds[:, 2] <= seconds[:, 3]).all()
    assert (seconds > 0).all()


@pytest.mark.parametrize("sizes", [{"hidden_width": 0}, {"dropout": 1.0}, {"mean_seconds": 0.0}])
def test_impossible_sizes_are_refused(sizes: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        DurationModelConfig(**sizes)  # type: ignore[arg-type]


def test_an_old_bundle_keeps_working_by_rules(old_bundle: Path) -> None:
    assert load_duration_model(old_bundle) is None
    assert load_bundle(old_bundle).manifest.duration_model is None
    assert Engine(old_bundle, device="cpu").usual_durations(TEXTS) == durations_by_rules(TEXTS)


def test_a_model_is_added_to_a_bundle_and_nothing_else_changes(old_bundle: Path, model: DurationModel) -> None:
    before = {path.name: path.read_bytes() for path in old_bundle.glob("*.safetensors")}
    origin = load_bundle(old_bundle).manifest.token_origin
    add_duration_model(old_bundle, model, {"duration_model_pinball": 0.25}, "## Durations\nSome.\n")
    assert {name: (old_bundle / name).read_bytes() for name in before} == before
    bundle = load_bundle(old_bundle)
    assert bundle.manifest.figures["duration_model_pinball"] == 0.25
    assert bundle.manifest.token_origin == origin  # takes made before can still be edited
    assert "duration_model.safetensors" in bundle.manifest.files
    assert (old_bundle / "MODEL_CARD.md").read_text().count("## Durations") == 1
    found, expected = load_duration_model(old_bundle), model.half().float()
    vectors = torch.randn(5, 384)
    assert found is not None
    assert torch.equal(found.seconds(vectors), expected.seconds(vectors))
    usual = Engine(old_bundle, device="cpu").usual_durations([*TEXTS, "walks for seven seconds"])
    assert usual[:3] != durations_by_rules(TEXTS)
    assert usual[3].typical == 7.0


def test_a_better_model_takes_the_place_of_the_first_and_outlives_new_figures(
    old_bundle: Path, model: DurationModel
) -> None:
    add_duration_model(old_bundle, model, {"duration_model_pinball": 0.25, "duration_model_old": 1.0}, "## D\nfirst\n")
    add_duration_model(old_bundle, model, {"duration_model_pinball": 0.125}, "## D\nsecond\n")
    record_figures(old_bundle, {"boundary_error": 4.0}, "## Measured\n", GroundingCalibration())
    figures = load_bundle(old_bundle).manifest.figures
    assert figures == {"boundary_error": 4.0, "duration_model_pinball": 0.125}
    card = (old_bundle / "MODEL_CARD.md").read_text()
    assert "first" not in card
    assert card.index("second") < card.index("## Measured")


def test_a_damaged_or_missing_model_is_refused(old_bundle: Path, model: DurationModel) -> None:
    add_duration_model(old_bundle, model, {}, "")
    path = old_bundle / "duration_model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BundleError, match=r"duration_model\.safetensors: \d+ bytes, expected \d+"):
        load_duration_model(old_bundle)
    path.unlink()
    with pytest.raises(BundleError, match="missing"):
        Engine(old_bundle, device="cpu").usual_durations(TEXTS)
    with pytest.raises(BundleError, match="not a bundle"):
        add_duration_model(old_bundle.parent, model, {}, "")


def test_figures_of_known_ranges() -> None:
    samples = DurationSamples(
        ("a", "b"), np.array([[1.0, 2.0], [3.0, 8.0]]), np.array([1.0, 4.0]), np.array([0.75, 0.25]), 2
    )
    ranges = [SegmentDuration(1.0, 2.0, 3.0), SegmentDuration(6.0, 8.0, 10.0)]
    found = duration_figures(samples, ranges)
    assert found.inside == pytest.approx(0.75 + 0.25 * 0.5)
    assert found.below == pytest.approx(0.25 * 0.5)
    assert found.warned == pytest.approx(0.25 * 0.5)  # 3 s is less than 0.6 times 6 s
    assert found.error == pytest.approx(0.75 * 0.5 + 0.25 * 2.5)
    assert constant_duration(samples).typical == 2.0


def test_training_learns_the_range_of_real_clips_and_writes_it_into_a_bundle(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = small_mocap22(tmp_path / "data"), tmp_path / "out"
    bundle = shutil.copytree(tiny_bundle, tmp_path / "mine")
    trained = train_durations(data, out, settings=DurationTrainingSettings(steps=200, batch_size=64))
    assert trained.figures["duration_model_pinball"] < trained.figures["duration_model_rules_pinball"]
    arguments = ["train", "durations", "--data", str(data), "--output", str(out), "--bundle", str(bundle), "--resume"]
    assert main(arguments) == 0
    assert f"Put what was trained for durations into {bundle}" in capsys.readouterr().out
    walk = Engine(bundle, device="cpu").usual_durations(["a person walks"])[0]
    assert 0.6 < walk.shortest < walk.longest < 4.5  # clips of 3.0 to 3.4 s with cycles of about a second
    assert main(["info", str(bundle)]) == 0
    assert "by its duration model" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    data, settings = small_mocap22(tmp_path / "data"), DurationTrainingSettings(steps=20, batch_size=16)
    first, second = (train_durations(data, tmp_path / "out", settings=settings).model for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_other_data_and_other_stages_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError, match="expected mocap22"):
        train_durations(tmp_path, tmp_path / "out")
    options = ["--data", str(tmp_path), "--output", str(tmp_path), "--bundle", str(tmp_path)]
    assert main(["train", "masked", *options]) == 2
    assert "expected only for durations and judge" in capsys.readouterr().err


@pytest.mark.slow
def test_train_all_makes_a_bundle_that_knows_durations(tmp_path: Path) -> None:
    stage = {"steps": 2, "batch_size": 4, "warmup_steps": 1, "log_every": 1, "validate_every": 2}
    few = {"composition": {"num_sequences": 8}, "validation_sequences": 4}
    path = write_tiny_config(tmp_path / "config.json", stage, **few)
    report = train("all", small_mocap22(tmp_path / "data", clips_each=2), path, tmp_path / "out")
    assert report.bundle is not None
    assert load_duration_model(report.bundle) is not None
    assert "duration_model_pinball" in load_bundle(report.bundle).manifest.figures
    assert "## Durations" in (report.bundle / "MODEL_CARD.md").read_text()
