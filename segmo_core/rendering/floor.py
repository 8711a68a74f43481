"""What is behind the body: a light background, the floor with its metre grid, and the soft shadow on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from segmo_core.rendering import look
from segmo_core.rendering.camera import Camera, CameraPath

FloatArray = NDArray[np.floating]

_RADIUS = 7.0  # metres until the grid has faded out
_LOWEST_EYE = 0.05  # metres above the floor; of motions that go on far below it, the floor stays under the eye
_INVISIBLE = 1e-3  # of a line's strength
_CELL = 0.02  # metres, of the shadow's map
_MOST_CELLS = 500
_SHADOW_REACH = 2.0  # metres above the floor from which nothing is seen of a shadow


@dataclass(frozen=True)
class _ShadowLayer:
    """fade: metres of height over which it fades. blur: cells. gain: cover for each vertex in a cell. strength: at
    full cover."""

    fade: float
    blur: float
    gain: float
    strength: float


# The contact of soles and hands, and the wide shadow of the whole body.
_SHADOW_LAYERS = (_ShadowLayer(0.08, 2.0, 0.6, 0.7), _ShadowLayer(0.55, 6.0, 0.25, 0.8))


class Floor:
    """The floor at a height in metres, seen along one camera path.

    The camera keeps its height and direction, so that what a pixel's ray meets on the floor only moves with the eye;
    everything that does not depend on where the metre lines are is worked out once.
    """

    def __init__(self, path: CameraPath, height: float) -> None:
        viewport, camera = path.viewport, path.at(0)
        self._height = height
        eye_height = max(float(camera.eye[1]) - height, _LOWEST_EYE)
        x = (np.arange(viewport.width) + 0.5 - viewport.centre[0]) / viewport.focal_length
        y = (viewport.centre[1] - np.arange(viewport.height) - 0.5) / viewport.focal_length
        down = camera.backward[1] - y * camera.up[1]  # (H,) how fast a row's rays fall
        self._first_row = int(np.searchsorted(down > 0.02, True))
        y, down = y[self._first_row :], down[self._first_row :]
        flat = eye_height / down
        ahead = y[:, None, None] * camera.up[[0, 2]] - camera.backward[[0, 2]]
        self._from_eye = ((x[:, None] * camera.right[[0, 2]] + ahead) * flat[:, None, None]).astype(np.float32)

        base = np.empty((viewport.height, viewport.width, 3), dtype=np.float32)
        share = np.linspace(0.0, 1.0, viewport.height, dtype=np.float32)[:, None, None]
        base[:] = look.BACKGROUND_TOP + (look.BACKGROUND_BOTTOM - look.BACKGROUND_TOP) * share
        target = path.targets[0, [0, 2]] - camera.eye[[0, 2]]
        away = np.linalg.norm(self._from_eye - target, axis=-1) / _RADIUS
        floor = base[self._first_row :]
        floor += (look.FLOOR_LIGHT - floor) * (np.exp(-away * away * 9.0) * 0.6)[..., None]
        self._base = base
        self._to_line = look.GRID_LINE - floor
        fade = 1.0 - _smooth_step(0.15, 1.0, away)
        self._grid = [_GridLines(self._from_eye, 1.0, look.GRID_STRENGTH * fade, (0.12, 0.35))]
        self._grid.append(_GridLines(self._from_eye, 0.5, 0.35 * look.GRID_STRENGTH * fade, (0.015, 0.05)))

    def draw(self, camera: Camera, vertices: FloatArray) -> FloatArray:
        """A new image (H, W, 3) float32 of the floor with the shadow of the body's vertices (V, 3)."""
        image = np.empty_like(self._base)
        image[: self._first_row] = self._base[: self._first_row]
        floor = image[self._first_row :]
        lines = np.zeros(floor.shape[:2], dtype=np.float32)
        for grid in self._grid:
            grid.draw(lines, camera.eye[[0, 2]])
        np.multiply(self._to_line, lines[..., None], out=floor)
        floor += self._base[self._first_row :]
        self._draw_shadow(floor, camera, np.asarray(vertices, dtype=np.float64))
        return image

    def _draw_shadow(self, floor: FloatArray, camera: Camera, vertices: FloatArray) -> None:
        shadow = _shadow(vertices - [0.0, self._height, 0.0])
        ends = np.array([shadow.corner, shadow.corner + np.array(shadow.cover.shape) * _CELL])
        square = np.array([[ends[i, 0], self._height, ends[j, 1]] for i in (0, 1) for j in (0, 1)])
        around, _ = camera.project(square)
        rows = np.clip(around[:, 1] - self._first_row, 0, len(floor)).astype(int)
        columns = np.clip(around[:, 0], 0, floor.shape[1]).astype(int)
        region = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
        places = (self._from_eye[region] + (camera.eye[[0, 2]] - shadow.corner)) / _CELL - 0.5
        alpha = map_coordinates(shadow.cover, np.moveaxis(places, -1, 0), order=1, mode="constant")
        floor[region] += (look.SHADOW - floor[region]) * (look.SHADOW_STRENGTH * alpha)[..., None]


