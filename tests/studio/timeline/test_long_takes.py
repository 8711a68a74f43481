"""A minute with twenty segments: everything can be reached and read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.main_window import MainWindow

TEXTS = [f"a person {verb} {side}" for verb in ("walks", "turns", "waves", "runs", "jumps")
         for side in ("left", "right", "forward", "backward")]  # fmt: skip


@pytest.fixture
def long(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """Twenty segments of three seconds, generated."""
    prompt = ", then ".join(TEXTS)
    window.prompt_panel.prompt.setPlainText(prompt)
    track = SegmentTrack.from_durations(TEXTS, [60] * 20)
    window.document.push_take("Propose", replace(window.document.current, prompt=prompt, track=track))
    window.jobs.generate(prompt)
    wait_until_idle(qtbot, window)
    window.playback.pause()
    window.playback.set_frame(0)
    return window


def shown_frames(window: MainWindow) -> tuple[float, float]:
    scale = window.timeline.scale
    return scale.start * 20, (scale.start + scale.seconds) * 20


def zoom_in(window: MainWindow) -> None:
    view = window.timeline
    view._scale = view._scale.zoomed(6.0, 300.0)
    view._is_fitted = False
    view._refresh()


def test_a_minute_is_generated_shown_whole_and_checked(long: MainWindow) -> None:
    take = long.document.current
    assert take.motion.num_frames == 1200
    assert len(take.alignment.segments) == 20
    first, last = shown_frames(long)
    assert first <= 0
    assert last >= 1200
    long.playback.set_frame(1199)
    assert long.view.frame == 1199


def test_the_timeline_follows_the_playhead_when_zoomed_in(long: MainWindow) -> None:
    zoom_in(long)
    for command, frame in (("last_frame", 1199), ("first_frame", 0), ("next_boundary", 60)):
        long.commands[command].trigger()
        assert long.playback.frame == frame
        first, last = shown_frames(long)
        assert first <= frame <= last
    long.commands["last_frame"].trigger()
    first, last = shown_frames(long)
    assert last < 1200 + 0.05 * 1200, "the last page is full, not mostly empty"
    long.commands["previous_frame"].trigger()
    assert shown_frames(long) == (first, last)


def test_the_prompt_panel_scrolls_to_the_selected_segment(long: MainWindow, qtbot: QtBot) -> None:
    panel = long.prompt_panel
    scroll = panel.findChild(QScrollArea)

    def is_in_view(index: int) -> bool:
        card = panel.cards[index]
        place = QRect(card.mapTo(scroll.viewport(), QPoint(0, 0)), card.size())
        return scroll.viewport().rect().contains(place)

    assert len(panel.cards) == 20
    assert not is_in_view(19)
    places = long.timeline._places
    point = QPoint(round(places.x_of(1170)), round(places.rows.track.center().y()))
    QTest.mouseClick(long.timeline, Qt.MouseButton.LeftButton, pos=point)
    assert long.selection.segment == 19
    qtbot.waitUntil(lambda: is_in_view(19))


def test_the_scroll_bar_of_a_panel_covers_nothing(long: MainWindow, qtbot: QtBot) -> None:
    scroll = long.prompt_panel.findChild(QScrollArea)
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().isVisible())
    qtbot.waitUntil(lambda: scroll.widget().width() <= scroll.viewport().width())
    assert scroll.widget().minimumSizeHint().width() <= scroll.viewport().width()


def test_segments_are_labelled_while_part_of_them_is_in_view(long: MainWindow) -> None:
    """The label of a segment that begins left of the view stands at the edge of the view."""
    view = long.timeline
    view._scale = replace(view._scale.fitted(6.0), start=1.5)
    view._is_fitted = False
    view._refresh()
    places = view._places
    left, right = places.x_of(31), places.x_of(31) + 120  # the sign of a flagged segment is further right
    picture = view.grab(QRect(round(left), int(places.rows.track.top()), round(right - left), 50)).toImage()
    colours = {picture.pixel(x, y) for x in range(picture.width()) for y in range(8, picture.height() - 8)}
    assert len(colours) > 8, "only the colour of the segment, no text"


def test_two_hundred_segments_are_the_most(long: MainWindow) -> None:
    assert long.editor.maximum_segments == 200
    assert long.prompt_panel._add.isEnabled()
    track = SegmentTrack.from_durations(["a person walks"] * 200, [8] * 200)
    long.document.push_take("x", replace(long.document.project.next_take(), prompt="x", track=track))
    assert not long.editor.can_append
    assert not long.prompt_panel._add.isEnabled()
    assert long.timeline.grab().toImage().width() > 0
