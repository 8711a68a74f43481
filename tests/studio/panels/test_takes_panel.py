"""Takes by mouse and keys: star, names in place, strips that can be dragged, and what each step undoes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core.generation.kept_tokens import tokens_of
from segmo_studio.main_window import MainWindow
from segmo_studio.panels.take_row import RowPlaces

LEFT = Qt.MouseButton.LeftButton


def places(window: MainWindow, row: int) -> RowPlaces:
    rows = window.takes.list
    return RowPlaces.of(rows.visualItemRect(rows.item(row)))


def click(window: MainWindow, point: QPointF) -> None:
    QTest.mouseClick(window.takes.list.viewport(), LEFT, pos=point.toPoint())


def make_variations(window: MainWindow, qtbot: QtBot) -> None:
    window.commands["variations"].trigger()
    wait_until_idle(qtbot, window)
    window.playback.pause()
    assert len(window.document.project.takes) == 5


def test_four_variations_are_takes_of_one_step_each_with_a_seed_of_its_own(generated: MainWindow, qtbot: QtBot) -> None:
    window, before = generated, generated.document.project
    make_variations(window, qtbot)
    takes = window.document.project.takes
    assert [take.result.request.seed for take in takes] == [1, 2, 3, 4, 5]
    assert [take.name for take in takes[2:]] == ["Take 2 · seed 3", "Take 2 · seed 4", "Take 2 · seed 5"]
    make_again = window.commands["variations"]
    make_again.trigger()
    wait_until_idle(qtbot, window)
    assert [take.result.request.seed for take in window.document.project.takes[5:]] == [6, 7, 8, 9]
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert window.document.project is before or window.document.project.takes == before.takes


def test_a_locked_segment_is_the_same_in_all_variations(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    window.selection.select_segment(1)
    window.timeline.setFocus()
    QTest.keyClick(window.timeline, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.document.current.locked == (1,)
    make_variations(window, qtbot)
    first = window.document.project.takes[0].result
    for take in window.document.project.takes[1:]:
        assert take.locked == (1,)
        np.testing.assert_array_equal(tokens_of(take.result, 1), tokens_of(first, 1))
        assert not np.array_equal(tokens_of(take.result, 0), tokens_of(first, 0))
        assert take.result.segment_seeds[1] == 1


def test_no_edit_changes_a_locked_segment(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    window.take_editor.lock(1, True)
    before = window.document.current
    window.editor.set_text(1, "a person claps")
    window.editor.move_end(0, before.track[0].end + 8)
    window.editor.split(before.track[1].start + 20)
    window.editor.remove(1, ripple=True)
    assert window.document.current is before
    assert "locked" in window.toast.sentence.text()
    window.editor.move(1, 0)  # where it stands is no part of it
    wait_until_idle(qtbot, window)
    assert window.document.current.locked == (0,)
    window.editor.remove(2, ripple=True)
    wait_until_idle(qtbot, window)
    assert window.document.current.locked == (0,)
    assert not window.commands["reroll"].isEnabled() or window.selection.segment != 0


def test_the_star_and_the_name_are_edited_in_the_row(generated: MainWindow, qtbot: QtBot) -> None:
    window, rows = generated, generated.takes.list
    click(window, places(window, 0).star.center())
    assert window.document.current.starred
    assert "starred" in rows.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_F2)
    field = rows.findChild(QLineEdit)
    assert field is not None
    assert field.text() == "Take 1"
    QTest.keyClicks(field, "The best")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.document.current.name == "The best")
    window.document.undo_stack.undo()
    assert window.document.current.name == "Take 1"
    window.document.undo_stack.undo()
    assert not window.document.current.starred


def test_a_segment_of_one_take_is_dropped_onto_another_with_its_motion(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    make_variations(window, qtbot)
    window.document.select_take(1)
    source, before = window.document.project.takes[1], window.document.current
    strip = places(window, 1).strip
    share = (source.track[1].start + source.track[1].end) / 2 / source.track.num_frames
    start = QPoint(round(strip.left() + share * strip.width()), round(strip.center().y()))
    viewport, timeline = window.takes.list.viewport(), window.timeline
    middle = timeline.scale.x_of((before.track[1].start + before.track[1].end) / 2 / 20.0)
    target = viewport.mapFromGlobal(timeline.mapToGlobal(QPoint(round(middle), 60)))
    QTest.mousePress(viewport, LEFT, pos=start)
    QTest.mouseMove(viewport, start - QPoint(20, 0))
    QTest.mouseMove(viewport, target)
    assert timeline._content().drop is not None
    assert timeline._content().drop.replaces
    QTest.mouseRelease(viewport, LEFT, pos=target)
    wait_until_idle(qtbot, window)
    after = window.document.current
    assert after.take_id == 1
    assert after.track.texts == before.track.texts
    np.testing.assert_array_equal(tokens_of(after.result, 1), tokens_of(source.result, 1))
    np.testing.assert_array_equal(tokens_of(after.result, 0), tokens_of(before.result, 0))
    assert after.result.segment_seeds == (1, 2, 1)
    assert after.given == ()
    window.document.undo_stack.undo()
    assert window.document.current.result is before.result


def test_v_goes_to_the_other_take_and_back_at_the_same_moment(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    make_variations(window, qtbot)
    window.document.select_take(3)
    window.document.select_take(5)
    window.playback.set_frame(17)
    window.timeline.setFocus()
    seen = []
    for _ in range(3):
        QTest.keyClick(window.timeline, Qt.Key.Key_V)
        seen.append((window.document.current.take_id, window.playback.frame))
    assert seen == [(3, 17), (5, 17), (3, 17)]


def test_side_by_side_has_one_camera_and_one_moment(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    make_variations(window, qtbot)
    window.document.select_take(1)
    click(window, places(window, 1).compare.center())
    assert window.comparison.marked == (2,)
    assert window.document.current.take_id == 1
    window.timeline.setFocus()
    QTest.keyClick(window.timeline, Qt.Key.Key_D)
    (companion,) = window.compared_views._companions
    qtbot.waitUntil(companion.isVisible)
    assert companion.motion is window.document.project.takes[1].motion
    assert [cell.caption.text() for cell in window.view_area._cells] == ["Take 1", "Take 2"]
    assert (window.view._views_together, companion._views_together) == (2, 2)  # each has half of the time
    window.playback.set_frame(11)
    assert companion.frame == 11
    QTest.mousePress(companion, LEFT, pos=QPoint(100, 100))
    QTest.mouseMove(companion, QPoint(160, 120))
    QTest.mouseRelease(companion, LEFT, pos=QPoint(160, 120))
    assert companion.camera.azimuth == window.view.camera.azimuth
    assert companion.camera.distance == window.view.camera.distance
    QTest.keyClick(window.timeline, Qt.Key.Key_D)
    assert not companion.isVisible()
    assert window.view._views_together == 1
    QTest.keyClick(window.timeline, Qt.Key.Key_D)
    qtbot.waitUntil(companion.isVisible)
    QTest.keyClick(window.timeline, Qt.Key.Key_D)
    QTest.keyClick(window.timeline, Qt.Key.Key_G)
    assert len(window.view._ghosts) == 1
    click(window, places(window, 1).compare.center())
    window.comparison.show_ghosts(False)
    assert window.view._ghosts == ()


def test_comparing_is_no_edit(generated: MainWindow, qtbot: QtBot) -> None:
    window, count = generated, generated.document.undo_stack.count()
    for name in ("compare_take", "compare_sides", "compare_ghosts", "swap_takes"):
        window.commands[name].trigger()
    assert window.document.undo_stack.count() == count


def row_point(window: MainWindow, row: int, share: float) -> QPoint:
    """On the screen, in the middle of a row of the list, ``share`` of the way along its strip."""
    strip, rows = places(window, row).strip, window.takes.list
    inside = QPointF(strip.left() + share * strip.width(), rows.visualItemRect(rows.item(row)).center().y())
    return rows.viewport().mapToGlobal(inside.toPoint())


def test_the_button_makes_four_variations(generated: MainWindow, qtbot: QtBot) -> None:
    assert generated.takes.variations.text() == "Make 4 variations"
    QTest.mouseClick(generated.takes.variations, LEFT)
    wait_until_idle(qtbot, generated)
    assert len(generated.document.project.takes) == 5
    generated.commands["new_take"].trigger()
    assert not generated.takes.variations.isEnabled()


def test_a_segment_dropped_onto_another_take_s_row_goes_there(generated: MainWindow, qtbot: QtBot) -> None:
    window, first = generated, generated.document.current
    QTest.mouseClick(window.prompt_panel.generate, LEFT)
    wait_until_idle(qtbot, window)
    window.playback.pause()
    second, rows = window.document.current, window.takes.list.viewport()
    assert second.take_id != first.take_id
    steps = window.document.undo_stack.count()
    grab, target = places(window, 1).strip.center().toPoint(), rows.mapFromGlobal(row_point(window, 0, 0.98))
    QTest.mousePress(rows, LEFT, pos=grab)
    QTest.mouseMove(rows, grab + QPoint(0, -30))
    QTest.mouseMove(rows, target)
    assert window.takes._delegate.drop == (first.take_id, 3)
    QTest.mouseRelease(rows, LEFT, pos=target)
    assert window.takes._delegate.drop is None
    wait_until_idle(qtbot, window)
    after = window.document.current
    assert after.take_id == first.take_id
    assert after.track.texts == (*first.track.texts, second.track.texts[1])
    np.testing.assert_array_equal(tokens_of(after.result, 3), tokens_of(second.result, 1))
    np.testing.assert_array_equal(tokens_of(after.result, 0), tokens_of(first.result, 0))
    assert window.document.undo_stack.count() == steps + 1
    window.document.undo_stack.undo()
    assert window.document.project.find(first.take_id).track == first.track
    assert window.document.project.find(second.take_id) is second


def test_segments_carried_from_the_timeline_go_into_a_row_or_stay(generated: MainWindow, qtbot: QtBot) -> None:
    window, first = generated, generated.document.current
    QTest.mouseClick(window.prompt_panel.generate, LEFT)
    wait_until_idle(qtbot, window)
    window.playback.pause()
    second, timeline = window.document.current, window.timeline
    row = timeline._places.rows.track
    grab = QPoint(round(timeline._places.scale.x_of(4 / 20) + 20), round(row.center().y()))
    target = timeline.mapFromGlobal(row_point(window, 0, 0.0))

    def drag(end: QPoint) -> None:
        QTest.mousePress(timeline, LEFT, pos=grab)
        QTest.mouseMove(timeline, grab + QPoint(0, -80))
        QTest.mouseMove(timeline, end)
        QTest.mouseRelease(timeline, LEFT, pos=end)
        wait_until_idle(qtbot, window)

    drag(grab + QPoint(30, -120))
    assert window.document.current is second
    drag(timeline.mapFromGlobal(row_point(window, 1, 0.5)))  # its own row
    assert window.document.current is second
    drag(target)
    after = window.document.current
    assert after.take_id == first.take_id
    assert after.track.texts == (second.track.texts[0], *first.track.texts)
    assert window.document.project.find(second.take_id) is second
