"""Pure edits of tracks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from segmo_core.errors import InvalidRequestError
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.coverage import uncovered_words
from segmo_studio.document.track_edits import (
    TrackLimits,
    absorbed,
    appended,
    joined_text,
    with_end,
    with_stretch,
)

TRACK = SegmentTrack.from_durations(["walk", "wave", "turn"], [40, 20, 28])


def test_an_end_stops_at_the_limits() -> None:
    limits = TrackLimits(minimum=8, maximum=100, grid=4)
    assert with_end(TRACK, 0, 500, limits).ends == (52, 60, 88)
    assert with_end(TRACK, 0, -500, limits).ends == (8, 60, 88)
    assert with_end(TRACK, 0, 500, limits, ripple=True).ends == (52, 72, 100)
    assert with_end(TRACK, 2, 80, limits).ends == (40, 60, 80)
    assert with_end(TRACK, 2, 500, limits).ends == (40, 60, 100)
    fixed = replace(limits, can_ripple=False)
    assert with_end(TRACK, 2, 80, fixed) == TRACK
    assert with_end(TRACK, 0, 44, fixed, ripple=True).ends == (44, 60, 88)
    short = SegmentTrack.from_durations(["walk", "wave"], [4, 20])
    assert with_end(short, 0, 2, limits).ends == (4, 24)


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("A person walks forward.", "A person waves.", "A person walks forward, then waves"),
        ("someone runs", "a person jumps", "someone runs, then a person jumps"),
        ("a person walks", "A person walks.", "a person walks"),
        ("", "a person waves", "a person waves"),
    ],
)
def test_joined_text(first: str, second: str, joined: str) -> None:
    assert joined_text(first, second) == joined


def test_absorbing_gives_the_time_to_the_neighbour() -> None:
    assert absorbed(TRACK, 1).ends == (60, 88)
    assert absorbed(TRACK, 1).texts == ("walk", "turn")
    assert absorbed(TRACK, 0).texts == ("wave", "turn")
    with pytest.raises(InvalidRequestError):
        absorbed(SegmentTrack.from_durations(["walk"], [40]), 0)


def test_appending_stops_at_five_segments() -> None:
    track = appended(appended(TRACK, "", 40, 5), "", 8, 5)
    assert track.ends == (40, 60, 88, 128, 136)
    with pytest.raises(InvalidRequestError, match="at most 5"):
        appended(track, "", 8, 5)


def test_a_stretch_cuts_what_was_there() -> None:
    assert with_stretch(None, 100, 30, 60, "jump", 5).ends == (30, 60, 100)
    assert with_stretch(None, 100, 30, 60, "jump", 5).texts == ("", "jump", "")
    inside = with_stretch(TRACK, 88, 12, 28, "jump", 5)
    assert inside.texts == ("walk", "jump", "walk", "wave", "turn")
    assert inside.ends == (12, 28, 40, 60, 88)
    over = with_stretch(TRACK, 88, 44, 86, "jump", 5)
    assert over.texts == ("walk", "jump")
    assert over.ends == (40, 88)
    with pytest.raises(InvalidRequestError):
        with_stretch(TRACK, 88, 90, 95, "jump", 5)


@pytest.mark.parametrize(
    ("prompt", "texts", "lost"),
    [
        ("a person walks forward, then waves", ["A person walks forward.", "A person waves."], []),
        ("a man is walking and then waving", ["a person walks", "a person waves"], []),
        ("walk and jump", ["a person walks"], ["jump"]),
        ("someone raises the left hand", ["a person raises a hand"], ["left"]),
        ("a person runs, then stops", ["a person runs"], ["stops"]),
        ("a person carries a box", ["a person carrying boxes"], []),
    ],
)
def test_words_that_no_segment_kept(prompt: str, texts: list[str], lost: list[str]) -> None:
    assert [prompt[start:end] for start, end in uncovered_words(prompt, texts)] == lost
