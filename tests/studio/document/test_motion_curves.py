"""Curves of a motion with known speed, height and steps."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.motion.motion import Motion
from segmo_studio.document.motion_curves import curves_of


def test_a_body_that_glides_has_its_speed_and_height(walk: Motion) -> None:
    still = np.repeat(walk.joint_positions[:1], 60, axis=0)
    still[..., 0] += np.arange(60)[:, None] * 0.05  # a metre a second at 20 frames a second
    curves = curves_of(Motion(still, 20.0, walk.skeleton))
    np.testing.assert_allclose(curves.speed, 1.0, atol=1e-4)
    assert np.ptp(curves.height) == pytest.approx(0.0, abs=1e-6)
    assert 0.7 < curves.height[0] < 1.2


def test_feet_that_stand_still_stand(walk: Motion) -> None:
    still = np.repeat(walk.joint_positions[:1], 40, axis=0)
    curves = curves_of(Motion(still, 20.0, walk.skeleton))
    assert curves.contacts is not None
    assert any(contacts == ((0, 40),) for contacts in curves.contacts)
    assert curves_of(walk) is curves_of(walk)
