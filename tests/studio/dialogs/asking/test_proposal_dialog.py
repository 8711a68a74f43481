"""Segments proposed anew over edited ones: chosen row by row, kept, or left alone, by mouse and keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_studio.dialogs.asking.proposal_dialog import ProposalDialog
from segmo_studio.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
FIRST, SECOND = "a person walks forward, then waves, then sits down", "a person walks forward, then waves, then jumps"


@pytest.fixture
def edited(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A take without a motion whose second segment was given other words and more time."""
    type_prompt(window, FIRST)
    QTest.mouseClick(window.prompt_panel.propose, LEFT)
    wait_until_idle(qtbot, window)
    card = window.prompt_panel.cards[1]
    card.text.setFocus()
    card.text.selectAll()
    QTest.keyClicks(card.text, "A person waves twice.")
    QTest.keyClick(card.text, Qt.Key.Key_Return)
    assert window.document.current.track.texts[1] == "A person waves twice."
    return window


def type_prompt(window: MainWindow, prompt: str) -> None:
    field = window.prompt_panel.prompt
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, prompt)


def ask(window: MainWindow, qtbot: QtBot, key: str = "propose") -> ProposalDialog:
    """Another prompt, typed, and segments or a motion for it."""
    type_prompt(window, SECOND)
    modifiers = Qt.KeyboardModifier.ControlModifier
    if key == "propose":
        modifiers |= Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window.prompt_panel.prompt, Qt.Key.Key_Return, modifiers)
    qtbot.waitUntil(lambda: window.findChild(ProposalDialog) is not None, timeout=60000)
    dialog = window.findChild(ProposalDialog)
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def closed(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.findChild(ProposalDialog) is None)
    wait_until_idle(qtbot, window)


def test_rows_are_chosen_one_by_one_in_one_undo_step(edited: MainWindow, qtbot: QtBot) -> None:
    window, before = edited, edited.document.current
    steps = window.document.undo_stack.count()
    dialog = ask(window, qtbot)
    assert [change.kind.value for change in dialog._changes] == ["kept", "changed", "removed", "added"]
    assert dialog.track.texts == ("A person walks forward.", "A person waves.", "A person jumps.")
    QTest.mouseClick(dialog._sides[1][0], LEFT)
    QTest.mouseClick(dialog._sides[2][0], LEFT)
    assert dialog._sum.text().startswith("4 segments, ")
    QTest.mouseClick(dialog.use, LEFT)
    closed(window, qtbot)
    after = window.document.current
    assert after.track.texts == (
        "A person walks forward.", "A person waves twice.", "A person sits down.", "A person jumps.",
    )  # fmt: skip
    assert after.track[1].num_frames == before.track[1].num_frames
    assert (after.take_id, after.prompt) == (before.take_id, SECOND)
    assert window.document.undo_stack.count() == steps + 1
    window.document.undo_stack.undo()
    assert window.document.current is before
    assert window.prompt_panel.prompt.toPlainText() == FIRST


def test_keeping_mine_takes_the_prompt_alone(edited: MainWindow, qtbot: QtBot) -> None:
    window, before = edited, edited.document.current
    QTest.mouseClick(ask(window, qtbot).keep, LEFT)
    closed(window, qtbot)
    after = window.document.current
    assert (after.track, after.prompt, after.take_id) == (before.track, SECOND, before.take_id)


def test_escape_leaves_all_as_it_was(edited: MainWindow, qtbot: QtBot) -> None:
    window, before = edited, edited.document.current
    dialog = ask(window, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    closed(window, qtbot)
    assert window.document.current is before
    assert window.prompt_panel.prompt.toPlainText() == SECOND


def test_generate_asks_first_and_goes_on(edited: MainWindow, qtbot: QtBot) -> None:
    window = edited
    dialog = ask(window, qtbot, "generate")
    assert dialog.use.text() == "Use and generate"
    QTest.mouseClick(dialog.all_mine, LEFT)
    QTest.mouseClick(dialog.use, LEFT)
    closed(window, qtbot)
    take = window.document.current
    assert take.motion is not None
    assert take.result.track.texts == ("A person walks forward.", "A person waves twice.", "A person sits down.")


def test_segments_nobody_edited_are_replaced_without_a_question(window: MainWindow, qtbot: QtBot) -> None:
    type_prompt(window, FIRST)
    QTest.mouseClick(window.prompt_panel.propose, LEFT)
    wait_until_idle(qtbot, window)
    type_prompt(window, SECOND)
    QTest.mouseClick(window.prompt_panel.propose, LEFT)
    wait_until_idle(qtbot, window)
    assert window.findChild(ProposalDialog) is None
    assert window.document.current.track.texts[2] == "A person jumps."


def test_over_a_motion_they_become_a_take_of_their_own(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    window.editor.set_text(1, "A person waves twice.")
    wait_until_idle(qtbot, window)
    before = window.document.current
    dialog = ask(window, qtbot)
    QTest.mouseClick(dialog.use, LEFT)
    closed(window, qtbot)
    assert window.document.current.take_id != before.take_id
    assert window.document.project.find(before.take_id).track == before.track
