"""Asking for motions while others are made: no word and no job is lost."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_support import PROMPT, HeldEngine, wait_until_idle

from segmo_studio.main_window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier


def type_prompt(window: MainWindow, text: str) -> None:
    field = window.prompt_panel.prompt
    QTest.mouseClick(field.viewport(), Qt.MouseButton.LeftButton)
    field.selectAll()
    QTest.keyClicks(field, text)


def ask(window: MainWindow) -> None:
    QTest.keyClick(window.prompt_panel.prompt, Qt.Key.Key_Return, CTRL)


def test_a_click_anywhere_during_the_first_generation_changes_nothing(
    window: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    engine.open_gate.clear()
    type_prompt(window, "a person walks, then waves")
    ask(window)
    for widget in (window.view, window.timeline, window.prompt_panel.prompt.viewport(), window.takes.list.viewport()):
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    (take,) = window.document.project.takes
    assert take.motion is not None
    assert not window.toast.isVisible()
    assert window.document.undo_stack.count() == 1


def test_words_typed_while_the_first_motion_is_made_stay(window: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    engine.open_gate.clear()
    type_prompt(window, "a person walks, then waves")
    ask(window)
    type_prompt(window, "a person jumps")
    QTest.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=QPoint(40, 300))
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    (take,) = window.document.project.takes
    assert take.prompt == "a person walks, then waves"
    assert window.prompt_panel.prompt.toPlainText() == "a person jumps"


def test_words_typed_while_another_take_is_made_stay_on_screen(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, first = generated, generated.document.current
    engine.open_gate.clear()
    type_prompt(window, "a person jumps")
    ask(window)
    type_prompt(window, "a person runs in a circle")
    QTest.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=QPoint(40, 300))
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    second = window.document.current
    assert second.take_id != first.take_id
    assert second.prompt == "a person jumps"
    assert window.prompt_panel.prompt.toPlainText() == "a person runs in a circle"
    window.document.select_take(first.take_id)
    assert window.prompt_panel.prompt.toPlainText() == PROMPT
    window.document.select_take(second.take_id)
    assert window.prompt_panel.prompt.toPlainText() == "a person runs in a circle"


def test_a_second_ctrl_enter_waits_for_its_turn_and_is_another_variation(
    window: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    engine.open_gate.clear()
    type_prompt(window, "a person walks, then waves")
    ask(window)
    qtbot.waitUntil(lambda: window.document.current.track is not None)
    ask(window)
    assert window.toast.sentence.text().startswith("Queued")
    assert len([job for job in window.runner.jobs if not job.quiet]) == 2
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    first, second = window.document.project.takes
    assert [take.result.request.seed for take in (first, second)] == [1, 2]
    assert first.track == second.track
    assert window.document.settings.seed == 2


def test_another_prompt_waits_too_and_an_edit_does_not_stop_it(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, first = generated, generated.document.current
    engine.open_gate.clear()
    type_prompt(window, "a person jumps")
    ask(window)
    window.editor.set_duration(0, first.track[0].num_frames + 8)
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    changed, second = window.document.project.takes
    assert changed.result.track == changed.track
    assert second.prompt == "a person jumps"
    assert second.motion is not None


def test_two_variations_asked_for_in_a_row_both_come(generated: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    window = generated
    engine.open_gate.clear()
    window.timeline.setFocus()
    for segment in (0, 2):
        window.selection.select_segment(segment)
        QTest.keyClick(window.timeline, Qt.Key.Key_R)
    assert window.toast.sentence.text().startswith("Segment 3 is next")
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    assert engine.regenerated == [(0,), (2,)]


def test_an_edit_that_ends_a_variation_says_so(generated: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    window = generated
    engine.open_gate.clear()
    window.jobs.regenerate(reroll=1)
    window.editor.set_text(0, "a person bows")
    assert window.toast.sentence.text() == "The variation of segment 2 was given up, since the segments changed."
    engine.open_gate.set()
    wait_until_idle(qtbot, window)


def test_segments_are_there_while_their_first_motion_is_made(
    window: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    engine.open_gate.clear()
    type_prompt(window, "a person walks, then waves")
    ask(window)
    qtbot.waitUntil(lambda: len(window.prompt_panel.cards) == 2)
    assert window.timeline._content().track == window.document.current.track
    assert window.document.current.motion is None
    QTest.mouseClick(window.job_status.cancel_button, Qt.MouseButton.LeftButton)
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    assert len(window.document.current.track) == 2
    assert window.document.undo_stack.undoText() == "Propose segments"


def test_what_a_first_generation_brings_is_one_step(window: MainWindow, qtbot: QtBot) -> None:
    type_prompt(window, "a person walks, then waves")
    ask(window)
    wait_until_idle(qtbot, window)
    assert window.commands["undo"].text() == "Undo Generate"
    QTest.keyClick(window.timeline, Qt.Key.Key_Z, CTRL)
    assert window.document.current.track is None
    QTest.keyClick(window.timeline, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert window.document.current.motion is not None
