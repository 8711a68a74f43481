"""Does the motion touch its floor: floating and sinking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.grounding.geometry.body import FRAME_RATE
from segmo_core.grounding.geometry.postures import longest_run

FLOATING, FLOATING_SECONDS, SINKING = 0.08, 0.8, 0.05


def floats(joints: NDArray[np.floating]) -> bool:
    """Whether the lowest joint of (T, 22, 3) is more than 8 cm above the floor (0) for more than 0.8 s on end."""
    return longest_run(joints[..., 1].min(axis=1) > FLOATING) > FLOATING_SECONDS * FRAME_RATE


def sinks(joints: NDArray[np.floating]) -> bool:
    """Whether a joint is more than 5 cm below the floor (0) for 0.1 s or more."""
    return longest_run(joints[..., 1].min(axis=1) < -SINKING) >= 2
