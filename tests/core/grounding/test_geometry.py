"""Geometry against figures whose speeds, turns, counts and postures are known."""

from __future__ import annotations

import numpy as np
import pytest
from made_bodies import at, carried, spun, standing

from segmo_core.errors import InvalidRequestError
from segmo_core.grounding.geometry.arms import hands
from segmo_core.grounding.geometry.body import Body
from segmo_core.grounding.geometry.counting import count_of
from segmo_core.grounding.geometry.flight import flights, jumps
from segmo_core.grounding.geometry.legs import kicks
from segmo_core.grounding.geometry.postures import assumes, goes
from segmo_core.grounding.geometry.support import floats, sinks
from segmo_core.grounding.geometry.travel import (
    circles,
    direction_shares,
    distance,
    path_turn,
    steady_speed,
    travels,
    turn,
)
from segmo_core.grounding.geometry.verdict import Verdict, every, in_turn

TIME = np.arange(80) / 20.0


def way(x: np.ndarray | float = 0.0, y: np.ndarray | float = 0.0, z: np.ndarray | float = 0.0) -> np.ndarray:
    return np.stack([np.broadcast_to(np.asarray(part, dtype=float), TIME.shape) for part in (x, y, z)], axis=-1)


def test_who_glides_ahead_has_a_speed_a_way_and_a_direction() -> None:
    body = Body.of(carried(standing(80), way(z=1.5 * TIME)))
    assert steady_speed(body) == pytest.approx(1.5, abs=0.02)
    assert distance(body) == pytest.approx(1.5 * 79 / 20, rel=0.08)  # smoothing takes a little off both ends
    assert direction_shares(body)["forward"] == pytest.approx(1.0)
    assert travels("forward", (1.4, 1.6))(body).passed
    assert not travels("backward")(body).passed
    assert not travels("forward", (1.6, None))(body).passed


@pytest.mark.parametrize(("x", "z", "direction"), [(1.0, 0, "left"), (-1.0, 0, "right"), (0, -1.0, "backward")])
def test_left_of_who_faces_z_is_x(x: float, z: float, direction: str) -> None:
    body = Body.of(carried(standing(80), way(x=x * TIME, z=z * TIME)))
    assert max(direction_shares(body).items(), key=lambda item: item[1])[0] == direction


def test_turns_to_the_left_are_positive() -> None:
    degrees = np.linspace(0, 90, 80)
    assert turn(Body.of(spun(standing(80), degrees))) == pytest.approx(90, abs=4)
    assert turn(Body.of(spun(standing(80), -3 * degrees))) == pytest.approx(-270, abs=12)


def test_a_circle_is_round_closed_and_has_a_side() -> None:
    angle = 2 * np.pi * TIME / TIME[-1]
    round_left = carried(
        spun(standing(80), np.degrees(angle)), way(x=1 - np.cos(angle), z=np.sin(angle))
    )  # radius 1 m, to the left
    body = Body.of(round_left)
    assert path_turn(body) == pytest.approx(345, abs=25)  # the first and last frames go straight on
    assert circles("left")(body).passed
    assert not circles("right")(body).passed
    half = Body.of(round_left[:40])
    assert not circles("left")(half).passed


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_squats_and_jumps_are_counted(count: int) -> None:
    frames = 30 * count + 10
    phase = np.clip((np.arange(frames) % 30 - 6) / 18.0, 0, 1) * (np.arange(frames) < 30 * count)
    bump = np.sin(np.pi * phase)
    lower = standing(frames)
    upper_body = [
        j for j in range(22) if j not in (at("left_ankle"), at("right_ankle"), at("left_foot"), at("right_foot"))
    ]
    lower[:, upper_body, 1] -= 0.35 * bump[:, None]
    assert count_of("squats", Body.of(lower)) == count
    up = carried(standing(frames), np.stack([0 * bump, 0.3 * bump, 0 * bump], axis=-1))
    assert count_of("jumps", Body.of(up)) == count
    assert count_of("squats", Body.of(standing(frames))) == 0


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_waves_claps_and_punches_are_counted(count: int) -> None:
    frames = 16 * count
    swing = np.sin(2 * np.pi * np.arange(frames) / 16)
    joints = standing(frames)
    joints[:, at("right_wrist")] = np.stack([-0.35 - 0.15 * swing, 1.7 + 0 * swing, 0.1 + 0 * swing], axis=-1)
    assert count_of("waves", Body.of(joints)) == count
    claps = standing(frames)
    gap = 0.15 - 0.12 * np.cos(2 * np.pi * np.arange(frames) / 16 + np.pi)
    for name, sign in (("left_wrist", 1), ("right_wrist", -1)):
        claps[:, at(name)] = np.stack([sign * gap, 1.2 + 0 * gap, 0.4 + 0 * gap], axis=-1)
    assert count_of("claps", Body.of(claps)) == count
    punches = standing(frames)
    reach = 0.3 - 0.2 * np.cos(2 * np.pi * np.arange(frames) / 16)
    punches[:, at("left_wrist")] = np.stack([0.17 + 0 * reach, 1.35 + 0 * reach, reach], axis=-1)
    assert count_of("punches", Body.of(punches)) == count


