"""Motions that hold their constraints: exactly, with bones of constant length, feet that stand, and the same bytes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from segmo_core.control.constraints import BodyKey, Constraint, Distance, Pin, PlantedFoot, RootPath, RootWaypoint, Turn
from segmo_core.control.held_check import held_checks
from segmo_core.control.solver import hold_constraints
from segmo_core.formats.scene.ground_bone import headings
from segmo_core.motion.motion import Motion
from segmo_core.motion.motion_quality import jitter


def bones_off(motion: Motion) -> float:
    joints = motion.joint_positions.astype(np.float64)
    lengths = np.linalg.norm(joints[:, 1:] - joints[:, list(motion.skeleton.parents[1:])], axis=-1)
    return float(np.abs(lengths - motion.skeleton.bone_lengths[1:]).max())


def place(motion: Motion, joint: str, seconds: float) -> NDArray[np.floating]:
    return motion.joint(joint)[round(seconds * motion.frame_rate)].astype(np.float64)


def test_at_origin_starts_there_facing_z(walking: Motion) -> None:
    assert walking.local_rotations is not None
    np.testing.assert_allclose(walking.joint_positions[0, 0, [0, 2]], 0.0, atol=1e-6)
    assert abs(headings(walking.local_rotations[:, 0])[0]) < 1e-6


def test_the_pelvis_passes_waypoints_on_rigid_bones(walking: Motion) -> None:
    held = hold_constraints(walking, [RootWaypoint(2.0, 0.6, 1.2), RootWaypoint(4.0, 1.5, 2.0, 90.0)])
    assert held.local_rotations is not None
    np.testing.assert_allclose(place(held, "pelvis", 2.0)[[0, 2]], [0.6, 1.2], atol=0.002)
    np.testing.assert_allclose(place(held, "pelvis", 4.0)[[0, 2]], [1.5, 2.0], atol=0.002)
    assert np.degrees(headings(held.local_rotations[:, 0])[80]) == pytest.approx(90.0, abs=2.0)
    assert bones_off(held) < 1e-5
    np.testing.assert_allclose(held.joint_positions[0, 0, [0, 2]], 0.0, atol=1e-6)
    assert jitter(held.joint_positions, 20.0) < 1.3 * jitter(walking.joint_positions, 20.0)


def test_a_waypoint_behind_turns_the_body_round(walking: Motion) -> None:
    held = hold_constraints(walking, [RootWaypoint(4.5, 0.0, -2.0)])
    np.testing.assert_allclose(place(held, "pelvis", 4.5)[[0, 2]], [0.0, -2.0], atol=0.002)
    assert held.local_rotations is not None
    assert abs(np.degrees(headings(held.local_rotations[:, 0])[80])) > 90.0


def test_a_drawn_path_is_followed_in_the_motions_own_time(walking: Motion) -> None:
    corner = RootPath(((0.0, 0.0), (0.0, 1.5), (1.5, 1.5)))
    held = hold_constraints(walking, [corner])
    path = held.joint_positions[:, 0][:, [0, 2]].astype(np.float64)
    off = np.minimum(np.abs(path[:, 0]), np.abs(path[:, 1] - 1.5))
    assert off.max() < 0.05
    np.testing.assert_allclose(path[-1], [1.5, 1.5], atol=0.03)


@pytest.mark.parametrize(
    ("joint", "bone", "target"),
    [
        ("right_hand", "right_wrist", (-0.3, 1.4, 1.5)),
        ("left_hand", "left_wrist", (0.3, 0.5, 1.6)),
        ("right_foot", "right_foot", (-0.2, 0.4, 1.4)),
    ],
)
def test_hands_and_feet_come_to_their_places(
    walking: Motion, joint: str, bone: str, target: tuple[float, float, float]
) -> None:
    ahead = float(place(walking, "pelvis", 2.0)[2])
    wanted = (target[0], target[1], target[2] - 1.2 + ahead)
    held = hold_constraints(walking, [Pin(joint, 2.0, wanted)])  # type: ignore[arg-type]
    np.testing.assert_allclose(place(held, bone, 2.0), wanted, atol=0.005)
    assert bones_off(held) < 1e-5


def test_a_hand_beyond_the_arm_takes_the_body_along(walking: Motion) -> None:
    held = hold_constraints(walking, [Pin("right_hand", 2.0, (1.5, 1.0, 1.5))])
    np.testing.assert_allclose(place(held, "right_wrist", 2.0), [1.5, 1.0, 1.5], atol=0.01)
    assert bones_off(held) < 1e-5


def test_a_pin_holds_for_a_while(walking: Motion) -> None:
    z = float(place(walking, "pelvis", 2.0)[2])
    held = hold_constraints(walking, [Pin("left_hand", 1.8, (0.3, 1.3, z + 0.2), 2.2)])
    for seconds in (1.8, 2.0, 2.2):
        np.testing.assert_allclose(place(held, "left_wrist", seconds), [0.3, 1.3, z + 0.2], atol=0.01)


def test_a_pose_is_reached_at_its_place(walking: Motion) -> None:
    pose = walking.joint_positions[13].astype(np.float64) + np.array([0.4, 0.0, 0.9])
    held = hold_constraints(walking, [BodyKey(3.0, pose)])
    assert np.linalg.norm(held.joint_positions[60] - pose, axis=-1).max() < 0.01
    assert bones_off(held) < 1e-5


def test_a_pose_in_place_leaves_the_way(walking: Motion) -> None:
    pose = walking.joint_positions[13].astype(np.float64) + np.array([5.0, 0.0, 9.0])
    held = hold_constraints(walking, [BodyKey(3.0, pose, in_place=True)])
    np.testing.assert_allclose(held.joint_positions[:, 0, [0, 2]], walking.joint_positions[:, 0, [0, 2]], atol=0.01)
    knee = held.joint_positions[60, 4] - held.joint_positions[60, 0]
    assert np.linalg.norm(knee) == pytest.approx(float(np.linalg.norm(pose[4] - pose[0])), abs=0.01)


def test_distances_and_turns_by_number(walking: Motion) -> None:
    rules: list[Constraint] = [Distance(0.0, 4.5, 3.0), Turn(0.0, 4.5, 45.0)]
    held = hold_constraints(walking, rules)
    assert all(check.is_held for check in held_checks(held, rules)), [c.sentence for c in held_checks(held, rules)]


def test_a_planted_foot_stays(walking: Motion) -> None:
    held = hold_constraints(walking, [PlantedFoot("left", 1.0, 1.5)])
    toe = held.joint("left_foot")[20:31, [0, 2]].astype(np.float64)
    assert np.linalg.norm(toe - toe.mean(axis=0), axis=-1).max() < 0.02


def test_relative_places_are_told_from_the_start(walking: Motion) -> None:
    pin = Pin("head", 2.0, (0.1, 1.4, 1.3), relative=True)
    moved = hold_constraints(walking, [RootWaypoint(0.0, 0.0, 0.0), pin])
    np.testing.assert_allclose(place(moved, "head", 2.0), [0.1, 1.4, 1.3], atol=0.02)


def test_the_same_constraints_give_the_same_bytes(walking: Motion) -> None:
    rules = [RootWaypoint(2.0, 0.6, 1.2), Pin("left_hand", 3.0, (0.5, 1.2, 2.0))]
    first, second = hold_constraints(walking, rules), hold_constraints(walking, rules)
    assert first.joint_positions.tobytes() == second.joint_positions.tobytes()
    assert hold_constraints(walking, []) is walking


def test_short_motions_are_held_too(walking: Motion) -> None:
    for frames in (1, 2, 4):
        held = hold_constraints(walking.frames(0, frames), [RootWaypoint(0.0, 0.1, 0.1)])
        np.testing.assert_allclose(held.joint_positions[0, 0, [0, 2]], [0.1, 0.1], atol=0.002)
