"""The model's joints as KIT-ML's, and back."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.motion.features import KIT_LAYOUT, features_from_joints, joints_from_features, on_floor_facing_forward
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import KIT_SKELETON
from segmo_core.retargeting.to_kit_skeleton import to_kit_skeleton
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton

LENGTHS = 1000 * KIT_SKELETON.bone_lengths


def test_bones_have_the_given_lengths_and_directions_come_back(walk: Motion) -> None:
    joints = to_kit_skeleton(walk.joint_positions, LENGTHS)
    assert joints.shape == (walk.num_frames, 21, 3)
    bones = joints[:, 1:] - joints[:, list(KIT_SKELETON.parents[1:])]
    np.testing.assert_allclose(np.linalg.norm(bones, axis=-1), np.tile(LENGTHS[1:], (walk.num_frames, 1)), rtol=1e-6)
    back = to_model_skeleton(Motion(joints / 1000, 20.0, KIT_SKELETON), up_axis="y", is_foreign=False).motion
    for name, parent in (("left_knee", "left_hip"), ("right_wrist", "right_elbow"), ("right_elbow", "right_shoulder")):
        found, expected = (m.joint(name) - m.joint(parent) for m in (back, walk))
        cosines = (found * expected).sum(-1) / np.linalg.norm(found, axis=-1) / np.linalg.norm(expected, axis=-1)
        assert cosines.min() > 0.99, name


def test_flat_feet_have_level_toes_and_go_through_features(walk: Motion) -> None:
    joints = to_kit_skeleton(walk.joint_positions, LENGTHS)
    for side in ("left", "right"):
        foot, tip = (joints[:, KIT_SKELETON.index(f"{side}_{part}")] for part in ("foot", "toe_tip"))
        level = np.abs(walk.joint(f"{side}_ankle")[:, 1] - walk.joint(f"{side}_foot")[:, 1] - 0.067) < 0.005
        if level.any():
            assert np.abs(tip - foot)[level, 1].max() < 15  # millimetres
        assert ((tip - foot)[:, 2] > 0).all()  # a walk along +Z
    placed = on_floor_facing_forward(joints, KIT_LAYOUT)
    rows = features_from_joints(placed, KIT_LAYOUT)
    assert rows.shape == (walk.num_frames - 1, 251)
    back = joints_from_features(rows, KIT_LAYOUT)
    np.testing.assert_allclose(back[:, :, 1], placed[:-1, :, 1], atol=0.1)
    assert rows[:, 3].mean() == pytest.approx(placed[:-1, 0, 1].mean(), rel=1e-5)
