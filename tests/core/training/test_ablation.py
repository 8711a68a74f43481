"""Grids of trainings: really trained, tiny; killed and gone on with; side by side; their tables."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from captioned_folders import small_mocap22
from tiny_training import write_tiny_config

from segmo_core.bundle import load_bundle
from segmo_core.cli import main
from segmo_core.errors import ConfigError, InvalidRequestError
from segmo_core.training.ablation.grid import read_grid
from segmo_core.training.ablation.grid_tables import grid_tables
from segmo_core.training.ablation.run_grid import finished, run_grid

CONFIGS = Path(__file__).parents[3] / "configs"
ROWS: dict[str, Any] = {
    "SegMo": {"boundaries": "uniform"},
    "CPD": {"boundaries": "change-point"},
    "No Align": {"masked": {"alignment": "none"}},
    "caption alone": {
        "masked": {
            "max_segments": 0, "alignment": "none", "segment_order_embedding": False, "timed_conditioning": False,
        }
    },
}  # fmt: skip
STAGE = {
    "steps": 4, "batch_size": 4, "warmup_steps": 1, "log_every": 1, "validate_every": 4, "checkpoint_seconds": 0.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_mocap22(tmp_path_factory.mktemp("grid") / "mocap22")


def write_grid(folder: Path, stage: dict[str, object] | None = None, **changes: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    composition = {"num_sequences": 24, "sentence_variants": 1}
    write_tiny_config(
        folder / "tiny.json",
        STAGE | (stage or {}),
        composition=composition,
        validation_sequences=8,
        sampling={"steps": 2},
    )
    grid = {
        "name": "tiny grid", "config": "tiny.json", "seeds": [1, 2], "rows": ROWS,
        "tables": [{"title": "Table 3", "rows": list(ROWS), "reference": "SegMo"}],
        "consistency": ["SegMo", "CPD"],
        "evaluation": {"limit": 32, "repeats": 1, "segmentations": ["uniform", "change-point"]},
    }  # fmt: skip
    path = folder / "grid.json"
    path.write_text(json.dumps(grid | changes))
    return path


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of the whole grid, and its file beside it."""
    folder = tmp_path_factory.mktemp("trained")
    run_grid(read_grid(write_grid(folder)), data, folder / "out")
    return folder


def test_every_row_is_trained_with_every_seed_and_measured(trained: Path, data: Path) -> None:
    opened = read_grid(trained / "grid.json")
    figures = finished(opened, data, trained / "out")
    assert {(one.row, one.seed) for one in figures} == {(row, seed) for row in ROWS for seed in (1, 2)}
    assert all(0 <= one.metrics["top_1"] <= one.metrics["top_3"] <= 1 and one.num_motions == 32 for one in figures)
    assert len({json.dumps(one.real) for one in figures}) == 1  # the same motions for all
    with_consistency = {one.row for one in figures if one.consistency}
    assert with_consistency == {"SegMo", "CPD"}
    assert set(figures[0].consistency) == {"uniform", "change-point", "true boundaries"}


def test_runs_share_the_tokenizer_and_differ_by_row_and_seed(trained: Path) -> None:
    bundles = [
        load_bundle(trained / "out" / "runs" / row / f"seed-{seed}" / "bundle")
        for row, seed in (("segmo", 1), ("segmo", 2), ("cpd", 1))
    ]
    for part, count in (("tokenizer", 1), ("residual_transformer", 1), ("masked_transformer", 3)):
        assert len({bundle.manifest.files[f"{part}.safetensors"].sha256 for bundle in bundles}) == count, part


def test_what_is_finished_stays_and_new_seeds_are_added(trained: Path, data: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (trained / "out").rglob("figures.json")}
    figures = run_grid(read_grid(trained / "grid.json"), data, trained / "out")
    assert len(figures) == 8
    assert before == {path: path.stat().st_mtime_ns for path in (trained / "out").rglob("figures.json")}


def test_another_way_of_measuring_measures_again_without_training(trained: Path, data: Path) -> None:
    changed = write_grid(
        trained / "other", seeds=[1], rows={"CPD": ROWS["CPD"]}, tables=[], consistency=[],
        evaluation={"limit": 32, "repeats": 2, "segmentations": ["uniform"]},
    )  # fmt: skip
    bundle = trained / "out" / "runs" / "cpd" / "seed-1" / "bundle" / "bundle.json"
    before = bundle.stat().st_mtime_ns
    figures = run_grid(read_grid(changed), data, trained / "out")
    assert bundle.stat().st_mtime_ns == before
    assert set(figures[0].consistency) == {"uniform", "true boundaries"}
    run_grid(read_grid(trained / "grid.json"), data, trained / "out")  # as other tests found it


