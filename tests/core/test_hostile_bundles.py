"""Bundles with numbers that cannot be: refused in one sentence, before memory is spent on them."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from segmo_core.bundle import load_bundle
from segmo_core.bundle_manifest import MANIFEST_NAME, record_of
from segmo_core.bundle_weights import weights_of
from segmo_core.cli.app import main
from segmo_core.errors import BundleError
from segmo_core.models.estimators.configs import DurationModelConfig, LengthEstimatorConfig
from segmo_core.models.estimators.duration_model import DurationModel
from segmo_core.models.estimators.length_estimator import LengthEstimator


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "mine"))


def change(bundle: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    manifest = json.loads((bundle / MANIFEST_NAME).read_text())
    edit(manifest)
    (bundle / MANIFEST_NAME).write_text(json.dumps(manifest))


def change_tensors(bundle: Path, name: str, edit: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = load_file(bundle / name)
    edit(tensors)
    save_file(tensors, bundle / name)
    record = record_of(bundle / name)
    change(bundle, lambda manifest: manifest["files"][name].update(bytes=record.bytes, sha256=record.sha256))


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("tokenizer", "num_codes", 2**40),
        ("tokenizer", "depth", 10**9),
        ("tokenizer", "downsampling_stages", 10**9),
        ("tokenizer", "num_quantizers", 10**9),
        ("tokenizer", "feature_width", 2**62),
        ("masked_transformer", "num_layers", 10**9),
        ("masked_transformer", "feedforward_width", 2**34),
        ("masked_transformer", "max_segments", 2**40),
        ("residual_transformer", "num_layers", 300),
        ("residual_transformer", "code_width", 10**30),
    ],
)
def test_sizes_that_the_files_do_not_bear_out_cost_nothing(bundle: Path, part: str, field: str, value: int) -> None:
    change(bundle, lambda manifest: manifest[part].update({field: value}))
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BundleError, match=field):
        load_bundle(bundle)
    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes


def test_a_size_that_could_be_but_is_not_is_told_by_its_tensor(bundle: Path) -> None:
    change(bundle, lambda manifest: manifest["tokenizer"].update(width=manifest["tokenizer"]["width"] * 2))
    with pytest.raises(BundleError, match="has shape"):
        load_bundle(bundle)


@pytest.mark.parametrize("rate", [0, -20, 0.5, 1e308, 1000])
def test_frame_rates_that_no_model_has(bundle: Path, rate: float) -> None:
    change(bundle, lambda manifest: manifest.update(frame_rate=rate))
    with pytest.raises(BundleError, match=r"frame_rate .*, expected 1 to 240"):
        load_bundle(bundle)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_no_numbers_are_refused_when_read_and_when_written(bundle: Path, value: float) -> None:
    loaded = load_bundle(bundle).tokenizer
    name = next(name for name in load_file(bundle / "tokenizer.safetensors") if name.endswith("weight"))
    change_tensors(bundle, "tokenizer.safetensors", lambda tensors: tensors[name].view(-1)[:1].fill_(value))
    with pytest.raises(BundleError, match="holds NaN or infinity"):
        load_bundle(bundle)
    with torch.no_grad():
        next(loaded.parameters()).view(-1)[:1].fill_(value)
    with pytest.raises(BundleError, match="expected those of a finished training"):
        weights_of(loaded, half_precision=True)


def test_a_standard_deviation_of_nothing_is_refused(bundle: Path) -> None:
    change_tensors(bundle, "statistics.safetensors", lambda tensors: tensors["std"][3:4].fill_(0.0))
    with pytest.raises(BundleError, match="'std' is not above 0 everywhere"):
        load_bundle(bundle)


@pytest.mark.parametrize("part", ["tokenizer", "masked_transformer", "residual_transformer"])
def test_finite_weights_that_give_no_numbers_write_no_motion(
    bundle: Path, part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_tensors(bundle, f"{part}.safetensors", lambda tensors: [tensor.fill_(3e4) for tensor in tensors.values()])
    output = tmp_path / "a.npz"
    arguments = ["generate", "a person waves", "--seconds", "2", "--bundle", str(bundle), "-o", str(output)]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"segmo: {part.replace('_', ' ')}: " in said
    assert "of a finished training" in said
    assert not output.exists()


def test_models_of_numbers_tell_what_is_none() -> None:
    """Whatever is made of their outputs: durations, lengths, confidences."""
    length = LengthEstimator(LengthEstimatorConfig(text_width=4, hidden_widths=(4,), num_classes=3))
    for model, ask in (
        (DurationModel(DurationModelConfig(text_width=4, hidden_width=4)), DurationModel.seconds),
        (length, LengthEstimator.expected_lengths),
    ):
        for parameter in model.parameters():
            torch.nn.init.constant_(parameter, 3e38)
        with pytest.raises(BundleError, match="gives NaN or infinity, expected the weights of a finished training"):
            ask(model.eval(), torch.ones(1, 4))  # type: ignore[operator]


def test_the_command_says_it_in_one_sentence(bundle: Path, tmp_path: Path) -> None:
    change(bundle, lambda manifest: manifest["masked_transformer"].update(num_layers=10**9))
    command = [sys.executable, "-m", "segmo_core", "generate", "a person walks", "--bundle", str(bundle)]
    done = subprocess.run([*command, "-o", str(tmp_path / "x.bvh")], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "num_layers" in done.stderr
    assert not (tmp_path / "x.bvh").exists()
