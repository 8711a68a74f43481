"""Playback follows the clock; time scale and snapping are plain geometry."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from segmo_studio.document.playback import Playback
from segmo_studio.timeline.snapping import SnapTarget, snap
from segmo_studio.timeline.time_scale import TimeScale


@pytest.fixture
def playback(qtbot: QtBot) -> Playback:
    playback = Playback()
    playback.set_length(100, 20.0)
    return playback


def test_playing_takes_as_long_as_the_clock_says(playback: Playback, qtbot: QtBot) -> None:
    playback.play()
    qtbot.wait(500)
    playback.pause()
    assert 8 <= playback.frame <= 16
    playback.set_frame(0)
    playback.set_speed(2.0)
    playback.play()
    qtbot.wait(500)
    playback.pause()
    assert 17 <= playback.frame <= 32


def test_without_loop_it_stops_on_the_last_frame(playback: Playback, qtbot: QtBot) -> None:
    playback.set_looping(False)
    playback.set_frame(97)
    playback.play()
    qtbot.waitUntil(lambda: not playback.is_playing, timeout=2000)
    assert playback.frame == 99
    playback.toggle()
    assert playback.frame < 5, "starts over after the end"
    playback.pause()


def test_loop_range_is_half_open_and_survives_a_shorter_motion(playback: Playback) -> None:
    playback.set_loop_in(20)
    playback.set_loop_out(39)
    assert playback.loop_range == (20, 40)
    playback.set_length(30, 20.0)
    assert playback.loop_range == (20, 30)
    playback.set_length(10, 20.0)
    assert playback.loop_range == (0, 10)
    assert playback.frame <= 9


def test_shuttle_gets_faster_and_turns_around(playback: Playback) -> None:
    playback.set_frame(50)
    playback.shuttle(1)
    assert playback.speed == 1.0
    playback.shuttle(1)
    assert playback.speed == 1.5
    playback.shuttle(-1)
    assert playback.speed == -1.0
    assert playback.is_playing
    playback.shuttle(0)
    assert not playback.is_playing
    assert playback.speed == 1.0


def test_zooming_keeps_the_moment_under_the_mouse() -> None:
    scale = TimeScale(left=100.0, width=500.0, start=0.0, seconds=5.0)
    assert scale.x_of(2.0) == 300.0
    zoomed = scale.zoomed(2.0, 300.0)
    assert zoomed.seconds == 2.5
    assert zoomed.seconds_at(300.0) == pytest.approx(2.0)
    assert scale.panned(50.0).start == pytest.approx(-0.5)
    assert scale.fitted(10.0).seconds == pytest.approx(10.6)


@pytest.mark.parametrize(
    ("frame", "expected", "target"), [(41.0, 40, None), (42.5, 44, None), (45.6, 46, "playhead"), (47.9, 48, None)]
)
def test_snapping_prefers_the_playhead_within_reach(frame: float, expected: int, target: str | None) -> None:
    result = snap(frame, [SnapTarget(46, "playhead")], reach=1.0, grid=4)
    assert result.frame == expected
    assert (result.target.name if result.target else None) == target


def test_more_pictures_are_shown_than_the_motion_has_frames(playback: Playback, qtbot: QtBot) -> None:
    moments: list[float] = []
    frames: list[int] = []
    playback.moment_changed.connect(moments.append)
    playback.frame_changed.connect(frames.append)
    playback.set_interval(16)
    playback.set_speed(0.25)
    playback.play()
    qtbot.wait(800)
    playback.pause()
    assert len(moments) > 2 * len(frames)
    assert moments == sorted(moments)
    assert any(moment != int(moment) for moment in moments)
    playback.set_frame(99)
    assert playback.moment == 99.0
