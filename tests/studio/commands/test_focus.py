"""Keys mean what the panel with the focus says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_until_idle

from segmo_studio.commands.actions import ACTIONS
from segmo_studio.main_window import MainWindow
from segmo_studio.theme.widgets import TextButton


def click_take(window: MainWindow, row: int) -> None:
    items = window.takes.list
    place = items.visualItemRect(items.item(row)).center()
    QTest.mouseClick(items.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert QApplication.focusWidget() is items


def test_delete_in_the_takes_list_deletes_a_take_and_no_segment(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, first = generated, generated.document.current
    window.commands["new_take"].trigger()
    click_take(window, 0)
    QTest.keyClick(window.takes.list, Qt.Key.Key_Delete)
    assert first.take_id not in [take.take_id for take in window.document.project.takes]
    assert engine.regenerated == []
    assert not window.runner.jobs
    window.document.undo_stack.undo()
    assert window.document.project.find(first.take_id) is first


def test_f2_in_the_takes_list_renames_the_take(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    click_take(window, 0)
    QTest.keyClick(window.takes.list, Qt.Key.Key_F2)
    field = window.focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "Best")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.document.current.name == "Best")


def test_no_key_of_the_segments_works_from_the_takes_list(generated: MainWindow) -> None:
    window, fired = generated, []
    with_panels = [spec for spec in ACTIONS if spec.panels]
    assert {"delete", "split", "merge", "reroll"} <= {spec.name for spec in with_panels}
    for spec in with_panels:
        window.commands[spec.name].triggered.connect(lambda _checked=False, name=spec.name: fired.append(name))
    click_take(window, 0)
    for key in (Qt.Key.Key_S, Qt.Key.Key_M, Qt.Key.Key_R, Qt.Key.Key_Y, Qt.Key.Key_U, Qt.Key.Key_A):
        QTest.keyClick(window.takes.list, key)
    QTest.keyClick(window.takes.list, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert fired == []
    QTest.keyClick(window.takes.list, Qt.Key.Key_Space)
    assert window.playback.is_playing


def test_arrows_and_ends_move_in_the_takes_list(generated: MainWindow) -> None:
    window = generated
    window.commands["new_take"].trigger()
    window.commands["undo"].trigger()
    window.document.push_take("Second", window.document.project.next_take())
    click_take(window, 1)
    QTest.keyClick(window.takes.list, Qt.Key.Key_Home)
    assert window.takes.list.currentRow() == 0
    QTest.keyClick(window.takes.list, Qt.Key.Key_Down)
    assert window.takes.list.currentRow() == 1


def test_the_segment_with_the_focus_is_the_one_that_keys_mean(generated: MainWindow) -> None:
    window = generated
    window.selection.select_segment(0)
    window.prompt_panel.cards[0].text.setFocus()
    while QApplication.focusWidget() is not window.prompt_panel.cards[2]._more:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert window.selection.segment == 2


@pytest.mark.parametrize("by", ["keys", "button", "example"])
def test_space_plays_right_after_asking_for_a_motion(window: MainWindow, qtbot: QtBot, by: str) -> None:
    field = window.prompt_panel.prompt
    QTest.mouseClick(field.viewport(), Qt.MouseButton.LeftButton)
    if by == "example":
        QTest.mouseClick(window.prompt_panel._examples.findChildren(TextButton)[0], Qt.MouseButton.LeftButton)
    else:
        QTest.keyClicks(field, "a person walks")
    if by == "keys":
        QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    elif by == "button":
        QTest.mouseClick(window.prompt_panel.generate, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    wait_until_idle(qtbot, window)
    typed = field.toPlainText()
    assert window.playback.is_playing
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert not window.playback.is_playing
    assert field.toPlainText() == typed


def test_a_refused_prompt_keeps_the_focus(window: MainWindow) -> None:
    field = window.prompt_panel.prompt
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is field
