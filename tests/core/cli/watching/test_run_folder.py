"""Commands as processes of their own: what their folder tells, a stop that keeps a checkpoint, a kill that is seen."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_training import write_tiny_config, write_tiny_data

from segmo_core.cli.watching.run_folder import RunFolder, RunState
from segmo_core.motion.motion import Motion


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 300
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.fixture
def training(walk: Motion, tmp_path: Path) -> RunFolder:
    """So many steps that it ends only when it is stopped."""
    data = write_tiny_data(tmp_path / "data", walk)
    stage = {"steps": 500_000, "batch_size": 4, "log_every": 5, "validate_every": 500_000}
    config = write_tiny_config(tmp_path / "config.json", stage)
    words = ("train", "tokenizer", "--data", str(data), "--config", str(config), "-o", str(tmp_path / "out"))
    return RunFolder.made(tmp_path / "run", words)


def test_what_was_printed_and_how_it_ended(tiny_bundle: Path, tmp_path: Path) -> None:
    run = RunFolder.made(tmp_path / "a run", ("info", str(tiny_bundle), "--json"))
    process = run.start()
    assert run.state(process.poll() is None) is RunState.RUNNING
    assert process.wait(300) == 0
    assert run.state() is RunState.DONE
    assert json.loads(run.printed)["name"] == "tiny"
    assert run.said == ""


def test_a_mistake_is_one_sentence(tmp_path: Path) -> None:
    run = RunFolder.made(tmp_path / "run", ("info", str(tmp_path / "nowhere")))
    assert run.start().wait(300) == 2
    assert run.state() is RunState.FAILED
    assert run.said == f"segmo: {tmp_path / 'nowhere'}: no such folder, expected a bundle (a folder with bundle.json)\n"


def test_a_stop_keeps_the_last_step_and_a_resumed_run_goes_on_there(training: RunFolder, tmp_path: Path) -> None:
    log = tmp_path / "out" / "tokenizer" / "log.jsonl"
    process = training.start()
    wait_for(log.is_file, "no step was logged")
    assert training.is_alive()
    training.stop()
    assert training.state() is RunState.STOPPING
    assert process.wait(300) == 130
    assert training.state() is RunState.STOPPED
    assert (tmp_path / "out" / "tokenizer" / "checkpoint.pt").is_file()
    assert training.progress()[-1].message.startswith("step ")
    before = json.loads(log.read_text().splitlines()[-1])["step"]

    process = training.start("--resume")
    wait_for(lambda: json.loads(log.read_text().splitlines()[-1])["step"] > before, "it did not go on")
    steps = [json.loads(line)["step"] for line in log.read_text().splitlines()]
    assert steps == sorted(set(steps))
    os.kill(process.pid, signal.SIGKILL)
    process.wait(300)
    assert not training.is_alive()
    assert training.state() is RunState.LOST


def test_asked_twice_it_ends_at_once(training: RunFolder) -> None:
    process = training.start()
    wait_for(training.is_alive, "it never began")
    training.stop()
    training.stop()
    assert process.wait(300) in (130, 128 + signal.SIGTERM, 1, -signal.SIGTERM)
    assert not training.is_alive()


@pytest.mark.parametrize("content", ["", "{", '{"a": 1}', "[1"])
def test_a_damaged_folder_is_a_run_that_was_lost(tmp_path: Path, content: str) -> None:
    (tmp_path / "command.json").write_text(content)
    (tmp_path / "progress.jsonl").write_text('{"seconds": 1, "fraction": 0.5, "message": "a"}\n{"seconds": 2, "fra')
    run = RunFolder(tmp_path)
    assert run.arguments == ()
    assert run.state() is RunState.LOST
    assert [line.message for line in run.progress()] == ["a"]
