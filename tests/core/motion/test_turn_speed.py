"""No joint of a rigid fit turns faster than a person can; what is slow enough stays to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.motion.turn_speed import turns_between, without_sudden_turns

_X = np.array([1.0, 0.0, 0.0])


def turning(*degrees: float) -> np.ndarray:
    """(T, 1, 4) turns about X."""
    return rotations.from_axis_angle(_X, np.radians(np.array(degrees)))[:, None]


@pytest.mark.parametrize("frame_rate", [20.0, 30.0, 60.0])
def test_a_sudden_turn_takes_the_frames_that_it_needs(frame_rate: float) -> None:
    """151 degrees in a frame, as generated motions have had."""
    still = [0.0] * 10
    local = turning(*still, *(151.0 + angle for angle in still))
    found = np.degrees(turns_between(without_sudden_turns(local, frame_rate)))
    assert found.max() <= 1800 / frame_rate + 1e-6
    assert found.sum() == pytest.approx(151.0, abs=1e-6), "the same turn, on the shortest arc"
    kept = without_sudden_turns(local, frame_rate)
    np.testing.assert_allclose(np.abs(np.sum(kept[[0, -1]] * local[[0, -1]], axis=-1)), 1.0, atol=1e-12)


def test_turns_that_follow_each_other_are_spread_together() -> None:
    local = turning(0, 0, 0, 0, 140, 0, 140, 0, 0, 0, 0)
    assert np.degrees(turns_between(without_sudden_turns(local, 20.0))).max() <= 90.0 + 1e-6


def test_what_is_slow_enough_stays_to_the_bit() -> None:
    local = turning(0, 80, 160, 240, 260)
    assert without_sudden_turns(local, 20.0) is local


def test_a_motion_too_short_turns_evenly() -> None:
    found = np.degrees(turns_between(without_sudden_turns(turning(0, 0, 179), 60.0)))
    np.testing.assert_allclose(found, 89.5, atol=1e-6)


def test_the_rigid_fit_is_bounded() -> None:
    """A body whose left leg is kicked up and over within one frame."""
    rest = kinematics.forward_kinematics(
        MODEL_SKELETON, np.tile([1.0, 0, 0, 0], (12, 22, 1)), np.tile([0.0, 0.93, 0.0], (12, 1))
    )
    leg = [MODEL_SKELETON.index(name) for name in ("left_knee", "left_ankle", "left_foot")]
    hip = rest[:, MODEL_SKELETON.index("left_hip")][:, None]
    up = rotations.from_axis_angle(_X, np.radians(-150.0))
    rest[6:, leg] = hip[6:] + rotations.rotate(up, rest[6:, leg] - hip[6:])
    free = kinematics.rotations_from_positions(MODEL_SKELETON, rest)
    assert np.degrees(turns_between(free)).max() > 120
    motion = kinematics.rigid_motion(MODEL_SKELETON, rest, 20.0)
    assert motion.local_rotations is not None
    assert np.degrees(turns_between(motion.local_rotations)).max() <= 90.0 + 1e-6
    np.testing.assert_allclose(motion.joint_positions[[0, -1]], rest[[0, -1]], atol=1e-5)
