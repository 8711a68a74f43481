"""The skeleton as one triangle mesh: a tapered bone from each joint to its child, and a ball at every joint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.skeleton import Skeleton

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.int64]

_SIDES = 10
_BALL_RINGS = 7
# (share of the length, radius) of a bone's rings: slim at the ends, widest near the parent.
_BONE_RINGS = ((0.0, 0.010), (0.14, 0.023), (0.55, 0.016), (1.0, 0.010))
_BALL_RADIUS = 0.027
_LONG_BONE = 0.25  # metres; shorter bones are thinner in proportion


class BoneMesh:
    """Vertices of bones and joint balls for any pose of one skeleton.

    is_joint: (V,) True for vertices of joint balls. triangles: (F, 3).
    """

    def __init__(self, skeleton: Skeleton) -> None:
        pairs = [(parent, joint) for joint, parent in enumerate(skeleton.parents) if parent >= 0]
        self._parents = np.array([parent for parent, _ in pairs], dtype=np.int64)
        self._children = np.array([joint for _, joint in pairs], dtype=np.int64)
        typical = float(np.max(skeleton.bone_lengths, initial=0.0))
        # Skeletons in other sizes (a child, a puppet) keep the same look.
        self._scale = np.clip(typical / 0.43, 0.25, 4.0)
        rings = np.array(_BONE_RINGS)
        angles = np.linspace(0.0, 2.0 * np.pi, _SIDES, endpoint=False)
        self._circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        self._shares, self._radii = rings[:, 0], rings[:, 1]
        self._ball_normals, ball_triangles = _unit_ball()
        bone_triangles = _tube_triangles(len(rings))
        self.num_bone_points = len(pairs) * len(rings) * _SIDES
        self.num_points = self.num_bone_points + skeleton.num_joints * len(self._ball_normals)
        bones = [bone_triangles + i * len(rings) * _SIDES for i in range(len(pairs))]
        balls = [
            ball_triangles + self.num_bone_points + i * len(self._ball_normals) for i in range(skeleton.num_joints)
        ]
        self.triangles: IntArray = np.concatenate([*bones, *balls])
        self.is_joint = np.arange(self.num_points) >= self.num_bone_points

    def write(self, joints: FloatArray, points: FloatArray, normals: FloatArray) -> None:
        """Fills points and normals (V, 3) for joints (J, 3) metres."""
        start, end = joints[self._parents], joints[self._children]
        along = end - start
        length = np.linalg.norm(along, axis=-1, keepdims=True)
        axis = along / np.maximum(length, 1e-6)
        helper = np.where(np.abs(axis[:, 1:2]) < 0.8, [[0.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])
        side = np.cross(axis, helper)
        side /= np.linalg.norm(side, axis=-1, keepdims=True)
        other = np.cross(axis, side)
        radial = self._circle[:, :1] * side[:, None] + self._circle[:, 1:] * other[:, None]  # (B, sides, 3)
        thin = self._scale * np.clip(length / _LONG_BONE / self._scale, 0.55, 1.0)
        centres = start[:, None] + self._shares[:, None] * along[:, None]
        spread = (self._radii * thin)[:, :, None, None] * radial[:, None]
        count = self.num_bone_points
        points[:count] = (centres[:, :, None] + spread).reshape(-1, 3)
        normals[:count] = np.broadcast_to(radial[:, None], spread.shape).reshape(-1, 3)
        ball = _BALL_RADIUS * self._scale * self._ball_normals
        points[count:] = (joints[:, None] + ball).reshape(-1, 3)
        normals[count:] = np.broadcast_to(self._ball_normals, (len(joints), *ball.shape)).reshape(-1, 3)


def _tube_triangles(num_rings: int) -> IntArray:
    rows = []
    for ring in range(num_rings - 1):
        for side in range(_SIDES):
            a, b = ring * _SIDES + side, ring * _SIDES + (side + 1) % _SIDES
            rows += [(a, b, a + _SIDES), (b, b + _SIDES, a + _SIDES)]
    return np.array(rows, dtype=np.int64)


def _unit_ball() -> tuple[FloatArray, IntArray]:
    """A sphere of rings; poles repeated per side, which costs nothing and keeps the code short."""
    polar = np.linspace(0.0, np.pi, _BALL_RINGS)
    around = np.linspace(0.0, 2.0 * np.pi, _SIDES, endpoint=False)
    points = np.stack(
        [
            np.outer(np.sin(polar), np.cos(around)),
            np.outer(np.cos(polar), np.ones(_SIDES)),
            np.outer(np.sin(polar), np.sin(around)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    return points, _tube_triangles(_BALL_RINGS)
