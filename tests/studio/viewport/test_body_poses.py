"""What the view needs of a motion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from segmo_core.motion.motion import Motion
from segmo_studio.viewport.body_poses import BodyPoses, smoothed


@pytest.mark.parametrize("num_frames", [1, 5, 80])
@pytest.mark.parametrize("deviation", [0.2, 7.0])
def test_the_followed_path_is_a_gaussian_filter_with_held_ends(num_frames: int, deviation: float) -> None:
    path = np.cumsum(np.random.default_rng(1).normal(size=(num_frames, 3)), axis=0)
    expected = gaussian_filter1d(path, deviation, axis=0, mode="nearest")
    assert np.allclose(smoothed(path, deviation), expected, atol=1e-9)


def test_between_two_frames_bones_turn_and_keep_their_length(walk: Motion) -> None:
    poses = BodyPoses.from_motion(walk)
    for moment in (0.0, 7.25, 7.5, 30.9):
        frame = int(moment)
        share = moment - frame
        joints, first, second = poses.joints_at(moment), walk.joint_positions[frame], walk.joint_positions[frame + 1]
        np.testing.assert_allclose(joints, first + share * (second - first), atol=1e-6)
        body = poses.body_at(moment).vertices
        before, after = poses.body_at(frame).vertices, poses.body_at(frame + 1).vertices
        step = np.linalg.norm(after - before, axis=1).max()
        assert np.linalg.norm(body - before, axis=1).max() <= step + 1e-6
        assert np.linalg.norm(body - after, axis=1).max() <= step + 1e-6
    assert np.abs(poses.body_at(7.5).vertices - poses.body_at(7).vertices).max() > 1e-4


def test_the_follow_camera_moves_between_frames_too(walk: Motion) -> None:
    poses = BodyPoses.from_motion(walk)
    half = poses.travel(3.0, 3.5)
    np.testing.assert_allclose(2 * half, poses.travel(3.0, 4.0), atol=1e-9)
    assert poses.held(1e9) == walk.num_frames - 1
