"""Bodies made from plain formulas for tests of editing: one that stands, one that walks."""

from __future__ import annotations

import numpy as np
from sample_motions import standing

from segmo_core.data.editing.body import ANKLES, FRAME_RATE, PELVIS, TOES, with_legs

SPEED, STEP_SECONDS = 1.2, 0.5  # of the walk
_FOOT = np.array([0.0, 0.08, -0.12])  # toe to ankle


def standing_body(frames: int) -> np.ndarray:
    """(frames, 22, 3) somebody who stands at the origin facing +Z, toes on the floor, arms in T-pose."""
    joints = standing(frames, slide=0.0).joint_positions.astype(np.float64)
    joints[..., 1] -= joints[..., 1].min()
    joints[:, :, [0, 2]] -= joints[:1, :1, [0, 2]]
    return joints


def straight_walk(frames: int = 120) -> np.ndarray:
    """(frames, 22, 3) a walk along +Z at SPEED whose feet stand still for a step each, exactly."""
    joints = standing_body(frames)
    time = np.arange(frames) / FRAME_RATE
    joints[..., 2] += (SPEED * time)[:, None]
    step = SPEED * STEP_SECONDS
    toes = np.zeros((frames, 2, 3))
    for side in (0, 1):
        phase = time / STEP_SECONDS + side
        pair, share = np.floor(phase / 2), (phase % 2) - 1.0  # stands while share < 0, swings above
        swing = np.clip(share, 0.0, 1.0)
        smooth = swing**3 * (10 - 15 * swing + 6 * swing**2)
        toes[:, side, 0] = 0.1 * (1 if side == 0 else -1)
        toes[:, side, 1] = 0.1 * np.sin(np.pi * swing) ** 2
        toes[:, side, 2] = step * (2 * (pair + smooth) + 0.5 - side) + 0.1
    return with_legs(joints, toes + _FOOT, toes)


def toe_speeds_on_the_floor(joints: np.ndarray) -> np.ndarray:
    """m/s of toes that are on the floor in two frames that follow each other."""
    speeds = np.linalg.norm(np.diff(joints[:, TOES], axis=0)[..., [0, 2]], axis=-1) * FRAME_RATE
    low = joints[:, TOES, 1] < 1e-3
    return np.asarray(speeds[low[1:] & low[:-1]])


def way(joints: np.ndarray) -> np.ndarray:
    """(3,) from the first pelvis to the last, on the floor."""
    return np.asarray((joints[-1, PELVIS] - joints[0, PELVIS]) * [1.0, 0.0, 1.0])


def ankle_heights(joints: np.ndarray) -> np.ndarray:
    """(T, 2)"""
    return np.asarray(joints[:, ANKLES, 1])
