"""Segments get the time that their words take; one that is too short for them says so, and can be stretched."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_until_idle

from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.generation.request import GenerationRequest
from segmo_core.motion.motion import Motion
from segmo_core.project.project import Take
from segmo_core.rendering.colours import segment_colour
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.main_window import MainWindow
from segmo_studio.timeline.context_menu import context_menu
from segmo_studio.timeline.paint.marks import mark_place

JUMP = SegmentDuration(1.4, 2.3, 3.8)
TEXTS = ("a person walks", "a person jumps", "a person waves")


@pytest.fixture
def engine(engine: HeldEngine) -> HeldEngine:
    """All that jumps takes 1.4 to 3.8 s, all else at least 0.5 s."""

    def usual_durations(texts: Any, progress: Any = None) -> list[SegmentDuration]:
        return [JUMP if "jump" in text else SegmentDuration(0.5, 3.0, 6.0) for text in texts]

    engine.usual_durations = usual_durations  # type: ignore[attr-defined]
    return engine


@pytest.fixture
def hurried(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A take without a motion: three segments of 2 s, 0.8 s and 2 s, the second a jump."""
    track = SegmentTrack.from_durations(TEXTS, [40, 16, 40])
    window.document.push_take("x", Take(1, "Take 1", prompt="walk, jump, wave", track=track))
    qtbot.waitUntil(lambda: window.advice.of(TEXTS[1]) is not None, timeout=20000)
    return window


def block_of(window: MainWindow, index: int) -> QRectF:
    places, segment = window.timeline._places, window.document.current.track[index]
    row = places.rows.track
    return QRectF(
        QPointF(places.x_of(segment.start) + 1, row.top()), QPointF(places.x_of(segment.end) - 1, row.bottom())
    )


def marked(window: MainWindow) -> list[int]:
    """Segments whose block is not painted in its own colour where the sign would be."""
    picture = window.timeline.grab().toImage()
    ratio, found = picture.devicePixelRatio(), []
    for index in range(len(window.document.current.track)):
        place = mark_place(block_of(window, index))
        colour = picture.pixelColor((QPointF(place.center().x(), place.bottom() - 2) * ratio).toPoint()).name()
        if colour.lower() != segment_colour(index).lower():
            found.append(index)
    return found


def frames(window: MainWindow) -> list[int]:
    return [segment.num_frames for segment in window.document.current.track]


def test_proposed_segments_last_as_their_words_say(window: MainWindow, qtbot: QtBot) -> None:
    del window._service._make_engine(None).usual_durations
    window.jobs.propose("a person walks for five seconds, then jumps")
    wait_until_idle(qtbot, window)
    walk, jump = frames(window)
    assert walk == 100
    assert 24 <= jump <= 80


@pytest.mark.parametrize("theme_name", ["dark", "light"])
def test_the_block_of_a_segment_too_short_for_its_words_has_the_sign(hurried: MainWindow, theme_name: str) -> None:
    hurried.theme.choose(theme_name)
    assert hurried.timeline._content().short == {1}
    assert marked(hurried) == [1]
    hurried.theme.choose("dark")


def test_the_sentence_is_under_the_mouse_in_the_inspector_and_on_the_card(hurried: MainWindow) -> None:
    sentence = "Segment 2, “a person jumps”, has 0.8 s; such motions take 1.4 to 3.8 s."
    view, point = hurried.timeline, block_of(hurried, 1).center().toPoint()
    QApplication.sendEvent(view, QHelpEvent(QHelpEvent.Type.ToolTip, point, view.mapToGlobal(point)))
    assert sentence in QToolTip.text()
    QToolTip.hideText()
    hurried.selection.select_segment(1)
    assert hurried.inspector._short.text() == sentence
    assert hurried.inspector._short.isVisible()
    assert hurried.inspector._facts["Usual"].text() == "1.4 to 3.8 s, typically 2.3 s"
    card = hurried.prompt_panel.cards[1]
    assert card._times.text() == "Too short: such motions take 1.4 to 3.8 s."
    assert card._times.property("role") == "warning"
    hurried.selection.select_segment(0)
    assert not hurried.inspector._short.isVisible()
    assert not hurried.inspector._stretch.isVisible()
    assert hurried.prompt_panel.cards[0]._times.property("role") == "small"


def test_one_click_stretches_it_to_the_typical_length_as_one_undo_step(hurried: MainWindow) -> None:
    hurried.selection.select_segment(1)
    assert hurried.inspector._stretch.text() == "Stretch to 2.3 s"
    hurried.inspector._stretch.click()
    assert frames(hurried) == [40, 48, 40]  # 2.3 s are 11.5 tokens; what follows moves
    assert hurried.timeline._content().short == frozenset()
    assert not hurried.inspector._short.isVisible()
    hurried.document.undo_stack.undo()
    assert frames(hurried) == [40, 16, 40]
    assert hurried.timeline._content().short == {1}


