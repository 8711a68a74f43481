"""The table of actions: no clash, nothing without effect, and no single key fires while somebody types."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from segmo_studio.commands.actions import ACTIONS, shortcut_tables
from segmo_studio.dialogs.command_palette import CommandPalette
from segmo_studio.dialogs.shortcut_sheet import ShortcutSheet
from segmo_studio.main_window import MainWindow


def test_no_two_actions_share_a_shortcut() -> None:
    used = Counter(QKeySequence(shortcut).toString() for spec in ACTIONS for shortcut in spec.shortcuts)
    assert [shortcut for shortcut, times in used.items() if times > 1] == []
    assert "" not in used, "a shortcut that Qt cannot read"


def test_names_are_unique_and_every_action_does_something(window: MainWindow) -> None:
    names = [spec.name for spec in ACTIONS]
    assert len(names) == len(set(names))
    assert set(window._handlers()) == set(names)


def text_fields(window: MainWindow) -> list[QWidget]:
    panel = window.prompt_panel
    return [panel.prompt, panel.cards[0].text, panel.cards[0].duration, window.inspector.seed,
            window.timeline_panel.bar.query]  # fmt: skip


def test_single_keys_are_text_in_a_text_field(generated: MainWindow) -> None:
    window = generated
    before = window.document.undo_stack.count()
    fired = []
    single = [spec for spec in ACTIONS if any(_is_single(shortcut) for shortcut in spec.shortcuts)]
    assert len(single) > 20
    for spec in single:
        window.commands[spec.name].triggered.connect(lambda _checked=False, name=spec.name: fired.append(name))
    for field in text_fields(window):
        field.setFocus()
        assert field.hasFocus()
        for key in (Qt.Key.Key_Space, Qt.Key.Key_S, Qt.Key.Key_M, Qt.Key.Key_R, Qt.Key.Key_1, Qt.Key.Key_Comma,
                    Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Delete):  # fmt: skip
            QTest.keyClick(field, key)
        QTest.keyClick(field, "?")
    assert fired == []
    assert not window.playback.is_playing
    assert window.document.undo_stack.count() - before <= len(text_fields(window))


def _is_single(shortcut: str) -> bool:
    return not shortcut.startswith(("Ctrl+", "Alt+", "Meta+"))


def test_single_keys_work_elsewhere(generated: MainWindow) -> None:
    window = generated
    window.timeline.setFocus()
    QTest.keyClick(window.timeline, Qt.Key.Key_Space)
    assert window.playback.is_playing
    QTest.keyClick(window.timeline, Qt.Key.Key_K)
    assert not window.playback.is_playing
    QTest.keyClick(window.timeline, Qt.Key.Key_Home)
    QTest.keyClick(window.timeline, Qt.Key.Key_Right)
    assert window.playback.frame == 1
    QTest.keyClick(window.timeline, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.playback.frame == window.document.current.track.ends[0]


def test_space_on_a_focused_button_presses_it(generated: MainWindow) -> None:
    window = generated
    button = window.prompt_panel.propose
    pressed = []
    button.clicked.connect(lambda: pressed.append(True))
    window.prompt_panel.propose_requested.disconnect()
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert pressed == [True]
    assert not window.playback.is_playing


@pytest.mark.parametrize("name", ["generate", "undo"])
def test_commands_with_ctrl_work_while_typing(generated: MainWindow, name: str) -> None:
    window = generated
    fired = []
    window.commands[name].triggered.disconnect()
    window.commands[name].triggered.connect(lambda: fired.append(name))
    field = window.timeline_panel.bar.query
    field.setFocus()
    key = Qt.Key.Key_Return if name == "generate" else Qt.Key.Key_Z
    QTest.keyClick(field, key, Qt.KeyboardModifier.ControlModifier)
    # Ctrl+Z inside a field takes back typing; the document's undo is for everything else.
    assert fired == (["generate"] if name == "generate" else [])


def test_the_palette_finds_and_does_a_command(generated: MainWindow) -> None:
    window = generated
    window.playback.set_frame(5)
    palette = CommandPalette(window.commands.all(), window)
    palette.show()
    QTest.keyClicks(palette.field, "first fr")
    assert [palette.list.item(row).text() for row in range(palette.list.count())] == ["First frame    Home"]
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.playback.frame == 0
    assert not palette.isVisible()


def test_the_palette_lists_only_what_can_be_done_now(window: MainWindow) -> None:
    palette = CommandPalette(window.commands.all(), window)
    shown = {palette.list.item(row).text().split("    ")[0] for row in range(palette.list.count())}
    assert "Generate" in shown
    assert "Export" not in shown
    palette.close()


def test_the_sheet_shows_every_shortcut_and_fits_a_small_screen(window: MainWindow) -> None:
    tables = shortcut_tables()
    sheet = ShortcutSheet(tables, window)
    shown = {found.text() for found in sheet.findChildren(QLabel)}
    assert shown >= {text for rows in tables.values() for row in rows for text in row}
    assert sheet.sizeHint().width() <= 1280
    assert sheet.sizeHint().height() <= 720


def test_everything_that_can_be_switched_switches(generated: MainWindow, qtbot: QtBot) -> None:
    """A handler that does not take the state is only found out when the action is triggered."""
    window = generated
    for spec in (spec for spec in ACTIONS if spec.checkable and not spec.name.startswith("theme")):
        action = window.commands[spec.name]
        was = action.isChecked()
        with qtbot.captureExceptions() as exceptions:
            action.trigger()
            after = action.isChecked()
            action.trigger()
        assert exceptions == [], spec.name
        assert after != was or not action.isEnabled(), spec.name


def test_every_menu_fits_a_small_screen_and_holds_every_action(window: MainWindow) -> None:
    listed: list[str] = []

    def walk(menu: QMenu) -> None:
        assert menu.sizeHint().height() <= 690, menu.title()
        for action in menu.actions():
            if action.menu() is not None:
                walk(action.menu())
            else:
                listed.append(action.objectName())

    for entry in window.menuBar().actions():
        walk(entry.menu())
    assert [spec.name for spec in ACTIONS if spec.menu and spec.name not in listed] == []
