"""Motion features against HumanML3D's and KIT-ML's published processing, on a real and a synthetic motion."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from parity_fixtures import Fixture, needs_parity_fixtures, read_fixture

from segmo_core.motion.features import (
    HUMANML3D_LAYOUT,
    KIT_LAYOUT,
    FeatureLayout,
    features_from_joints,
    joints_from_features,
    on_floor_facing_forward,
    uniform_skeleton,
)

pytestmark = needs_parity_fixtures

# Of metres, unit directions and radians; where numbers are larger (KIT-ML is in millimetres) of the largest one,
# because the published code rotates in float32.
TOLERANCE = 5e-5
# A bone nearly opposite to its rest direction (cosine below -0.97, a few frames of the synthetic KIT-ML motion)
# magnifies that rounding in its rotation.
NEAR_OPPOSITE_TOLERANCE = 2.5e-4


@pytest.fixture(name="fixture")
def read_motion() -> Fixture:
    return read_fixture("motion")


def array(fixture: Fixture, name: str) -> NDArray[np.float64]:
    return fixture[name].double().numpy()


def processed(joints: NDArray[np.float64], lengths: NDArray[np.float64], layout: FeatureLayout) -> NDArray[np.floating]:
    uniform = uniform_skeleton(joints, lengths, layout)
    return features_from_joints(on_floor_facing_forward(uniform, layout), layout)


def assert_close(found: NDArray[np.floating], expected: NDArray[np.float64], tolerance: float = TOLERANCE) -> None:
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * scale)


def assert_features_equal(
    found: NDArray[np.floating],
    expected: NDArray[np.float64],
    layout: FeatureLayout,
    rotation_tolerance: float = TOLERANCE,
) -> None:
    assert found.shape == expected.shape
    assert np.array_equal(found[:, -4:], expected[:, -4:]), "foot contacts"
    for columns in (slice(0, 4), layout.positions, layout.velocities):
        assert_close(found[:, columns], expected[:, columns])
    assert_close(found[:, layout.rotations], expected[:, layout.rotations], rotation_tolerance)


def test_joints_of_real_features(fixture: Fixture) -> None:
    joints = joints_from_features(array(fixture, "real_features"))
    assert_close(joints, array(fixture, "real_joints"))
    assert_close(joints, array(fixture, "real_ric_joints"))


def test_features_of_real_joints(fixture: Fixture) -> None:
    found = features_from_joints(array(fixture, "real_joints"))
    assert_features_equal(found, array(fixture, "real_extract_features"), HUMANML3D_LAYOUT)
    # The stored rows were made from 171 frames, whose smoothing sees another end; far from it they agree.
    stored = array(fixture, "real_features")[:89]
    assert_features_equal(found[:89], stored, HUMANML3D_LAYOUT)


def test_whole_processing_of_real_joints(fixture: Fixture) -> None:
    lengths = np.linalg.norm(array(fixture, "tgt_offsets_t2m"), axis=-1)
    found = processed(array(fixture, "real_joints"), lengths, HUMANML3D_LAYOUT)
    assert_features_equal(found, array(fixture, "real_process_file"), HUMANML3D_LAYOUT)


def test_whole_processing_of_another_body(fixture: Fixture) -> None:
    lengths = np.linalg.norm(array(fixture, "tgt_offsets_t2m"), axis=-1)
    joints = array(fixture, "raw_joints")
    uniform = uniform_skeleton(joints, lengths, HUMANML3D_LAYOUT)
    assert_close(uniform, array(fixture, "raw_uniform_skeleton"))
    standing = on_floor_facing_forward(uniform, HUMANML3D_LAYOUT)
    assert_close(standing, array(fixture, "raw_global_positions"))
    features = features_from_joints(standing)
    assert_features_equal(features, array(fixture, "raw_features"), HUMANML3D_LAYOUT)
    assert_close(joints_from_features(features), array(fixture, "raw_recovered"), 2 * TOLERANCE)


def test_kit_features_of_21_joints(fixture: Fixture) -> None:
    lengths = np.linalg.norm(array(fixture, "tgt_offsets_kit"), axis=-1)
    features = processed(array(fixture, "kit_raw_joints"), lengths, KIT_LAYOUT)
    assert features.shape[1] == 251
    assert_features_equal(features, array(fixture, "kit_features"), KIT_LAYOUT, NEAR_OPPOSITE_TOLERANCE)
    assert_close(joints_from_features(features, KIT_LAYOUT), array(fixture, "kit_recovered"), 2 * TOLERANCE)
