"""Editing words on the timeline: one field, over its segment, gone when it is left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_until_idle

from segmo_studio.main_window import MainWindow
from segmo_studio.timeline.text_in_place import TextInPlace


def open_fields(window: MainWindow) -> list[TextInPlace]:
    return [field for field in window.timeline.findChildren(TextInPlace) if field.isVisible()]


def point_in(window: MainWindow, segment: int) -> QPoint:
    track = window.document.current.track
    middle = (track[segment].start + track[segment].end) / 2 / window.document.current.frame_rate
    return QPoint(round(window.timeline.scale.x_of(middle)), 60)


def double_click(window: MainWindow, segment: int) -> TextInPlace:
    QTest.mouseDClick(window.timeline, Qt.MouseButton.LeftButton, pos=point_in(window, segment))
    (field,) = open_fields(window)
    assert QApplication.focusWidget() is field
    return field


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
@pytest.mark.parametrize("opens", ["mouse", "F2", "Return"])
def test_enter_keeps_the_words_and_closes_the_field(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot, opens: str, key: Qt.Key
) -> None:
    window = generated
    if opens == "mouse":
        double_click(window, 1)
    else:
        window.timeline.setFocus()
        window.selection.select_segment(1)
        QTest.keyClick(window.timeline, Qt.Key.Key_F2 if opens == "F2" else Qt.Key.Key_Return)
    QTest.keyClicks(QApplication.focusWidget(), "a person bows")
    QTest.keyClick(QApplication.focusWidget(), key)
    qtbot.wait(20)
    assert open_fields(window) == []
    assert QApplication.focusWidget() is window.timeline
    assert window.document.current.track.texts[1] == "a person bows"
    wait_until_idle(qtbot, window)
    assert engine.regenerated == [(1,)]


def test_an_untouched_field_closes_when_it_is_left(generated: MainWindow, qtbot: QtBot) -> None:
    window, before = generated, generated.document.current
    double_click(window, 1)
    QTest.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=QPoint(40, 300))
    assert open_fields(window) == []
    double_click(window, 0)
    QTest.mouseClick(window.inspector, Qt.MouseButton.LeftButton, pos=QPoint(20, window.inspector.height() - 5))
    assert open_fields(window) == []
    assert window.document.current is before


def test_a_click_elsewhere_keeps_the_words_and_leaves_the_focus_there(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    field = double_click(window, 1)
    QTest.keyClicks(field, "a person bows")
    QTest.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=QPoint(40, 300))
    assert open_fields(window) == []
    assert QApplication.focusWidget() is window.view
    assert window.document.current.track.texts[1] == "a person bows"
    wait_until_idle(qtbot, window)


def test_fields_do_not_pile_up(generated: MainWindow) -> None:
    window = generated
    double_click(window, 0)
    double_click(window, 1)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F2)
    assert len(open_fields(window)) == 1


def test_the_field_follows_the_zoom(generated: MainWindow) -> None:
    window, view = generated, generated.timeline
    field = double_click(window, 1)
    before = field.geometry()
    point = QPointF(500, 60)
    turn = QWheelEvent(
        point, QPointF(view.mapToGlobal(point.toPoint())), QPoint(), QPoint(0, 480), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, turn)
    assert field.isVisible()
    assert field.geometry() != before
    assert field.geometry() == view._places.text_rectangle(1)


def test_words_being_typed_stay_with_their_take_when_another_comes(generated: MainWindow, qtbot: QtBot) -> None:
    window, first = generated, generated.document.current
    field = double_click(window, 1)
    QTest.keyClicks(field, "a person bows")
    QTest.keyClick(field, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.document.project.find(first.take_id).track.texts[1] == "a person bows")
    assert open_fields(window) == []
    assert window.document.current.take_id != first.take_id
    assert window.document.current.track is None
    window.document.select_take(first.take_id)
    assert window.inspector._update.text() == "Regenerate segment 2"


def test_words_typed_in_a_card_stay_with_their_take_too(generated: MainWindow, qtbot: QtBot) -> None:
    window, first = generated, generated.document.current
    field = window.prompt_panel.cards[1].text
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    field.selectAll()
    QTest.keyClicks(field, "a person bows")
    QTest.keyClick(field, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.document.project.find(first.take_id).track.texts[1] == "a person bows")
    assert window.document.current.is_empty


def test_words_typed_in_a_card_outlive_the_arrival_of_a_motion(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window = generated
    engine.open_gate.clear()
    window.editor.set_duration(0, window.document.current.track[0].num_frames + 8)
    field = window.prompt_panel.cards[1].text
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    field.selectAll()
    QTest.keyClicks(field, "a person bo")
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    QTest.keyClicks(field, "ws")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.document.current.track.texts[1] == "a person bows"
    wait_until_idle(qtbot, window)


def test_a_button_acts_on_the_words_as_they_stand(window: MainWindow, qtbot: QtBot) -> None:
    """Buttons take no focus, so nothing else would hand the words in."""
    window.jobs.propose("a person walks forward, then waves")
    wait_until_idle(qtbot, window)
    cards = window.prompt_panel.cards
    QTest.mouseClick(cards[1].text, Qt.MouseButton.LeftButton)
    cards[1].text.selectAll()
    QTest.keyClicks(cards[1].text, "a person bows")
    QTest.mouseClick(cards[0]._delete, Qt.MouseButton.LeftButton)
    assert window.document.current.track.texts == ("a person bows",)
    field = window.prompt_panel.cards[0].duration
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "3.20")
    QTest.mouseClick(window.prompt_panel.generate, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert window.document.current.motion.num_frames == 64
