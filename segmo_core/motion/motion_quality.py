"""Numbers about how a motion moves, whatever it shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]

_FEET = [SMPL_JOINT_NAMES.index(name) for name in ("left_foot", "right_foot")]
CONTACT_HEIGHT = 0.05


def foot_skating(joint_positions: FloatArray, frame_rate: float) -> float:
    """Mean horizontal speed (m/s) of toes (T, 22, 3) while they are within 5 cm of the lowest toe height."""
    feet = joint_positions[:, _FEET].astype(np.float64)
    floor = np.percentile(feet[..., 1], 5)
    speed = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) * frame_rate
    is_down = (feet[1:, :, 1] < floor + CONTACT_HEIGHT) & (feet[:-1, :, 1] < floor + CONTACT_HEIGHT)
    return float(speed[is_down].mean()) if is_down.any() else 0.0


def jitter(joint_positions: FloatArray, frame_rate: float) -> float:
    """Mean size of joint acceleration, m/s^2, of joints (T, J, 3)."""
    acceleration = np.diff(joint_positions.astype(np.float64), n=2, axis=0) * frame_rate**2
    return float(np.linalg.norm(acceleration, axis=-1).mean()) if len(acceleration) else 0.0
