"""The posed body as a mesh: OBJ, PLY and STL of one frame, or one file a frame. Written by trimesh.

``write_obj``, ``write_ply`` and ``write_stl`` differ in the file alone.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.meshes.props import Prop, read_prop
from segmo_core.formats.scene.export_options import EVERY_FRAME, UNITS, ExportOptions, numbered
from segmo_core.formats.scene.export_scene import ExportScene, build_export_scene
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress
from segmo_core.rendering.drawn_body import BoneBody
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

if TYPE_CHECKING:
    from trimesh import Trimesh

FloatArray = NDArray[np.floating]

_PROP = (150, 154, 160, 255)
_SKIN, _MARK = (188, 183, 176, 255), (87, 98, 114, 255)  # sRGB of the mannequin's two materials


@dataclass(frozen=True, eq=False)
class _Surface:
    """What is written of a motion: metres, Y up. triangles: (F, 3). colours: (V, 4) sRGB bytes."""

    scene: ExportScene
    bones: BoneBody | None
    triangles: NDArray[np.integer]
    colours: NDArray[np.uint8]
    turned: FloatArray
    placed: FloatArray
    props: tuple[Prop, ...]

    def at(self, frame: int) -> tuple[FloatArray, FloatArray]:
        """Vertices and normals, both (V, 3)."""
        if self.bones is not None:
            posed = self.bones.pose(frame)
        else:
            assert self.scene.mesh is not None
            posed = self.scene.mesh.pose_with_normals(self.turned[frame], self.placed[frame])
        vertices = [posed.vertices, *(prop.vertices for prop in self.props)]
        normals = [posed.normals, *(prop.normals for prop in self.props)]
        return np.concatenate(vertices).astype(np.float64), np.concatenate(normals).astype(np.float64)


def write_obj(
    motion: Motion, path: Path, options: ExportOptions, track: SegmentTrack | None, progress: Progress
) -> None:
    """Wavefront OBJ with normals and a colour for each vertex. Metres, Y up, unless chosen otherwise.

    Raises InvalidRequestError for a frame that the motion has not; then, and when cancelled, there is no file.
    """
    _write(motion, path, options, progress, "obj", "y")


def write_ply(
    motion: Motion, path: Path, options: ExportOptions, track: SegmentTrack | None, progress: Progress
) -> None:
    """Binary PLY with normals and a colour for each vertex; else as ``write_obj``."""
    _write(motion, path, options, progress, "ply", "y")


def write_stl(
    motion: Motion, path: Path, options: ExportOptions, track: SegmentTrack | None, progress: Progress
) -> None:
    """Binary STL, triangles alone, in millimetres with Z up as printers take it unless chosen otherwise."""
    _write(motion, path, replace(options, unit=options.unit or "mm"), progress, "stl", "z")


def _write(motion: Motion, path: Path, options: ExportOptions, progress: Progress, kind: str, up_axis: str) -> None:
    surface = _surface(motion, options)
    count = surface.scene.num_frames
    scale = 1.0 / UNITS[options.unit or "m"]
    is_z_up = (options.up_axis or up_axis) == "z"

    def export(frame: int, target: Path) -> None:
        mesh = _mesh(surface, frame, scale, is_z_up)
        with target.open("wb") as stream:
            mesh.export(stream, file_type=kind, **_choices(kind))

    if options.frame != EVERY_FRAME:
        frame = int(options.frame)
        if frame >= count:
            raise InvalidRequestError(f"frame {frame}: the motion has {count}, expected 0 to {count - 1}")
        write_atomically(Path(path), lambda temporary: export(frame, temporary))
        return
    _write_sequence(Path(path), count, export, progress)


def _write_sequence(path: Path, count: int, export: Callable[[int, Path], None], progress: Progress) -> None:
    """All files, or none: they are made in a folder of their own and moved beside ``path`` at the end."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".segmo-", dir=path.parent))
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        for frame in range(count):
            progress.raise_if_cancelled()
            progress.report(frame / count, f"Frame {frame + 1} of {count}")
            export(frame, numbered(folder / path.name, frame))
        progress.raise_if_cancelled()
        for frame in range(count):
            os.replace(numbered(folder / path.name, frame), numbered(path, frame))
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _surface(motion: Motion, options: ExportOptions) -> _Surface:
    scene = build_export_scene(motion, replace(options, unit="m", up_axis="y", frame="0", fingers=False, props=()))
    turned, placed = scene.global_pose()
    bones: BoneBody | None = None
    triangles: NDArray[np.integer]
    if scene.mesh is not None:
        triangles, accent = scene.mesh.faces, scene.mesh.accent
    else:
        bones = BoneBody(Motion(placed.astype(np.float32), scene.frame_rate, motion.skeleton))
        triangles, accent = bones.triangles, bones.accent
    props = tuple(read_prop(Path(path)) for path in options.props)
    parts, colours, first = [triangles], [_colours(accent)], len(accent)
    for prop in props:
        parts.append(prop.triangles + first)
        colours.append(np.tile(np.array(_PROP, np.uint8), (len(prop.vertices), 1)))
        first += len(prop.vertices)
    return _Surface(scene, bones, np.concatenate(parts), np.concatenate(colours), turned, placed, props)


def _colours(accent: FloatArray) -> NDArray[np.uint8]:
    """(V, 4): dark where the joint marks are."""
    return np.where((accent < 0)[:, None], np.array(_MARK, np.uint8), np.array(_SKIN, np.uint8))


def _mesh(surface: _Surface, frame: int, scale: float, is_z_up: bool) -> Trimesh:
    import trimesh

    vertices, normals = surface.at(frame)
    if is_z_up:
        vertices, normals = _z_up(vertices), _z_up(normals)
    return trimesh.Trimesh(
        vertices=vertices * scale,
        faces=surface.triangles,
        vertex_normals=normals,
        vertex_colors=surface.colours,
        process=False,
    )


def _z_up(points: FloatArray) -> FloatArray:
    """(V, 3) with Y up turned so that Z is: x, -z, y."""
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=-1)


def _choices(kind: str) -> dict[str, Any]:
    if kind == "obj":
        return {"include_normals": True, "include_color": True, "header": "SegMo Studio"}
    return {"vertex_normal": True} if kind == "ply" else {}
