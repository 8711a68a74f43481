"""Jumps in motions whose jumps are known."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.evaluation.suites.long_suite import discontinuities


def glide(num_frames: int = 100, speed: float = 1.0) -> np.ndarray:
    """(T, 22, 3) all joints glide along Z at ``speed`` m/s, 20 frames a second."""
    joints = np.zeros((num_frames, 22, 3))
    joints[..., 2] = speed * np.arange(num_frames)[:, None] / 20.0
    return joints


def test_an_even_motion_is_smooth_everywhere() -> None:
    found = discontinuities([(glide(), [40], [20, 60])], 20.0)
    assert found["root speed"].inside_largest == pytest.approx(1.0)
    assert found["root speed"].joins_largest == pytest.approx(1.0)
    assert found["joint acceleration"].inside_largest == pytest.approx(0.0, abs=1e-9)


def test_a_jump_at_a_join_shows_there_and_not_inside() -> None:
    joints = glide()
    joints[40:, 5, 1] += 0.3  # one joint is 30 cm higher from frame 40 on
    found = discontinuities([(joints, [40], [20, 60])], 20.0)
    speed, acceleration = found["joint speed"], found["joint acceleration"]
    assert speed.joins_largest == pytest.approx(np.hypot(6.0, 1.0))
    assert speed.boundaries_largest == pytest.approx(1.0)
    assert speed.inside_largest == pytest.approx(1.0)
    assert speed.joins_above_99 == 1.0
    assert acceleration.joins_largest == pytest.approx(0.3 * 400)
    assert acceleration.inside_largest == pytest.approx(0.0, abs=1e-9)
    assert found["root speed"].joins_largest == pytest.approx(1.0)


def test_a_jump_inside_a_segment_is_no_matter_of_joins() -> None:
    joints = glide()
    joints[80:, 0, 0] += 0.5
    found = discontinuities([(joints, [], [20])], 20.0)["root speed"]
    assert found.joins_largest is None
    assert found.joins_above_99 is None
    assert found.boundaries_largest == pytest.approx(1.0)
    assert found.inside_largest == pytest.approx(np.hypot(10.0, 1.0))
