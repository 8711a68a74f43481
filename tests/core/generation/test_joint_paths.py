"""Decoded features to joints: what agrees stays, what trembles is calmed, bones that collapsed point on."""

from __future__ import annotations

import numpy as np

from segmo_core.generation.joint_paths import decoded_joints, with_sound_bones
from segmo_core.motion.features import (
    HUMANML3D_LAYOUT,
    features_from_joints,
    joints_from_features,
    on_floor_facing_forward,
)
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON

ELBOW, WRIST = (MODEL_SKELETON.index(f"left_{name}") for name in ("elbow", "wrist"))


def walk_features(walk: Motion) -> np.ndarray:
    joints = on_floor_facing_forward(walk.joint_positions, HUMANML3D_LAYOUT)
    return features_from_joints(joints, HUMANML3D_LAYOUT).astype(np.float64)


def test_features_that_agree_with_themselves_give_their_positions(walk: Motion) -> None:
    features = walk_features(walk)
    expected = joints_from_features(features)
    np.testing.assert_allclose(decoded_joints(features, HUMANML3D_LAYOUT), expected, atol=1e-5)
    np.testing.assert_allclose(decoded_joints(features[:1], HUMANML3D_LAYOUT), expected[:1], atol=1e-5)


def test_trembling_positions_are_calmed_by_their_velocities(walk: Motion) -> None:
    features = walk_features(walk)
    expected = joints_from_features(features)
    noisy = features.copy()
    columns = HUMANML3D_LAYOUT.positions
    noisy[:, columns] += np.random.default_rng(3).normal(scale=0.02, size=noisy[:, columns].shape)
    plain = np.abs(joints_from_features(noisy) - expected)[:, 1:].mean()
    assert 0.0155 < plain < 0.0165  # sqrt(2 / pi) of the deviation
    assert np.abs(decoded_joints(noisy, HUMANML3D_LAYOUT) - expected)[:, 1:].mean() < 0.65 * plain


def test_a_collapsed_bone_points_where_it_does_before_and_after(walk: Motion) -> None:
    joints = walk.joint_positions.astype(np.float64)
    np.testing.assert_array_equal(with_sound_bones(joints, MODEL_SKELETON), joints)
    broken = joints.copy()
    spoiled = [20, 21, 22]
    broken[spoiled, WRIST] = broken[spoiled, ELBOW] + np.array([[0.0, 0.03, 0.0], [0.02, 0.0, 0.0], [0.0, 0.0, -0.03]])
    mended = with_sound_bones(broken, MODEL_SKELETON)
    true_bone, bone = ((j[:, WRIST] - j[:, ELBOW])[spoiled] for j in (joints, mended))
    cosine = np.sum(true_bone * bone, axis=-1) / np.linalg.norm(true_bone, axis=-1) / np.linalg.norm(bone, axis=-1)
    assert np.degrees(np.arccos(cosine)).max() < 15.0
    assert np.linalg.norm(bone, axis=-1).min() > 0.85 * MODEL_SKELETON.bone_lengths[WRIST]
    others = [joint for joint in range(22) if joint != WRIST]
    np.testing.assert_array_equal(mended[:, others], joints[:, others])
    np.testing.assert_array_equal(mended[:18], joints[:18])
    np.testing.assert_array_equal(mended[25:], joints[25:])
