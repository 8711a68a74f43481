"""In which attitude a body is, frame by frame: upright, sitting, crawling, lying, or in the air and upside down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]

UPRIGHT, SITTING, CRAWLING, LYING, ACROBATICS = ATTITUDES = ("upright", "sitting", "crawling", "lying", "acrobatics")
_PELVIS, _NECK = SMPL_JOINT_NAMES.index("pelvis"), SMPL_JOINT_NAMES.index("neck")
# Metres above the floor of a body of HumanML3D's size (standing pelvis 0.93); degrees of the trunk from the vertical.
_SEAT, _ON_FOURS, _FLAT, _LEAPING = 0.70, 0.75, 0.35, 0.30
_LEANING, _UPSIDE_DOWN = 50.0, 110.0


def attitudes(joint_positions: FloatArray) -> NDArray[np.str_]:
    """(T,) of ATTITUDES, of joints (T, 22, 3) metres above the floor.

    Sitting is whoever has the trunk upright and the pelvis low: on chairs, squatting, kneeling. Acrobatics: upside
    down, or no joint within 30 cm of the floor.
    """
    trunk = joint_positions[:, _NECK] - joint_positions[:, _PELVIS]
    cosine = trunk[:, 1] / np.maximum(np.linalg.norm(trunk, axis=-1), 1e-6)
    tilt = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    pelvis, lowest = joint_positions[:, _PELVIS, 1], joint_positions[..., 1].min(axis=1)
    is_leaning = tilt >= _LEANING
    conditions = [
        ((tilt > _UPSIDE_DOWN) & (pelvis > _FLAT)) | (lowest > _LEAPING),
        is_leaning & (pelvis < _FLAT),
        is_leaning & (pelvis < _ON_FOURS),
        ~is_leaning & (pelvis < _SEAT),
    ]
    return np.select(conditions, [ACROBATICS, LYING, CRAWLING, SITTING], default=UPRIGHT)
