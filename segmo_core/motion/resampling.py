"""Motion at another frame rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]


def resample_positions(joint_positions: FloatArray, source_rate: float, target_rate: float) -> FloatArray:
    """Joints (T, J, 3) at source_rate Hz, linearly interpolated to target_rate Hz; the first frame stays first."""
    positions = np.asarray(joint_positions, dtype=np.float64)
    if abs(source_rate - target_rate) < 1e-6 or len(positions) < 2:
        return positions
    seconds = (len(positions) - 1) / source_rate
    times = np.arange(int(np.floor(seconds * target_rate + 1e-6)) + 1) / target_rate * source_rate
    below = np.clip(np.floor(times).astype(int), 0, len(positions) - 2)
    weight = (times - below)[:, None, None]
    return positions[below] * (1 - weight) + positions[below + 1] * weight
