"""What the view needs of a motion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from segmo_studio.viewport.figure_poses import smoothed


@pytest.mark.parametrize("num_frames", [1, 5, 80])
@pytest.mark.parametrize("deviation", [0.2, 7.0])
def test_the_followed_path_is_a_gaussian_filter_with_held_ends(num_frames: int, deviation: float) -> None:
    path = np.cumsum(np.random.default_rng(1).normal(size=(num_frames, 3)), axis=0)
    expected = gaussian_filter1d(path, deviation, axis=0, mode="nearest")
    assert np.allclose(smoothed(path, deviation), expected, atol=1e-9)
