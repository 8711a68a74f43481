"""The export dialog: formats of the registry, options that have room, presets, what is remembered, and the job."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot
from window_support import SlowExports, wait_until_idle

from segmo_core.errors import MissingDependencyError
from segmo_core.formats import registry
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.motion import Motion
from segmo_core.project.project import Take
from segmo_studio.dialogs.export_dialog import ExportDialog
from segmo_studio.dialogs.export_presets import PRESETS, available_presets, usual_left_out, writable_formats
from segmo_studio.main_window import MainWindow

WRITABLE = [row for row in registry.FORMATS.values() if row.writer]
CHECKED = {"mesh", "in_place", "root_bone", "fingers", "loop", "from_origin"}


@pytest.fixture
def dialog(walk: Motion, tmp_path: Path, qtbot: QtBot) -> ExportDialog:
    take = Take(1, "Take 1", prompt="A person walks forward, then waves to a friend", opened=walk)
    dialog = ExportDialog(take, tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def shown_options(dialog: ExportDialog) -> set[str]:
    form = dialog.form
    fields = {"frame_rate": form.frame_rate, **form.choices, **form.switches}
    return {name for name, field in fields.items() if field.isVisible()}


def test_every_writable_format_is_listed_once_in_a_group(dialog: ExportDialog) -> None:
    listed = [row.name for rows in writable_formats().values() for row in rows]
    assert sorted(listed) == sorted(row.name for row in WRITABLE)
    assert set(dialog._rows_by_name()) == set(listed)
    assert {"bvh"} <= {row.name for row in writable_formats()["3D programs"]}
    assert {"npz", "joints"} <= {row.name for row in writable_formats()["Data"]}


@pytest.mark.parametrize("row", WRITABLE, ids=lambda row: row.name)
def test_only_options_with_room_are_shown_and_given(dialog: ExportDialog, row: registry.MotionFormat) -> None:
    full = ExportOptions(frame_rate=25.0, unit="in", up_axis="z", names="vrm", in_place=True, root_bone=True,
                         mesh=False, bone_axes="bone", keys="frame", from_origin=True)  # fmt: skip
    dialog.choose("bvh", full)
    dialog.choose(row.name)
    assert dialog.format_name == row.name
    assert shown_options(dialog) == row.options & {
        "frame_rate",
        "unit",
        "up_axis",
        "names",
        "bone_axes",
        "keys",
        "frame",
        *CHECKED,
    }
    assert dialog.path.suffix == row.extensions[0]
    assert dialog.export.isEnabled()
    registry.check_export(dialog.path, dialog.options, row.name)
    dialog.choose("bvh")
    assert dialog.options.unit == "in", "what was chosen before another format was looked at"


def test_the_file_is_named_and_titled_after_the_prompt(dialog: ExportDialog, tmp_path: Path) -> None:
    assert dialog.path == tmp_path / "a-person-walks-forward-then-waves.bvh"
    assert dialog.options.title == "A person walks forward, then waves to a friend"


def test_typing_a_known_extension_chooses_its_format(dialog: ExportDialog) -> None:
    dialog.field.setFocus()
    dialog.field.setSelection(len(dialog.field.text()) - 3, 3)
    QTest.keyClicks(dialog.field, "npz")
    assert dialog.format_name == "npz"
    assert dialog.form._nothing.isVisible()


@pytest.mark.parametrize(
    ("name", "note", "is_possible"),
    [
        ("walk.xyz", "BVH: the name must end in .bvh.", False),
        ("missing/walk.bvh", "There is no folder {folder}/missing.", False),
        ("old.bvh", "old.bvh exists and will be replaced.", True),
        ("folder.bvh", "folder.bvh is a folder.", False),
        ("new.bvh", "", True),
    ],
)
def test_what_is_wrong_with_the_file_is_said_before_it_is_written(
    dialog: ExportDialog, tmp_path: Path, name: str, note: str, is_possible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segmo_studio.dialogs.export_dialog.shortened", str)
    (tmp_path / "old.bvh").write_bytes(b"")
    (tmp_path / "folder.bvh").mkdir()
    dialog.field.setText(str(tmp_path / name))
    assert dialog.note.text() == note.format(folder=tmp_path)
    assert dialog.export.isEnabled() == is_possible


def test_a_long_path_does_not_widen_the_dialog(dialog: ExportDialog, tmp_path: Path) -> None:
    width = dialog.width()
    dialog.field.setText(str(tmp_path.joinpath(*["a-folder-that-does-not-exist"] * 12, "walk.bvh")))
    QApplication.processEvents()
    assert dialog.width() == width
    assert "…" in dialog.note.text()


def test_presets_set_format_and_options_and_are_recognised(dialog: ExportDialog) -> None:
    presets = available_presets()
    assert "Any BVH reader" in {preset.title for preset in presets}
    for number, preset in enumerate(presets, 1):
        dialog.preset.setCurrentIndex(number)
        dialog.preset.activated.emit(number)
        assert dialog.format_name == preset.format_name
        row = registry.FORMATS[dialog.format_name]
        assert dialog.form.options() == usual_left_out(preset.options, row)
        assert dialog.preset.currentText() == preset.title
        registry.check_export(dialog.path, dialog.options, dialog.format_name)
    dialog.choose("bvh", ExportOptions(names="mixamo"))
    assert dialog.preset.currentText() == "Any BVH reader"
    dialog.form.switches["in_place"].click()
    assert dialog.preset.currentText() == "None"


def test_no_two_presets_are_the_same() -> None:
    for first, second in itertools.combinations(PRESETS, 2):
        assert (first.formats, first.options) != (second.formats, second.options)


def test_frame_rates(dialog: ExportDialog) -> None:
    field = dialog.form.frame_rate
    assert [field.choice.itemText(row) for row in range(field.choice.count())] == [
        "20 fps (as it is)", "24 fps", "25 fps", "30 fps", "60 fps", "Other…",
    ]  # fmt: skip
    assert dialog.options.frame_rate is None
    field.choice.setCurrentIndex(field.choice.findText("60 fps"))
    assert dialog.options.frame_rate == 60.0
    assert not field.other.isVisible()
    field.choice.setCurrentIndex(field.choice.findText("Other…"))
    assert field.other.isVisible()
    field.other.setValue(29.97)
    assert dialog.options.frame_rate == pytest.approx(30000 / 1001)
    dialog.choose("bvh", ExportOptions(frame_rate=20.0))
    assert dialog.options.frame_rate is None, "the rate that the motion has anyway"
    if "amass-smplx" in registry.FORMATS:
        dialog.choose("amass-smplx")
        assert field.choice.currentText() == "30 fps (usual)"
        field.choice.setCurrentIndex(field.choice.findText("20 fps"))
        assert dialog.options.frame_rate == 20.0


def test_the_keyboard_is_enough(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.formats.hasFocus)
    reached: list[Any] = []
    for _ in range(30):
        reached.append(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if QApplication.focusWidget() is dialog.formats:
            break
    form = dialog.form
    wanted = [dialog.formats, form.frame_rate.choice, form.choices["unit"], form.choices["up_axis"],
              form.choices["names"], form.switches["in_place"], form.switches["root_bone"],
              form.switches["fingers"], form.switches["loop"], form.switches["from_origin"], dialog.field,
              dialog._browse, dialog._cancel,
              dialog.export, dialog.preset]  # fmt: skip
    assert reached == wanted
    unnamed = [widget for widget in reached if not (widget.accessibleName() or getattr(widget, "text", str)())]
    assert unnamed == []
    first = dialog.format_name
    QTest.keyClick(dialog.formats, Qt.Key.Key_Down)
    assert dialog.format_name != first
    QTest.keyClick(dialog.formats, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
    dialog.show()
    QTest.keyClick(dialog.formats, Qt.Key.Key_Escape)
    assert dialog.result() == QDialog.DialogCode.Rejected


def test_the_command_exports_what_was_chosen_and_remembers_it(
    generated: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, offered = generated, []
    options = ExportOptions(frame_rate=30.0, names="mixamo", unit="m", in_place=True)

    def accept(dialog: ExportDialog) -> int:
        offered.append((dialog.format_name, dialog.form.options()))
        dialog.choose("bvh", options)
        dialog.field.setText(str(tmp_path / "walk.bvh"))
        return 1

    monkeypatch.setattr(ExportDialog, "exec", accept)
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url))
    window.commands["export"].trigger()
    wait_until_idle(qtbot, window)
    text = (tmp_path / "walk.bvh").read_text()
    assert "JOINT LeftUpLeg" in text
    assert "Frame Time: 0.0333333" in text
    assert window.toast.sentence.text() == "Saved walk.bvh."
    assert window.toast._action.text() == "Show in folder"
    window.toast._action.click()
    assert opened == [QUrl.fromLocalFile(str(tmp_path))]
    window.commands["export"].trigger()
    wait_until_idle(qtbot, window)
    assert offered == [("bvh", ExportOptions()), ("bvh", options)]
    assert window._settings.export_folder == tmp_path


def test_unreadable_settings_are_no_settings(window: MainWindow) -> None:
    for stored in ("[", "[]", '{"frame_rate": -3}', '{"colour": "red"}', json.dumps({"names": "klingon"})):
        window._settings._store.setValue("export/options", stored)
        assert window._settings.export_options == ExportOptions()
    window._settings.export_format = "gone"


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> SlowExports:
    return SlowExports(monkeypatch)


@pytest.fixture
def opened(window: MainWindow, walk: Motion) -> MainWindow:
    window.document.push_take("Open", Take(1, "Take 1", opened=walk))
    return window


def test_an_export_shows_its_progress_and_can_be_cancelled(
    opened: MainWindow, exports: SlowExports, qtbot: QtBot, tmp_path: Path
) -> None:
    window = opened
    exports.open_gate.clear()
    window.file_jobs.export(tmp_path / "long.bvh")
    qtbot.waitUntil(lambda: window.job_status.isVisible() and window.runner.jobs[0].fraction > 0.1)
    assert window.job_status.text.text().startswith("Exporting long.bvh")
    window.job_status.cancel_button.click()
    wait_until_idle(qtbot, window)
    assert not (tmp_path / "long.bvh").exists()
    assert window.files.last_export is None


def test_a_missing_package_is_the_engines_sentence(
    opened: MainWindow, exports: SlowExports, qtbot: QtBot, tmp_path: Path
) -> None:
    sentence = "USD needs the package usd-core: pip install 'segmo[usd]'"
    exports.error = MissingDependencyError(sentence)
    opened.file_jobs.export(tmp_path / "walk.bvh")
    wait_until_idle(qtbot, opened)
    assert opened.toast.sentence.text() == sentence + "."
    assert opened.toast.property("level") == "error"


def test_a_mesh_is_of_the_pose_at_the_playhead(generated: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    generated.playback.set_frame(17)
    answers: list[ExportOptions] = []

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ExportDialog)
        dialog.choose("stl")
        answers.append(dialog.options)
        pose = dialog.form.choices["frame"]
        pose.setFocus()
        QTest.keyClick(pose, Qt.Key.Key_Down)
        answers.append(dialog.options)
        QTest.keyClick(pose, Qt.Key.Key_Up)
        dialog.field.setText(str(tmp_path / "pose.stl"))
        dialog.export.click()

    QTimer.singleShot(200, answer)
    generated.commands["export"].trigger()
    wait_until_idle(qtbot, generated)
    assert [options.frame for options in answers] == ["17", "all"]
    assert (tmp_path / "pose.stl").stat().st_size > 10_000


def test_fingers_that_are_there_are_written_unless_switched_off(walk: Motion, tmp_path: Path, qtbot: QtBot) -> None:
    hands = HandPoses(np.broadcast_to([1.0, 0.0, 0.0, 0.0], (walk.num_frames, 30, 4)))
    for motion, is_on in ((walk, False), (replace(walk, hands=hands), True)):
        dialog = ExportDialog(Take(1, "Take 1", opened=motion), tmp_path, "fbx")
        qtbot.addWidget(dialog)
        switch = dialog.form.switches["fingers"]
        assert (switch.isChecked(), dialog.options.fingers) == (is_on, None)
        switch.click()
        assert dialog.options.fingers is not is_on
        switch.click()
        assert dialog.options.fingers is None
        dialog.preset.setCurrentText("Unity")
        dialog.preset.activated.emit(dialog.preset.currentIndex())
        assert dialog.options.fingers is True
        assert dialog.preset.currentText() == "Unity"
