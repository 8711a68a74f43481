"""What is drawn of a motion: the mannequin, or bones and joints for skeletons that it does not fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.bones import BoneMesh
from segmo_core.body.mannequin import PosedMesh, fits_mannequin, load_mannequin, mannequin_rotations
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]

_OUTLINE_STEP = 40  # every so many vertices of the mannequin stand for its outline
_BLOCK = 500  # frames that are posed at once


class DrawnBody(Protocol):
    """triangles: (F, 3), counter-clockwise seen from outside. accent: (V,) metres to the nearest dark mark, negative
    inside. occlusion: (V,) share of ambient light that reaches the vertex."""

    triangles: IntArray
    accent: FloatArray
    occlusion: FloatArray

    def pose(self, frame: int) -> PosedMesh:
        """The surface at a frame, metres."""
        ...

    def outline(self) -> FloatArray:
        """(T, K, 3) points of the surface, metres, that hold its extent in every frame."""
        ...


def drawn_body_of(motion: Motion) -> DrawnBody:
    return MannequinBody(motion) if fits_mannequin(motion.skeleton) else BoneBody(motion)


class MannequinBody:
    """The skinned body."""

    def __init__(self, motion: Motion) -> None:
        self._mesh = load_mannequin()
        self._joints = motion.joint_positions
        self._rotations = mannequin_rotations(motion)
        self.triangles: IntArray = self._mesh.faces
        self.accent = self._mesh.accent
        self.occlusion = self._mesh.occlusion

    def pose(self, frame: int) -> PosedMesh:
        return self._mesh.pose_with_normals(self._rotations[frame], self._joints[frame])

    def outline(self) -> FloatArray:
        mesh, some = self._mesh, slice(None, None, _OUTLINE_STEP)
        thinned = replace(
            mesh,
            vertices=mesh.vertices[some],
            joint_indices=mesh.joint_indices[some],
            joint_weights=mesh.joint_weights[some],
        )
        blocks = [slice(start, start + _BLOCK) for start in range(0, len(self._joints), _BLOCK)]
        return np.concatenate([thinned.pose(self._rotations[block], self._joints[block]) for block in blocks])


class BoneBody:
    """A tapered stick for every bone and a darker ball at every joint."""

    def __init__(self, motion: Motion) -> None:
        self._joints = np.asarray(motion.joint_positions, dtype=np.float64)
        self._bones = BoneMesh(motion.skeleton)
        self.triangles: IntArray = self._bones.triangles
        self.accent: FloatArray = np.where(self._bones.is_joint, -1.0, 1.0).astype(np.float32)
        self.occlusion: FloatArray = np.ones(self._bones.num_points, dtype=np.float32)

    def pose(self, frame: int) -> PosedMesh:
        points = np.empty((self._bones.num_points, 3), dtype=np.float32)
        normals = np.empty_like(points)
        self._bones.write(self._joints[frame], points, normals)
        return PosedMesh(points, normals)

    def outline(self) -> FloatArray:
        return self._joints
