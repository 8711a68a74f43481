"""Opening foreign motions: how they were read is told, what had to be guessed is asked, the map can be put right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core.formats.registry import read_motion, write_motion
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES, Skeleton
from segmo_core.retargeting import joint_map_presets
from segmo_studio.dialogs.import_dialog import ImportDialog
from segmo_studio.dialogs.import_reading import ReadingCard
from segmo_studio.main_window import MainWindow

MIXAMO = [name.removeprefix("mixamorig:") for name in BONE_NAMES["mixamo"]]
LIFT = 0.0528  # metres by which the made walk is under the floor
MODEL_OF = dict(zip(MIXAMO, SMPL_JOINT_NAMES, strict=True))


@pytest.fixture(autouse=True)
def own_presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "presets"
    monkeypatch.setattr(joint_map_presets, "preset_folder", lambda: folder)
    return folder


@pytest.fixture
def write(walk: Motion, tmp_path: Path) -> Callable[..., Path]:
    """Writes the walk as a BVH in centimetres, Z up, under names of other programs."""

    def write(name: str, rename: Callable[[str], str] = str) -> Path:
        names = tuple(rename(joint) for joint in MIXAMO)
        skeleton = Skeleton(names, walk.skeleton.parents, walk.skeleton.rest_offsets)
        lifted = walk.joint_positions + np.float32([0.0, LIFT, 0.0])
        write_motion(
            replace(walk, skeleton=skeleton, joint_positions=lifted), tmp_path / name, None, ExportOptions(up_axis="z")
        )
        return tmp_path / name

    return write


def open_file(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    window.files.open(path)
    wait_until_idle(qtbot, window)


def dialog_of(window: MainWindow, qtbot: QtBot) -> ImportDialog:
    qtbot.waitUntil(lambda: window.files.import_dialog is not None and window.files.import_dialog.isVisible())
    assert window.files.import_dialog is not None
    return window.files.import_dialog


def settled(window: MainWindow, dialog: ImportDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not dialog._timer.isActive() and not window.runner.jobs, timeout=20000)


def pick(dialog: ImportDialog, model_joint: str, file_joint: str) -> None:
    choice = dialog.table.choices[model_joint]
    choice.setCurrentIndex(choice.findData(file_joint))
    choice.activated.emit(choice.currentIndex())


def test_a_known_skeleton_opens_at_once_and_says_how_it_was_read(
    window: MainWindow, walk: Motion, write: Callable[..., Path], qtbot: QtBot
) -> None:
    open_file(window, write("mixamo.bvh"), qtbot)
    assert window.files.import_dialog is None
    take = window.document.current
    assert np.abs(take.motion.joint_positions - walk.joint_positions - [0, LIFT, 0]).max() < 2e-3
    assert "frame 0 of 60" in window.timeline_panel.bar._total.text(), "it follows though nothing plays"
    said = window.toast.sentence.text()
    assert said.startswith("mixamo: 22 of 22 joints matched by names; Z up; 1 unit = 0.01 m; error 0.0 cm on average")
    assert window.takes.list.item(0).toolTip().endswith(take.read_as.summary)
    window.toast._action.click()
    wait_until_idle(qtbot, window)
    dialog = dialog_of(window, qtbot)
    facts = {name: shown.text() for name, shown in dialog.card.facts.items()}
    assert facts["Joints"] == "22 of 22, from 22"
    assert facts["Matched"] == "by their names"
    assert facts["Scale"] == "1 unit = 0.01 m"
    assert facts["Frame rate"] == "20 fps, 60 frames."
    assert facts["Mean error"] == "0.0 cm"
    assert facts["Missing"] == "none"
    assert dialog.card.up_axis.currentText() == "Z up (found)"
    assert dialog.table.joints == {model: joint for joint, model in MODEL_OF.items()}
    assert not dialog.card.doubts.isVisible()
    dialog.reject()
    assert len(window.document.project.takes) == 1
    assert window.document.current is take


def test_the_command_is_for_motions_from_files(generated: MainWindow, write: Callable[..., Path], qtbot: QtBot) -> None:
    assert not generated.commands["show_reading"].isEnabled()
    open_file(generated, write("mixamo.bvh"), qtbot)
    assert generated.commands["show_reading"].isEnabled()
    generated.document.undo_stack.undo()
    assert not generated.commands["show_reading"].isEnabled()


def without_feet(joint: str) -> str:
    return {"LeftToeBase": "Prop_A", "RightToeBase": "Prop_B"}.get(joint, joint)


def test_missing_joints_are_asked_for_before_there_is_a_take(
    window: MainWindow, write: Callable[..., Path], qtbot: QtBot
) -> None:
    path = write("props.bvh", without_feet)
    open_file(window, path, qtbot)
    dialog = dialog_of(window, qtbot)
    assert window.document.current.is_empty
    doubts = dialog.card.doubts.text()
    assert "left foot" in doubts
    pick(dialog, "left_foot", "Prop_A")
    pick(dialog, "right_foot", "Prop_B")
    assert not dialog.accept_button.isEnabled(), "not before it was tried"
    settled(window, dialog, qtbot)
    assert dialog.card.facts["Missing"].text() == "none"
    assert dialog.card.facts["Matched"].text() == "by the map on the left"
    assert not dialog.card.doubts.isVisible()
    dialog.accept_button.click()
    take = window.document.current
    assert take.name == "props"
    assert take.read_as.matched_by == "map"
    assert take.read_as.joint_map.joints["left_foot"] == "Prop_A"
    assert window.files.import_dialog is None
    window.document.undo_stack.undo()
    assert window.document.current.is_empty


def test_cancelled_means_not_opened(window: MainWindow, write: Callable[..., Path], qtbot: QtBot) -> None:
    before = window.document.project
    open_file(window, write("props.bvh", without_feet), qtbot)
    QTest.keyClick(dialog_of(window, qtbot), Qt.Key.Key_Escape)
    assert window.files.import_dialog is None
    assert window.document.project is before


def test_a_wrong_map_shows_its_error_before_it_is_used(
    window: MainWindow, write: Callable[..., Path], qtbot: QtBot
) -> None:
    open_file(window, write("props.bvh", without_feet), qtbot)
    dialog = dialog_of(window, qtbot)
    pick(dialog, "left_elbow", "Prop_A")
    settled(window, dialog, qtbot)
    assert dialog.result_read is None
    assert "no person" in dialog.note.text().lower()
    assert not dialog.accept_button.isEnabled()
    dialog.automatic.click()
    settled(window, dialog, qtbot)
    assert dialog.table.joints["left_elbow"] == "LeftForeArm"
    assert dialog.result_read.mean_error < 0.01
    dialog.reject()


def test_a_joint_plays_one_part_and_a_body_needs_its_limbs(
    window: MainWindow, write: Callable[..., Path], qtbot: QtBot
) -> None:
    open_file(window, write("props.bvh", without_feet), qtbot)
    dialog = dialog_of(window, qtbot)
    pick(dialog, "left_wrist", "LeftForeArm")
    assert "left_elbow" not in dialog.table.joints
    settled(window, dialog, qtbot)
    assert dialog.note.text() == "Joint map: nothing plays left_elbow, expected a joint for each."
    assert not dialog.accept_button.isEnabled()
    assert dialog.table.choices["left_elbow"].currentText() == "–  needed"
    pick(dialog, "left_elbow", "LeftForeArm")
    pick(dialog, "left_wrist", "LeftHand")
    settled(window, dialog, qtbot)
    assert dialog.note.text() == ""
    assert dialog.accept_button.isEnabled()
    dialog.reject()


def test_the_up_axis_can_be_chosen(window: MainWindow, write: Callable[..., Path], qtbot: QtBot) -> None:
    open_file(window, write("props.bvh", without_feet), qtbot)
    dialog = dialog_of(window, qtbot)
    dialog.card.choose_axis("y")
    dialog.card.up_axis.activated.emit(dialog.card.up_axis.currentIndex())
    settled(window, dialog, qtbot)
    assert dialog.result_read.up_axis == "y"
    dialog.accept_button.click()
    motion = window.document.current.motion
    head, pelvis = SMPL_JOINT_NAMES.index("head"), 0
    up = motion.joint_positions[0, head] - motion.joint_positions[0, pelvis]
    assert abs(up[1]) < 0.2 * np.linalg.norm(up), "lies on its side, as asked"


def test_a_preset_is_saved_and_offered_for_the_next_file_of_its_kind(
    window: MainWindow, write: Callable[..., Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, own_presets: Path
) -> None:
    open_file(window, write("props.bvh", without_feet), qtbot)
    dialog = dialog_of(window, qtbot)
    assert not dialog.preset.isEnabled()
    pick(dialog, "left_foot", "Prop_A")
    settled(window, dialog, qtbot)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_named: ("with props", True))
    dialog.save.click()
    assert (own_presets / "with props.json").is_file()
    assert dialog.preset.currentText() == "with props"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_named: ("../out", True))
    dialog.save.click()
    assert "not a name for a preset" in dialog.note.text()
    dialog.reject()

    open_file(window, write("second.bvh", without_feet), qtbot)
    dialog = dialog_of(window, qtbot)
    dialog.preset.setCurrentIndex(dialog.preset.findData("with props"))
    dialog.preset.activated.emit(dialog.preset.currentIndex())
    settled(window, dialog, qtbot)
    assert dialog.result_read.joint_map.joints["left_foot"] == "Prop_A"
    (own_presets / "with props.json").write_text("{")
    dialog.preset.activated.emit(dialog.preset.currentIndex())
    assert "not valid JSON" in dialog.note.text()
    dialog.reject()


def test_a_take_is_read_anew_by_another_map_as_one_undo_step(
    window: MainWindow, write: Callable[..., Path], qtbot: QtBot
) -> None:
    open_file(window, write("mixamo.bvh"), qtbot)
    before = window.document.current
    window.commands["show_reading"].trigger()
    wait_until_idle(qtbot, window)
    dialog = dialog_of(window, qtbot)
    assert dialog.accept_button.text() == "Apply"
    for name in ("left", "right"):
        pick(dialog, f"{name}_foot", "")
    settled(window, dialog, qtbot)
    dialog.accept_button.click()
    after = window.document.current
    assert after.take_id == before.take_id
    assert set(after.read_as.missing_joints) == {"left_foot", "right_foot"}
    window.document.undo_stack.undo()
    assert window.document.current is before


def test_no_body_at_all_can_still_be_mapped_by_hand(
    window: MainWindow, walk: Motion, write: Callable[..., Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segmo_core.errors import FileFormatError
    from segmo_core.retargeting import to_model_skeleton as retarget

    found = retarget.match_joints

    def fail(motion: Motion) -> None:
        raise FileFormatError("skeleton: no joint found for left_wrist, expected a human body")

    path = write("odd.bvh", lambda joint: "Claw" if joint == "LeftHand" else joint)
    monkeypatch.setattr(retarget, "match_joints", fail)
    open_file(window, path, qtbot)
    dialog = dialog_of(window, qtbot)
    assert dialog.note.text() == "Skeleton: no joint found for left_wrist, expected a human body."
    assert not dialog.accept_button.isEnabled()
    assert dialog.table.joints["right_wrist"] == "RightHand", "what names tell is filled in"
    monkeypatch.setattr(retarget, "match_joints", found)
    pick(dialog, "left_wrist", "Claw")
    settled(window, dialog, qtbot)
    assert dialog.accept_button.isEnabled()
    dialog.accept_button.click()
    moved = window.document.current.motion.joint_positions - walk.joint_positions - [0, LIFT, 0]
    assert np.abs(moved).max() < 5e-3


def test_several_dropped_files_are_asked_about_one_after_another(
    window: MainWindow, write: Callable[..., Path], qtbot: QtBot
) -> None:
    paths = [write("first.bvh", without_feet), write("second.bvh", without_feet), write("third.bvh")]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                                Qt.KeyboardModifier.NoModifier))  # fmt: skip
    wait_until_idle(qtbot, window)
    for _ in range(2):
        dialog_of(window, qtbot).accept_button.click()
    assert window.files.import_dialog is None
    assert [take.name for take in window.document.project.takes] == ["third", "first", "second"]


def test_the_keyboard_is_enough_and_a_long_path_fits(
    window: MainWindow, write: Callable[..., Path], qtbot: QtBot
) -> None:
    open_file(window, write(f"{'long-' * 30}name.bvh", without_feet), qtbot)
    dialog = dialog_of(window, qtbot)
    assert dialog.width() == 860
    dialog.activateWindow()
    dialog.save.setFocus()
    qtbot.waitUntil(dialog.save.hasFocus)
    reached = []
    for _ in range(28):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    assert reached[:22] == list(dialog.table.choices.values())
    assert reached[22:] == [
        dialog.card.up_axis,
        dialog.card.on_floor,
        dialog.card.rate,
        dialog.automatic,
        dialog._cancel,
        dialog.accept_button,
    ]
    assert [choice.accessibleName() for choice in reached[:3]] == ["Pelvis", "Spine1", "Spine2"]
    QTest.keyClick(dialog.accept_button, Qt.Key.Key_Return)
    assert window.document.current.motion is not None


def test_floor_rate_and_clip_are_one_click_each(
    window: MainWindow, walk: Motion, write: Callable[..., Path], tmp_path: Path, qtbot: QtBot
) -> None:
    path = write("high.bvh")
    text = path.read_text().replace("Frame Time: 0.05", "Frame Time: 30")
    body, rows = text.removeprefix("HIERARCHY\n").split("MOTION\n")
    other = body.replace("ROOT Hips", "ROOT Other").replace("JOINT LeftArm", "JOINT LeftUpperArm")
    head, values = rows.split("Frame Time: 30\n")
    both = "\n".join(f"{row} {row}" for row in values.strip().split("\n"))
    path.write_text(f"HIERARCHY\n{body}{other}MOTION\n{head}Frame Time: 30\n{both}\n")
    open_file(window, path, qtbot)
    dialog = dialog_of(window, qtbot)
    assert "The file holds 2 clips, of which this is 'Hips'" in dialog.card.doubts.text()
    assert "taken for 30 frames a second" in dialog.card.doubts.text()
    assert [dialog.card.clip.itemText(row) for row in range(2)] == ["Hips", "Other"]
    dialog.card.clip.setCurrentIndex(1)
    dialog.card.clip.activated.emit(1)
    settled(window, dialog, qtbot)
    assert dialog.result_read.provenance.clip == "Other"
    assert dialog.table.joints["left_shoulder"] == "LeftUpperArm", "the table is that of the person who was chosen"
    dialog.card.rate.setValue(24.0)
    settled(window, dialog, qtbot)
    assert dialog.result_read.motion.frame_rate == 24.0
    assert "taken for" not in dialog.card.doubts.text()
    assert dialog.card.facts["Frame rate"].text() == "24 fps, 60 frames."
    assert dialog.card.facts["Facing"].text().startswith("0°")
    dialog.card.on_floor.click()
    settled(window, dialog, qtbot)
    assert dialog.result_read.lowered == 0.0
    dialog.accept_button.click()
    assert window.document.current.motion.frame_rate == 24.0


def test_fingers_of_a_file_are_kept_and_told(window: MainWindow, walk: Motion, tmp_path: Path, qtbot: QtBot) -> None:
    turns = np.zeros((walk.num_frames, 30, 4))
    turns[..., 0], turns[..., 3] = np.cos(np.radians(15)), -np.sin(np.radians(15))
    write_motion(replace(walk, hands=HandPoses(turns)), tmp_path / "fists.glb", None, ExportOptions(names="unreal"))
    open_file(window, tmp_path / "fists.glb", qtbot)
    take = window.document.current
    assert take.motion is not None
    assert take.motion.hands is not None
    found = 2 * np.degrees(np.arccos(take.motion.hands.local_rotations[..., 0]))
    np.testing.assert_allclose(found, 30.0, atol=0.05)
    card = ReadingCard(read_motion(tmp_path / "fists.glb"))
    qtbot.addWidget(card)
    card.show_result(take.read_as)
    assert card.facts["Fingers"].text() == "30 finger joints kept"
