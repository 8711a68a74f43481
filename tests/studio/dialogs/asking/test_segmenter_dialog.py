"""Who cuts prompts: rules or any model of a real server, chosen, got and cancelled by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ollama_server import OllamaServer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_until_idle

from segmo_core.project.project import GenerationSettings, Project
from segmo_core.project.project_file import ProjectFile, read_project, write_project
from segmo_studio.dialogs.asking.segmenter_dialog import SegmenterDialog
from segmo_studio.main_window import MainWindow

CAPTION = "a person walks slowly then sits down"


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    pytest.importorskip("ollama", reason="the package ollama is not installed")

    def answer(model: str, _said: str) -> object:
        cut = ["A person walks slowly.", "A person sits down."]
        return {"segments": cut if model == "llama3:8b" else [f"{CAPTION}."]}

    running = OllamaServer(("llama3:8b", "wordy:1b"), answer, ("llama3.2:3b",))
    yield running
    running.close()


@pytest.fixture
def dialog(window: MainWindow, server: OllamaServer, qtbot: QtBot) -> SegmenterDialog:
    """Opened from the prompt panel, with the server's address typed into it."""
    QTest.mouseClick(window.prompt_panel.segmenter, Qt.MouseButton.LeftButton)
    opened = window.findChild(SegmenterDialog)
    qtbot.waitUntil(opened.isActiveWindow)
    opened.address.setFocus()
    QTest.keyClicks(opened.address, server.address)
    QTest.keyClick(opened.address, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.choices.count() == 3)
    return opened


def test_a_model_is_chosen_in_place_and_asked(
    dialog: SegmenterDialog,
    server: OllamaServer,
    window: MainWindow,
    make_window: Callable[[Any], MainWindow],
    engine: HeldEngine,
    qtbot: QtBot,
) -> None:
    assert [dialog.choices.item(row).text().splitlines()[0] for row in range(3)] == [
        "Built-in rules", "llama3:8b", "wordy:1b",
    ]  # fmt: skip
    assert dialog.choices.currentRow() == 0
    dialog.choices.setFocus()
    QTest.keyClick(dialog.choices, Qt.Key.Key_Down)
    assert dialog.status.text() == f"Ollama is running at {server.address} and has llama3:8b."
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field = window.prompt_panel.prompt
    field.setFocus()
    QTest.keyClicks(field, CAPTION)
    QTest.mouseClick(window.prompt_panel.propose, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert server.asked == ["llama3:8b"]
    assert window.document.current.track.texts == ("A person walks slowly.", "A person sits down.")
    assert window.prompt_panel._answer.text() == "Segmented by Ollama (llama3:8b)."
    assert window.inspector.segmenter.currentText() == "Ollama (llama3:8b)"
    again = make_window(engine).document.settings
    assert (again.segmenter, again.language_model, again.ollama_url) == ("ollama", "llama3:8b", server.address)


def test_a_model_is_got_with_progress_and_chosen(dialog: SegmenterDialog, server: OllamaServer, qtbot: QtBot) -> None:
    assert not dialog.get.isEnabled()
    server.gate.clear()
    dialog.wanted.setFocus()
    QTest.keyClicks(dialog.wanted, "llama3.2:3b")
    QTest.mouseClick(dialog.get, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog._so_far.text() == "Getting llama3.2:3b: 1.0 of 4.0 GB.")
    assert dialog.bar.isVisible()
    assert dialog.bar.value() == round(1000 * 0.99 * 0.25)
    assert not dialog.get.isEnabled()
    server.gate.set()
    qtbot.waitUntil(lambda: dialog.choices.count() == 4)
    assert dialog.choices.currentItem().text().startswith("llama3.2:3b")
    assert not dialog.bar.isVisible()
    assert server.pulled == ["llama3.2:3b"]


def test_getting_is_cancelled_and_hides_no_other_job(
    dialog: SegmenterDialog, server: OllamaServer, window: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    server.gate.clear()
    dialog.wanted.setFocus()
    QTest.keyClicks(dialog.wanted, "llama3.2:3b")
    QTest.keyClick(dialog.wanted, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "1.0 of 4.0 GB" in dialog._so_far.text())
    engine.open_gate.clear()
    window.jobs.compose("a person walks")
    qtbot.waitUntil(lambda: window.job_status.text.text().startswith("Generating"))
    window.job_status.cancel()
    qtbot.waitUntil(lambda: len(window.runner.jobs) == 1)
    assert window.runner.jobs[0].title == "Getting llama3.2:3b"
    QTest.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert server.was_hung_up.wait(10)
    assert not dialog.bar.isVisible()
    assert server.models == ("llama3:8b", "wordy:1b")


def test_what_is_wrong_is_one_sentence(dialog: SegmenterDialog, server: OllamaServer, qtbot: QtBot) -> None:
    dialog.wanted.setFocus()
    QTest.keyClicks(dialog.wanted, "nobody:1b")
    QTest.keyClick(dialog.wanted, Qt.Key.Key_Return)
    window = dialog.parent()
    qtbot.waitUntil(lambda: "Ollama knows no model nobody:1b" in window.toast.sentence.text())
    dialog.address.setFocus()
    dialog.address.selectAll()
    QTest.keyClicks(dialog.address, "http://127.0.0.1:9")
    QTest.mouseClick(dialog.look, Qt.MouseButton.LeftButton)
    told = "Ollama is not running at http://127.0.0.1:9 (start it with: ollama serve)."
    qtbot.waitUntil(lambda: dialog.status.text() == told)
    assert dialog.choices.count() == 1


def test_a_model_that_is_gone_is_told(dialog: SegmenterDialog, server: OllamaServer, qtbot: QtBot) -> None:
    dialog.choices.setFocus()
    QTest.keyClick(dialog.choices, Qt.Key.Key_Down)
    server.models = ("wordy:1b",)
    QTest.mouseClick(dialog.look, Qt.MouseButton.LeftButton)
    told = f"Ollama is running at {server.address}; it has no llama3:8b."
    qtbot.waitUntil(lambda: dialog.status.text() == told)
    assert dialog.status.property("role") == "warning"
    assert dialog.choices.currentItem().text() == "llama3:8b\nA language model that Ollama does not have"


def test_a_project_carries_the_model_but_not_a_stranger_s_server(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    strange = GenerationSettings(3, segmenter="ollama", language_model="llama3:8b", ollama_url="http://example.com")
    write_project(ProjectFile(Project(settings=strange)), tmp_path / "strange.segmo")
    assert read_project(tmp_path / "strange.segmo").project.settings == strange
    window.projects.open(tmp_path / "strange.segmo")
    wait_until_idle(qtbot, window)
    assert window.document.settings == replace(strange, ollama_url=None)
    assert "names another Ollama (http://example.com); yours at http" in window.toast.sentence.text()
