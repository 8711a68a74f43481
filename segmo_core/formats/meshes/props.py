"""Props and grounds: still meshes that stand beside the body, from OBJ, PLY, STL and GLB files, read by trimesh."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short
from segmo_core.formats.reading.files import read_bytes

FloatArray = NDArray[np.floating]

EXTENSIONS = (".obj", ".ply", ".stl", ".glb")
_MAX_BYTES = 128 << 20
_MAX_TRIANGLES = 2_000_000
_MAX_METRES = 10_000.0


@dataclass(frozen=True, eq=False)
class Prop:
    """vertices: (V, 3) float32 metres, Y up, in the world of the motion. triangles: (F, 3) indices. normals: (V, 3)."""

    name: str
    vertices: FloatArray
    triangles: NDArray[np.int32]
    normals: FloatArray


def read_prop(path: Path) -> Prop:
    """The meshes of a file as one, without materials; nothing beside the file is opened.

    OBJ, PLY and GLB are in metres with Y up, STL in millimetres with Z up, as they are written here. Raises
    FileFormatError.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in EXTENSIONS:
        raise FileFormatError(f"{path}: extension {path.suffix!r}, expected one of {', '.join(EXTENSIONS)}")
    content = bytes(read_bytes(path, _MAX_BYTES))
    vertices, triangles = _read(path, content, kind.removeprefix("."))
    if not triangles.size:
        raise FileFormatError(f"{path}: holds no triangle, expected a mesh")
    if vertices.shape[1:] != (3,) or triangles.shape[1:] != (3,):
        raise FileFormatError(
            f"{path}: points of {vertices.shape[-1]} numbers and faces of {triangles.shape[-1]} corners, expected three"
        )
    if len(triangles) > _MAX_TRIANGLES:
        raise FileFormatError(f"{path}: {len(triangles)} triangles, expected at most {_MAX_TRIANGLES}")
    if triangles.min() < 0 or triangles.max() >= len(vertices) or not np.isfinite(vertices).all():
        raise FileFormatError(f"{path}: a corner that is none, expected triangles between finite points")
    if kind == ".stl":
        vertices = np.stack([vertices[:, 0], vertices[:, 2], -vertices[:, 1]], axis=-1) / 1000.0
    if np.abs(vertices).max() > _MAX_METRES:
        raise FileFormatError(
            f"{path}: {np.abs(vertices).max():.0f} m from the origin, expected at most {_MAX_METRES:.0f}"
        )
    points = vertices.astype(np.float32)
    corners = triangles.astype(np.int32)
    return Prop(path.stem, points, corners, _normals(points, corners))


def _read(path: Path, content: bytes, kind: str) -> tuple[FloatArray, NDArray[np.integer]]:
    import trimesh

    try:
        scene = trimesh.load_scene(io.BytesIO(content), file_type=kind, process=False, skip_materials=True)
        mesh = scene.to_mesh()
        return np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces)
    except Exception as error:  # what a damaged mesh does to trimesh has no limits, and it is never the program's fault
        raise FileFormatError(f"{path}: not a complete mesh ({in_short(error)})") from None


def _normals(vertices: FloatArray, triangles: NDArray[np.int32]) -> FloatArray:
    """(V, 3) unit normals, the faces' own weighted by their area; up where a point is in no face."""
    corners = vertices[triangles].astype(np.float64)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros((len(vertices), 3))
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], across)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    unit = np.where(length > 1e-12, normals / np.maximum(length, 1e-12), [0.0, 1.0, 0.0])
    return unit.astype(np.float32)
