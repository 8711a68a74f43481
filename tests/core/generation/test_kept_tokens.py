"""Which tokens an edit keeps: the rule itself, and that the engine keeps to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmo_core.bundle_manifest import TokenOrigin
from segmo_core.engine import Engine
from segmo_core.generation.kept_tokens import GivenTokens, TokenPlan, relabelled, same_segments, tokens_of
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import token_ranges

TRACK = SegmentTrack.from_durations(["walk", "wave", "turn"], [40, 20, 28])


def result_of(track: SegmentTrack, motion: Motion) -> GenerationResult:
    num_tokens = token_ranges(track)[-1][1]
    token_ids = np.arange(num_tokens * 3).reshape(num_tokens, 3)
    request = GenerationRequest("a person moves", track, seed=7)
    return GenerationResult(request, motion, track, token_ids, 0.1, TokenOrigin("tiny", "1"))


@pytest.fixture
def result(walk: Motion) -> GenerationResult:
    return result_of(TRACK, walk)


def test_segments_with_other_text_or_other_token_count_are_made_anew(result: GenerationResult) -> None:
    assert TokenPlan(result, TRACK).anew == ()
    assert TokenPlan(result, TRACK.with_boundary(0, 48)).anew == (0, 1)
    assert TokenPlan(result, TRACK.with_boundary(0, 41)).anew == ()
    assert TokenPlan(result, TRACK.with_duration(0, 60)).anew == (0,)
    assert TokenPlan(result, TRACK.with_text(2, "jump")).anew == (2,)
    assert TokenPlan(result, TRACK, again=(1,)).anew == (1,)


def test_tokens_are_kept_by_text_and_length_wherever_they_went(result: GenerationResult) -> None:
    first_gone = TokenPlan(result, TRACK.without(0))
    assert first_gone.anew == ()
    np.testing.assert_array_equal(first_gone.request().kept_token_ids, result.token_ids[10:])
    swapped = TokenPlan(result, TRACK.reordered([1, 0, 2]))
    assert swapped.origins == {0: 1, 1: 0, 2: 2}
    order = [*range(10, 15), *range(10), *range(15, 22)]
    np.testing.assert_array_equal(swapped.request().kept_token_ids, result.token_ids[order])
    merged = TokenPlan(result, TRACK.merge(0, "walk, then wave"))
    assert merged.origins == {1: 2}
    assert not merged.request().kept_token_ids[:15].any()


def test_what_follows_a_deleted_segment_is_told_from_its_repetition(walk: Motion) -> None:
    track = SegmentTrack.from_durations(["walk", "wave", "walk", "turn"], [40, 20, 40, 20])
    result = result_of(track, walk)
    assert TokenPlan(result, track.without(0)).origins == {0: 1, 1: 2, 2: 3}
    assert TokenPlan(result, track.without(1)).origins == {0: 0, 1: 2, 2: 3}


def test_a_boundary_between_equal_texts_moves_no_tokens(walk: Motion) -> None:
    track = SegmentTrack.from_durations(["walk", "walk"], [40, 20])
    assert TokenPlan(result_of(track, walk), track.with_boundary(0, 20)).anew == (0, 1)


def test_joining_kept_segments_makes_nothing_anew_but_another_motion(result: GenerationResult) -> None:
    shorter = TokenPlan(result, TRACK.without(2))
    assert (shorter.kept, shorter.anew, shorter.is_shown) == ((0, 1), (), False)
    assert TokenPlan(result, TRACK).is_shown
    assert TokenPlan(result, TRACK.with_boundary(0, 41)).is_shown
    assert not TokenPlan(result, TRACK, again=(0,)).is_shown


def test_the_request_is_the_old_one_but_for_track_seed_and_kept_tokens(result: GenerationResult) -> None:
    edited = TRACK.with_text(1, "jump")
    assert TokenPlan(result, edited).request().seed == 7
    request = TokenPlan(result, edited).request(seed=9)
    assert (request.prompt, request.track, request.seed) == ("a person moves", edited, 9)
    assert request.kept_segments == (0, 2)
    nothing_kept = TokenPlan(result, TRACK, again=(0, 1, 2)).request()
    assert (nothing_kept.kept_segments, nothing_kept.kept_token_ids) == ((), None)


def test_every_segment_keeps_the_seed_it_was_drawn_with(result: GenerationResult) -> None:
    assert result.segment_seeds == (7, 7, 7)
    again = replace(result, seeds=TokenPlan(result, TRACK, again=(1,)).seeds(9))
    assert again.segment_seeds == (7, 9, 7)
    assert TokenPlan(again, TRACK.without(0)).seeds() == (9, 7)
    assert TokenPlan(again, TRACK.with_text(2, "jump")).seeds(11) == (7, 9, 11)
    assert relabelled(again, TRACK.split(48)).segment_seeds == (7, 9, 9, 7)


def test_tokens_of_another_grid_are_kept_all_or_not_at_all(result: GenerationResult) -> None:
    coarse = replace(result, token_ids=result.token_ids[:14])
    assert TokenPlan(coarse, TRACK).is_shown
    assert TokenPlan(coarse, TRACK.with_text(1, "jump")).anew == (0, 1, 2)


def test_a_relabelled_result_is_on_whole_tokens(result: GenerationResult) -> None:
    track = TRACK.split(18)
    assert not TokenPlan(result, track).is_shown
    named = relabelled(result, track)
    assert named.track.ends == (16, 40, 60, 88)
    assert named.motion is result.motion
    assert TokenPlan(named, track).is_shown


TEXTS = ("a person walks", "a person waves", "a person turns")
tracks = st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from((8, 12, 20))), min_size=1, max_size=5).map(
    lambda parts: SegmentTrack.from_durations([text for text, _ in parts], [frames for _, frames in parts])
)


@pytest.fixture(scope="module")
def generated(tiny_bundle: Path) -> tuple[Engine, GenerationResult]:
    engine = Engine(tiny_bundle, device="cpu")
    track = SegmentTrack.from_durations([TEXTS[0], TEXTS[1], TEXTS[0], TEXTS[2]], [20, 12, 20, 8])
    return engine, engine.generate(GenerationRequest("a person walks, waves, walks and turns", track, seed=3))


@settings(max_examples=40, deadline=None)
@given(track=tracks, again=st.sets(st.integers(0, 4), max_size=2))
def test_the_engine_keeps_what_the_plan_says_to_the_bit(
    generated: tuple[Engine, GenerationResult], track: SegmentTrack, again: set[int]
) -> None:
    engine, before = generated
    plan = TokenPlan(before, track, tuple(index for index in again if index < len(track)))
    assert sorted((*plan.kept, *plan.anew)) == list(range(len(track)))
    assert len(set(plan.origins.values())) == len(plan.origins)
    after = engine.regenerate(plan, seed=5)
    old, new = token_ranges(before.track), token_ranges(track)
    assert after.request.kept_segments == plan.kept
    for index, origin in plan.origins.items():
        assert before.track[origin].text == track[index].text
        np.testing.assert_array_equal(after.token_ids[slice(*new[index])], before.token_ids[slice(*old[origin])])


def test_given_tokens_fill_their_segment_and_are_kept(result: GenerationResult) -> None:
    ids = np.full_like(tokens_of(result, 1), 7)
    plan = TokenPlan(result, TRACK, given=(GivenTokens(1, ids, 99),))
    assert (plan.kept, plan.anew, plan.is_shown) == ((0, 1, 2), (), False)
    assert 1 not in plan.origins
    request = plan.request()
    assert request.kept_token_ids is not None
    start, end = token_ranges(TRACK)[1]
    assert (request.kept_token_ids[start:end] == 7).all()
    assert plan.seeds()[1] == 99
    too_short = TokenPlan(result, TRACK, given=(GivenTokens(1, ids[1:], 99),))
    assert too_short.is_shown
    assert TokenPlan(result, TRACK, again=(1,), given=(GivenTokens(1, ids, 99),)).anew == (1,)


def test_segments_that_an_edit_left_alone_are_known_by_the_same_rule(result: GenerationResult) -> None:
    for edited in (
        TRACK.reordered([2, 0, 1]),
        TRACK.without(0),
        TRACK.with_duration(0, 60),
        TRACK.with_text(2, "jump"),
    ):
        assert same_segments(TRACK, edited) == TokenPlan(result, edited).origins
