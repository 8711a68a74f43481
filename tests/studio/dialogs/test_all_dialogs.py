"""Every dialog there is: Tab reaches everything, everything has a name, it fits a small screen, Escape closes it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest
from keyboard_support import controls, missed, nameless
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from segmo_core import motion_files
from segmo_core.motion.motion import Motion
from segmo_core.segmentation.text_rules import RulesSegmenter
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio import dialogs
from segmo_studio.commands.actions import shortcut_tables
from segmo_studio.dialogs.asking.proposal_dialog import ProposalDialog
from segmo_studio.dialogs.asking.segmenter_dialog import SegmenterDialog
from segmo_studio.dialogs.batch_dialog import BatchDialog
from segmo_studio.dialogs.bridge_dialog import BridgeDialog
from segmo_studio.dialogs.command_palette import CommandPalette
from segmo_studio.dialogs.export_dialog import ExportDialog
from segmo_studio.dialogs.finding.library_dialog import LibraryDialog
from segmo_studio.dialogs.help.log_dialog import LogDialog
from segmo_studio.dialogs.import_dialog import ImportDialog
from segmo_studio.dialogs.messages import Messages
from segmo_studio.dialogs.models.convert_dialog import ConvertDialog
from segmo_studio.dialogs.models.evaluation_dialog import EvaluationDialog
from segmo_studio.dialogs.models.model_manager import ModelManager
from segmo_studio.dialogs.models.run_dialog import RunDialog
from segmo_studio.dialogs.models.training_dialog import TrainingDialog
from segmo_studio.dialogs.picture_dialog import PictureDialog
from segmo_studio.dialogs.settings_dialog import ChosenSettings, SettingsDialog
from segmo_studio.dialogs.shortcut_sheet import ShortcutSheet
from segmo_studio.document.read_motion import ReadMotion
from segmo_studio.main_window import MainWindow
from segmo_studio.services.engine_service import Proposal
from segmo_studio.services.jobs import Job
from segmo_studio.services.making.asked_generations import AskedGeneration
from segmo_studio.services.making.reproposal import Reproposal
from segmo_studio.services.models.runs import EVALUATION, TRAINING

Maker = Callable[[MainWindow, Path, Motion], QDialog]


def import_dialog(window: MainWindow, folder: Path, walk: Motion) -> QDialog:
    read = ReadMotion(folder / "walk.bvh", walk, motion_files.retargeted(walk))
    return ImportDialog(read, window.file_jobs.fit, None, window)


def model_manager(window: MainWindow, _folder: Path, _walk: Motion) -> QDialog:
    window.models.show()
    assert window.models.dialog is not None
    return window.models.dialog


def proposal_dialog(window: MainWindow, _folder: Path, _walk: Motion) -> QDialog:
    take, settings = window.document.current, window.document.settings
    asked = AskedGeneration(Job("", lambda *_: None, "text"), take, "", None, settings, settings, False)
    track = SegmentTrack.from_durations(["A person jumps.", "A person walks forward."], [40, 44])
    reproposal = Reproposal.over(asked, Proposal(RulesSegmenter().segment("a person jumps"), track), False)
    return ProposalDialog(reproposal, window)


MAKERS: dict[type[QDialog], Maker] = {
    BatchDialog: lambda window, folder, _walk: BatchDialog(folder, "fbx", 1, window),
    BridgeDialog: lambda window, _folder, _walk: BridgeDialog(window.bridge, lambda _on: None, window),
    CommandPalette: lambda window, _folder, _walk: CommandPalette(window.commands.all(), window),
    ExportDialog: lambda window, folder, _walk: ExportDialog(window.document.current, folder, parent=window),
    ImportDialog: import_dialog,
    LibraryDialog: lambda window, folder, _walk: LibraryDialog(folder, QWidget(), window),
    LogDialog: lambda window, folder, _walk: LogDialog("Log", "a line\n" * 300, folder / "studio.log", window),
    Messages: lambda window, _folder, _walk: Messages((), window),
    PictureDialog: lambda window, folder, _walk: PictureDialog(folder / "x.png", (800, 600), 20.0, True, window),
    ProposalDialog: proposal_dialog,
    SegmenterDialog: lambda window, _folder, _walk: SegmenterDialog(window.document, window.asking.models, window),
    SettingsDialog: lambda window, folder, _walk: SettingsDialog(
        ChosenSettings("dark", "rules", folder, folder), window
    ),
    ConvertDialog: lambda window, folder, _walk: ConvertDialog(folder, window),
    EvaluationDialog: lambda window, _folder, _walk: window.models.runs.show(EVALUATION),
    ModelManager: model_manager,
    TrainingDialog: lambda window, _folder, _walk: window.models.runs.show(TRAINING),
    ShortcutSheet: lambda window, _folder, _walk: ShortcutSheet(shortcut_tables(), window),
}


def all_dialogs() -> set[type[QDialog]]:
    found = set()
    for info in pkgutil.walk_packages(dialogs.__path__, f"{dialogs.__name__}."):
        module = importlib.import_module(info.name)
        kinds = (value for value in vars(module).values() if isinstance(value, type) and issubclass(value, QDialog))
        found |= {kind for kind in kinds if kind.__module__ == info.name}
    return found


def test_no_dialog_is_left_out() -> None:
    made = {kind.__name__ for kind in (*MAKERS, RunDialog)}  # that one is made as one of its two kinds
    assert {kind.__name__ for kind in all_dialogs()} - made == set()


@pytest.mark.parametrize("kind", MAKERS, ids=lambda kind: kind.__name__)
def test_a_dialog_is_worked_by_keys_and_fits(
    generated: MainWindow, walk: Motion, tmp_path: Path, qtbot: QtBot, kind: type[QDialog]
) -> None:
    dialog = MAKERS[kind](generated, tmp_path, walk)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isVisible)
    if controls(dialog):
        qtbot.waitUntil(
            lambda: QApplication.focusWidget() is not None and QApplication.focusWidget().window() is dialog
        )
    assert nameless(dialog) == []
    assert missed(dialog) == []
    assert dialog.width() <= 1280
    assert dialog.height() <= 700
    focused = QApplication.focusWidget() or dialog
    QTest.keyClick(focused if focused.window() is dialog else dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    dialog.deleteLater()
