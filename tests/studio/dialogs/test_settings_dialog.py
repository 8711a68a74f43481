"""The settings: by keys, applied and remembered; a folder that is not there is told before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from segmo_studio.dialogs.settings_dialog import SettingsDialog
from segmo_studio.main_window import MainWindow


def answer(window: MainWindow, do: Callable[[SettingsDialog], None]) -> None:
    def act() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, SettingsDialog)
        do(dialog)

    QTimer.singleShot(100, act)
    window.commands["settings"].trigger()


def choose(field: QComboBox, value: str) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Home)
    while field.currentData() != value:
        QTest.keyClick(field, Qt.Key.Key_Down)


def test_what_is_applied_is_used_and_remembered(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "out").mkdir()

    def change(dialog: SettingsDialog) -> None:
        choose(dialog.theme, "contrast")
        choose(dialog.segmenter, "ollama")
        dialog.exports.line.selectAll()
        QTest.keyClicks(dialog.exports.line, str(tmp_path / "out"))
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    answer(window, change)
    assert window.theme.colours.name == "contrast"
    assert window.commands["theme_contrast"].isChecked()
    assert not window.commands["theme_dark"].isChecked()
    assert window.document.settings.segmenter == "ollama"
    settings = window._settings
    assert (settings.theme, settings.segmenter, settings.export_folder) == ("contrast", "ollama", tmp_path / "out")
    window.commands["theme_dark"].trigger()
    assert settings.theme == "dark"


def test_escape_changes_nothing(window: MainWindow) -> None:
    before = window.theme.choice

    def change(dialog: SettingsDialog) -> None:
        choose(dialog.theme, "light")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    answer(window, change)
    assert window.theme.choice == before


def test_a_folder_that_is_not_there_cannot_be_applied(window: MainWindow, tmp_path: Path) -> None:
    told = []

    def change(dialog: SettingsDialog) -> None:
        QTest.keyClicks(dialog.smpl.line, str(tmp_path / "nowhere"))
        told.append((dialog.apply.isEnabled(), dialog.note.text()))
        dialog.smpl.line.clear()
        told.append((dialog.apply.isEnabled(), dialog.note.text()))
        dialog.reject()

    answer(window, change)
    assert told == [
        (False, f"There is no folder {tmp_path / 'nowhere'}."),
        (True, "Another language is used from the next start."),
    ]
