"""Standing feet are pinned; flying feet and everything above the hips stay as they are."""

from __future__ import annotations

import numpy as np

from segmo_core.motion.foot_contact import FootContactSettings, toe_contacts, two_bone_knee, without_foot_skating
from segmo_core.motion.kinematics import forward_kinematics, rigid_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.root_travel import RootTravelSettings, travel_correction
from segmo_core.motion.rotations import from_axis_angle
from segmo_core.motion.skeleton import MODEL_SKELETON

LEFT_TOE = MODEL_SKELETON.index("left_foot")


def standing(num_frames: int, slide: float) -> Motion:
    """A body standing with slightly bent legs whose root drifts sideways by ``slide`` metres in all."""
    local = np.zeros((num_frames, 22, 4))
    local[..., 0] = 1.0
    x_axis = np.array([1.0, 0.0, 0.0])
    for side in ("left", "right"):
        local[:, MODEL_SKELETON.index(f"{side}_hip")] = from_axis_angle(x_axis, np.full(num_frames, -0.3))
        local[:, MODEL_SKELETON.index(f"{side}_knee")] = from_axis_angle(x_axis, np.full(num_frames, 0.6))
    root = np.zeros((num_frames, 3))
    root[:, 0] = np.linspace(0.0, slide, num_frames)
    root[:, 1] = 0.9
    return rigid_motion(MODEL_SKELETON, forward_kinematics(MODEL_SKELETON, local, root), 20.0)


def test_a_body_that_drifts_on_standing_feet_stands_and_keeps_its_pose() -> None:
    motion = standing(40, slide=0.4)
    cleaned = without_foot_skating(motion)
    toes = cleaned.joint_positions[:, LEFT_TOE]
    assert np.ptp(motion.joint_positions[:, LEFT_TOE, 0]) > 0.39
    assert np.ptp(toes[:, 0]) < 0.005
    above = [MODEL_SKELETON.index(name) for name in ("spine1", "head", "left_wrist")]
    before = motion.joint_positions[:, above] - motion.joint_positions[:, :1]
    np.testing.assert_allclose(cleaned.joint_positions[:, above] - cleaned.joint_positions[:, :1], before, atol=1e-5)


def test_one_sliding_foot_is_pinned_while_the_body_stays() -> None:
    motion = standing(40, slide=0.0)
    positions = motion.joint_positions.astype(np.float64)
    left = [MODEL_SKELETON.index(f"left_{name}") for name in ("ankle", "foot")]
    positions[:, left, 0] += np.linspace(0.0, 0.1, 40)[:, None]
    sliding = rigid_motion(MODEL_SKELETON, positions, 20.0)
    cleaned = without_foot_skating(sliding)
    assert np.ptp(sliding.joint_positions[:, LEFT_TOE, 0]) > 0.08
    assert np.ptp(cleaned.joint_positions[:, LEFT_TOE, 0]) < 0.005
    assert np.abs(cleaned.joint_positions[:, 0] - sliding.joint_positions[:, 0]).max() < 0.06  # both feet have a say


def test_feet_that_stand_are_left_alone() -> None:
    still = standing(40, slide=0.0)
    np.testing.assert_allclose(without_foot_skating(still).joint_positions, still.joint_positions, atol=1e-5)


def test_feet_of_a_body_that_crawls_say_nothing_about_its_travel() -> None:
    motion = standing(40, slide=0.8)
    low = motion.joint_positions.astype(np.float64)
    low[:, MODEL_SKELETON.index("pelvis"), 1] = low[:, LEFT_TOE, 1].min() + 0.3
    shift = travel_correction(Motion(low, 20.0, MODEL_SKELETON), RootTravelSettings())
    assert np.abs(shift).max() < 0.08


def test_a_walk_whose_root_runs_ahead_of_its_legs_is_slowed_to_them() -> None:
    """Stance feet sweep back at 1 m/s below a root that travels at 1.4 m/s: the body is to travel at 1 m/s."""
    frames = np.arange(80)
    positions = standing(80, slide=0.0).joint_positions.astype(np.float64)
    for side, phase in (("left", 0), ("right", 10)):
        place = ((frames + phase) % 20) / 20
        is_stance = place < 0.5
        swing = np.where(is_stance, 0.25 - place, -0.25 + (place - 0.5))  # metres before the hip, at 1 m/s
        joints = [MODEL_SKELETON.index(f"{side}_{name}") for name in ("ankle", "foot")]
        positions[:, joints, 2] += swing[:, None]
        positions[:, joints, 1] += np.where(is_stance, 0.0, 0.12)[:, None]
    positions[..., 2] += (1.4 * frames / 20)[:, None]
    shift = travel_correction(Motion(positions, 20.0, MODEL_SKELETON), RootTravelSettings())
    travelled = shift[-1, 1] + positions[-1, 0, 2] - positions[0, 0, 2]
    assert abs(travelled / (79 / 20) - 1.0) < 0.08


def test_bone_lengths_stay(walk: Motion) -> None:
    cleaned = without_foot_skating(walk)
    parents = np.array(MODEL_SKELETON.parents[1:])
    lengths = np.linalg.norm(cleaned.joint_positions[:, 1:] - cleaned.joint_positions[:, parents], axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(MODEL_SKELETON.bone_lengths[1:], lengths.shape), atol=1e-5)


def test_a_short_touch_is_no_contact() -> None:
    toes = np.zeros((30, 3))
    toes[6:, 1] = 0.3
    toes[15, 1] = 0.0
    toes[20:26, 1] = 0.0
    # At 20 Hz the frames beside a step of 0.3 m move at 3 m/s: of 0-5 the last does, of 20-25 the first and last do.
    found = toe_contacts(toes, 20.0, FootContactSettings())
    assert np.flatnonzero(found).tolist() == [0, 1, 2, 3, 4, 21, 22, 23, 24]


def test_knee_of_a_right_angled_leg() -> None:
    # Thigh and shin of 1 m, target at distance sqrt(2): the knee is at a right angle, in the old bending plane.
    hip = np.array([[0.0, 2.0, 0.0]])
    knee, ankle = np.array([[0.0, 1.2, 0.6]]), np.array([[0.0, 0.4, 0.0]])
    new_knee, new_ankle = two_bone_knee(hip, knee, ankle, np.array([[0.0, 2.0 - np.sqrt(2.0), 0.0]]))
    half = np.sqrt(0.5)
    np.testing.assert_allclose(new_knee, [[0.0, 2.0 - half, half]], atol=1e-9)
    np.testing.assert_allclose(new_ankle, [[0.0, 2.0 - np.sqrt(2.0), 0.0]], atol=1e-9)
    _, too_far = two_bone_knee(hip, knee, ankle, np.array([[0.0, -3.0, 0.0]]))
    np.testing.assert_allclose(too_far, [[0.0, 0.001, 0.0]], atol=1e-9)