def test_rows_can_begin_with_one_training(data: Path, tmp_path: Path) -> None:
    """One step of no rate leaves what it began with: the masked transformer that was trained without alignment."""
    still = {"steps": 1, "learning_rate": 0.0}
    rows = {name: {"masked": {"alignment": name}, "stages": {"masked": still}} for name in ("none", "in-sample")}
    beginning = {"masked": {"alignment": "none"}, "stages": {"masked": {"steps": 3}}}
    path = write_grid(tmp_path, rows=rows, seeds=[1], beginning=beginning, tables=[], consistency=[])
    run_grid(read_grid(path), data, tmp_path / "out")
    begun = load_bundle(tmp_path / "out" / "beginning" / "bundle").masked_transformer.state_dict()
    for row in rows:
        state = load_bundle(tmp_path / "out" / "runs" / row / "seed-1" / "bundle").masked_transformer.state_dict()
        assert all((state[name] == value).all() for name, value in begun.items())
        assert any(name.startswith("alignment_aggregator") for name in state) == (row == "in-sample")


def test_a_folder_of_another_training_is_refused(trained: Path, data: Path) -> None:
    changed = write_grid(trained / "longer", stage={"steps": 5})
    with pytest.raises(
        ConfigError, match=r"was trained with other settings than row 'SegMo' has now, expected the same"
    ):
        run_grid(read_grid(changed), data, trained / "out")


