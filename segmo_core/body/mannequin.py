"""The licence-free mannequin: a closed surface skinned to the 22 joints of the model skeleton.

The asset beside this file is built by ``scripts/build_mannequin.py``; nothing in it comes from a scanned or
licensed body.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton

FloatArray = NDArray[np.floating]

MANNEQUIN_LICENCE = "Mannequin: Copyright (c) 2026 SegMo Studio contributors, MIT License"
MANNEQUIN_FILE = Path(__file__).with_name("mannequin.npz")


@dataclass(frozen=True, eq=False)
class PosedMesh:
    """vertices and unit normals, both (..., V, 3) float32."""

    vertices: FloatArray
    normals: FloatArray


@dataclass(frozen=True, eq=False)
class SkinnedMesh:
    """A triangle mesh bound to a skeleton in its rest pose.

    vertices, normals: (V, 3) float32 metres, rest pose, Y up, facing +Z. faces: (F, 3) int32, counter-clockwise
    seen from outside. joint_indices: (V, 4) uint8. joint_weights: (V, 4) float32, each row sums to 1.
    rest_joints: (J, 3) float32, the joints of the rest pose. accent: (V,) float32 metres, signed distance to the
    nearest joint mark (negative inside), for views that draw joints darker. occlusion: (V,) float32, the share of
    ambient light that reaches the vertex in the rest pose. licence: of the surface, written into files.
    """

    vertices: FloatArray
    faces: NDArray[np.int32]
    normals: FloatArray
    joint_indices: NDArray[np.uint8]
    joint_weights: FloatArray
    rest_joints: FloatArray
    accent: FloatArray
    occlusion: FloatArray
    licence: str = MANNEQUIN_LICENCE

    @property
    def num_joints(self) -> int:
        return len(self.rest_joints)

    def pose(self, global_rotations: FloatArray, joint_positions: FloatArray) -> FloatArray:
        """Vertices (..., V, 3) float32 metres by linear blend skinning.

        global_rotations: (..., J, 4) world quaternions (w, x, y, z). joint_positions: (..., J, 3) metres. Leading
        axes (frames) are free. Raises InvalidRequestError for another number of joints.
        """
        matrices = rotations.to_matrix(np.asarray(global_rotations, dtype=np.float64))
        return self._vertices(self._blended(matrices, joint_positions))

    def pose_with_normals(self, global_rotations: FloatArray, joint_positions: FloatArray) -> PosedMesh:
        """As ``pose``, with the rest normals turned by the same blended rotations."""
        matrices = rotations.to_matrix(np.asarray(global_rotations, dtype=np.float64))
        blended = self._blended(matrices, joint_positions)
        normals = np.einsum("...vij,vj->...vi", blended[..., :3], self.normals)
        length = np.sqrt(np.einsum("...i,...i->...", normals, normals))
        return PosedMesh(self._vertices(blended), normals / np.maximum(length, 1e-6)[..., None])

    def _vertices(self, blended: FloatArray) -> FloatArray:
        turned: FloatArray = np.einsum("...vij,vj->...vi", blended[..., :3], self.vertices)
        return turned + blended[..., 3]

    def _blended(self, matrices: FloatArray, joint_positions: FloatArray) -> FloatArray:
        """(..., V, 3, 4) affine map of every vertex: the weighted mean of its joints' maps."""
        positions = np.asarray(joint_positions, dtype=np.float64)
        if matrices.shape[-3] != self.num_joints or positions.shape[-2:] != (self.num_joints, 3):
            raise InvalidRequestError(
                f"mannequin: rotations of {matrices.shape[-3]} joints and positions {positions.shape}, "
                f"expected {self.num_joints} joints"
            )
        shift = positions - np.einsum("...jik,jk->...ji", matrices, self.rest_joints)
        maps = np.concatenate([matrices, shift[..., None]], axis=-1).astype(np.float32)
        flat = maps.reshape(*maps.shape[:-3], self.num_joints, 12)
        # Four gathers instead of a product with the full weight matrix: as fast, and free of threads, which would
        # wait for each other on a machine that is busy drawing.
        blended = np.zeros((*flat.shape[:-2], len(self.vertices), 12), dtype=np.float32)
        for k in range(self.joint_indices.shape[1]):
            blended += self.joint_weights[:, k, None] * flat[..., self.joint_indices[:, k], :]
        return blended.reshape(*blended.shape[:-1], 3, 4)


@lru_cache(maxsize=1)
def load_mannequin() -> SkinnedMesh:
    """The mannequin, read once. Raises FileFormatError when the asset is missing or incomplete."""
    names = ("vertices", "faces", "normals", "joint_indices", "joint_weights", "rest_joints", "accent", "occlusion")
    try:
        with np.load(MANNEQUIN_FILE, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in names}
    except (OSError, KeyError, ValueError) as error:
        raise FileFormatError(f"{MANNEQUIN_FILE.name}: unreadable ({error}), expected the mannequin's mesh") from error
    for array in arrays.values():
        array.setflags(write=False)
    return SkinnedMesh(**arrays)


def fits_mannequin(skeleton: Skeleton) -> bool:
    """True for skeletons with the model skeleton's joints, whatever their bone lengths and rest pose."""
    return skeleton.joint_names == MODEL_SKELETON.joint_names and skeleton.parents == MODEL_SKELETON.parents


def mannequin_rotations(motion: Motion) -> FloatArray:
    """World rotations (T, J, 4) that pose the mannequin along ``motion``.

    The motion's own rotations count where its rest pose has the directions of the model skeleton; else they are
    recovered from the positions. Raises InvalidRequestError for another set of joints.
    """
    if not fits_mannequin(motion.skeleton):
        raise InvalidRequestError(
            f"mannequin: a motion of {motion.skeleton.num_joints} joints ({motion.skeleton.joint_names[0]}, ...), "
            f"expected the {MODEL_SKELETON.num_joints} joints of the model skeleton"
        )
    own = rotations.normalize(motion.skeleton.rest_offsets)
    same_rest_pose = np.allclose(own, rotations.normalize(MODEL_SKELETON.rest_offsets), atol=0.02)
    if motion.local_rotations is not None and same_rest_pose:
        return kinematics.global_rotations(motion.skeleton, motion.local_rotations)
    local = kinematics.rotations_from_positions(MODEL_SKELETON, motion.joint_positions)
    return kinematics.global_rotations(MODEL_SKELETON, local)
