"""What the judge on joints sees of a motion: rows of numbers, one a frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]

NUM_JOINTS = 22
JOINT_WIDTH = 4 + 6 * NUM_JOINTS
_HIPS, _SHOULDERS = (1, 2), (16, 17)


def joint_rows(joints: FloatArray) -> FloatArray:
    """(T, JOINT_WIDTH) float32 of joints (T, 22, 3) metres at 20 fps, T of 2 or more: pelvis height, horizontal
    velocity and turning in the body's own direction, joints about the pelvis' floor point and their velocities."""
    positions = np.asarray(joints, dtype=np.float64)
    across = positions[:, _HIPS[0]] - positions[:, _HIPS[1]] + positions[:, _SHOULDERS[0]] - positions[:, _SHOULDERS[1]]
    yaw = np.unwrap(np.arctan2(-across[:, 2], across[:, 0]))
    cos, sin = np.cos(yaw), np.sin(yaw)

    def local(vectors: FloatArray) -> FloatArray:
        c, s = (cos[:, None], sin[:, None]) if vectors.ndim == 3 else (cos, sin)
        x, z = vectors[..., 0], vectors[..., 2]
        return np.stack([c * x - s * z, vectors[..., 1], s * x + c * z], axis=-1)

    floor = positions[:, 0] * np.array([1.0, 0.0, 1.0])
    velocity = np.gradient(positions, axis=0) * 20.0
    travel = local(velocity[:, 0])
    rows = [
        positions[:, 0, 1:2],
        travel[:, [0, 2]],
        np.gradient(yaw)[:, None] * 20.0,
        local(positions - floor[:, None]).reshape(len(positions), -1),
        local(velocity).reshape(len(positions), -1),
    ]
    return np.concatenate(rows, axis=1).astype(np.float32)


def padded_rows(rows: Sequence[FloatArray]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Rows of motions of different lengths as one batch (B, T, D) and what of it is theirs (B, T); T even."""
    longest = max(len(row) for row in rows)
    longest += longest % 2
    batch = np.zeros((len(rows), longest, JOINT_WIDTH), dtype=np.float32)
    is_valid = np.zeros((len(rows), longest), dtype=bool)
    for place, row in enumerate(rows):
        batch[place, : len(row)] = row
        is_valid[place, : len(row)] = True
    return batch, is_valid
