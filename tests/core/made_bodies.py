"""Figures of 22 joints whose doings are known: standing, moved as a whole, limbs put where they are wanted."""

from __future__ import annotations

import numpy as np

from segmo_core.motion.skeleton import MODEL_SKELETON

_PLACES = {
    "pelvis": (0, 0.92, 0), "left_hip": (0.06, 0.86, 0), "right_hip": (-0.06, 0.86, 0), "spine1": (0, 1.04, -0.01),
    "left_knee": (0.08, 0.48, 0.01), "right_knee": (-0.08, 0.48, 0.01), "spine2": (0, 1.18, -0.01),
    "left_ankle": (0.09, 0.08, -0.02), "right_ankle": (-0.09, 0.08, -0.02), "spine3": (0, 1.24, 0),
    "left_foot": (0.1, 0.02, 0.11), "right_foot": (-0.1, 0.02, 0.11), "neck": (0, 1.45, 0),
    "left_collar": (0.07, 1.36, 0), "right_collar": (-0.07, 1.36, 0), "head": (0, 1.56, 0.02),
    "left_shoulder": (0.17, 1.4, 0), "right_shoulder": (-0.17, 1.4, 0), "left_elbow": (0.2, 1.15, -0.02),
    "right_elbow": (-0.2, 1.15, -0.02), "left_wrist": (0.22, 0.91, 0.03), "right_wrist": (-0.22, 0.91, 0.03),
}  # fmt: skip


def standing(num_frames: int = 60) -> np.ndarray:
    """(T, 22, 3) somebody stands at the origin and faces +Z; the left is +X."""
    rows = np.array([_PLACES[name] for name in MODEL_SKELETON.joint_names], dtype=float)
    return np.repeat(rows[None], num_frames, axis=0)


def at(name: str) -> int:
    place: int = MODEL_SKELETON.index(name)
    return place


def carried(joints: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """The whole figure moved by (T, 3)."""
    moved: np.ndarray = joints + np.asarray(metres)[:, None, :]
    return moved


def spun(joints: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    """The whole figure turned about the vertical by (T,) degrees, to the left positive."""
    angle = np.radians(degrees)[:, None]
    x, z = joints[..., 0].copy(), joints[..., 2].copy()
    found = joints.copy()
    found[..., 0] = np.cos(angle) * x + np.sin(angle) * z
    found[..., 2] = -np.sin(angle) * x + np.cos(angle) * z
    return found
