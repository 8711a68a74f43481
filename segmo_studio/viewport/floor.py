"""The floor: a metre grid that fades out, the soft shadow under a body, and the root's path."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray

from segmo_core.rendering.colours import segment_colour, to_rgb
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.viewport.buffers import MeshBuffer, actor_of, show_mesh
from segmo_studio.viewport.palette import Rgb, ViewPalette
from segmo_studio.viewport.shading import use_floor_shader

FloatArray = NDArray[np.floating]

_QUAD = np.array([[0, 1, 2], [0, 2, 3]])
GRID_RADIUS = 7.0  # metres until the grid has faded out
_SHADOW_HALF = 1.25  # metres: half the side of the square that holds the shadow
_SHADOW_PIXELS = 72
_PATH_HALF_WIDTH = 0.012
# Heights in metres; apart, so that what lies on the floor does not flicker.
_SHADOW_HEIGHT, _PATH_HEIGHT = 0.002, 0.006


class FloorActor:
    """The grid on the plane y = 0."""

    def __init__(self) -> None:
        self._buffer = MeshBuffer(4, _QUAD)
        self.actor = actor_of()
        # The shader reads positions in metres.
        show_mesh(self.actor, self._buffer.mesh).SetVBOShiftScaleMethod(0)
        self.actor.ForceTranslucentOn()
        use_floor_shader(self.actor)
        self._uniforms = self.actor.GetShaderProperty().GetFragmentCustomUniforms()
        self._uniforms.SetUniformf("floorRadius", GRID_RADIUS)
        self.centre_on(np.zeros(3))

    def centre_on(self, point: FloatArray) -> None:
        """Moves the middle of the grid's light under ``point`` (3,); the lines stay on whole metres."""
        self._buffer.points[:] = _square(point, GRID_RADIUS, 0.0)
        self._buffer.changed()
        self._uniforms.SetUniform2f("floorCentre", (float(point[0]), float(point[2])))

    def set_palette(self, palette: ViewPalette) -> None:
        self._uniforms.SetUniform3f("floorColour", palette.floor)
        self._uniforms.SetUniform3f("lineColour", palette.line)
        self._uniforms.SetUniformf("lineStrength", palette.line_strength)


class ShadowActor:
    """A soft contact shadow: darker and sharper where the body is near the floor."""

    def __init__(self) -> None:
        self._buffer = MeshBuffer(4, _QUAD)
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32)
        self._buffer.mesh.active_texture_coordinates = corners
        self._pixels = np.zeros((_SHADOW_PIXELS, _SHADOW_PIXELS, 4), dtype=np.uint8)
        self._image = pv.ImageData(dimensions=(_SHADOW_PIXELS, _SHADOW_PIXELS, 1))
        shared: Any = self._pixels.reshape(-1, 4)  # PyVista's types know double precision alone
        self._image.point_data.set_scalars(shared, "shadow")
        texture = pv.Texture(self._image)
        texture.interpolate = True
        texture.EdgeClampOn()
        self.actor = actor_of(self._buffer.mesh)
        self.actor.texture = texture
        self.actor.prop.lighting = False
        self.actor.ForceTranslucentOn()

    def cast(self, joints: FloatArray, parents: tuple[int, ...], strength: float) -> None:
        """Shadow of joints (J, 3) and of the bones between them; strength: alpha where a foot stands."""
        parent_index = np.array([max(parent, 0) for parent in parents])
        spots = np.concatenate([joints, (joints + joints[parent_index]) / 2.0])
        middle = (spots[:, [0, 2]].min(axis=0) + spots[:, [0, 2]].max(axis=0)) / 2.0
        height = np.clip(spots[:, 1], 0.0, 3.0)
        radius = 0.062 + 0.20 * height
        density = 0.62 * (0.062 / radius) ** 1.25
        axis = np.linspace(-_SHADOW_HALF, _SHADOW_HALF, _SHADOW_PIXELS)
        across = np.exp(-(((axis - (spots[:, 0] - middle[0])[:, None]) / radius[:, None]) ** 2))
        deep = np.exp(-(((axis - (spots[:, 2] - middle[1])[:, None]) / radius[:, None]) ** 2))
        cover = 1.0 - np.exp(-1.5 * np.einsum("s,sz,sx->zx", density, deep, across))
        edge = np.clip((_SHADOW_HALF - np.maximum(abs(axis)[:, None], abs(axis)[None])) / 0.25, 0.0, 1.0)
        self._pixels[..., 3] = (255.0 * strength * cover * edge).astype(np.uint8)
        self._image.GetPointData().GetScalars().Modified()
        self._image.Modified()
        centre = np.array([middle[0], 0.0, middle[1]])
        self._buffer.points[:] = _square(centre, _SHADOW_HALF, _SHADOW_HEIGHT)
        self._buffer.changed()


class PathActor:
    """The root's path on the floor as a ribbon, each part in its segment's colour."""

    def __init__(self) -> None:
        self.actor = actor_of()
        self.actor.prop.lighting = False
        self.actor.visibility = False
        self._buffer: MeshBuffer | None = None

    def set_path(self, root_path: FloatArray, track: SegmentTrack | None, neutral: Rgb) -> None:
        """root_path: (T, 3) metres; a path of less than a hand's width is not drawn."""
        spots, frames = _thinned(root_path[:, [0, 2]])
        if len(spots) < 2:
            self._buffer = None
            return
        ahead = np.gradient(spots, axis=0)
        ahead /= np.maximum(np.linalg.norm(ahead, axis=-1, keepdims=True), 1e-9)
        beside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1) * _PATH_HALF_WIDTH
        count = len(spots)
        first = np.arange(count - 1)
        triangles = np.concatenate(
            [
                np.stack([first, first + 1, first + count], axis=-1),
                np.stack([first + 1, first + 1 + count, first + count], axis=-1),
            ]
        )
        self._buffer = MeshBuffer(2 * count, triangles)
        self._buffer.points[:, [0, 2]] = np.concatenate([spots + beside, spots - beside])
        self._buffer.points[:, 1] = _PATH_HEIGHT
        # Colour by triangle, so that it changes sharply at the boundary.
        colours = [_colour_at(int(frame), track, neutral) for frame in frames[:-1]]
        cells = np.round(255 * np.array(colours + colours)).astype(np.uint8)
        self._buffer.mesh.cell_data.set_scalars(cells, "segment")
        show_mesh(self.actor, self._buffer.mesh)

    def set_visible(self, visible: bool) -> None:
        self.actor.visibility = visible and self._buffer is not None


def _colour_at(frame: int, track: SegmentTrack | None, neutral: Rgb) -> Rgb:
    if track is None:
        return neutral
    index = track.index_at(frame)
    return to_rgb(segment_colour(index)) if track[index].text else neutral


def _square(centre: FloatArray, half: float, height: float) -> FloatArray:
    x, z = float(centre[0]), float(centre[2])
    return np.array(
        [
            [x - half, height, z - half],
            [x + half, height, z - half],
            [x + half, height, z + half],
            [x - half, height, z + half],
        ]
    )


def _thinned(spots: FloatArray, step: float = 0.02) -> tuple[FloatArray, NDArray[np.int64]]:
    """Spots (N, 2) at least ``step`` metres apart, and their frames; empty when the path is shorter than 8 cm."""
    if np.ptp(spots, axis=0).max() < 0.08:
        return spots[:0], np.zeros(0, dtype=np.int64)
    kept = [0]
    for frame in range(1, len(spots)):
        if np.linalg.norm(spots[frame] - spots[kept[-1]]) >= step:
            kept.append(frame)
    return spots[kept], np.array(kept, dtype=np.int64)
