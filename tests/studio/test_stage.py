"""What plays: the old motion until the new one is whole, at the place where it was."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_support import PROMPT, HeldEngine, wait_until_idle

from segmo_core.motion.motion import Motion
from segmo_studio.dialogs.command_palette import CommandPalette
from segmo_studio.main_window import MainWindow


def test_a_regeneration_leaves_playhead_and_motion_alone(
    generated: MainWindow, engine: HeldEngine, walk: Motion, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    last = before.motion.num_frames - 2
    window.playback.set_frame(last)
    engine.open_gate.clear()
    window.timeline.setFocus()
    window.selection.select_segment(1)
    QTest.keyClick(window.timeline, Qt.Key.Key_R)
    job = window.runner.jobs[0]
    job.previewed.emit(walk)
    assert window.playback.frame == last
    assert window.playback.num_frames == before.motion.num_frames
    assert window.view._poses.motion is before.motion
    assert not window.view_area._badge.isVisible()
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    assert window.document.current.motion is not before.motion
    assert window.playback.frame == last


def test_the_body_has_the_colours_of_the_motion_that_plays(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    engine.open_gate.clear()
    window.editor.remove(0, ripple=True)
    assert window.view._poses.track == before.track
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    assert window.view._poses.track == window.document.current.track


def test_a_first_motion_has_its_segments_and_its_time_while_it_is_made(
    window: MainWindow, engine: HeldEngine, walk: Motion, qtbot: QtBot
) -> None:
    engine.open_gate.clear()
    window.prompt_panel.prompt.setPlainText(PROMPT)
    QTest.mouseClick(window.prompt_panel.generate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(window.prompt_panel.cards) == 3)
    window.runner.jobs[0].previewed.emit(walk)
    assert window.playback.is_playing
    assert "rough preview" in window.timeline_panel.bar._total.text()
    assert window.timeline._content().track is not None
    engine.open_gate.set()
    wait_until_idle(qtbot, window)


def test_playing_backwards_has_a_sign(generated: MainWindow) -> None:
    window = generated
    sign = window.timeline_panel.bar._backwards
    window.timeline.setFocus()
    QTest.keyClick(window.timeline, Qt.Key.Key_J)
    assert sign.isVisible()
    QTest.keyClick(window.timeline, Qt.Key.Key_K)
    assert not sign.isVisible()


def test_the_palette_takes_what_is_typed_at_once(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    palette = CommandPalette(window.commands.all(), window)
    palette.show()
    qtbot.waitUntil(lambda: palette.windowHandle() is not None and palette.isVisible())
    QTest.keyClick(palette.windowHandle(), Qt.Key.Key_L)
    QTest.keyClick(palette.windowHandle(), Qt.Key.Key_O)
    assert palette.field.text() == "lo"
    palette.close()


def test_the_seeds_of_a_take_are_those_of_its_segments(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    window.jobs.regenerate(reroll=1)
    wait_until_idle(qtbot, window)
    assert "seeds 1, 2, 1" in window.takes.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    window.selection.select_segment(1)
    assert window.inspector._facts["Seed"].text() == "2"
    window.selection.select_segment(0)
    assert window.inspector._facts["Seed"].text() == "1"
    assert QApplication.focusWidget() is not None


def test_prompt_words_keep_the_colours_of_their_segments(generated: MainWindow, qtbot: QtBot) -> None:
    window, prompt = generated, generated.prompt_panel.prompt

    def colours() -> dict[str, str]:
        marks = [mark for mark in prompt.extraSelections() if mark.format.background().style() != Qt.BrushStyle.NoBrush]
        return {mark.cursor.selectedText(): mark.format.background().color().name() for mark in marks}

    before = colours()
    window.editor.remove(0, ripple=True)
    after = colours()
    assert len(before) == 3
    assert len(after) == 2
    first, second = list(before), list(after)
    assert second == first[1:]
    assert after[second[0]] == before[first[0]]
    wait_until_idle(qtbot, window)
