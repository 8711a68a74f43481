"""How the mannequin looks in files of other programs: two plain materials, one for the joint marks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.mannequin import SkinnedMesh


@dataclass(frozen=True, eq=False)
class MannequinPart:
    """faces: (F, 3) indices of the whole mesh's vertices. colour: linear RGB, 0 to 1. roughness: 0 to 1."""

    name: str
    faces: NDArray[np.int32]
    face_indices: NDArray[np.intp]
    colour: tuple[float, float, float]
    roughness: float


def mannequin_parts(mesh: SkinnedMesh) -> tuple[MannequinPart, ...]:
    """Body and joint marks; a part without faces is left out. The mesh has its edges on the border between them."""
    is_mark = mesh.accent[mesh.faces].mean(axis=1) < 0.0
    body, marks = np.flatnonzero(~is_mark), np.flatnonzero(is_mark)
    parts = (
        MannequinPart("Body", mesh.faces[body], body, (0.50, 0.47, 0.43), 0.6),
        MannequinPart("Joints", mesh.faces[marks], marks, (0.09, 0.12, 0.17), 0.5),
    )
    return tuple(part for part in parts if len(part.faces))


def influences(mesh: SkinnedMesh) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Joints and weights (V, 4) as files want them: joint 0 where a weight is zero, rows that sum to 1 in float32."""
    weights = np.maximum(mesh.joint_weights.astype(np.float32), 0.0)
    joints = np.where(weights > 0, mesh.joint_indices, 0).astype(np.intp)
    rows = np.arange(len(weights))
    largest = weights.argmax(axis=1)
    for _ in range(2):  # the second round takes what the first one's rounding left
        weights[rows, largest] += np.float32(1.0) - weights.sum(axis=1, dtype=np.float32)
    return joints, weights
