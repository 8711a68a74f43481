"""Dragging a boundary with the mouse: one undo step, only the touched segments generated anew."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_until_idle

from segmo_core.timeline.token_grid import token_ranges
from segmo_studio.main_window import MainWindow
from segmo_studio.timeline.paint.brush import grounding_rectangle
from segmo_studio.timeline.text_in_place import TextInPlace


def send(window: MainWindow, kind: QEvent.Type, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
    view = window.timeline
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    place = QPointF(view.mapToGlobal(point))
    QApplication.sendEvent(view, QMouseEvent(kind, QPointF(point), place, button, held, modifiers))


def drag(
    window: MainWindow,
    qtbot: QtBot,
    boundary: int,
    frames: float,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    release: bool = True,
) -> None:
    """Press on a boundary, move in eight steps, release."""
    view = window.timeline
    start = view.boundary_point(boundary).toPoint()
    pixels = frames / window.document.current.frame_rate * view.scale.pixels_per_second
    send(window, QEvent.Type.MouseButtonPress, start, Qt.KeyboardModifier.NoModifier)
    for step in range(1, 9):
        send(window, QEvent.Type.MouseMove, start + QPoint(round(pixels * step / 8), 0), modifiers)
        qtbot.wait(5)
    if release:
        send(window, QEvent.Type.MouseButtonRelease, start + QPoint(round(pixels), 0), modifiers)


def tokens_of(take: object, index: int) -> np.ndarray:
    result = take.result  # type: ignore[attr-defined]
    start, end = token_ranges(result.track)[index]
    return result.token_ids[start:end]


def test_one_undo_step_and_only_the_touched_segments_regenerated(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, stack = generated, generated.document.undo_stack
    before, steps = window.document.current, stack.count()
    window.playback.set_frame(0)
    drag(window, qtbot, 0, 8.0)
    assert window.document.current.track.ends[0] == before.track.ends[0] + 8
    wait_until_idle(qtbot, window)
    after = window.document.current

    assert stack.count() == steps + 1
    assert engine.regenerated == [(0, 1)]
    assert after.track.num_frames == before.track.num_frames
    assert after.motion is not before.motion
    assert np.array_equal(tokens_of(after, 2), tokens_of(before, 2))
    assert len(tokens_of(after, 0)) == len(tokens_of(before, 0)) + 2
    assert len(tokens_of(after, 1)) == len(tokens_of(before, 1)) - 2

    stack.undo()
    assert window.document.current.track == before.track
    assert window.document.current.motion is before.motion
    stack.redo()
    assert window.document.current.track == after.track
    assert window.document.current.motion is after.motion


def test_shift_moves_what_follows_and_keeps_its_tokens(generated: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    window, before = generated, generated.document.current
    window.playback.set_frame(0)
    drag(window, qtbot, 0, 4.0, Qt.KeyboardModifier.ShiftModifier)
    wait_until_idle(qtbot, window)
    after = window.document.current
    assert engine.regenerated == [(0,)]
    assert after.track.num_frames == before.track.num_frames + 4
    assert after.motion.num_frames == before.motion.num_frames + 4
    for index in (1, 2):
        assert np.array_equal(tokens_of(after, index), tokens_of(before, index))


def test_the_end_of_the_last_segment_changes_the_length(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    drag(window, qtbot, 2, -4.0)
    wait_until_idle(qtbot, window)
    assert engine.regenerated == [(2,)]
    assert window.document.current.motion.num_frames == before.motion.num_frames - 4


def test_boundary_snaps_to_tokens_and_alt_lets_it_go(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    window.playback.set_frame(0)
    old = window.document.current.track.ends[0]
    drag(window, qtbot, 0, 5.0, release=False)
    assert window.timeline._content().preview.track.ends[0] == old + 4
    send(window, QEvent.Type.MouseMove, QPoint(0, 0), Qt.KeyboardModifier.NoModifier)
    QTest.keyClick(window.timeline, Qt.Key.Key_Escape)
    drag(window, qtbot, 0, 5.0, Qt.KeyboardModifier.AltModifier, release=False)
    assert window.timeline._content().preview.track.ends[0] == old + 5
    QTest.keyClick(window.timeline, Qt.Key.Key_Escape)


def test_boundary_snaps_to_the_playhead(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    old = window.document.current.track.ends[0]
    window.playback.set_frame(old + 6)
    frames_per_pixel = window.document.current.frame_rate / window.timeline.scale.pixels_per_second
    drag(window, qtbot, 0, 6.0 + 4 * frames_per_pixel, release=False)
    preview = window.timeline._content().preview
    assert preview.track.ends[0] == old + 6
    assert preview.snap.target.name == "playhead"
    QTest.keyClick(window.timeline, Qt.Key.Key_Escape)


def test_escape_drops_the_drag(generated: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    window, stack = generated, generated.document.undo_stack
    before, steps = window.document.current, stack.count()
    drag(window, qtbot, 0, 8.0, release=False)
    assert window.timeline.is_dragging
    QTest.keyClick(window.timeline, Qt.Key.Key_Escape)
    assert not window.timeline.is_dragging
    send(window, QEvent.Type.MouseButtonRelease, window.timeline.boundary_point(0).toPoint(), Qt.KeyboardModifier(0))
    assert window.document.current is before
    assert stack.count() == steps
    assert engine.regenerated == []


def test_a_second_drag_replaces_the_running_regeneration(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    window.playback.set_frame(0)
    engine.open_gate.clear()
    drag(window, qtbot, 0, 8.0)
    qtbot.waitUntil(lambda: engine.regenerated == [(0, 1)])
    drag(window, qtbot, 1, -4.0)
    qtbot.waitUntil(lambda: len(engine.regenerated) == 2)
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    take = window.document.current
    assert engine.regenerated[1] == (0, 1, 2)
    assert take.result.track == take.track
    assert take.track.ends == (before.track.ends[0] + 8, before.track.ends[1] - 4, before.track.ends[2])


def test_segments_are_never_shorter_than_the_model_can_do(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    window.playback.set_frame(window.playback.num_frames - 1)
    drag(window, qtbot, 0, -500.0, release=False)
    assert window.timeline._content().preview.track[0].num_frames == 8
    QTest.keyClick(window.timeline, Qt.Key.Key_Escape)


@pytest.mark.parametrize(("key", "expected"), [(Qt.Key.Key_S, 4), (Qt.Key.Key_M, 2), (Qt.Key.Key_Delete, 2)])
def test_keys_of_the_timeline(generated: MainWindow, qtbot: QtBot, key: Qt.Key, expected: int) -> None:
    window, before = generated, generated.document.current
    window.timeline.setFocus()
    window.selection.select_segment(1)
    window.playback.set_frame(before.track[1].start + 12)
    QTest.keyClick(window.timeline, key)
    wait_until_idle(qtbot, window)
    take = window.document.current
    assert len(take.track) == expected
    assert take.result.track.ends == take.track.ends
    assert take.motion.num_frames == before.motion.num_frames
    window.document.undo_stack.undo()
    assert window.document.current.track == before.track
    assert window.document.current.motion is before.motion


def test_splitting_keeps_the_motion_and_generates_nothing(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    window.editor.split(before.track[0].start + 12)
    assert not [job for job in window.runner.jobs if not job.quiet]
    after = window.document.current
    assert after.motion is before.motion
    assert after.track.texts == (before.track[0].text, *before.track.texts)
    assert np.array_equal(after.result.token_ids, before.result.token_ids)


def test_double_click_edits_the_text_and_regenerates_that_segment(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, view = generated, generated.timeline
    track = window.document.current.track
    middle = QPoint(round((view.boundary_point(0).x() + view.boundary_point(1).x()) / 2), 60)
    send(window, QEvent.Type.MouseButtonDblClick, middle, Qt.KeyboardModifier.NoModifier)
    (field,) = view.findChildren(TextInPlace)
    assert field.text() == track[1].text
    field.setText("a person raises both hands")
    QTest.keyClick(field, Qt.Key.Key_Return)
    wait_until_idle(qtbot, window)
    assert engine.regenerated == [(1,)]
    assert window.document.current.result.track.texts[1] == "a person raises both hands"


def test_clicking_the_ruler_moves_the_playhead(generated: MainWindow, qtbot: QtBot) -> None:
    window, view = generated, generated.timeline
    x = round(view.scale.x_of(1.0))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
    assert window.playback.frame == 20
    assert window.view.frame == 20


def test_escape_drops_a_text_being_edited(generated: MainWindow, engine: HeldEngine) -> None:
    window, view, before = generated, generated.timeline, generated.document.current
    window.selection.select_segment(1)
    window.commands["edit_text"].trigger()
    (field,) = view.findChildren(TextInPlace)
    field.setText("a person raises both hands")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()
    assert window.document.current is before
    assert view.hasFocus()


def wheel(
    window: MainWindow, x: int, delta: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    view = window.timeline
    point = QPointF(x, 60)
    QApplication.sendEvent(
        view,
        QWheelEvent(
            point,
            QPointF(view.mapToGlobal(point.toPoint())),
            QPoint(),
            QPoint(0, delta),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )


def test_the_wheel_zooms_at_the_cursor_shift_pans_and_f_fits(generated: MainWindow) -> None:
    window, view = generated, generated.timeline
    fitted = view.scale
    moment = fitted.seconds_at(500)
    wheel(window, 500, 240)
    assert view.scale.seconds < fitted.seconds
    assert view.scale.seconds_at(500) == pytest.approx(moment, abs=1e-6)
    zoomed = view.scale
    wheel(window, 500, -120, Qt.KeyboardModifier.ShiftModifier)
    assert view.scale.seconds == zoomed.seconds
    assert view.scale.start == pytest.approx(zoomed.start + 120 / zoomed.pixels_per_second)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_F)
    assert view.scale == fitted


def test_the_plus_after_the_last_segment_adds_one(window: MainWindow, qtbot: QtBot) -> None:
    window.jobs.propose("a person walks forward, then waves")
    wait_until_idle(qtbot, window)
    view = window.timeline
    end = view.boundary_point(1).toPoint()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=end + QPoint(25, 0))
    assert len(window.document.current.track) == 3
    (field,) = view.findChildren(TextInPlace)
    QTest.keyClicks(field, "a person bows")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.document.current.track.texts[2] == "a person bows"
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert len(window.document.current.track) == 2


def test_a_click_on_a_found_stretch_shows_its_curve(generated: MainWindow) -> None:
    window, view = generated, generated.timeline
    take = window.document.current
    window.selection.select_grounding(0)
    content = view._content()
    place = grounding_rectangle(view._places.rows, view.scale, content, 2)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(place.right()) - 4, round(place.center().y())))
    assert window.selection.grounding == 2
    assert take.groundings[2].query == take.track[2].text


def test_a_found_stretch_does_not_outlive_the_text_it_was_found_for(generated: MainWindow, qtbot: QtBot) -> None:
    before = generated.document.current.track
    assert before is not None
    generated.editor.set_text(1, "A person bows deeply.")
    wait_until_idle(qtbot, generated)
    take = generated.document.current
    assert take.track is not None
    assert [found.query for found in take.groundings] == [before[0].text, "A person bows deeply.", before[2].text]
