"""Windows of long motions cover every token once, in order, and never exceed what the model takes."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmo_core.engine import Engine
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.generation.request import GenerationRequest
from segmo_core.generation.windows import LOOKAHEAD_TOKENS, plan_windows

TEXTS = ("A person walks.", "A person waves with the right hand.", "A person bows.", "A person jumps.")


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(2, 120), min_size=1, max_size=30), st.sampled_from([0, 1, 3, 5]))
def test_every_token_is_decided_once_and_limits_hold(durations: list[int], max_segments: int) -> None:
    ends = list(itertools.accumulate(durations))
    windows = plan_windows(ends, max_segments)
    decided = [token for window in windows for token in range(window.begin, window.end)]
    assert decided == list(range(ends[-1]))
    for window in windows:
        assert 0 <= window.start <= window.begin < window.end <= window.stop <= ends[-1]
        assert window.stop - window.start <= 49
        touched = {next(i for i, end in enumerate(ends) if token < end) for token in range(window.start, window.stop)}
        assert touched == set(range(*window.segments))
        assert max_segments == 0 or len(touched) <= max_segments
        assert window.segment_ends[-1] == window.stop - window.start
        assert window.stop - window.end <= LOOKAHEAD_TOKENS
        if window.end not in ends:  # only a segment that no window holds is cut
            index = next(i for i, end in enumerate(ends) if window.end < end)
            assert durations[index] > 49 - 10


def test_what_fits_is_one_window() -> None:
    (window,) = plan_windows([10, 30, 49], 5)
    assert (window.start, window.begin, window.end, window.stop) == (0, 0, 49, 49)
    assert window.segment_ends == (10, 30, 49)


def test_a_window_begins_with_the_end_of_the_one_before() -> None:
    first, second = plan_windows([20, 40, 60], 5)
    assert (first.start, first.end, first.stop) == (0, 40, 44)
    assert (second.start, second.begin, second.end) == (30, 40, 60)
    assert second.segments == (1, 3)
    assert second.segment_ends == (10, 30)


def test_long_motion_has_its_length_and_keeps_its_beginning(tiny_bundle: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    texts = [TEXTS[number % 4] for number in range(8)]
    track = engine.suggest_track(texts, durations=[3.0] * 8)
    result = engine.generate(GenerationRequest("a person does many things", track, seed=2))
    assert result.motion.num_frames == 480
    assert result.token_ids.shape == (120, 3)
    assert result.token_ids.min() >= 0
    # What comes later changes nothing of windows that were decided before it.
    other = engine.suggest_track([*texts[:7], "A person dances."], durations=[3.0] * 8)
    changed = engine.generate(GenerationRequest("a person does many things", other, seed=2))
    np.testing.assert_array_equal(changed.token_ids[:75], result.token_ids[:75])
    assert not np.array_equal(changed.token_ids[105:], result.token_ids[105:])


@pytest.mark.parametrize("index", [0, 3, 7])
def test_one_segment_of_a_long_motion_is_regenerated_alone(tiny_bundle: Path, index: int) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    track = engine.suggest_track([TEXTS[number % 4] for number in range(8)], durations=[3.0] * 8)
    before = engine.generate(GenerationRequest("a person does many things", track, seed=2))
    after = engine.regenerate(TokenPlan(before, before.track, again=(index,)), seed=9)
    is_other = np.ones(120, dtype=bool)
    is_other[15 * index : 15 * index + 15] = False
    np.testing.assert_array_equal(after.token_ids[is_other], before.token_ids[is_other])
    assert not np.array_equal(after.token_ids[~is_other], before.token_ids[~is_other])


def test_a_segment_longer_than_a_window_is_made_in_parts(tiny_bundle: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    track = engine.suggest_track(["A person walks."], seconds=30.0)
    result = engine.generate(GenerationRequest("a person walks", track))
    assert result.motion.num_frames == 600
    assert len(result.track) == 1