class _GridLines:
    """Lines of constant width in pixels: the distance to the nearest line over its change per pixel. Where they
    would be closer than a few pixels they fade out instead of shimmering."""

    def __init__(self, from_eye: FloatArray, spacing: float, strength: FloatArray, fades: tuple[float, float]) -> None:
        change = np.maximum(sum(np.abs(np.gradient(from_eye, axis=axis)) for axis in (0, 1)), 1e-5)
        strength = strength[..., None] * (1.0 - _smooth_step(*fades, change))
        self._first_row = int((strength.max(axis=(1, 2)) > _INVISIBLE).argmax())
        self._spacing = spacing
        # By axis, so that each is one block of memory.
        rows = slice(self._first_row, None)
        self._places, self._sharpness, self._strength = (
            np.ascontiguousarray(np.moveaxis(values[rows], -1, 0), dtype=np.float32)
            for values in (from_eye / spacing, spacing / change, strength)
        )

    def draw(self, lines: FloatArray, eye: FloatArray) -> None:
        """Raise ``lines`` (rows, W), how much of the line's colour covers each pixel, for an eye above (2,) metres."""
        below = lines[self._first_row :]
        for axis in (0, 1):
            cover = self._places[axis] + np.float32(eye[axis] / self._spacing % 1.0)
            cover -= np.rint(cover)
            np.abs(cover, out=cover)
            cover *= self._sharpness[axis]
            np.subtract(1.2, cover, out=cover)
            np.clip(cover, 0.0, 1.0, out=cover)
            cover *= self._strength[axis]
            np.maximum(below, cover, out=below)


@dataclass(frozen=True, eq=False)
class _Shadow:
    """corner: (2,) metres, x and z where the map begins. cover: (cells in x, cells in z), 0 to 1."""

    corner: FloatArray
    cover: FloatArray


def _shadow(vertices: FloatArray) -> _Shadow:
    """Straight down, of points (V, 3) above the floor: darker and sharper where they are near it."""
    spots, heights = vertices[:, [0, 2]], np.maximum(vertices[:, 1], 0.0)
    near = heights < _SHADOW_REACH
    spots, heights = spots[near], heights[near]
    if len(spots) == 0:
        return _Shadow(np.zeros(2), np.zeros((1, 1)))
    margin = 4.0 * _CELL * max(layer.blur for layer in _SHADOW_LAYERS)
    corner = spots.min(axis=0) - margin
    spots = np.minimum((spots - corner) / _CELL, _MOST_CELLS - 1.0)
    shape = tuple(int(side) for side in np.minimum(np.ceil(spots.max(axis=0) + margin / _CELL), _MOST_CELLS))
    flat = np.ravel_multi_index(tuple(np.floor(spots).astype(int).T), shape)
    light = np.ones(shape)
    for layer in _SHADOW_LAYERS:
        density = np.bincount(flat, np.exp(-heights / layer.fade), minlength=light.size).reshape(shape)
        cover = 1.0 - np.exp(-layer.gain * gaussian_filter(density, layer.blur, mode="constant", truncate=3.0))
        light *= 1.0 - layer.strength * cover
    return _Shadow(corner, 1.0 - light)


def _smooth_step(low: float, high: float, value: FloatArray) -> FloatArray:
    t: FloatArray = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