def test_a_jump_has_a_height_and_a_length() -> None:
    height = np.clip(0.4 * np.sin(np.pi * (TIME - 1.5) / 0.5), 0, None) * ((TIME > 1.5) & (TIME < 2.0))
    ahead = np.clip((TIME - 1.5) / 0.5, 0, 1) * 0.9
    (one,) = flights(Body.of(carried(standing(80), way(y=height, z=ahead))))
    assert one.rise == pytest.approx(0.4, abs=0.03)
    assert one.forward == pytest.approx(0.9, abs=0.2)
    assert jumps(towards="forward", metres=0.6)(Body.of(carried(standing(80), way(y=height, z=ahead)))).passed
    assert not jumps(towards="left", metres=0.2)(Body.of(carried(standing(80), way(y=height, z=ahead)))).passed


def test_a_bar_stool_is_no_chair() -> None:
    def sits(pelvis: float) -> np.ndarray:
        joints = standing(60)
        down = np.clip((np.arange(60) - 10) / 20.0, 0, 1) * (0.92 - pelvis)
        for j in range(22):
            if j in (at("left_ankle"), at("right_ankle"), at("left_foot"), at("right_foot")):
                continue
            joints[:, j, 1] -= down
        for name in ("left_knee", "right_knee"):
            joints[:, at(name), 1] = 0.47
        for name in ("pelvis", "left_hip", "right_hip"):
            joints[:, at(name), 2] -= 0.4 * np.minimum(down / 0.4, 1.0)
        return joints

    assert goes("standing", "on a chair")(Body.of(sits(0.5))).passed
    assert not goes("standing", "on a chair")(Body.of(sits(0.8))).passed
    assert not assumes("seated", "end")(Body.of(standing(60))).passed


def test_one_hand_up_is_not_both_and_has_a_side() -> None:
    joints = standing(40)
    joints[:, at("left_wrist")] = (0.2, 1.9, 0.0)
    body = Body.of(joints)
    assert hands("up", "left")(body).passed
    assert hands("up", "any")(body).passed
    assert not hands("up", "right")(body).passed
    assert not hands("up", "both")(body).passed


def test_a_kick_has_a_height_and_a_side() -> None:
    joints = standing(40)
    rise = np.exp(-0.5 * ((np.arange(40) - 20) / 2.0) ** 2)
    joints[:, at("right_ankle"), 1] += 0.6 * rise
    joints[:, at("right_ankle"), 2] += 0.75 * rise
    body = Body.of(joints)
    assert kicks(0.4)(body).passed
    assert kicks(0.4, "right")(body).passed
    assert not kicks(0.4, "left")(body).passed
    assert not kicks(0.9)(body).passed


def test_a_sequence_has_an_order() -> None:
    def low(body: Body) -> Verdict:
        return Verdict(bool(body.joints[:, 0, 1].mean() < 0.5), "low")

    def high(body: Body) -> Verdict:
        return Verdict(bool(body.joints[:, 0, 1].mean() > 0.8), "high")

    joints = carried(standing(80), way(y=-0.6 * (TIME > 2.0)))
    body = Body(joints, 0.0)
    assert in_turn(high, low)(body).passed
    assert not in_turn(low, high)(body).passed
    assert every(in_turn(high, low), high)(body).told == "high"


def test_who_hangs_in_the_air_floats_and_who_jumps_does_not() -> None:
    on_floor = standing(80) - [0.0, 0.02, 0.0]
    assert not floats(on_floor)
    assert floats(carried(on_floor, way(y=0.1)))
    assert not floats(carried(on_floor, way(y=0.3 * ((TIME > 1.0) & (TIME < 1.6)))))
    assert sinks(carried(on_floor, way(y=-0.06)))
    assert not sinks(on_floor)


def test_other_shapes_are_refused_in_a_sentence() -> None:
    with pytest.raises(InvalidRequestError, match=r"joints: shape \(10, 21, 3\)"):
        Body.of(np.zeros((10, 21, 3)))
