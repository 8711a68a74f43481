"""Two-bone inverse kinematics of legs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]


def two_bone_knee(
    hip: FloatArray, knee: FloatArray, ankle: FloatArray, target: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Knee and ankle (T, 3) of legs that reach for ``target`` (T, 3), bone lengths and bending plane kept.

    A target out of reach is approached as far as the leg goes.
    """
    thigh = np.linalg.norm(knee - hip, axis=-1)
    shin = np.linalg.norm(ankle - knee, axis=-1)
    to_target = target - hip
    wanted = np.linalg.norm(to_target, axis=-1)
    distance = np.clip(wanted, np.abs(thigh - shin) + 1e-4, (thigh + shin) * 0.9995)
    # Where nothing is asked, a straight leg must stay as straight as it is.
    unchanged = np.linalg.norm(target - ankle, axis=-1) < 1e-9
    axis = rotations.normalize(to_target, np.array([0.0, -1.0, 0.0]))
    old_axis = rotations.normalize(ankle - hip, np.array([0.0, -1.0, 0.0]))
    old_bend = (knee - hip) - np.sum((knee - hip) * old_axis, axis=-1, keepdims=True) * old_axis
    turned = rotations.rotate(rotations.between(old_axis, axis), old_bend)
    bend = rotations.normalize(turned - np.sum(turned * axis, axis=-1, keepdims=True) * axis, np.array([0.0, 0.0, 1.0]))
    along = (thigh**2 - shin**2 + distance**2) / (2 * distance)
    out = np.sqrt(np.maximum(thigh**2 - along**2, 0.0))
    new_knee = hip + axis * along[:, None] + bend * out[:, None]
    new_ankle = hip + axis * distance[:, None]
    return np.where(unchanged[:, None], knee, new_knee), np.where(unchanged[:, None], ankle, new_ankle)
