"""Prompt, segments and takes: what the panels do to the document."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_support import PROMPT, HeldEngine, wait_until_idle

from segmo_core.motion.motion import Motion
from segmo_studio.main_window import MainWindow
from segmo_studio.panels.prompt_panel import EXAMPLE_PROMPTS
from segmo_studio.theme.widgets import TextButton


def test_empty_state_offers_three_examples_and_one_click_generates(window: MainWindow, qtbot: QtBot) -> None:
    buttons = window.prompt_panel._examples.findChildren(TextButton)
    assert len(buttons) == len(EXAMPLE_PROMPTS) == 3
    buttons[0].click()
    wait_until_idle(qtbot, window)
    take = window.document.current
    assert take.prompt == EXAMPLE_PROMPTS[0]
    assert len(take.track) == 2
    assert take.motion is not None
    assert not window.prompt_panel._examples.isVisible()
    assert window.document.undo_stack.count() == 1


def test_proposing_says_who_answered_and_cards_show_the_track(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.prompt_panel
    panel.prompt.setPlainText(PROMPT)
    panel.propose.click()
    wait_until_idle(qtbot, window)
    track = window.document.current.track
    assert [card.text.text() for card in panel.cards] == list(track.texts)
    assert [card.duration.value() for card in panel.cards] == [segment.num_frames / 20 for segment in track]
    assert panel._answer.text().startswith("Segmented by built-in rules.")
    assert window.document.current.motion is None


def test_turning_the_duration_is_one_undo_step(window: MainWindow, qtbot: QtBot) -> None:
    window.jobs.propose(PROMPT)
    wait_until_idle(qtbot, window)
    stack, before = window.document.undo_stack, window.document.current.track
    steps = stack.count()
    field = window.prompt_panel.cards[0].duration
    for _ in range(3):
        field.stepDown()
    after = window.document.current.track
    assert after[0].num_frames == before[0].num_frames - 12
    assert after[1].num_frames == before[1].num_frames
    assert stack.count() == steps + 1
    stack.undo()
    assert window.document.current.track == before


def test_reordering_keeps_the_tokens_of_every_segment(generated: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    window, before = generated, generated.document.current
    window.editor.move(0, 2)
    wait_until_idle(qtbot, window)
    after = window.document.current
    assert after.track.texts == (*before.track.texts[1:], before.track.texts[0])
    first = before.track[0].num_frames // 4
    assert np.array_equal(after.result.token_ids[-first:], before.result.token_ids[:first])
    assert np.array_equal(after.result.token_ids[:-first], before.result.token_ids[first:])


def test_dragging_a_card_by_its_number_reorders(window: MainWindow, qtbot: QtBot) -> None:
    window.jobs.propose(PROMPT)
    wait_until_idle(qtbot, window)
    texts = window.document.current.track.texts
    cards = window.prompt_panel.cards
    chip = cards[2]._handle
    target = chip.mapFromGlobal(cards[0].mapToGlobal(cards[0].rect().center()))
    QTest.mousePress(chip, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    QTest.mouseMove(chip, target)
    QTest.mouseRelease(chip, Qt.MouseButton.LeftButton, pos=target)
    assert window.document.current.track.texts == (texts[2], texts[0], texts[1])


def test_lost_words_are_named(window: MainWindow, qtbot: QtBot) -> None:
    window.jobs.propose("a person walks forward, then waves")
    wait_until_idle(qtbot, window)
    panel = window.prompt_panel
    assert panel.prompt.toPlainText() == "a person walks forward, then waves"
    assert panel._lost.text() == ""
    place = panel.cards[0].mapTo(window, QPoint())
    window.editor.set_text(1, "a person stands")
    qtbot.wait(50)
    assert panel.cards[0].mapTo(window, QPoint()) == place
    assert panel._lost.text() == "Left out: “waves”."


def test_too_long_and_too_short_are_said(window: MainWindow, qtbot: QtBot) -> None:
    window.jobs.propose("a person walks forward, then waves")
    wait_until_idle(qtbot, window)
    panel = window.prompt_panel
    window.editor.set_duration(0, 12_000)
    window.editor.set_duration(1, 240)
    assert panel._warning.isVisible()
    assert panel._warning.text() == "612.0 s is longer than the model can do: 600 s at most."
    window.commands["generate"].trigger()
    assert window.runner.jobs == ()
    assert "612.0 s" in window.toast.sentence.text()


def test_generating_again_is_another_variation_in_a_new_take(generated: MainWindow, qtbot: QtBot) -> None:
    window, first = generated, generated.document.current
    window.prompt_panel.generate.click()
    wait_until_idle(qtbot, window)
    second = window.document.current
    assert second.take_id != first.take_id
    assert second.track == first.track
    assert second.result.request.seed == first.result.request.seed + 1
    assert window.document.settings.seed == first.result.request.seed + 1
    assert window.takes.list.count() == 2
    window.document.undo_stack.undo()
    assert window.document.project.takes == (first,)
    assert window.document.settings.seed == first.result.request.seed


def test_another_variation_changes_one_segment(generated: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    window, before = generated, generated.document.current
    window.selection.select_segment(1)
    window.inspector._reroll.click()
    wait_until_idle(qtbot, window)
    after = window.document.current
    assert engine.regenerated == [(1,)]
    first, second = before.track[0].num_frames // 4, before.track[1].end // 4
    assert np.array_equal(after.result.token_ids[:first], before.result.token_ids[:first])
    assert np.array_equal(after.result.token_ids[second:], before.result.token_ids[second:])
    assert not np.array_equal(after.result.token_ids[first:second], before.result.token_ids[first:second])


def test_typing_the_prompt_and_ctrl_enter(window: MainWindow, qtbot: QtBot) -> None:
    field = window.prompt_panel.prompt
    field.setFocus()
    QTest.keyClicks(field, "a person walks, then waves")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wait_until_idle(qtbot, window)
    assert window.document.current.motion is not None
    assert field.toPlainText() == "a person walks, then waves"
    assert QApplication.focusWidget() is window.timeline


def test_text_that_was_not_handed_in_stays_with_its_take(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    field = window.prompt_panel.prompt
    field.setPlainText("a person jumps")
    window.commands["new_take"].trigger()
    assert field.toPlainText() == ""
    window.document.select_take(1)
    assert field.toPlainText() == "a person jumps"
    assert window.document.current.prompt == PROMPT


def test_edited_segments_are_generated_as_they_stand(window: MainWindow, qtbot: QtBot) -> None:
    window.jobs.propose("a person walks forward, then waves")
    wait_until_idle(qtbot, window)
    window.editor.set_text(1, "a person raises both hands")
    window.commands["generate"].trigger()
    wait_until_idle(qtbot, window)
    assert window.document.current.result.track.texts[1] == "a person raises both hands"


def test_a_click_on_a_take_shows_it(generated: MainWindow, qtbot: QtBot) -> None:
    window, first = generated, generated.document.current
    window.commands["new_take"].trigger()
    assert window.view_area._hint.isVisible()
    items = window.takes.list
    QTest.mouseClick(items.viewport(), Qt.MouseButton.LeftButton, pos=items.visualItemRect(items.item(0)).center())
    assert window.document.current is first
    assert items.currentRow() == 0
    assert not window.view_area._hint.isVisible()
    assert window.playback.num_frames == first.motion.num_frames


def test_when_ollama_is_away_the_rules_answer_and_the_panel_says_so(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    combo = window.inspector.segmenter
    combo.setCurrentIndex(combo.findData("ollama"))
    combo.activated.emit(combo.currentIndex())
    assert window.document.undo_stack.undoText() == "Change segmenter"
    window.jobs.propose("a person walks forward, then waves")
    wait_until_idle(qtbot, window)
    assert len(window.document.current.track) == 2
    assert window.prompt_panel._answer.text() == "Segmented by built-in rules."
    assert "Ollama" in window.prompt_panel._notice.text()
    assert window.prompt_panel._notice.isVisible()


def test_a_preview_moves_and_goes_when_the_job_ends(window: MainWindow, walk: Motion) -> None:
    window.jobs.motion_previewed.emit(walk)
    assert window.playback.is_playing
    assert window.playback.num_frames == walk.num_frames
    assert window.view_area._badge.isVisible()
    assert not window.view_area._hint.isVisible()
    window.jobs.motion_previewed.emit(None)
    assert not window.playback.is_playing
    assert not window.view_area._badge.isVisible()
    assert window.view_area._hint.isVisible()
    assert window.document.undo_stack.count() == 0


def test_tab_goes_from_generate_through_the_segments(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.prompt_panel
    panel.prompt.setPlainText(PROMPT)
    panel.propose.click()
    wait_until_idle(qtbot, window)
    qtbot.waitUntil(lambda: all(card.isVisible() for card in panel.cards))  # Qt shows new widgets a little later
    panel.generate.setFocus()
    names = []
    for _ in range(4 * len(panel.cards) + 1):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        names.append(QApplication.focusWidget().accessibleName())
    per_card = ("Text of segment {}", "Duration of segment {}", "More for segment {}", "Delete segment {}")
    assert names[:-1] == [name.format(number) for number in (1, 2, 3) for name in per_card]
    assert QApplication.focusWidget() is panel._add


def test_what_is_too_long_is_not_pasted(window: MainWindow, qtbot: QtBot) -> None:
    """Ten megabytes would hold the window for seconds, at every key again."""
    prompt = window.prompt_panel.prompt
    prompt.setPlainText("a person walks")
    QApplication.clipboard().setText("a person walks, " * 650_000)
    started = time.perf_counter()
    prompt.paste()
    assert time.perf_counter() - started < 1.0
    assert prompt.toPlainText() == "a person walks"
    assert "letters, expected at most 10,000" in window.toast.sentence.text()
    QApplication.clipboard().setText(" and waves")
    prompt.moveCursor(QTextCursor.MoveOperation.End)
    prompt.paste()
    assert prompt.toPlainText() == "a person walks and waves"
