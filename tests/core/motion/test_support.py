"""The floor under every frame: standing, lying, jumping, on a stair."""

from __future__ import annotations

import numpy as np
from sample_motions import standing

from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.motion.support import floor_heights, on_their_floor

FRAMES = 60


def upright(frames: int = FRAMES) -> np.ndarray:
    """(frames, 22, 3) of somebody who stands with the toes at 0."""
    joints = standing(frames, slide=0.0).joint_positions.astype(np.float64)
    joints[..., 1] -= joints[..., 1].min()
    return joints


def lying(frames: int) -> np.ndarray:
    """The same body on its back, its lowest joints 5 cm above the floor."""
    joints = upright(frames)
    flat = joints[..., [0, 2, 1]] * [1.0, -1.0, 1.0]
    flat[..., 1] -= flat[..., 1].min() - 0.05
    return flat


def test_a_part_that_hovers_is_set_down_and_the_other_stays() -> None:
    joints = np.concatenate([upright() + np.array([0, 0.05, 0]), upright()])
    grounded = on_their_floor(joints)[..., 1].min(axis=1)
    assert np.abs(grounded[:50]).max() < 0.005
    assert np.abs(grounded[70:]).max() < 0.005


def test_standing_and_lying_parts_have_their_own_support() -> None:
    joints = np.concatenate([upright(), lying(FRAMES) + np.array([0, 0.08, 0])])
    lowest = on_their_floor(joints)[..., 1].min(axis=1)
    assert np.abs(lowest[:50]).max() < 0.01
    assert lowest[80:].min() >= 0.0
    assert lowest[80:].max() < 0.07


def test_jumps_keep_their_flight() -> None:
    joints = upright()
    time = np.arange(12) / 20
    joints[20:32, :, 1] += (time * (time[-1] - time) * 9.81 / 2)[:, None]
    lowest = on_their_floor(joints + np.array([0, 0.04, 0]))[..., 1].min(axis=1)
    assert abs(lowest.max() - 0.37) < 0.02
    assert np.abs(np.delete(lowest, np.s_[20:32])).max() < 0.005


def test_a_stair_is_no_floor() -> None:
    joints = np.concatenate([upright(), upright() + np.array([0, 0.18, 0])])
    floor = floor_heights(joints)
    assert np.abs(floor).max() < 0.005


def test_nothing_that_rests_leaves_the_lowest_point_on_the_floor() -> None:
    joints = upright() + np.arange(FRAMES)[:, None, None] * [0.0, 0.001, 0.2]
    assert np.allclose(floor_heights(joints), 0.0)
    short = upright(2) + np.array([0, 0.3, 0])
    assert np.allclose(floor_heights(short), 0.3)


def test_feet_that_move_sink_no_deeper_than_2_cm() -> None:
    joints = upright()
    foot = SMPL_JOINT_NAMES.index("left_foot")
    joints[30:33, foot, 1] -= [0.04, 0.08, 0.04]
    joints[:, foot, 2] += np.where(np.arange(FRAMES) > 30, 0.5, 0.0)
    assert on_their_floor(joints)[..., 1].min() > -0.021
