"""A body model of SMPL's kind that nobody licensed: its numbers are made up."""

from __future__ import annotations

from typing import Any

import numpy as np

PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)
# A body of 24 joints, roughly SMPL's: joint minus parent, metres.
OFFSETS = [
    (0, -0.22, 0.03), (0.07, -0.09, 0), (-0.07, -0.09, 0), (0, 0.11, -0.03), (0.03, -0.38, 0), (-0.03, -0.38, 0),
    (0, 0.13, 0), (-0.01, -0.4, -0.04), (0.01, -0.4, -0.04), (0, 0.05, 0.03), (0.03, -0.06, 0.12), (-0.03, -0.06, 0.12),
    (0, 0.21, -0.04), (0.08, 0.12, -0.03), (-0.08, 0.12, -0.03), (0, 0.07, 0.05), (0.09, 0.03, -0.01),
    (-0.09, 0.03, -0.01), (0.26, -0.01, -0.03), (-0.26, -0.01, -0.03), (0.25, 0.01, 0), (-0.25, 0.01, 0),
    (0.08, 0, 0), (-0.08, 0, 0),
]  # fmt: skip


def body_arrays() -> dict[str, Any]:
    """144 vertices: six around each joint, whose mean is the joint; shapes that lengthen bones, the legs, one arm."""
    generator = np.random.default_rng(3)
    joints = np.array(OFFSETS, dtype=np.float64)
    for joint, parent in enumerate(PARENTS[1:], start=1):
        joints[joint] += joints[parent]
    corners = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]) * 0.04
    template = (joints[:, None] + corners).reshape(-1, 3)
    shapes = np.zeros((144, 3, 10))
    shapes[..., 0] = 0.05 * template
    shapes[:, 1, 1] = np.minimum(0.04 * template[:, 1] + 0.01, 0.0)
    shapes[..., 2] = 0.02 * np.maximum(template[:, :1], 0)
    shapes[..., 3:] = generator.normal(scale=1e-3, size=(144, 3, 7))
    weights = np.full((24, 24), 0.0)
    for joint, parent in enumerate(PARENTS):
        weights[joint, joint] = 0.8 if parent >= 0 else 1.0
        if parent >= 0:
            weights[joint, parent] = 0.2
    kintree = np.array([[2**32 - 1, *PARENTS[1:]], range(24)], dtype=np.uint32)
    faces = np.concatenate([start * 6 + np.array([[0, 2, 4], [1, 4, 2], [0, 5, 2], [3, 0, 4]]) for start in range(24)])
    return {
        "v_template": template,
        "shapedirs": shapes,
        "posedirs": generator.normal(scale=2e-3, size=(144, 3, 207)),
        "J_regressor": np.kron(np.eye(24), np.full((1, 6), 1 / 6)),
        "kintree_table": kintree,
        "weights": np.repeat(weights, 6, axis=0),
        "f": faces.astype(np.uint32),
        "bs_type": "lrotmin",
    }
