"""Walks bent, retimed, lengthened and shortened: labels hold, feet stay planted, bones keep their lengths."""

from __future__ import annotations

import numpy as np
import pytest
from editing_bodies import SPEED, straight_walk, toe_speeds_on_the_floor, way

from segmo_core.data.editing.acts import more_acts
from segmo_core.data.editing.acts.gait_edits import (
    at_speed,
    come_to_a_stop,
    measured_speed,
    on_the_spot,
    walked_distance,
)
from segmo_core.data.editing.acts.turning import turned_in_place
from segmo_core.data.editing.body import ANKLES, FRAME_RATE, KNEES, LENGTHS, PELVIS, TOES, headings
from segmo_core.data.editing.gait import Gait, straight_gait, stretched
from segmo_core.data.editing.measured_sentences import measured_sentence
from segmo_core.data.editing.remapping import Curve, bent, retimed


@pytest.fixture(scope="module")
def gait() -> Gait:
    found = straight_gait(straight_walk())
    assert found is not None
    return found


def test_a_straight_walk_is_found_with_its_steps(gait: Gait) -> None:
    assert gait.speed == pytest.approx(SPEED, rel=0.02)
    assert gait.step_length == pytest.approx(0.6, abs=0.03)
    assert gait.cadence == pytest.approx(120, abs=6)
    assert list(gait.swinging[:4]) in ([0, 1, 0, 1], [1, 0, 1, 0])


def test_who_stands_or_turns_walks_not_straight(gait: Gait) -> None:
    assert straight_gait(straight_walk()[:1].repeat(60, axis=0)) is None
    assert straight_gait(bent(gait.joints, Curve.of([(1.0, 0.0), (2.0, 0.8)]))) is None


def test_planted_feet_stay_planted_around_a_bend(gait: Gait) -> None:
    joints = bent(gait.joints, Curve.of([(0.5, 0.0), (1.5, 1.0), (2.0, 0.0)]))
    assert np.percentile(toe_speeds_on_the_floor(gait.joints), 80) < 0.02
    assert np.percentile(toe_speeds_on_the_floor(joints), 80) < 0.05
    assert np.degrees(headings(joints)[-1] - headings(joints)[0]) == pytest.approx(np.degrees(1.5), abs=6)
    for joint, parent in ((KNEES[0], 1), (ANKLES[0], KNEES[0]), (TOES[1], ANKLES[1])):
        bone = np.linalg.norm(joints[:, joint] - joints[:, parent], axis=-1)
        assert np.abs(bone - LENGTHS[joint]).max() < 0.01


@pytest.mark.parametrize("side", [1, -1])
def test_a_circle_closes_and_turns_to_its_side(gait: Gait, side: int) -> None:
    radius = 0.8
    curve = Curve.of([(2 * np.pi * radius, side / radius)], easing=0.02)
    joints = bent(walked_distance(gait, 9, curve.length, 4), curve)
    assert np.linalg.norm(way(joints)) < 0.1
    assert np.degrees(headings(joints)[-1] - headings(joints)[0]) == pytest.approx(360 * side, abs=10)
    assert np.sign(joints[len(joints) // 2, PELVIS, 0]) == side  # the left is at +X


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.2, 1.8])
def test_a_walk_has_the_speed_that_is_asked(gait: Gait, speed: float) -> None:
    joints = at_speed(gait, speed, "walk")
    assert measured_speed(joints) == pytest.approx(speed, rel=0.04)
    assert np.percentile(toe_speeds_on_the_floor(joints), 80) < 0.06


@pytest.mark.parametrize(("steps", "metres"), [(1, 0.5), (3, 1.5), (6, 4.0), (12, 7.0)])
def test_a_distance_is_walked_from_standing_to_standing(gait: Gait, steps: int, metres: float) -> None:
    joints = walked_distance(gait, steps, metres, 8)
    assert way(joints)[2] == pytest.approx(metres, abs=0.03)
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * FRAME_RATE
    assert speed[:6].max() < 0.02
    assert speed[-6:].max() < 0.02
    assert np.abs(joints[[0, -1]][:, TOES, 2] - joints[[0, -1], PELVIS, 2][:, None]).max() < 0.25
    assert joints[0, TOES, 1].max() < 0.02


def test_a_short_walk_is_lengthened_by_whole_strides(gait: Gait) -> None:
    longer = stretched(gait, len(gait.passes) + 7)
    assert len(longer.passes) >= len(gait.passes) + 7
    assert np.all(np.diff(longer.swinging) != 0)
    steps = np.diff(longer.joints[list(longer.passes), PELVIS, 2])
    assert steps == pytest.approx(np.full(len(steps), 0.6), abs=0.08)


@pytest.mark.parametrize("degrees", [45, -90, 180])
def test_a_turn_on_the_spot_is_as_wide_as_it_is_told(gait: Gait, degrees: float) -> None:
    joints = turned_in_place(gait, degrees, 6)
    assert np.degrees(headings(joints)[-1] - headings(joints)[0]) == pytest.approx(degrees, abs=3)
    assert np.linalg.norm(way(joints)) < 0.12
    assert np.percentile(toe_speeds_on_the_floor(joints), 90) < 0.1


def test_marching_lifts_the_knees_and_goes_nowhere(gait: Gait) -> None:
    joints = on_the_spot(gait, 6, 0.35, "walk")
    heights = joints[:, ANKLES, 1] - joints[0, ANKLES, 1]
    lifts = sum(int(((high[1:] > 0.2) & (high[:-1] <= 0.2)).sum()) for high in heights.T)
    assert lifts == 6
    assert np.linalg.norm(way(joints)) < 0.05


def test_twice_as_fast_takes_half_as_long() -> None:
    joints = straight_walk(81)
    assert len(retimed(joints, 2.0)) == 41
    assert np.allclose(retimed(joints, 1.0), joints)


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_side_steps_go_to_their_side_and_no_foot_slides(gait: Gait, seed: int) -> None:
    act = more_acts.sidesteps(lambda: gait, np.random.default_rng(seed))
    aside = way(act.joints)[0]
    assert aside * (1 if act.told.side == "left" else -1) > 0.5
    assert abs(way(act.joints)[2]) < 0.1
    assert np.percentile(toe_speeds_on_the_floor(act.joints), 90) < 0.1


def test_who_comes_to_a_stop_stands_still_then(gait: Gait) -> None:
    joints = come_to_a_stop(gait, 3.0, 10)
    speed = np.linalg.norm(np.diff(joints[:, PELVIS], axis=0), axis=-1) * FRAME_RATE
    assert speed[:10].mean() > 0.9
    assert speed[-8:].max() < 0.02
    assert np.abs(joints[-1, TOES, 2] - joints[-1, PELVIS, 2]).max() < 0.25


def test_amounts_of_recorded_walks_are_told(gait: Gait) -> None:
    generator = np.random.default_rng(0)
    told = [measured_sentence("walk", None, at_speed(gait, 0.5, "walk"), generator) for _ in range(40)]
    assert all(line is not None for line in told)
    slow = ("slow", "snail", "leisurely", "hurry", "met", " m.")
    assert all(any(word in line for word in slow) for line in told if line is not None)
    curve = bent(gait.joints, Curve.of([(1.0, 0.0), (1.5, 0.8), (1.0, 0.0)]))
    assert measured_sentence("walk", None, curve, generator) is None
    assert "left" in str(measured_sentence("walk-turn-left", "normal", curve, generator))
    assert measured_sentence("walk", "elderly", gait.joints, generator) is None
    assert measured_sentence("salsa dance", None, gait.joints, generator) is None
