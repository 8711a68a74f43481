"""Standing feet are pinned; flying feet and everything above the hips stay as they are."""

from __future__ import annotations

import numpy as np

from segmo_core.motion.foot_contact import FootContactSettings, toe_contacts, two_bone_knee, without_foot_skating
from segmo_core.motion.kinematics import forward_kinematics, rigid_motion
from segmo_core.motion.motion import Motion
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


def test_sliding_feet_are_pinned_while_the_body_above_stays() -> None:
    motion = standing(40, slide=0.1)
    cleaned = without_foot_skating(motion)
    toes = cleaned.joint_positions[:, LEFT_TOE]
    assert np.ptp(motion.joint_positions[:, LEFT_TOE, 0]) > 0.099
    assert np.ptp(toes[:, 0]) < 0.002
    above = [MODEL_SKELETON.index(name) for name in ("pelvis", "spine1", "head", "left_wrist")]
    np.testing.assert_allclose(cleaned.joint_positions[:, above], motion.joint_positions[:, above], atol=1e-5)


def test_feet_that_stand_or_are_meant_to_slide_are_left_alone() -> None:
    still = standing(40, slide=0.0)
    np.testing.assert_allclose(without_foot_skating(still).joint_positions, still.joint_positions, atol=1e-5)
    skating = standing(40, slide=0.8)
    np.testing.assert_allclose(without_foot_skating(skating).joint_positions, skating.joint_positions, atol=1e-5)


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
