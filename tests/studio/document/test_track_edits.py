"""Pure edits of tracks, and what they mean for the tokens."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.bundle_manifest import TokenOrigin
from segmo_core.errors import InvalidRequestError
from segmo_core.generation.request import GenerationRequest, GenerationResult, changed_segments
from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.coverage import uncovered_words
from segmo_studio.document.track_edits import (
    absorbed,
    appended,
    is_shown,
    joined_text,
    kept_tokens,
    relabelled,
    with_stretch,
)

TRACK = SegmentTrack.from_durations(["walk", "wave", "turn"], [40, 20, 28])


@pytest.fixture
def result(walk: Motion) -> GenerationResult:
    token_ids = np.arange(22 * 3).reshape(22, 3)
    return GenerationResult(
        GenerationRequest("walk, wave, turn", TRACK), walk, TRACK, token_ids, 0.1, TokenOrigin("tiny", "1")
    )


def test_changed_segments_are_those_with_other_text_or_other_token_count() -> None:
    assert changed_segments(TRACK, TRACK) == ()
    assert changed_segments(TRACK, TRACK.with_boundary(0, 48)) == (0, 1)
    assert changed_segments(TRACK, TRACK.with_boundary(0, 41)) == ()
    assert changed_segments(TRACK, TRACK.with_duration(0, 60)) == (0,)
    assert changed_segments(TRACK, TRACK.with_text(2, "jump")) == (2,)


def test_tokens_are_kept_by_text_and_length_wherever_they_went(result: GenerationResult) -> None:
    kept = kept_tokens(result, TRACK.without(0))
    assert kept.segments == (0, 1)
    assert np.array_equal(kept.token_ids, result.token_ids[10:])
    swapped = kept_tokens(result, TRACK.reordered([1, 0, 2]))
    assert swapped.segments == (0, 1, 2)
    assert np.array_equal(swapped.token_ids[:5], result.token_ids[10:15])
    assert np.array_equal(swapped.token_ids[5:15], result.token_ids[:10])
    merged = kept_tokens(result, TRACK.merge(0, "walk, then wave"))
    assert merged.segments == (1,)
    assert not merged.token_ids[:15].any()


def test_a_relabelled_result_is_on_whole_tokens(result: GenerationResult) -> None:
    track = TRACK.split(18)
    assert not is_shown(track, result)
    relabelled_result = relabelled(result, track)
    assert relabelled_result.track.ends == (16, 40, 60, 88)
    assert relabelled_result.motion is result.motion
    assert is_shown(track, relabelled_result)


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
