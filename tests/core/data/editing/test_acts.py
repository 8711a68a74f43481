"""What standing bodies are made to do: heights, counts, sides and postures, measured apart from what made them."""

from __future__ import annotations

import numpy as np
import pytest
from editing_bodies import ankle_heights, standing_body, way
from scipy.signal import find_peaks

from segmo_core.data.editing import counting, real_postures
from segmo_core.data.editing.acts import jumps, more_acts, standing_acts
from segmo_core.data.editing.acts.seated_acts import gesture
from segmo_core.data.editing.arms import with_hanging_arms, with_wrist
from segmo_core.data.editing.body import ANKLES, ARM_LENGTHS, FRAME_RATE, HEAD, KNEES, NECK, PELVIS, SHOULDERS, WRISTS
from segmo_core.data.editing.gate import complaint
from segmo_core.data.editing.gestures import gestured, recipes, timed
from segmo_core.data.editing.remapping import retimed
from segmo_core.data.editing.stances import centre_of_mass


def body(frames: int) -> np.ndarray:
    return with_hanging_arms(standing_body(frames))


def draw(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def peaks(values: np.ndarray, prominence: float) -> int:
    return len(find_peaks(np.concatenate([[values[0]], values, [values[-1]]]), prominence=prominence)[0])


@pytest.mark.parametrize("count", [1, 2, 4])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_squats_bows_kicks_and_jumps_are_as_many_as_they_are_told(count: int, seed: int) -> None:
    squat = standing_acts.squats(body, draw(seed), count=count)
    assert peaks(-squat.joints[:, PELVIS, 1], 0.2) == count == squat.told.count
    bow = standing_acts.bows(body, draw(seed), count=count)
    assert peaks(-bow.joints[:, HEAD, 1], 0.1) == count
    kick = standing_acts.kicks(body, draw(seed), side=1, count=count)
    assert peaks(kick.joints[:, ANKLES[1], 2] - kick.joints[0, ANKLES[1], 2], 0.3) == count
    assert np.ptp(kick.joints[:, ANKLES[0], 1]) < 0.02
    jump = jumps.jumps(body, draw(seed), count=count)
    assert peaks(ankle_heights(jump.joints).min(axis=1), 0.08) == count


def test_who_jumps_falls_as_fast_as_gravity_lets() -> None:
    joints = jumps.jumps(body, draw(), count=1, height=(0.3, 0.3)).joints
    middle = joints[:, PELVIS, 1]
    flies = ankle_heights(joints).min(axis=1) > ankle_heights(joints)[0].min() + 0.08
    falling = (np.diff(middle, 2) * FRAME_RATE**2)[flies[1:-1]][1:-1]
    assert falling == pytest.approx(np.full(len(falling), -9.81), abs=1.5)
    assert ankle_heights(joints).min() > 0.0


@pytest.mark.parametrize(("kind", "axis", "sign"), [("forward", 2, 1), ("backward", 2, -1)])
def test_jumps_go_where_they_are_told(kind: str, axis: int, sign: int) -> None:
    act = jumps.described_jump(body, draw(3), kind)
    assert sign * way(act.joints)[axis] > 0.25
    if act.told.distance is not None:
        assert sign * way(act.joints)[axis] == pytest.approx(act.told.distance, abs=0.06)


@pytest.mark.parametrize("side", [0, 1])
def test_who_stands_on_one_leg_is_over_that_foot(side: int) -> None:
    act = standing_acts.on_one_leg(body, draw(), side=side)
    assert act.told.side == ("left", "right")[side]
    held = ankle_heights(act.joints)[:, 1 - side] > ankle_heights(act.joints)[0, 1 - side] + 0.15
    assert held.sum() > FRAME_RATE
    beside = centre_of_mass(act.joints)[held] - act.joints[held][:, ANKLES[side]]
    assert np.linalg.norm(beside[:, [0, 2]], axis=-1).max() < 0.12


def test_postures_end_where_they_should() -> None:
    seated = standing_acts.sits_on_chair(body, draw(), way="down").joints
    assert 0.43 < seated[-1, PELVIS, 1] < 0.57
    assert seated[0, PELVIS, 1] > 0.8
    kneeling = standing_acts.kneels(body, draw(), both=False, up_again=False).joints
    assert kneeling[-1, KNEES, 1].min() < 0.12
    assert kneeling[-1, KNEES, 1].max() > 0.3
    both = standing_acts.kneels(body, draw(), both=True, up_again=False).joints
    assert both[-1, KNEES, 1].max() < 0.12
    floor = standing_acts.sits_on_floor(body, draw(), lying=False, way="down").joints
    assert floor[-1, PELVIS, 1] < 0.2
    assert floor[-1, NECK, 1] > 0.4
    lying = standing_acts.sits_on_floor(body, draw(), lying=True, way="down").joints
    assert lying[-1, [PELVIS, NECK, HEAD], 1].max() < 0.35
    up = standing_acts.sits_on_floor(body, draw(), lying=True, way="up").joints
    assert np.allclose(up[-1, PELVIS, 1], lying[0, PELVIS, 1])


def test_hands_reach_the_floor_and_push_the_body_up() -> None:
    touch = more_acts.toe_touches(body, draw(), count=2).joints
    assert peaks(-touch[:, WRISTS[0], 1], 0.4) == 2
    assert touch[:, WRISTS, 1].min() < 0.35
    picked = more_acts.picks_up(body, draw()).joints
    assert picked[:, WRISTS, 1].min() < 0.4
    pushed = more_acts.push_ups(body, draw(), count=3).joints
    assert peaks(-pushed[:, NECK, 1], 0.12) == 3
    assert np.ptp(pushed[:, WRISTS], axis=0).max() < 0.02
    circles = more_acts.arm_circles(body, draw(), count=3).joints
    assert peaks(circles[:, WRISTS[0], 1], 0.5) == 3


def test_every_recipe_says_where_its_numbers_come_from() -> None:
    assert len(recipes()) > 20
    assert all(len(recipe.source) > 20 for recipe in recipes().values())


def test_hands_get_where_a_recipe_puts_them() -> None:
    def held(name: str) -> np.ndarray:
        act = gesture(body, draw(1), name)
        return act.joints[len(act.joints) // 2]

    hips = held("hands-on-hips")
    assert all(np.linalg.norm(hips[WRISTS[side]] - hips[1 + side]) < 0.25 for side in (0, 1))
    out = held("arms-out")
    assert out[WRISTS[0], 0] - out[WRISTS[1], 0] > 2 * 0.9 * ARM_LENGTHS[0]
    head = held("hands-on-head")
    assert all(head[WRISTS[side], 1] > head[NECK, 1] for side in (0, 1))
    crossed = held("cross-arms")
    assert crossed[WRISTS[0], 0] < crossed[WRISTS[1], 0]


@pytest.mark.parametrize("count", [1, 3, 5])
def test_waves_and_claps_are_as_many_as_they_are_told(count: int) -> None:
    wave = gesture(body, draw(5), "wave", count=count)
    side = 0 if wave.told.side == "left" else 1
    across = np.abs(wave.joints[:, WRISTS[side], 0] - wave.joints[:, SHOULDERS[side], 0])
    up = wave.joints[:, WRISTS[side], 1] > wave.joints[:, SHOULDERS[side], 1] + 0.2
    assert peaks(np.where(up, across, across[up].min()), 0.12) == count == wave.told.count
    clap = gesture(body, draw(5), "clap", count=count)
    gap = np.linalg.norm(clap.joints[:, WRISTS[0]] - clap.joints[:, WRISTS[1]], axis=-1)
    assert peaks(-gap, 0.1) == count
    assert gap.min() < 0.14


def test_arms_come_back_to_where_they_would_be() -> None:
    recipe = recipes()["salute"]
    timing = timed(recipe, draw(2), side=1)
    before = body(timing.frames)
    after = gestured(before, recipe, timing, draw(2))
    assert np.allclose(after[-1], before[-1], atol=1e-6)
    assert np.allclose(after[:, WRISTS[0]], before[:, WRISTS[0]])


def test_the_gate_names_what_is_wrong() -> None:
    good = body(40)
    assert complaint(good) is None
    assert complaint(good - np.array([0, 0.1, 0])) == "sinks"
    assert complaint(good + np.array([0, 0.2, 0])) == "floats"
    assert complaint(good + np.array([0, 0.2, 0]), jumps=True) is None
    shaken = good.copy()
    shaken[::2, WRISTS[0], 0] += 0.2
    assert complaint(shaken) == "wrists jerk"
    inside = good.copy()
    inside[:, WRISTS[0]] = good[:, 3]
    assert complaint(inside) == "hand in the trunk"
    sliding = good + np.arange(40)[:, None, None] * [0.0, 0.0, 0.05]
    assert complaint(sliding) == "slides"


@pytest.mark.parametrize("count", [1, 2, 4])
def test_what_recorded_bodies_do_is_counted(count: int) -> None:
    assert counting.squats(standing_acts.squats(body, draw(1), count=count).joints) == count
    assert counting.bows(standing_acts.bows(body, draw(1), count=count).joints) == count
    assert counting.jumps(jumps.jumps(body, draw(1), count=count).joints) == count
    for side in (0, 1):
        for name, counted in (("wave", counting.waves), ("raise-arm", counting.raises)):
            timing = timed(recipes()[name], draw(4), side=side, count=count)
            joints = gestured(body(timing.frames), recipes()[name], timing, draw(4))
            assert counted(joints, side) == count
            assert counted(joints, 1 - side) == 0
    still = body(60)
    assert counting.squats(still) == counting.bows(still) == counting.jumps(still) == counting.waves(still, 0) == 0


def test_ways_down_and_up_are_cut_from_who_sits_and_stands() -> None:
    recorded = standing_acts.sits_on_chair(body, draw(2), way="both", count=2).joints
    recorded = with_wrist(recorded, 0, np.broadcast_to([0.1, 0.3, 0.3], (len(recorded), 3)))
    parts = real_postures.chair_parts(recorded)
    assert parts is not None
    down, up = (make(part, draw()).joints for make, part in
                zip((real_postures.sits_down, real_postures.stands_up), parts, strict=True))  # fmt: skip
    assert down[0, PELVIS, 1] > 0.8
    assert down[-1, PELVIS, 1] < 0.6
    assert up[0, PELVIS, 1] < 0.6
    assert up[-1, PELVIS, 1] > 0.8
    assert (down[:, WRISTS[0], 1] < down[:, SHOULDERS[0], 1] - 0.3).all()
    assert real_postures.chair_parts(standing_acts.squats(body, draw(), count=1).joints[:20]) is None


def test_only_slow_ways_up_are_played_backward() -> None:
    up = standing_acts.sits_on_floor(body, draw(), lying=True, way="up").joints
    up = retimed(up, 0.6)
    assert real_postures.can_be_reversed(up)
    assert not real_postures.can_be_reversed(up[::3])
    down = real_postures.lies_down(up, body(24), draw())
    assert down.joints[0, PELVIS, 1] > 0.8
    assert down.joints[-1, PELVIS, 1] < 0.3