def test_the_menu_of_the_segment_and_the_command_stretch_too(hurried: MainWindow) -> None:
    view = hurried.timeline
    menu = context_menu(
        block_of(hurried, 1).center(),
        view._places,
        hurried.editor,
        hurried.segments,
        hurried.take_editor,
        hurried.selection,
        view.edit_text,
        view,
    )
    next(action for action in menu.actions() if action.text() == "Typical length (2.3 s)").trigger()
    assert frames(hurried) == [40, 48, 40]
    hurried.document.undo_stack.undo()
    assert hurried.commands["typical_duration"].isEnabled()
    hurried.commands["typical_duration"].trigger()
    assert frames(hurried) == [40, 48, 40]


def test_the_warning_follows_text_and_boundary(hurried: MainWindow, qtbot: QtBot) -> None:
    hurried.editor.set_text(1, "a person nods")
    assert hurried.timeline._content().short == frozenset()
    qtbot.waitUntil(lambda: hurried.advice.of("a person nods") is not None, timeout=20000)
    assert hurried.timeline._content().short == frozenset()
    hurried.editor.set_text(0, "a person jumps twice")
    qtbot.waitUntil(lambda: hurried.advice.of("a person jumps twice") is not None, timeout=20000)
    assert hurried.timeline._content().short == frozenset()  # 2 s
    hurried.editor.set_duration(0, 16)
    assert hurried.timeline._content().short == {0}
    dragged = hurried.document.current.track.with_duration(0, 40)
    assert hurried.advice.short_segments(hurried.document.current, dragged) == frozenset()


def test_an_answer_waits_for_no_generation(window: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    engine.open_gate.clear()
    window.jobs.compose("a person walks, then waves")
    qtbot.waitUntil(lambda: any(job.message == "Deciding tokens" for job in window.runner.jobs), timeout=20000)
    track = SegmentTrack.from_durations(TEXTS, [40, 16, 40])
    window.document.push_take("x", Take(1, "Take 1", prompt="x", track=track))
    qtbot.waitUntil(lambda: window.timeline._content().short == {1}, timeout=5000)
    assert not engine.open_gate.is_set()
    engine.open_gate.set()
    wait_until_idle(qtbot, window)


def test_a_new_segment_takes_the_time_for_its_text_in_the_same_undo_step(hurried: MainWindow, qtbot: QtBot) -> None:
    steps = hurried.document.undo_stack.count()
    hurried.editor.append()
    hurried.editor.set_text(3, "a person jumps high")
    qtbot.waitUntil(lambda: frames(hurried)[3] == 48, timeout=20000)
    assert hurried.document.undo_stack.count() == steps + 2  # the segment, and its text with its time
    hurried.document.undo_stack.undo()
    assert hurried.document.current.track[3].text == ""


def test_another_bundle_may_know_otherwise(hurried: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    engine.usual_durations = lambda texts, progress=None: [SegmentDuration(0.4, 0.6, 1.0)] * len(texts)
    hurried.advice.forget()
    assert hurried.timeline._content().short == frozenset()
    qtbot.waitUntil(lambda: hurried.advice.of(TEXTS[1]) is not None, timeout=20000)
    assert hurried.advice.of(TEXTS[1]).typical == 0.6
    assert hurried.timeline._content().short == frozenset()


def test_labels_of_an_opened_motion_are_not_warned_about(window: MainWindow, walk: Motion, qtbot: QtBot) -> None:
    track = SegmentTrack.from_durations(("a person jumps", "a person walks"), [8, 52])
    window.document.push_take("x", Take(1, "Take 1", opened=walk, track=track))
    qtbot.wait(50)
    assert window.timeline._content().short == frozenset()
    assert not window.commands["typical_duration"].isEnabled()


def test_generating_a_stretched_segment_regenerates_it_alone(
    window: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    track = SegmentTrack.from_durations(TEXTS, [40, 16, 40])
    result = engine.generate(GenerationRequest("x", track))
    window.document.push_take("x", Take(1, "Take 1", prompt="x", track=result.track, result=result))
    qtbot.waitUntil(lambda: window.advice.of(TEXTS[1]) is not None, timeout=20000)
    window.editor.set_typical_duration(1)
    wait_until_idle(qtbot, window)
    assert engine.regenerated == [(1,)]
    assert window.document.current.motion.num_frames == 40 + 48 + 40
