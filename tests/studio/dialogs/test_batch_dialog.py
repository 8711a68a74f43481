"""Batches in the Studio: a list chosen, made by a job that can be cancelled, what failed is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_studio.dialogs.batch_dialog import BatchDialog
from segmo_studio.main_window import MainWindow


def start(window: MainWindow, source: Path, folder: Path) -> None:
    def act() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, BatchDialog)
        dialog.source.setFocus()
        QTest.keyClicks(dialog.source, str(source))
        dialog.target.selectAll()
        QTest.keyClicks(dialog.target, str(folder))
        assert dialog.make.isEnabled(), dialog.note.text()
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    QTimer.singleShot(100, act)
    window.commands["batch"].trigger()


def test_a_list_becomes_a_folder_of_motions(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "list.csv").write_text("prompt,name,seconds\na person walks,walk,1\na person waves,bad,9999\n")
    start(window, tmp_path / "list.csv", tmp_path / "out")
    wait_until_idle(qtbot, window)
    assert (tmp_path / "out" / "walk.bvh").is_file()
    assert window.toast.sentence.text() == "1 motion made, 1 failed."
    assert "bad: seconds: 9999" in window.notifications.told[-1][1].details
    (tmp_path / "list.csv").write_text("prompt,name,seconds\na person walks,walk,1\n")
    start(window, tmp_path / "list.csv", tmp_path / "out")
    wait_until_idle(qtbot, window)
    assert window.toast.sentence.text() == "0 motions made, 1 were there already."


@pytest.mark.parametrize(
    ("text", "told"), [(None, "no such file"), ("", "no prompt in it"), ("a person walks\n", "1 motion.")]
)
def test_the_list_is_read_while_it_is_named(tmp_path: Path, qtbot: QtBot, text: str | None, told: str) -> None:
    dialog = BatchDialog(tmp_path, "bvh", 3)
    qtbot.addWidget(dialog)
    assert (dialog.make.isEnabled(), dialog.note.text()) == (False, "Choose a list of prompts.")
    if text is not None:
        (tmp_path / "list.txt").write_text(text)
    dialog.source.setText(str(tmp_path / "list.txt"))
    assert told in dialog.note.text()
    assert dialog.make.isEnabled() == (told == "1 motion.")
    dialog.target.clear()
    assert not dialog.make.isEnabled()


def test_a_batch_is_cancelled_as_any_job(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "list.txt").write_text("".join(f"a person waves {number} times\n" for number in range(500)))
    window.bundles.start()
    wait_until_idle(qtbot, window)
    start(window, tmp_path / "list.txt", tmp_path / "out")
    qtbot.waitUntil(lambda: any((tmp_path / "out").glob("*.bvh")), timeout=60000)
    qtbot.waitUntil(window.job_status.cancel_button.isVisible, timeout=20000)
    QTest.mouseClick(window.job_status.cancel_button, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert 1 <= len(list((tmp_path / "out").glob("*.bvh"))) < 500
