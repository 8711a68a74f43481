"""Projects in the window: saved, reopened, kept safe from crashes, and never lost without a question."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_until_idle

from segmo_core.project.project_file import read_project, read_thumbnail
from segmo_studio.main_window import MainWindow
from segmo_studio.services.notifications import Notification
from segmo_studio.services.saving import autosave

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the file dialogs answer, in turn: the one part of the window that belongs to the system."""
    answers: list[str] = []
    for asks in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, asks, lambda *_: (answers.pop(0), ""))
    return answers


def press_soon(answer: str) -> None:
    """Press the button of the message box that is about to open, as a person would."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        button = next(b for b in box.findChildren(QPushButton) if b.text().replace("&", "") == answer)
        button.click()

    QTimer.singleShot(300, press)


def sentences_of(window: MainWindow) -> list[str]:
    said: list[str] = []

    def note(notification: Notification) -> None:
        said.append(notification.sentence)

    window.notifications.posted.connect(note)
    return said


def save(window: MainWindow, qtbot: QtBot, path: Path, names: list[str]) -> None:
    names.append(str(path))
    qtbot.keyClick(window, Qt.Key.Key_S, CONTROL)
    wait_until_idle(qtbot, window)


def test_saving_and_reopening_gives_the_same_bytes(
    generated: MainWindow, make_window: Callable[[Any], MainWindow], engine: HeldEngine, qtbot: QtBot, tmp_path: Path,
    names: list[str],
) -> None:  # fmt: skip
    window = generated
    window.editor.set_text(1, "A person bows.")
    wait_until_idle(qtbot, window)
    assert window.isWindowModified()
    before = window.document.current
    path = tmp_path / "first.segmo"
    save(window, qtbot, path, names)
    assert not window.isWindowModified()
    assert window.windowTitle() == "first[*] – SegMo Studio"
    assert read_thumbnail(path).startswith(b"\x89PNG")
    other = make_window(engine)
    names.append(str(path))
    qtbot.keyClick(other, Qt.Key.Key_O, CONTROL | SHIFT)
    wait_until_idle(qtbot, other)
    after = other.document.current
    assert before.result is not None
    assert after.result is not None
    np.testing.assert_array_equal(after.result.motion.joint_positions, before.result.motion.joint_positions)
    np.testing.assert_array_equal(after.result.token_ids, before.result.token_ids)
    assert other.prompt_panel.prompt.toPlainText() == window.prompt_panel.prompt.toPlainText()
    assert [card.text.text() for card in other.prompt_panel.cards][1] == "A person bows."
    assert not other.isWindowModified()
    assert not other.document.undo_stack.canUndo()
    again = tmp_path / "again.segmo"
    other.projects.write(again)
    wait_until_idle(qtbot, other)
    found, expected = read_project(again).project, read_project(path).project
    assert [take.track for take in found.takes] == [take.track for take in expected.takes]


def test_what_is_edited_while_saving_still_counts_as_unsaved(
    generated: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    job = generated.projects.write(tmp_path / "x.segmo")
    generated.editor.set_text(0, "A person hops.")
    qtbot.waitUntil(lambda: job not in generated.runner.jobs)
    assert generated.isWindowModified()
    wait_until_idle(qtbot, generated)


def test_undo_back_to_what_was_saved_is_not_modified(generated: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    generated.projects.write(tmp_path / "x.segmo")
    wait_until_idle(qtbot, generated)
    generated.editor.set_text(0, "A person hops.")
    wait_until_idle(qtbot, generated)
    assert generated.isWindowModified()
    generated.document.undo_stack.undo()
    assert not generated.isWindowModified()


def test_closing_asks_about_unsaved_work(generated: MainWindow, qtbot: QtBot) -> None:
    press_soon("Cancel")
    generated.close()
    assert generated.isVisible()
    press_soon("Discard")
    generated.close()
    assert not generated.isVisible()


def test_saving_at_the_end_closes_once_the_file_is_whole(
    generated: MainWindow, qtbot: QtBot, tmp_path: Path, names: list[str]
) -> None:
    names.append(str(tmp_path / "last"))
    press_soon("Save")
    generated.close()
    qtbot.waitUntil(lambda: not generated.isVisible(), timeout=20000)
    assert len(read_project(tmp_path / "last.segmo").project.takes) == 1


def test_words_that_were_only_typed_are_work_too(window: MainWindow, qtbot: QtBot) -> None:
    window.prompt_panel.prompt.setFocus()
    qtbot.keyClicks(window.prompt_panel.prompt, "a person sw")
    press_soon("Cancel")
    window.close()
    assert window.isVisible()
    assert window.prompt_panel.prompt.toPlainText() == "a person sw"


def test_a_file_that_is_no_project_leaves_everything(
    generated: MainWindow, qtbot: QtBot, tmp_path: Path, names: list[str]
) -> None:
    save(generated, qtbot, tmp_path / "x.segmo", names)
    wrong = tmp_path / "wrong.segmo"
    wrong.write_bytes(b"PK nothing")
    said = sentences_of(generated)
    take = generated.document.current
    generated.projects.open(wrong)
    wait_until_idle(qtbot, generated)
    assert generated.document.current is take
    assert len(said) == 1
    assert str(wrong) in said[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(generated: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    said = sentences_of(generated)
    generated.projects.write(closed / "x.segmo")
    wait_until_idle(qtbot, generated)
    assert any("cannot be written" in sentence for sentence in said)
    assert generated.isWindowModified()


def test_a_place_that_is_not_there_is_said_and_nothing_is_lost(
    generated: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    said = sentences_of(generated)
    generated.projects.write(tmp_path / "nowhere" / "x.segmo")
    wait_until_idle(qtbot, generated)
    assert any("cannot be written" in sentence for sentence in said)
    assert generated.isWindowModified()
    assert generated.projects.path is None


def test_recent_projects_are_listed_with_their_pictures(
    generated: MainWindow, qtbot: QtBot, tmp_path: Path, names: list[str]
) -> None:
    save(generated, qtbot, tmp_path / "one.segmo", names)
    recent = generated.findChild(QObject, "recentMenu")
    recent.aboutToShow.emit()
    (action,) = recent.actions()
    assert action.text() == "one"
    assert not action.icon().isNull()
    (tmp_path / "one.segmo").unlink()
    recent.aboutToShow.emit()
    assert [entry.isEnabled() for entry in recent.actions()] == [False]


def test_a_dropped_project_is_opened(generated: MainWindow, qtbot: QtBot, tmp_path: Path, names: list[str]) -> None:
    save(generated, qtbot, tmp_path / "one.segmo", names)
    qtbot.keyClick(generated, Qt.Key.Key_N, CONTROL | SHIFT)
    assert generated.document.current.is_empty
    assert generated.windowTitle() == "Untitled[*] – SegMo Studio"
    generated.files.open(tmp_path / "one.segmo")
    wait_until_idle(qtbot, generated)
    assert generated.document.current.motion is not None
    assert generated.projects.path == tmp_path / "one.segmo"


def test_unsaved_work_is_on_disk_within_seconds_and_gone_when_saved(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data" / "unsaved"
    assert autosave.DELAY_MS <= 5000
    window.prompt_panel.prompt.setFocus()
    qtbot.keyClicks(window.prompt_panel.prompt, "a person walks")
    qtbot.waitUntil(lambda: list(folder.glob("[!.]*.segmo")) != [], timeout=autosave.DELAY_MS + 4000)
    (kept,) = folder.glob("[!.]*.segmo")
    assert read_project(kept).drafts == {1: "a person walks"}
    save(window, qtbot, tmp_path / "x.segmo", names)
    assert list(folder.glob("[!.]*.segmo")) == []


KILLED = """
import sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from segmo_studio.app import make_application
from segmo_studio.main_window import MainWindow
from segmo_studio.services.engine_service import EngineService
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme
application = make_application()
folder = Path(sys.argv[1])
settings = Settings(QSettings(str(folder / "killed.ini"), QSettings.Format.IniFormat), folder / "data")
window = MainWindow(Theme(application, "dark"), settings, EngineService)
window.show()
window.prompt_panel.prompt.setPlainText("a person walks, then waves")
window.commands["propose"].trigger()
application.exec()
"""


def test_a_killed_studio_loses_nothing_that_is_ten_seconds_old(
    make_window: Callable[[Any], MainWindow], engine: HeldEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "unsaved"
    killed = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
    try:
        qtbot.waitUntil(lambda: any(len(_segments(path)) == 2 for path in folder.glob("[!.]*.segmo")), timeout=240000)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    window = make_window(engine)
    window.projects.offer_recovery()
    press_soon("Open")
    qtbot.waitUntil(lambda: window.document.current.track is not None, timeout=20000)
    assert window.document.current.prompt == "a person walks, then waves"
    assert window.isWindowModified()
    assert window.projects.has_unsaved_work
    # Its work is this run's now: kept still, and offered to nobody else.
    assert len(list(folder.glob("[!.]*.segmo"))) == 1
    make_window(engine).projects.offer_recovery()
    assert QApplication.activeModalWidget() is None


def _segments(path: Path) -> tuple[str, ...]:
    track = read_project(path).project.current.track
    return () if track is None else track.texts


def test_a_running_studio_is_no_wreck(
    make_window: Callable[[Any], MainWindow], engine: HeldEngine, qtbot: QtBot
) -> None:
    first = make_window(engine)
    first.prompt_panel.prompt.setPlainText("a person walks")
    first.projects.autosave.keep()
    wait_until_idle(qtbot, first)
    make_window(engine).projects.offer_recovery()
    assert QApplication.activeModalWidget() is None
