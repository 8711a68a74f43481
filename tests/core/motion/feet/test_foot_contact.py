"""Standing feet are pinned; flying feet and everything above the hips stay as they are."""

from __future__ import annotations

import numpy as np

from segmo_core.motion.feet.foot_contact import FootContactSettings, toe_contacts, without_foot_skating
from segmo_core.motion.feet.foot_paths import swing_clearance
from segmo_core.motion.feet.leg_reach import two_bone_knee
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from tests.core.sample_motions import standing

LEFT_TOE = MODEL_SKELETON.index("left_foot")


def test_sliding_feet_are_pinned_while_the_body_above_stays() -> None:
    motion = standing(40, slide=0.1)
    cleaned = without_foot_skating(motion)
    toes = cleaned.joint_positions[:, LEFT_TOE]
    assert np.ptp(motion.joint_positions[:, LEFT_TOE, 0]) > 0.099
    assert np.ptp(toes[:, 0]) < 0.006
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
    toes = np.zeros((30, 2, 3))
    toes[6:, :, 1] = 0.3
    toes[15, :, 1] = 0.0
    toes[20:26, :, 1] = 0.0
    found = toe_contacts(toes, np.zeros((30, 3)), 20.0, FootContactSettings())
    for side in (0, 1):
        assert np.flatnonzero(found[:, side] > 0.5).tolist() == [0, 1, 2, 3, 4, 5, 20, 21, 22, 23, 24, 25]


def test_a_foot_may_slide_faster_under_a_faster_body_and_as_a_model_says() -> None:
    toes, root = np.zeros((20, 2, 3)), np.zeros((20, 3))
    toes[:, 0, 2] = 0.6 * np.arange(20) / 20.0  # m/s
    toes[:, 1, 2] = 3.0 * np.arange(20) / 20.0
    standing_body = toe_contacts(toes, root, 20.0, FootContactSettings())
    assert standing_body.max() == 0.0
    root[:, 2] = 2.0 * np.arange(20) / 20.0
    running_body = toe_contacts(toes, root, 20.0, FootContactSettings())
    assert running_body[3:-3, 0].min() > 0.5
    assert running_body[:, 1].max() == 0.0
    signal = np.stack([np.zeros(20), np.ones(20)], axis=1)
    assert toe_contacts(toes, root * 0.0, 20.0, FootContactSettings(), signal)[:, 1].min() == 1.0


def test_an_edit_far_away_moves_nothing() -> None:
    slides = standing(200, slide=0.2).joint_positions.copy()
    slides[60:66, :, 1] += 0.3  # a hop: no foot stands through it
    motion, edited = Motion(slides, 20.0, MODEL_SKELETON), slides.copy()
    edited[120:, :, 0] += 0.1 * np.sin(np.arange(80) / 10.0)[:, None]
    before = without_foot_skating(motion, floor=-0.067)
    after = without_foot_skating(Motion(edited, 20.0, MODEL_SKELETON), floor=-0.067)
    assert np.abs(after.joint_positions[125:] - before.joint_positions[125:]).max() > 0.02
    np.testing.assert_allclose(after.joint_positions[:40], before.joint_positions[:40], atol=1e-4)


def test_low_swings_are_lifted_to_what_real_steps_reach() -> None:
    # A step of 1.1 m in 7 frames of swing at 20 fps, 2.75 m/s: a real one is 9.5 cm high, in its first half.
    contact = np.ones(30)
    contact[10:17] = 0.0
    path = np.zeros((30, 2))
    path[9:18, 1] = np.linspace(0.0, 1.1, 9)
    path[18:, 1] = 1.1
    lift = swing_clearance(np.zeros(30), path, contact, 20.0)
    assert 0.08 < lift.max() < 0.1
    assert 11 <= int(np.argmax(lift)) <= 13
    assert lift[:9].max() == lift[18:].max() == 0.0
    assert swing_clearance(np.full(30, 0.2), path, contact, 20.0).max() == 0.0


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
