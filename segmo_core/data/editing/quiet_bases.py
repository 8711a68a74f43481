"""Stretches of clips in which the legs stand quietly, as bodies for gestures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import ANKLES, FRAME_RATE, NECK, PELVIS, SHOULDERS, TOES, smoothed
from segmo_core.motion.feet.foot_paths import runs

FloatArray = NDArray[np.floating]

_PELVIS_SPEED, _ANKLE_SPEED = 0.12, 0.15  # m/s
_PELVIS_HEIGHT = 0.86  # metres
_UPRIGHT = np.cos(np.radians(14.0))
_LOWEST = 0.04  # metres
_LEVEL_SHOULDERS = 0.05  # metres of height between them


def quiet_stretches(joints: FloatArray, shortest: int) -> list[tuple[int, int]]:
    """(start, stop) of stretches of at least ``shortest`` frames in joints (T, 22, 3), upright and on both feet."""
    path = smoothed(joints, 1.5)
    speeds = np.linalg.norm(np.gradient(path[:, [PELVIS, *ANKLES]], axis=0), axis=-1) * FRAME_RATE
    trunk = joints[:, NECK] - joints[:, PELVIS]
    upright = trunk[:, 1] / np.maximum(np.linalg.norm(trunk, axis=-1), 1e-9)
    toes = joints[:, TOES]
    quiet = (speeds[:, 0] < _PELVIS_SPEED) & (speeds[:, 1:] < _ANKLE_SPEED).all(axis=1)
    quiet &= (joints[:, PELVIS, 1] > _PELVIS_HEIGHT) & (upright > _UPRIGHT)
    quiet &= (toes[..., 1] < _LOWEST).all(axis=1)
    quiet &= np.abs(np.linalg.norm((toes[:, 0] - toes[:, 1])[:, [0, 2]], axis=-1) - 0.28) < 0.16
    quiet &= np.abs(joints[:, SHOULDERS[0], 1] - joints[:, SHOULDERS[1], 1]) < _LEVEL_SHOULDERS
    return [(start, stop) for start, stop in runs(quiet) if stop - start >= shortest]
