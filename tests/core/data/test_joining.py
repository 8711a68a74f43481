"""Clips joined: the pose goes on, the speed goes on, feet step instead of sliding."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.data.composition.clip_stretches import interest_of
from segmo_core.data.composition.joining import LocalPoses, hold, join_motions, with_arms_of
from segmo_core.motion.features import HUMANML3D_LAYOUT, facing_direction
from segmo_core.motion.rest_pose import rest_positions
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES

INDEX = {name: number for number, name in enumerate(SMPL_JOINT_NAMES)}


def standing(num_frames: int, feet_apart: float = 0.0) -> np.ndarray:
    """(T, 22, 3) a body that stands, the left foot ``feet_apart`` metres in front of the right one."""
    pose = rest_positions(MODEL_SKELETON)
    pose[:, 1] -= pose[:, 1].min()
    for side, share in (("left", 0.5), ("right", -0.5)):
        for part, of_leg in (("knee", 0.5), ("ankle", 1.0), ("foot", 1.0)):
            pose[INDEX[f"{side}_{part}"], 2] += share * of_leg * feet_apart
    return np.repeat(pose[None], num_frames, axis=0)


def walking(num_frames: int, speed: float) -> np.ndarray:
    """The same body gliding forward at ``speed`` m/s."""
    joints = standing(num_frames)
    joints[..., 2] += np.arange(num_frames)[:, None] * speed / 20
    return joints


def turned(joints: np.ndarray, degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    matrix = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    return joints @ matrix.T


def test_second_motion_is_turned_to_go_on_in_the_direction_of_the_first() -> None:
    joined = join_motions(walking(30, 1.0), turned(walking(30, 1.0), 130.0), blend_frames=10)
    assert joined[:, 0, 2] == pytest.approx(np.arange(60) / 20 + joined[0, 0, 2], abs=1e-6)
    assert np.abs(joined[:, 0, 0] - joined[0, 0, 0]).max() < 1e-6


def test_speed_does_not_jump_from_a_walk_into_standing() -> None:
    joined = join_motions(walking(30, 1.2), standing(30), blend_frames=10)
    speed = np.linalg.norm(np.diff(joined[:, INDEX["pelvis"]], axis=0), axis=-1) * 20
    assert speed[28] == pytest.approx(1.2, abs=1e-6)
    # Standing still at once would lose 1.2 m/s within one frame.
    assert np.abs(np.diff(speed)).max() < 0.5
    assert speed[45:].max() < 1e-6


def test_a_foot_that_stands_elsewhere_is_lifted_on_its_way_and_the_other_waits() -> None:
    joined = join_motions(standing(20), standing(30, feet_apart=0.3), blend_frames=12)
    feet = joined[20:32][:, [INDEX["left_foot"], INDEX["right_foot"]]]
    rest_height = standing(1)[0, INDEX["left_foot"], 1]
    assert (feet[..., 1].max(axis=0) > rest_height + 0.02).all()
    moved = np.abs(feet[:, :, 2] - feet[0, :, 2])
    both_half_way = (moved > 0.02) & (moved < moved.max() - 0.02)
    assert not both_half_way[:4].all(axis=1).any()  # one foot after the other
    legs = [("left_hip", "left_knee"), ("left_knee", "left_ankle"), ("right_knee", "right_ankle")]
    for above, below in legs:
        lengths = np.linalg.norm(joined[20:32, INDEX[above]] - joined[20:32, INDEX[below]], axis=-1)
        expected = np.linalg.norm(joined[20:32][0, INDEX[above]] - joined[20:32][0, INDEX[below]])
        assert lengths == pytest.approx(np.full(12, expected), abs=0.05)


def test_equal_poses_are_at_no_distance_wherever_they_stand_and_face() -> None:
    one, other = walking(10, 1.0), turned(walking(10, 1.0), 77.0) + np.array([3.0, 0.0, -2.0])
    distances = LocalPoses.of(one).join_distances(LocalPoses.of(other), np.arange(10))
    assert distances == pytest.approx(np.zeros(10), abs=1e-6)
    apart = LocalPoses.of(one).join_distances(LocalPoses.of(standing(10)), np.array([0]))
    assert apart[0] == pytest.approx(0.3 * 4 * 1.0 / 20)  # the same pose; a fifth of a metre apart four frames later


def test_hold_settles_within_a_few_frames() -> None:
    held = hold(walking(10, 0.4), 20)
    assert held.shape == (30, 22, 3)
    steps = np.linalg.norm(np.diff(held[:, 0], axis=0), axis=-1)
    assert steps[8] == pytest.approx(0.02)
    assert (np.diff(steps[9:]) <= 1e-12).all()
    assert steps[-1] < 0.001


def test_arms_of_another_motion_are_carried_along_by_the_chest() -> None:
    base, arms = walking(40, 1.0), turned(standing(40), 90.0)
    raised = arms.copy()
    for part in ("elbow", "wrist"):
        raised[:, INDEX[f"left_{part}"], 1] += 0.4
    both = with_arms_of(base, raised, ("left",))
    middle = both[20]
    assert middle[INDEX["left_wrist"], 1] - base[20, INDEX["left_wrist"], 1] == pytest.approx(0.4, abs=1e-6)
    assert middle[INDEX["left_wrist"], [0, 2]] == pytest.approx(base[20, INDEX["left_wrist"], [0, 2]], abs=1e-6)
    legs_and_right = [number for name, number in INDEX.items() if not name.startswith("left_") or "hip" in name]
    assert both[:, legs_and_right] == pytest.approx(base[:, legs_and_right])
    assert facing_direction(middle, HUMANML3D_LAYOUT) == pytest.approx([0, 0, 1], abs=0.01)


def test_interest_finds_the_turn_in_a_walk() -> None:
    joints = walking(100, 1.0)
    for frame in range(100):
        joints[frame] = turned(joints[frame], 90.0 * np.clip((frame - 60) / 20, 0, 1))
    interest = interest_of(joints)
    assert interest.is_one_event
    starts = np.arange(0, 60)
    best = starts[int(np.argmax(interest.shares(starts, 40)))]
    assert 45 <= best <= 60


def test_interest_leaves_out_idle_ends() -> None:
    joints = standing(90)
    swing = np.sin(np.arange(30) * 0.8)
    joints[30:60, INDEX["left_wrist"], 0] += 0.3 * swing
    joints[30:60, INDEX["left_elbow"], 0] += 0.15 * swing
    interest = interest_of(joints)
    assert 22 <= interest.start <= 30
    assert 60 <= interest.stop <= 68
