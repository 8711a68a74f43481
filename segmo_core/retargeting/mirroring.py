"""Bodies that are told mirrored: what is called left lies on the right, by where feet and knees point."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]

_CLEAR = 0.35  # mean cosine between where feet point and the front that left and right give
_BENT = 0.05  # of a leg's length that knees must stand out to say where the front is


def is_mirrored(positions: FloatArray, joints: Mapping[str, int]) -> bool:
    """True when feet, or knees where there are no feet, point to the back that the names of the sides give.

    positions: (T, J, 3), any axes and unit. joints: model joint -> index, hips, knees and ankles at least.
    """
    across = positions[:, joints["left_hip"]] - positions[:, joints["right_hip"]]
    feet, knees = [], []
    for side in ("left", "right"):
        hip, knee, ankle = (positions[:, joints[f"{side}_{part}"]] for part in ("hip", "knee", "ankle"))
        leg = hip - ankle
        front = rotations.normalize(np.cross(across, leg))
        length = np.maximum(np.linalg.norm(hip - knee, axis=-1) + np.linalg.norm(knee - ankle, axis=-1), 1e-9)
        along = rotations.normalize(leg)
        bend = knee - ankle - np.sum((knee - ankle) * along, axis=-1, keepdims=True) * along
        out = np.sum(bend * front, axis=-1) / length
        knees.append(np.mean(np.where(np.abs(out) > _BENT, np.sign(out), 0.0)))
        foot = joints.get(f"{side}_foot")
        if foot is not None:
            feet.append(np.mean(np.sum(rotations.normalize(positions[:, foot] - ankle) * front, axis=-1)))
    if feet:
        return bool(max(feet) < -_CLEAR and np.mean(knees) < _CLEAR)
    return bool(max(knees) < -_CLEAR)


def mirrored_positions(positions: FloatArray) -> FloatArray:
    """Positions (..., 3) seen in a mirror that stands at x = 0."""
    mirrored: FloatArray = positions * np.array([-1.0, 1.0, 1.0])
    return mirrored


def mirrored_rotations(turns: FloatArray) -> FloatArray:
    """Quaternions (..., 4) of the same turns seen in that mirror."""
    mirrored: FloatArray = turns * np.array([1.0, 1.0, -1.0, -1.0])
    return mirrored
