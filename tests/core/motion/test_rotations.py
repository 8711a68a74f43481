"""Rotations against scipy's, which stores quaternions as (x, y, z, w), and against hand-made cases."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from segmo_core.motion import rotations

ORDERS = ["".join(order) for order in itertools.permutations("XYZ")]
X, Y, Z = np.eye(3)
HALF = np.sqrt(0.5)


def random_rotations(count: int = 200) -> Rotation:
    return Rotation.random(count, random_state=3)


def ours(rotation: Rotation) -> NDArray[np.float64]:
    return np.asarray(rotation.as_quat(scalar_first=True))


def same_rotation(a: NDArray[np.floating], b: NDArray[np.floating]) -> bool:
    return bool(np.allclose(np.abs(np.sum(a * b, axis=-1)), 1.0, atol=1e-9))


def test_product_inverse_and_turning_vectors() -> None:
    a, b = random_rotations(), Rotation.random(200, random_state=4)
    vectors = np.random.default_rng(0).normal(size=(200, 3))
    assert same_rotation(rotations.multiply(ours(a), ours(b)), ours(a * b))
    assert same_rotation(rotations.inverse(ours(a)), ours(a.inv()))
    np.testing.assert_allclose(rotations.rotate(ours(a), vectors), a.apply(vectors), atol=1e-12)


def test_a_quarter_turn_about_up_takes_forward_to_the_left() -> None:
    quarter = rotations.from_axis_angle(Y, np.array(np.pi / 2))
    np.testing.assert_allclose(quarter, [HALF, 0, HALF, 0], atol=1e-12)
    np.testing.assert_allclose(rotations.rotate(quarter, Z), X, atol=1e-12)


def test_matrices_both_ways() -> None:
    rotation = random_rotations()
    np.testing.assert_allclose(rotations.to_matrix(ours(rotation)), rotation.as_matrix(), atol=1e-12)
    found = rotations.from_matrix(rotation.as_matrix())
    assert same_rotation(found, ours(rotation))
    assert (found[:, 0] >= 0).all()
    half_turns = np.stack([np.diag([1.0, -1, -1]), np.diag([-1.0, 1, -1]), np.diag([-1.0, -1, 1])])
    np.testing.assert_allclose(np.abs(rotations.from_matrix(half_turns)), [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def test_six_numbers_are_the_first_two_columns() -> None:
    rotation = random_rotations()
    six = rotations.to_rotation_6d(ours(rotation))
    matrix = rotation.as_matrix()
    np.testing.assert_allclose(six, np.concatenate([matrix[:, :, 0], matrix[:, :, 1]], axis=-1), atol=1e-12)


@pytest.mark.parametrize("order", ORDERS)
def test_euler_angles_are_scipys_intrinsic_ones(order: str) -> None:
    rotation = random_rotations()
    angles = rotations.to_euler(ours(rotation), order)
    np.testing.assert_allclose(angles, rotation.as_euler(order), atol=1e-7)
    assert same_rotation(rotations.from_euler(angles, order), ours(rotation))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("middle", [np.pi / 2, -np.pi / 2])
def test_euler_angles_in_gimbal_lock_still_give_the_rotation(order: str, middle: float) -> None:
    locked = rotations.from_euler(np.array([0.4, middle, -0.9]), order)
    again = rotations.from_euler(rotations.to_euler(locked, order), order)
    np.testing.assert_allclose(rotations.to_matrix(again), rotations.to_matrix(locked), atol=1e-6)


def test_euler_curves_do_not_jump() -> None:
    turning = np.linspace(0, 6 * np.pi, 200)
    angles = np.stack([turning, 0.3 * np.sin(turning), np.zeros(200)], axis=-1)
    wrapped = rotations.to_euler(rotations.from_euler(angles, "YXZ"), "YXZ")
    assert np.abs(np.diff(wrapped, axis=0)).max() > 3  # jumps by 2 pi
    np.testing.assert_allclose(rotations.unroll_euler(wrapped), angles, atol=1e-6)


def test_euler_curves_go_through_the_pole_without_jumping() -> None:
    """A turn by 360 degrees about the middle axis passes both poles, where the two forms of a triplet change places."""
    turning = np.linspace(0, 2 * np.pi, 100)
    angles = np.stack([np.full(100, 0.2), turning, np.full(100, -0.1)], axis=-1)
    wrapped = np.stack([rotations.to_euler(rotations.from_euler(angles, "ZYX"), "ZYX")] * 2, axis=1)
    wrapped[:, 1] = wrapped[::-1, 1]  # two joints at once, the second one the other way round
    found = rotations.unroll_euler(wrapped)
    np.testing.assert_allclose(found[:, 0], angles, atol=1e-6)
    np.testing.assert_allclose(found[:, 1] - found[0, 1], angles[::-1] - angles[-1], atol=1e-6)


def test_shortest_arc() -> None:
    generator = np.random.default_rng(1)
    a, b = generator.normal(size=(2, 100, 3))
    arc = rotations.between(a, b)
    unit_a, unit_b = rotations.normalize(a), rotations.normalize(b)
    np.testing.assert_allclose(rotations.rotate(arc, unit_a), unit_b, atol=1e-9)
    np.testing.assert_allclose(2 * np.arccos(arc[:, 0]), np.arccos(np.sum(unit_a * unit_b, axis=-1)), atol=1e-7)


@pytest.mark.parametrize("axis", [X, Y, Z, -Y, np.array([0.6, 0.0, -0.8])])
def test_shortest_arc_of_opposite_and_of_missing_directions(axis: NDArray[np.float64]) -> None:
    """Where the published formula gives NaN."""
    arc = rotations.between(axis, -axis)
    np.testing.assert_allclose(np.linalg.norm(arc), 1.0)
    np.testing.assert_allclose(rotations.rotate(arc, axis), -axis, atol=1e-12)
    np.testing.assert_array_equal(rotations.between(axis, np.zeros(3)), [1, 0, 0, 0])


def test_slerp_takes_the_shorter_arc() -> None:
    a, b = random_rotations(), Rotation.random(200, random_state=9)
    for index in range(20):
        path = Slerp([0, 1], Rotation.concatenate([a[index], b[index]]))
        found = rotations.slerp(ours(a[index]), -ours(b[index]), 0.3)
        assert same_rotation(found, ours(path(0.3)))
    np.testing.assert_allclose(rotations.slerp(ours(a), ours(a), 0.5), ours(a), atol=1e-12)


def test_signs_become_continuous_without_changing_rotations() -> None:
    angle = np.linspace(0, 4 * np.pi, 50)
    smooth = rotations.from_axis_angle(Y, angle)
    flipped = smooth * np.where(np.arange(50) % 3 == 1, -1.0, 1.0)[:, None]
    np.testing.assert_allclose(rotations.continuous(flipped), smooth, atol=1e-12)


def test_fitted_rotation_is_found_through_noise_and_never_mirrors() -> None:
    rotation = random_rotations(1)[0]
    rest = np.random.default_rng(2).normal(size=(8, 3))
    assert same_rotation(rotations.fit_rotation(rest, rotation.apply(rest)), ours(rotation))
    noisy = rotation.apply(rest) + np.random.default_rng(3).normal(size=(8, 3)) * 1e-3
    error = rotation.inv() * Rotation.from_quat(rotations.fit_rotation(rest, noisy), scalar_first=True)
    assert error.magnitude() < 0.01
    mirrored = rest * [-1.0, 1.0, 1.0]
    assert np.linalg.det(rotations.to_matrix(rotations.fit_rotation(rest, mirrored))) == pytest.approx(1.0)
