"""Boundaries found again, and what is said of segments that are missing, swapped or too short."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from segmo_core.engine import Engine
from segmo_core.errors import InvalidRequestError
from segmo_core.generation.request import GenerationRequest
from segmo_core.grounding.boundary_search import (
    FrameEvidence,
    boundary_bonus,
    change,
    find_boundaries,
    ordered_boundaries,
    refine_stretch,
)
from segmo_core.grounding.candidates import Candidate
from segmo_core.grounding.joint_check import JointJudgement
from segmo_core.grounding.track_alignment import _finding
from segmo_core.models.sampling_settings import GroundingCalibration
from segmo_core.timeline.segment_track import SegmentTrack

TRACK = SegmentTrack.from_durations(["a person walks", "a person waves", "a person walks"], [40, 40, 40])


def test_boundaries_are_those_of_the_largest_sum() -> None:
    generator = np.random.default_rng(0)
    evidence = generator.normal(size=(3, 11))
    bonus = generator.normal(size=12)
    cuts = [
        (0, first, second, 11)
        for first, second in itertools.combinations(range(12), 2)
        if first >= 2 and second - first >= 2 and 11 - second >= 2
    ]

    def total(bounds: tuple[int, ...]) -> float:
        return float(sum(evidence[part, bounds[part] : bounds[part + 1]].sum() for part in range(3)))

    assert ordered_boundaries(evidence, 2) == max(cuts, key=total)
    with_bonus = max(cuts, key=lambda bounds: total(bounds) + bonus[bounds[1]] + bonus[bounds[2]])
    assert ordered_boundaries(evidence, 2, bonus) == with_bonus
    assert with_bonus != max(cuts, key=total)
    assert ordered_boundaries(np.ones((1, 7)), 2) == (0, 7)
    assert ordered_boundaries(np.zeros((3, 3)), 8) == (0, 1, 2, 3)
    steps = np.zeros((2, 10))
    steps[0, :6], steps[1, 6:] = 1.0, 1.0
    assert ordered_boundaries(steps, 2) == (0, 6, 10)


def rows_moving(velocities: np.ndarray) -> np.ndarray:
    """Features (T, 263) of which only the joint velocities (T, 3), the same for all joints, are set."""
    rows = np.zeros((len(velocities), 263))
    rows[:, 193:259] = np.tile(velocities, 22)
    return rows


def test_change_peaks_where_joints_turn_round_and_nowhere_else() -> None:
    velocities = np.zeros((60, 3))
    velocities[:26, 0], velocities[26:, 2] = 0.05, 0.05
    found = change(rows_moving(velocities))
    assert found.shape == (61,)
    assert int(found.argmax()) == 26
    # Each of 22 joints turns from (5, 0, 0) to (0, 0, 5) cm a frame, which count as 5 / 6 of a direction.
    assert found[26] == pytest.approx(np.sqrt(22 * 2) * 5 / 6)
    assert np.abs(found[:18]).max() < 1e-9
    assert np.abs(found[35:]).max() < 1e-9
    assert not change(rows_moving(np.zeros((60, 3)))).any()


def test_boundaries_take_the_frame_from_the_movement_and_the_place_from_the_texts() -> None:
    velocities = np.zeros((100, 3))
    velocities[:26, 0], velocities[26:, 2] = 0.05, 0.05
    rows = rows_moving(velocities)
    unsure = np.full((2, 25), 0.5)
    assert find_boundaries(unsure, rows) == (0, 24, 100)  # two frames before the change: it is seen late
    told = unsure.copy()
    told[0, :18], told[1, 18:] = 0.9, 0.9  # a clear word from the texts outweighs a change elsewhere
    assert abs(find_boundaries(told, rows)[1] - 72) <= 2
    near = unsure.copy()
    near[0, :7], near[1, 7:] = 0.9, 0.9
    assert find_boundaries(near, rows)[1] == 24


def test_a_found_stretch_is_moved_to_where_texts_and_movement_change() -> None:
    velocities = np.zeros((80, 3))
    velocities[:22, 0], velocities[22:61, 2], velocities[61:, 0] = 0.05, 0.05, 0.05
    movement = boundary_bonus(rows_moving(velocities))
    similarity = np.full(20, 0.2)
    similarity[5:16] = 0.9  # tokens 5 to 16 are frames 20 to 64
    assert refine_stretch(6, 14, similarity, movement) == (22, 61)
    similarity[:] = 0.2
    similarity[:5] = 0.9
    assert refine_stretch(1, 6, similarity, movement) == (0, 22)  # begins with the motion
    assert refine_stretch(0, 20, similarity, movement) == (0, 80)  # nothing outside to compare with


def test_a_boundary_model_has_the_say_on_the_frame_and_half_the_say_on_the_texts() -> None:
    rows, unsure = rows_moving(np.zeros((100, 3))), np.full((2, 25), 0.5)
    begins = np.full(100, -6.0)
    begins[37] = 2.0
    blind = FrameEvidence(np.full((2, 100), 0.1), 20.0, begins)
    assert find_boundaries(unsure, rows, blind) == (0, 37, 100)
    apart = np.full((2, 100), 0.1)
    apart[0, :71], apart[1, 71:] = 0.8, 0.8
    assert find_boundaries(unsure, rows, FrameEvidence(apart, 20.0, np.full(100, -6.0))) == (0, 71, 100)
    bonus = boundary_bonus(rows, FrameEvidence(apart, 20.0, begins))
    similarity = np.full(25, 0.2)
    similarity[:9] = 0.9
    assert refine_stretch(0, 8, similarity, bonus) == (0, 37)
    np.testing.assert_allclose(blind.shares(), 0.5)


@pytest.mark.parametrize(
    ("similarity", "confidence", "share", "expected"),
    [
        ([[0.9, 0.1, 0.9], [0.1, 0.9, 0.1], [0.9, 0.1, 0.9]], 0.9, 1.0, (None, None)),
        ([[0.1, 0.9, 0.1], [0.9, 0.1, 0.9], [0.1, 0.9, 0.1]], 0.1, 1.0, ("swapped", 1)),
        ([[0.2, 0.2, 0.2], [0.1, 0.9, 0.1], [0.9, 0.1, 0.9]], 0.2, 1.0, ("missing", None)),
        ([[0.9, 0.1, 0.9], [0.1, 0.9, 0.1], [0.9, 0.1, 0.9]], 0.9, 0.3, ("too short", None)),
    ],
)
def test_findings(similarity: list[list[float]], confidence: float, share: float, expected: tuple) -> None:
    judgement = JointJudgement(confidence, None, "")
    assert _finding(0, np.array(similarity), TRACK, judgement, share) == expected


def test_what_is_measured_otherwise_is_a_finding_however_sure_the_judge_is() -> None:
    judgement = JointJudgement(0.9, False, "3 jumps, asked 5")
    assert _finding(0, np.array([[0.9, 0.1, 0.9]] * 3), TRACK, judgement, 1.0) == ("not as asked", None)


def test_confidence_is_a_logistic_curve() -> None:
    curve = GroundingCalibration(slope=10.0, offset=-5.0)
    assert curve.confidence(0.5) == pytest.approx(0.5)
    assert curve.confidence(0.7) == pytest.approx(1 / (1 + np.exp(-2.0)))


def test_every_segment_of_a_generated_motion_is_checked(tiny_bundle: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    result = engine.generate(GenerationRequest("a person walks and waves", TRACK, seed=1))
    alignment = engine.check(result.motion, result.track)
    assert [check.text for check in alignment.segments] == list(TRACK.texts)
    assert alignment.segments[0].start == 0
    assert alignment.segments[-1].end == 120
    assert all(a.end == b.start for a, b in itertools.pairwise(alignment.segments))
    with pytest.raises(InvalidRequestError, match="track: 120 frames, expected at most the 40"):
        engine.check(result.motion.frames(0, 40), TRACK)


def test_a_model_without_segments_generates_and_says_that_it_cannot_check(
    make_tiny_bundle: Callable[..., Path],
) -> None:
    engine = Engine(make_tiny_bundle("caption only", max_segments=0), device="cpu")
    result = engine.generate(GenerationRequest("a person walks and waves", TRACK, seed=1))
    assert not engine.can_ground
    with pytest.raises(InvalidRequestError, match="no grounding head"):
        engine.check(result.motion, result.track)


def test_candidates_keep_their_seeds_and_the_best_comes_first(tiny_bundle: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    request = GenerationRequest("a person walks and waves", TRACK, seed=5)
    ranked = engine.generate_candidates(request, 3)
    assert sorted(candidate.result.request.seed for candidate in ranked) == [5, 6, 7]
    scores = [candidate.alignment.score for candidate in ranked]
    assert scores == sorted(scores, reverse=True)
    alone = engine.generate(GenerationRequest("a person walks and waves", TRACK, seed=6))
    same = next(candidate.result for candidate in ranked if candidate.result.request.seed == 6)
    assert same.motion.joint_positions.tobytes() == alone.motion.joint_positions.tobytes()


def test_repair_changes_flagged_segments_only(tiny_bundle: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    result = engine.generate(GenerationRequest("a person walks and waves", TRACK, seed=1))
    checked = Candidate(result, engine.check(result.motion, result.track))
    repaired = engine.repair(checked)
    assert len(repaired.alignment.flagged) <= len(checked.alignment.flagged)
    for index in range(3):
        if index not in checked.alignment.flagged:
            stretch = slice(index * 10, index * 10 + 10)
            np.testing.assert_array_equal(repaired.result.token_ids[stretch], result.token_ids[stretch])
