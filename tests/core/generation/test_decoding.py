"""Where decoded motions stand."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.generation.decoding import motion_from_features
from segmo_core.motion.features import HUMANML3D_LAYOUT, features_from_joints, on_floor_facing_forward
from segmo_core.motion.skeleton import MODEL_SKELETON
from tests.core.sample_motions import standing

TOES = [MODEL_SKELETON.index(f"{side}_foot") for side in ("left", "right")]
HEIGHTS = HUMANML3D_LAYOUT.positions.start + 1 + 3 * np.arange(21)


@pytest.fixture
def standing_features() -> np.ndarray:
    joints = on_floor_facing_forward(standing(80, slide=0.0).joint_positions, HUMANML3D_LAYOUT)
    return features_from_joints(joints, HUMANML3D_LAYOUT)


@pytest.mark.parametrize("feet_stand", [False, True])
def test_standing_toes_rest_on_the_floor_whatever_dives_below_it(
    standing_features: np.ndarray, feet_stand: bool
) -> None:
    dives = standing_features.copy()
    dives[15:30, HEIGHTS] -= 0.3
    dives[15:30, 3] -= 0.3
    dives[15:30, -4:] = 0.0
    motion = motion_from_features(dives, 20.0, feet_stand=feet_stand)
    np.testing.assert_allclose(motion.joint_positions[40:, TOES, 1], 0.005, atol=0.008)
    assert motion.joint_positions[18:26, :, 1].min() > -0.05  # what dives has a floor of its own


def test_a_body_whose_toes_never_stand_lies_on_the_floor(standing_features: np.ndarray) -> None:
    lifted = standing_features.copy()
    lifted[:, -4:] = 0.0
    lifted[:, 3] += 0.4
    lifted[:, HEIGHTS] += 0.4
    lowest = motion_from_features(lifted, 20.0).joint_positions[..., 1].min(axis=1)
    assert abs(float(np.percentile(lowest, 5))) < 1e-5


def test_feet_stand_where_the_features_own_contacts_say_so(standing_features: np.ndarray) -> None:
    # The body drifts 6 cm a second for two seconds and takes its feet along, as a generated one does.
    drifting = standing_features.copy()
    drifting[20:60, 2] += 0.06 / 20.0
    drifting[20:60, HUMANML3D_LAYOUT.velocities.start + 2 : HUMANML3D_LAYOUT.velocities.stop : 3] += 0.06 / 20.0
    before = motion_from_features(drifting, 20.0).joint_positions
    after = motion_from_features(drifting, 20.0, feet_stand=True).joint_positions
    assert np.ptp(before[:, TOES, 2], axis=0).min() > 0.11
    assert np.ptp(after[:, TOES, 2], axis=0).max() < 0.03
    np.testing.assert_allclose(after[:, [0, 15]], before[:, [0, 15]], atol=0.01)
