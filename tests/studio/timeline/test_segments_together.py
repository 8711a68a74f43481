"""Several segments by mouse and keys: reordered, copied, pasted, deleted; the loop's handles; what a badge mends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_until_idle

from segmo_core import motion_files
from segmo_core.generation.kept_tokens import tokens_of
from segmo_studio.document.export_ranges import export_ranges
from segmo_studio.main_window import MainWindow

LEFT, CTRL, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


def at(window: MainWindow, frame: float, row: str = "track") -> QPoint:
    rows = window.timeline._places.rows
    return QPoint(round(window.timeline.scale.x_of(frame / 20.0)), round(getattr(rows, row).center().y()))


def middle(window: MainWindow, index: int) -> QPoint:
    segment = window.document.current.track[index]
    return at(window, (segment.start + segment.end) / 2)


def drag(window: MainWindow, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mousePress(window.timeline, LEFT, pos=start)
    QTest.mouseMove(window.timeline, start + (end - start) / 2)
    if modifiers == CTRL:
        QTest.keyPress(window.timeline, Qt.Key.Key_Control, CTRL)
    QTest.mouseMove(window.timeline, end)
    window.timeline._mouse.change_modifiers(modifiers)
    QTest.mouseRelease(window.timeline, LEFT, modifiers, pos=end)


def texts(window: MainWindow) -> list[str]:
    return [text.split()[2] for text in window.document.current.track.texts]


def test_a_body_is_dragged_to_another_place_and_keeps_its_tokens(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    steps = window.document.undo_stack.count()
    assert texts(window) == ["walks", "waves", "turns"]
    drag(window, middle(window, 0), at(window, before.track.num_frames - 4))
    wait_until_idle(qtbot, window)
    assert texts(window) == ["waves", "turns", "walks"]
    assert engine.regenerated == [()]
    after = window.document.current
    np.testing.assert_array_equal(tokens_of(after.result, 2), tokens_of(before.result, 0))
    assert window.document.undo_stack.count() == steps + 1
    window.document.undo_stack.undo()
    assert window.document.current.result is before.result


def test_escape_puts_a_body_back_and_a_short_way_is_a_click(generated: MainWindow) -> None:
    window, before = generated, generated.document.current
    QTest.mousePress(window.timeline, LEFT, pos=middle(window, 0))
    QTest.mouseMove(window.timeline, middle(window, 2))
    assert window.timeline.is_dragging
    assert window.timeline._content().carried.place is not None
    QTest.keyClick(window.timeline, Qt.Key.Key_Escape)
    assert not window.timeline.is_dragging
    QTest.mouseRelease(window.timeline, LEFT, pos=middle(window, 2))
    drag(window, middle(window, 1), middle(window, 1) + QPoint(2, 0))
    assert window.document.current is before
    assert window.selection.segment == 1


def test_several_are_dragged_together_and_with_ctrl_copied(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    QTest.mouseClick(window.timeline, LEFT, pos=middle(window, 1))
    QTest.mouseClick(window.timeline, LEFT, SHIFT, pos=middle(window, 2))
    assert window.selection.segments == (1, 2)
    drag(window, middle(window, 2), at(window, 2))
    wait_until_idle(qtbot, window)
    assert texts(window) == ["waves", "turns", "walks"]
    assert window.selection.segments == (0, 1)
    drag(window, middle(window, 0), at(window, window.document.current.track.num_frames - 2), CTRL)
    wait_until_idle(qtbot, window)
    assert texts(window) == ["waves", "turns", "walks", "waves", "turns"]


def test_copy_in_one_take_and_paste_in_another_by_keys(generated: MainWindow, qtbot: QtBot) -> None:
    window, source = generated, generated.document.current
    window.jobs.vary(1)
    wait_until_idle(qtbot, window)
    window.document.select_take(1)
    window.timeline.setFocus()
    window.selection.select_segment(1)
    QTest.keyClick(window.timeline, Qt.Key.Key_C, CTRL)
    window.document.select_take(2)
    before = window.document.current
    window.selection.select_segment(2)
    QTest.keyClick(window.timeline, Qt.Key.Key_V, CTRL)
    wait_until_idle(qtbot, window)
    assert texts(window) == ["walks", "waves", "turns", "waves"]
    after = window.document.current
    np.testing.assert_array_equal(tokens_of(after.result, 3), tokens_of(source.result, 1))
    np.testing.assert_array_equal(tokens_of(after.result, 1), tokens_of(before.result, 1))
    assert after.result.segment_seeds == (2, 2, 2, 1)
    window.selection.extend_to(2)
    QTest.keyClick(window.timeline, Qt.Key.Key_Delete, SHIFT)
    wait_until_idle(qtbot, window)
    assert texts(window) == ["walks", "waves"]
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert window.document.current.result is before.result


def test_duplicate_insert_and_move_by_keys(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    window.timeline.setFocus()
    window.selection.select_segment(0)
    QTest.keyClick(window.timeline, Qt.Key.Key_D, CTRL)
    wait_until_idle(qtbot, window)
    assert texts(window) == ["walks", "walks", "waves", "turns"]
    assert window.selection.segment == 1
    QTest.keyClick(window.timeline, Qt.Key.Key_Right, CTRL | SHIFT)
    wait_until_idle(qtbot, window)
    assert texts(window) == ["walks", "waves", "walks", "turns"]
    QTest.keyClick(window.timeline, Qt.Key.Key_A, SHIFT)
    field = window.focusWidget()
    QTest.keyClicks(field, "a person jumps")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until_idle(qtbot, window)
    assert texts(window) == ["walks", "waves", "walks", "jumps", "turns"]
    QTest.keyClick(window.timeline, Qt.Key.Key_A, CTRL)
    assert window.selection.segments == (0, 1, 2, 3, 4)
    QTest.keyClick(window.timeline, Qt.Key.Key_Delete)
    assert len(window.document.current.track) == 5  # one has to stay, so none goes


def test_copying_text_in_a_field_stays_copying_text(generated: MainWindow) -> None:
    window, prompt = generated, generated.prompt_panel.prompt
    window.selection.select_segment(0)
    prompt.setFocus()
    prompt.selectAll()
    QTest.keyClick(prompt, Qt.Key.Key_C, CTRL)
    QTest.keyClick(prompt, Qt.Key.Key_V, CTRL)
    assert len(window.document.current.track) == 3
    assert not window.segments.can_paste


def test_the_loop_is_dragged_by_its_handles(generated: MainWindow) -> None:
    window, playback = generated, generated.playback
    ruler = round(window.timeline._places.rows.ruler.bottom()) - 3

    def on_ruler(frame: float) -> QPoint:
        return QPoint(at(window, frame).x(), ruler)

    QTest.mousePress(window.timeline, LEFT, SHIFT, pos=on_ruler(20))
    QTest.mouseMove(window.timeline, on_ruler(70))
    QTest.mouseRelease(window.timeline, LEFT, SHIFT, pos=on_ruler(70))
    start, end = playback.loop_range
    assert abs(start - 20) <= 1
    assert abs(end - 70) <= 1
    boundary = window.document.current.track.ends[0]
    drag(window, on_ruler(end), on_ruler(boundary + 1))
    assert playback.loop_range == (start, boundary)  # drawn to the boundary
    drag(window, on_ruler((start + boundary) / 2), on_ruler((start + boundary) / 2 + 10))
    moved = playback.loop_range
    assert moved[1] - moved[0] == boundary - start
    assert abs(moved[0] - start - 10) <= 1


def test_a_part_of_the_motion_is_exported(generated: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window, motion = generated, generated.document.current.motion
    window.playback.set_loop_range(10, 50)
    window.selection.select_segment(1)
    ranges = export_ranges(window.document.current, window.selection, window.playback)
    second = window.document.current.track[1]
    assert ranges == {"The loop": (10, 50), "Segment 2": (second.start, second.end)}
    window.file_jobs.export(tmp_path / "part.npz", frames=ranges["The loop"])
    wait_until_idle(qtbot, window)
    read = motion_files.read(tmp_path / "part.npz").motion
    np.testing.assert_allclose(read.joint_positions, motion.joint_positions[10:50], atol=1e-6)


def test_rows_can_be_switched_on_and_are_remembered(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    window.timeline.setFocus()
    QTest.keyClick(window.timeline, Qt.Key.Key_F, SHIFT)
    QTest.keyClick(window.timeline, Qt.Key.Key_G, SHIFT)
    assert window.timeline._content().contacts is not None
    graphs = window.timeline_panel.graphs
    qtbot.waitUntil(graphs.isVisible)
    assert window._settings.timeline_rows == ("feet", "graphs")
    seconds, speed = graphs._lines["speed"].getData()
    assert len(seconds) == window.document.current.motion.num_frames
    assert speed.min() >= 0
    left, right = graphs._plot.getPlotItem().vb.viewRange()[0]
    scale = window.timeline.scale
    assert left == pytest.approx(scale.start)
    assert right == pytest.approx(scale.start + scale.seconds)
    QTest.keyClick(window.timeline, Qt.Key.Key_G, SHIFT)
    assert window._settings.timeline_rows == ("feet",)
