"""Forward kinematics by hand, and rotations that give back the positions they came from."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.errors import InvalidRequestError
from segmo_core.motion import rotations
from segmo_core.motion.kinematics import (
    ensure_rotations,
    forward_kinematics,
    global_rotations,
    rigid_motion,
    rotations_from_positions,
)
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import (
    HUMANML3D_BONE_LENGTHS,
    MODEL_SKELETON,
    SMPL_JOINT_NAMES,
    Skeleton,
)

ARM = Skeleton(("shoulder", "elbow", "wrist"), (-1, 0, 1), np.array([[0, 0, 0], [0.3, 0, 0], [0.25, 0, 0]]))
QUARTER_UP = rotations.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.array(np.pi / 2))


def random_pose(num_frames: int, degrees: float, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    axes = rotations.normalize(generator.normal(size=(num_frames, 22, 3)))
    return rotations.from_axis_angle(axes, generator.uniform(0, np.radians(degrees), size=(num_frames, 22)))


def test_an_arm_by_hand() -> None:
    identity = rotations.IDENTITY_QUATERNION
    local = np.stack([[identity, QUARTER_UP, identity], [QUARTER_UP, QUARTER_UP, identity]])
    root = np.array([[0.0, 1.4, 0.0], [1.0, 1.4, 2.0]])
    found = forward_kinematics(ARM, local, root)
    bent_elbow = [[0, 1.4, 0], [0.3, 1.4, 0], [0.3, 1.65, 0]]
    bent_both = [[1, 1.4, 2], [1, 1.7, 2], [0.75, 1.7, 2]]
    np.testing.assert_allclose(found, [bent_elbow, bent_both], atol=1e-12)
    half_turn = global_rotations(ARM, local)[1, 2]
    np.testing.assert_allclose(rotations.rotate(half_turn, np.array([1.0, 0, 0])), [-1, 0, 0], atol=1e-12)


def test_identity_is_the_rest_pose_facing_forward() -> None:
    local = np.broadcast_to(rotations.IDENTITY_QUATERNION, (1, 22, 4))
    joints = forward_kinematics(MODEL_SKELETON, local, np.zeros((1, 3)))[0]
    lengths = [np.linalg.norm(joints[j] - joints[p]) for j, p in enumerate(MODEL_SKELETON.parents) if p >= 0]
    np.testing.assert_allclose(lengths, HUMANML3D_BONE_LENGTHS[1:], atol=1e-9)
    at = dict(zip(SMPL_JOINT_NAMES, joints, strict=True))
    assert at["left_wrist"][0] > 0.6 > -0.6 > at["right_wrist"][0]  # left is +X when facing +Z
    assert at["head"][1] > 0.5
    assert at["left_ankle"][1] < -0.8
    assert at["left_foot"][2] > at["left_ankle"][2] + 0.1  # toes forward


def test_rotations_give_back_the_positions_they_came_from() -> None:
    root = np.random.default_rng(5).normal(size=(40, 3))
    positions = forward_kinematics(MODEL_SKELETON, random_pose(40, 120), root)
    local = rotations_from_positions(MODEL_SKELETON, positions)
    np.testing.assert_allclose(np.linalg.norm(local, axis=-1), 1.0, atol=1e-9)
    again = forward_kinematics(MODEL_SKELETON, local, root)
    np.testing.assert_allclose(again, positions, atol=1e-6)


def test_rotations_of_a_turning_body_turn_only_the_root() -> None:
    """Positions of a stiff body that turns on the spot twice: no joint but the root may rotate, none may flip."""
    angle = np.linspace(0, 4 * np.pi, 120)
    local = np.tile(rotations.IDENTITY_QUATERNION, (120, 22, 1))
    local[:, 0] = rotations.from_axis_angle(np.array([0.0, 1.0, 0.0]), angle)
    positions = forward_kinematics(MODEL_SKELETON, local, np.zeros((120, 3)))
    found = rotations_from_positions(MODEL_SKELETON, positions)
    np.testing.assert_allclose(np.abs(found[:, 1:, 0]), 1.0, atol=1e-6)
    np.testing.assert_allclose(np.abs(np.sum(found[:, 0] * local[:, 0], axis=-1)), 1.0, atol=1e-6)
    assert np.sum(found[1:] * found[:-1], axis=-1).min() > 0.99


def test_rigid_motion_keeps_bones_and_follows_another_body() -> None:
    bigger = Skeleton(SMPL_JOINT_NAMES, MODEL_SKELETON.parents, MODEL_SKELETON.rest_offsets * 1.1)
    positions = forward_kinematics(bigger, random_pose(30, 60), np.zeros((30, 3)))
    motion = rigid_motion(MODEL_SKELETON, positions, 5.0)  # poses that have nothing to do with each other
    for joint, parent in enumerate(MODEL_SKELETON.parents):
        if parent >= 0:
            length = np.linalg.norm(motion.joint_positions[:, joint] - motion.joint_positions[:, parent], axis=-1)
            np.testing.assert_allclose(length, HUMANML3D_BONE_LENGTHS[joint], atol=1e-5)
    error = np.linalg.norm(motion.joint_positions - positions, axis=-1)
    assert error.mean() < 0.06  # ten per cent of bones up to half a metre


def test_bones_of_zero_length_and_opposite_directions_stay_finite() -> None:
    collapsed = np.zeros((3, 22, 3))
    assert np.isfinite(rotations_from_positions(MODEL_SKELETON, collapsed)).all()
    upside_down = forward_kinematics(
        MODEL_SKELETON, np.broadcast_to(rotations.IDENTITY_QUATERNION, (2, 22, 4)), np.zeros((2, 3))
    ) * [1.0, -1.0, 1.0]
    assert np.isfinite(rotations_from_positions(MODEL_SKELETON, upside_down)).all()


def test_known_rotations_are_kept() -> None:
    motion = rigid_motion(
        MODEL_SKELETON, forward_kinematics(MODEL_SKELETON, random_pose(4, 60), np.zeros((4, 3))), 20.0
    )
    assert ensure_rotations(motion) is motion
    without = Motion(motion.joint_positions, 20.0, MODEL_SKELETON)
    assert without.local_rotations is None
    completed = ensure_rotations(without)
    np.testing.assert_allclose(completed.joint_positions, motion.joint_positions, atol=1e-5)
    assert completed.local_rotations is not None


def test_motion_refuses_what_is_no_motion() -> None:
    good = np.zeros((5, 22, 3))
    bad = good.copy()
    bad[3, 2, 1] = np.nan
    with pytest.raises(InvalidRequestError, match="frame 3 holds NaN"):
        Motion(bad, 20.0, MODEL_SKELETON)
    turned = np.zeros((5, 22, 4))
    turned[2, 0, 3] = np.inf
    with pytest.raises(InvalidRequestError, match="frame 2 holds NaN or infinity, expected finite rotations"):
        Motion(good, 20.0, MODEL_SKELETON, turned)
    with pytest.raises(InvalidRequestError, match=r"shape \(5, 21, 3\), expected \(T, 22, 3\)"):
        Motion(good[:, 1:], 20.0, MODEL_SKELETON)
    with pytest.raises(InvalidRequestError, match="frame rate 0"):
        Motion(good, 0, MODEL_SKELETON)
    motion = Motion(good, 20.0, MODEL_SKELETON)
    with pytest.raises(ValueError, match="read-only"):
        motion.joint_positions[0, 0, 0] = 1.0


def test_skeleton_refuses_a_child_before_its_parent() -> None:
    with pytest.raises(InvalidRequestError, match="joint 1 has parent 2"):
        Skeleton(("a", "b", "c"), (-1, 2, 0), np.zeros((3, 3)))


def test_no_bone_turns_round_where_joints_have_come_too_near() -> None:
    """A spine pressed together: each joint is reached beyond where its child should be, yet the bones stay upright."""
    still = np.tile(rotations.IDENTITY_QUATERNION, (3, 22, 1))
    positions = forward_kinematics(MODEL_SKELETON, still, np.zeros((3, 3)))
    for name, height in (("spine1", 0.03), ("spine2", 0.06), ("spine3", 0.09)):
        positions[:, MODEL_SKELETON.index(name), 1] = height
    local = rotations_from_positions(MODEL_SKELETON, positions)
    turned = 2 * np.degrees(np.arccos(np.clip(np.abs(local[..., 0]), 0, 1)))
    assert turned[:, [MODEL_SKELETON.index(name) for name in ("spine1", "spine2", "spine3")]].max() < 40


def test_a_folded_arm_that_passes_its_upper_arm_does_not_flip() -> None:
    # The forearm swings past the direction straight back along the upper arm, 2.5 degrees a frame; the smallest turn
    # from the upper arm's direction turns about by half a circle within few frames there.
    side = np.linspace(-0.5, 0.5, 23)
    forearm = rotations.normalize(np.stack([-np.ones(23), np.full(23, 0.01), side], axis=-1)) * 0.25
    elbow = np.broadcast_to([0.3, 0.0, 0.0], forearm.shape)
    joints = np.stack([np.zeros_like(forearm), elbow, elbow + forearm], axis=1)
    smallest = rotations.between(np.array([1.0, 0.0, 0.0]), forearm)
    motion = rigid_motion(ARM, joints, 20.0)
    assert largest_turn(smallest) > 120.0
    assert motion.local_rotations is not None
    assert largest_turn(motion.local_rotations[:, 1]) < 50.0
    np.testing.assert_allclose(motion.joint_positions, joints, atol=1e-6)


def largest_turn(local: np.ndarray) -> float:
    """Degrees between neighbours of rotations (T, 4)."""
    cosine = np.abs(np.sum(local[1:] * local[:-1], axis=-1)).clip(max=1.0)
    return float(np.degrees(2.0 * np.arccos(cosine)).max())
