"""A body that walks from the origin, long enough to be sent somewhere."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.control.solver import at_origin
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON


@pytest.fixture(scope="session")
def walking(walk: Motion) -> Motion:
    """Five seconds: the synthetic walk, and the same once more."""
    again = walk.joint_positions.astype(np.float64)
    step = again[-1, 0] - again[-2, 0]
    joints = np.concatenate([again, again[:40] + again[-1, 0] - again[0, 0] + step])
    return at_origin(rigid_motion(MODEL_SKELETON, joints, 20.0))
