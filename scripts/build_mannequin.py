"""Builds segmo_core/body/mannequin.npz: ``python scripts/build_mannequin.py``. Deterministic.

The surface (mannequin_shape.py) is sampled on a grid, triangulated by marching cubes, thinned by quadric
decimation, cut along the joint marks, and skinned to the 22 joints of the model skeleton.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyvista as pv
from mannequin_marks import accent, cut_along, joint_marks
from mannequin_shape import FloatArray, body
from mannequin_weights import skin_weights
from skimage.measure import marching_cubes

from segmo_core.motion.skeleton import MODEL_SKELETON

OUTPUT = Path(__file__).resolve().parent.parent / "segmo_core" / "body" / "mannequin.npz"
SPACING = 0.0075
NUM_VERTICES = 6600
LOW, HIGH = np.array([-0.95, -1.06, -0.22]), np.array([0.95, 0.90, 0.30])


def rest_joints() -> FloatArray:
    """(22, 3) metres, pelvis at the origin."""
    joints = np.zeros((MODEL_SKELETON.num_joints, 3))
    for joint, parent in enumerate(MODEL_SKELETON.parents):
        if parent >= 0:
            joints[joint] = joints[parent] + MODEL_SKELETON.rest_offsets[joint]
    return joints


def surface(named: dict[str, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Vertices (V, 3) and faces (F, 3), outward normals by the right-hand rule."""
    counts = np.ceil((HIGH - LOW) / SPACING).astype(int)
    axes = [LOW[i] + SPACING * np.arange(counts[i]) for i in range(3)]
    volume = np.stack([body(np.stack(np.meshgrid([x], *axes[1:], indexing="ij"), -1)[0], named) for x in axes[0]])
    vertices, faces, _, _ = marching_cubes(volume, 0.0, spacing=(SPACING,) * 3)
    mesh = pv.PolyData.from_regular_faces(vertices + LOW, faces.astype(np.int64)).clean(tolerance=1e-7)
    mesh = mesh.triangulate()
    thin = mesh.decimate(1.0 - NUM_VERTICES / mesh.n_points, volume_preservation=True)
    points, triangles = np.asarray(thin.points, dtype=np.float64), thin.regular_faces
    points, triangles = cut_along(project(points, named), triangles, joint_marks(named))
    corners = points[triangles]
    volume_sum = np.einsum("fi,fi->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    return points, triangles if volume_sum > 0 else triangles[:, ::-1]


def gradient(points: FloatArray, named: dict[str, FloatArray]) -> FloatArray:
    step = 1e-4
    return np.stack(
        [(body(points + offset, named) - body(points - offset, named)) / (2 * step) for offset in np.eye(3) * step],
        axis=-1,
    )


def project(points: FloatArray, named: dict[str, FloatArray]) -> FloatArray:
    """Points moved onto the exact surface (three Newton steps along the gradient)."""
    for _ in range(3):
        slope = gradient(points, named)
        points = points - slope * (body(points, named) / np.sum(slope * slope, axis=-1))[:, None]
    return points


def occlusion(points: FloatArray, normals: FloatArray, named: dict[str, FloatArray]) -> FloatArray:
    """(V,) share of ambient light: how much free space there is along the normal.

    Only the nearest centimetres count: they stay together in every pose, thighs and arms do not."""
    blocked = np.zeros(len(points))
    for distance, weight in ((0.012, 0.35), (0.025, 0.35), (0.05, 0.30)):
        free = body(points + normals * distance, named)
        blocked += weight * np.clip(1.0 - free / distance, 0.0, 1.0)
    return 1.0 - 0.6 * np.clip(blocked, 0.0, 1.0)


def main() -> None:
    joints = rest_joints()
    named = dict(zip(MODEL_SKELETON.joint_names, joints, strict=True))
    vertices, faces = surface(named)
    normals = gradient(vertices, named)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    indices, weights = skin_weights(vertices, named)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        OUTPUT,
        vertices=vertices.astype(np.float32),
        faces=faces.astype(np.int32),
        normals=normals.astype(np.float32),
        joint_indices=indices.astype(np.uint8),
        joint_weights=weights.astype(np.float32),
        accent=accent(vertices, joint_marks(named)).astype(np.float32),
        occlusion=occlusion(vertices, normals, named).astype(np.float32),
        rest_joints=joints.astype(np.float32),
    )
    print(f"{OUTPUT.name}: {len(vertices)} vertices, {len(faces)} faces")  # noqa: T201


if __name__ == "__main__":
    main()
