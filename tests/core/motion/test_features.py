"""Motion features of synthetic bodies: by hand, there and back, and where the published formulas give NaN."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.errors import InvalidRequestError
from segmo_core.motion import rotations
from segmo_core.motion.features import (
    HUMANML3D_LAYOUT,
    KIT_LAYOUT,
    facing_direction,
    features_from_joints,
    joints_from_features,
    on_floor_facing_forward,
    uniform_skeleton,
)
from segmo_core.motion.kinematics import forward_kinematics
from segmo_core.motion.mirroring import mirror_joints, mirror_text
from segmo_core.motion.resampling import resample_positions
from segmo_core.motion.skeleton import HUMANML3D_BONE_LENGTHS, MODEL_SKELETON

UP = np.array([0.0, 1.0, 0.0])


def standing(num_frames: int, heading: np.ndarray | None = None, root: np.ndarray | None = None) -> np.ndarray:
    """(T, 22, 3): the rest pose, turned by heading (T,) radians about the vertical, at root (T, 3)."""
    local = np.tile(rotations.IDENTITY_QUATERNION, (num_frames, 22, 1))
    if heading is not None:
        local[:, 0] = rotations.from_axis_angle(UP, heading)
    if root is None:
        root = np.tile([0.0, 0.95, 0.0], (num_frames, 1))
    return forward_kinematics(MODEL_SKELETON, local, root)


def test_widths_and_columns() -> None:
    assert (HUMANML3D_LAYOUT.dimension, KIT_LAYOUT.dimension) == (263, 251)
    assert HUMANML3D_LAYOUT.positions == slice(4, 67)
    assert HUMANML3D_LAYOUT.rotations == slice(67, 193)
    assert HUMANML3D_LAYOUT.velocities == slice(193, 259)
    assert KIT_LAYOUT.velocities == slice(184, 247)


def test_walking_straight_by_hand() -> None:
    root = np.zeros((41, 3))
    root[:, 1], root[:, 2] = 0.95, 0.06 * np.arange(41)
    features = features_from_joints(standing(41, root=root))
    assert features.shape == (40, 263)
    # Row 0 turns from the identity to the heading, which the slightly uneven rest pose has at 0.004 rad.
    np.testing.assert_allclose(features[1:, 0], 0, atol=1e-6)  # does not turn
    np.testing.assert_allclose(features[:, 1:3], np.tile([0, 0.06], (40, 1)), atol=3e-4)  # goes forward
    np.testing.assert_allclose(features[:, 3], 0.95, atol=1e-6)
    velocities = features[:, HUMANML3D_LAYOUT.velocities].reshape(40, 22, 3)
    np.testing.assert_allclose(velocities, np.broadcast_to([0, 0, 0.06], (40, 22, 3)), atol=3e-4)
    np.testing.assert_array_equal(features[:, -4:], 0)  # feet glide: 0.0036 m^2 a frame is above 0.002
    np.testing.assert_array_equal(features_from_joints(standing(5))[:, -4:], 1)


def test_turning_is_half_the_angle_of_a_frame() -> None:
    """0.02 rad a frame; the smoothing over 80 frames leaves the middle of a steady turn as it is."""
    features = features_from_joints(standing(301, heading=0.02 * np.arange(301) - 3.0))
    np.testing.assert_allclose(np.abs(features[110:190, 0]), 0.01, atol=1e-4)
    mirrored = features_from_joints(standing(301, heading=-(0.02 * np.arange(301) - 3.0)))
    np.testing.assert_allclose(mirrored[110:190, 0], -features[110:190, 0], atol=1e-6)


def test_there_and_back_for_a_moving_body() -> None:
    time = np.arange(100) / 20
    root = np.stack([np.sin(time), 0.95 + 0.02 * np.sin(9 * time), time], axis=-1)
    joints = on_floor_facing_forward(standing(100, heading=0.5 * np.sin(time), root=root), HUMANML3D_LAYOUT)
    found = joints_from_features(features_from_joints(joints))
    # The path starts at the origin in the heading of the smoothed first frame: compare what does not depend on it.
    steps = np.linalg.norm(np.diff(joints[:-1, 0], axis=0), axis=-1)
    np.testing.assert_allclose(np.linalg.norm(np.diff(found[:, 0], axis=0), axis=-1), steps, atol=1e-5)
    shape = np.linalg.norm(joints[:-1] - joints[:-1, :1], axis=-1)
    np.testing.assert_allclose(np.linalg.norm(found - found[:, :1], axis=-1), shape, atol=1e-5)


def test_placing_on_the_floor_facing_forward() -> None:
    root = np.tile([3.0, 2.0, -1.0], (4, 1))
    joints = on_floor_facing_forward(standing(4, heading=np.full(4, 2.0), root=root), HUMANML3D_LAYOUT)
    assert joints[..., 1].min() == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(joints[0, 0, [0, 2]], 0, atol=1e-9)
    np.testing.assert_allclose(facing_direction(joints[0], HUMANML3D_LAYOUT), [0, 0, 1], atol=1e-6)


def test_body_size_is_replaced_and_directions_stay() -> None:
    joints = standing(6) * 1.3
    found = uniform_skeleton(joints, HUMANML3D_BONE_LENGTHS, HUMANML3D_LAYOUT)
    np.testing.assert_allclose(found[:, 0], joints[:, 0] / 1.3, atol=1e-6)  # the root scales with the legs
    np.testing.assert_allclose(found, standing(6), atol=1e-6)


def degenerate_bodies() -> dict[str, np.ndarray]:
    lying = standing(30) @ np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
    spinning = standing(30, heading=np.linspace(0, 6 * np.pi, 30))
    hips_as_shoulders = standing(30)
    hips_as_shoulders[:, [16, 17]] = hips_as_shoulders[:, [1, 2]]  # the quirky across vector vanishes
    head_down = standing(30)
    head_down[:, 15] = head_down[:, 12] - [0.0, 0.1, 0.0]  # opposite to a rest direction
    head_down[:, 8] = head_down[:, 5] + [0.0, 0.4, 0.0]
    collapsed = standing(30)
    collapsed[:, 20] = collapsed[:, 18]  # a bone of zero length
    return {
        "lying": lying,
        "spinning": spinning,
        "no heading": hips_as_shoulders,
        "opposite": head_down,
        "zero bone": collapsed,
    }


@pytest.mark.parametrize("name", degenerate_bodies())
def test_degenerate_bodies_have_finite_features(name: str) -> None:
    joints = uniform_skeleton(degenerate_bodies()[name], HUMANML3D_BONE_LENGTHS, HUMANML3D_LAYOUT)
    features = features_from_joints(on_floor_facing_forward(joints, HUMANML3D_LAYOUT))
    assert features.shape == (29, 263)
    assert np.isfinite(features).all()
    assert np.isfinite(joints_from_features(features)).all()
    assert np.abs(features[:, 0]).max() <= np.pi / 2
    columns = features[:, HUMANML3D_LAYOUT.rotations].reshape(29, 21, 2, 3)
    np.testing.assert_allclose(np.linalg.norm(columns, axis=-1), 1.0, atol=1e-5)


def test_too_few_frames_and_wrong_joints_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="expected at least 2 frames"):
        features_from_joints(standing(1))
    with pytest.raises(InvalidRequestError, match=r"shape \(5, 22, 3\)"):
        features_from_joints(standing(5), KIT_LAYOUT)
    with pytest.raises(InvalidRequestError, match="legs of zero length"):
        uniform_skeleton(np.zeros((3, 22, 3)), HUMANML3D_BONE_LENGTHS, HUMANML3D_LAYOUT)


def test_mirrored_motion() -> None:
    joints = standing(10, heading=np.linspace(0, 1, 10))
    mirrored = mirror_joints(joints)
    names = MODEL_SKELETON.joint_names
    left, right = names.index("left_wrist"), names.index("right_wrist")
    np.testing.assert_array_equal(mirrored[:, left], joints[:, right] * [-1, 1, 1])
    np.testing.assert_array_equal(mirror_joints(mirrored), joints)
    turn, mirrored_turn = (features_from_joints(body)[:, 0].sum() for body in (joints, mirrored))
    assert mirrored_turn == pytest.approx(-turn, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A person waves with the left hand.", "A person waves with the right hand."),
        ("Left foot, then RIGHT foot", "Right foot, then Left foot"),
        ("walks in a clockwise circle", "walks in a counterclockwise circle"),
        ("turns anti-clockwise", "turns clockwise"),
        ("bends the arm at a right angle", "bends the arm at a right angle"),
        ("turns leftward", "turns rightward"),
        ("a bright copyright", "a bright copyright"),
    ],
)
def test_mirrored_text(text: str, expected: str) -> None:
    assert mirror_text(text) == expected


def test_resampling_a_line_keeps_the_line() -> None:
    time = np.arange(61) / 60.0
    line = np.broadcast_to(time[:, None, None], (61, 22, 3))
    found = resample_positions(line, 60.0, 20.0)
    np.testing.assert_allclose(found[:, 0, 0], np.arange(21) / 20.0, atol=1e-9)
    odd = resample_positions(line, 60.0, 23.0)
    np.testing.assert_allclose(odd[:, 5, 1], np.arange(24) / 23.0, atol=1e-9)
    np.testing.assert_array_equal(resample_positions(line, 60.0, 60.0), line)