def test_tables_of_the_command(trained: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["ablate", str(trained / "grid.json"), "--data", str(data), "-o", str(trained / "out"), "--tables"]
    assert main([*arguments, "--markdown"]) == 0
    printed = capsys.readouterr().out
    for found in (
        "**Table 3**", "| Real |", "| No Align | 2 |", "**Table 3: differences**", "Less SegMo", "Welch", "Told apart:",
        "(ISC) of real motions", "(ISC) of generated motions", "| CPD | 2 |",
    ):  # fmt: skip
        assert found in printed, found
    assert main([*arguments, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 8


def test_side_by_side_gives_the_same_figures(trained: Path, data: Path, tmp_path: Path) -> None:
    opened = read_grid(write_grid(tmp_path, rows={name: ROWS[name] for name in ("SegMo", "No Align")}, seeds=[1, 2],
                                  tables=[], consistency=["SegMo"]))  # fmt: skip
    together = run_grid(opened, data, tmp_path / "out", workers=2)
    alone = {(one.row, one.seed): one for one in finished(opened, data, tmp_path / "out")}
    assert len(together) == 4
    for one in together:
        assert alone[one.row, one.seed] == one
    reference = {(one.row, one.seed): one for one in finished(read_grid(trained / "grid.json"), data, trained / "out")}
    for one in together:
        assert one.metrics == pytest.approx(reference[one.row, one.seed].metrics)


class _InterruptedError(Exception):
    """Stands for whatever ends a process."""


class _EndsAt:
    """A progress that ends everything at a step."""

    def __init__(self, words: str) -> None:
        self._words = words

    def report(self, fraction: float, message: str = "") -> None:
        if self._words in message:
            raise _InterruptedError

    def raise_if_cancelled(self) -> None:
        return None


def test_a_run_that_was_cut_goes_on_from_its_checkpoint(data: Path, tmp_path: Path) -> None:
    row = ROWS["SegMo"] | {"stages": {"masked": {"steps": 12}}}
    opened = read_grid(write_grid(tmp_path, seeds=[1], rows={"SegMo": row}, tables=[], consistency=[]))
    with pytest.raises(_InterruptedError):
        run_grid(opened, data, tmp_path / "out", progress=_EndsAt("step 7 of 12"))
    resumed = run_grid(opened, data, tmp_path / "out")
    log = tmp_path / "out" / "runs" / "segmo" / "seed-1" / "masked" / "log.jsonl"
    steps = [row["step"] for line in log.read_text().splitlines() if "validation" not in (row := json.loads(line))]
    assert steps == [1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12]  # one step lost, the one since the last checkpoint
    assert resumed == run_grid(opened, data, tmp_path / "whole")


@pytest.mark.slow
def test_a_grid_that_is_killed_goes_on_from_its_checkpoint(data: Path, tmp_path: Path) -> None:
    row = ROWS["SegMo"] | {"stages": {"masked": {"steps": 400}}}
    path = write_grid(tmp_path, seeds=[1], rows={"SegMo": row}, tables=[], consistency=[])
    command = [
        sys.executable,
        "-m",
        "segmo_core",
        "ablate",
        str(path),
        "--data",
        str(data),
        "-o",
        str(tmp_path / "out"),
    ]
    started = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    checkpoint = tmp_path / "out" / "runs" / "segmo" / "seed-1" / "masked" / "checkpoint.pt"
    until = time.monotonic() + 600
    while not checkpoint.is_file() and started.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    started.send_signal(signal.SIGKILL)
    started.wait()
    log = checkpoint.parent / "log.jsonl"
    done = len(log.read_text().splitlines())
    assert 0 < done < 400, started.stderr.read() if started.stderr else ""
    opened = read_grid(path)
    resumed = run_grid(opened, data, tmp_path / "out")
    steps = [row["step"] for line in log.read_text().splitlines() if "validation" not in (row := json.loads(line))]
    assert steps[-1] == 400
    assert len(steps) - len(set(steps)) <= 2  # what was lost, at most the steps since the last checkpoint
    whole = run_grid(opened, data, tmp_path / "whole")
    assert resumed == whole


@pytest.mark.slow
def test_torchrun_splits_the_batches_of_every_run(data: Path, tmp_path: Path) -> None:
    rows = {"SegMo": ROWS["SegMo"], "No Align": ROWS["No Align"]}
    path = write_grid(tmp_path, seeds=[1], rows=rows, tables=[], consistency=[])
    run_grid(read_grid(path), data, tmp_path / "out")
    arguments = ["ablate", str(path), "--data", str(data), "-o", str(tmp_path / "many"), "--json"]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*torchrun, "-m", "segmo_core", *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    alone, many = (finished(read_grid(path), data, tmp_path / name) for name in ("out", "many"))
    assert len(alone) == len(many) == 2
    for one, other in zip(alone, many, strict=True):
        assert one.validation == pytest.approx(other.validation, rel=1e-3)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rows": {}}, "0 rows"),
        ({"seeds": [1, 1]}, "seeds once each"),
        (
            {"rows": {"a": {"masked": {"alignment": "no"}}}, "tables": [], "consistency": []},
            r"row 'a'.*'no' is unknown",
        ),
        ({"rows": {"a": {"tokenizer": {"width": 32}}}, "tables": [], "consistency": []}, "which all rows share"),
        ({"consistency": ["nobody"]}, "names the row 'nobody'"),
        ({"rows": {"a b": {}, "A-B": {}}, "tables": [], "consistency": []}, "same letters and digits"),
        ({"shared": ["masked"]}, "tokens must mean the same"),
        ({"config": "nowhere.json"}, "nowhere.json: no such file"),
        ({"evaluation": {"timing": "some"}}, "expected one of even, true, none"),
    ],
)
def test_grids_that_make_no_sense_are_refused(changes: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read_grid(write_grid(tmp_path, **changes))


def test_rows_by_name(trained: Path, data: Path) -> None:
    figures = run_grid(read_grid(trained / "grid.json"), data, trained / "out", rows=["CPD"])
    assert {one.row for one in figures} == {"CPD"}
    with pytest.raises(InvalidRequestError, match="row: 'CPT' is none of the grid's, expected SegMo, CPD"):
        run_grid(read_grid(trained / "grid.json"), data, trained / "out", rows=["CPT"])


def test_no_workers_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="workers: 0, expected at least 1"):
        run_grid(read_grid(write_grid(tmp_path)), data, tmp_path / "out", workers=0)


@pytest.mark.parametrize("name", ["mocap22", "humanml3d"])
def test_grids_that_ship_hold_the_papers_rows(name: str) -> None:
    opened = read_grid(CONFIGS / "ablations" / f"{name}.json")
    configs = list(opened.rows.values())
    assert {config.boundaries for config in configs} >= {"uniform", "change-point", "clustering"}
    assert {config.masked.aggregation for config in configs} == {"mean", "max", "mean-max", "cross-attention", "cls"}
    kinds = {config.masked.alignment for config in configs}
    assert kinds == {"in-sample", "batch-level", "global", "token", "none"}
    assert len(opened.grid.seeds) >= 5
    assert opened.config_of("SegMo", 3, CONFIGS)["stages"]["masked"]["seed"] == 3
    assert np.isfinite(opened.base.stages.masked.learning_rate)
    assert grid_tables(opened.grid, []) == []
