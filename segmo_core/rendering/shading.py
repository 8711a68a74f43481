"""A posed body as an image with coverage: light at the vertices, colours at the pixels, edges smoothed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.mannequin import PosedMesh
from segmo_core.rendering.camera import Camera
from segmo_core.rendering.drawn_body import DrawnBody
from segmo_core.rendering.look import LIGHT_STEPS, MARK_STEPS
from segmo_core.rendering.rasterizer import rasterize

FloatArray = NDArray[np.floating]

_SUPERSAMPLING = 2  # samples along each side of a pixel
_KEY_FROM_CAMERA = np.array([-0.50, 0.72, 0.62])  # right, up, backward


@dataclass(frozen=True, eq=False)
class BodyImage:
    """The part of the image that shows the body. top, left: of its corner, pixels. colour: (h, w, 3) float32, 0 to
    255, already multiplied by coverage. coverage: (h, w, 1) float32, 0 to 1."""

    top: int
    left: int
    colour: FloatArray
    coverage: FloatArray

    def over(self, image: FloatArray) -> None:
        """Put the body into ``image`` (H, W, 3)."""
        height, width = self.coverage.shape[:2]
        part = image[self.top : self.top + height, self.left : self.left + width]
        part *= 1.0 - self.coverage
        part += self.colour


def draw_body(body: DrawnBody, posed: PosedMesh, camera: Camera, skin: FloatArray) -> BodyImage:
    """``posed`` seen by ``camera``, coloured by a table of ``look.skin_table``."""
    points, nearness = camera.project(posed.vertices)
    viewport = camera.viewport
    low = np.clip(np.floor(points.min(axis=0)).astype(int) - 1, 0, (viewport.width, viewport.height))
    high = np.clip(np.ceil(points.max(axis=0)).astype(int) + 1, low, (viewport.width, viewport.height))
    width, height = (int(side) for side in high - low)
    fragments = rasterize(
        (points - low) * _SUPERSAMPLING, nearness, body.triangles, width * _SUPERSAMPLING, height * _SUPERSAMPLING
    )
    light, shine = _vertex_light(posed, camera, body.occlusion)
    # One row of three corners' attributes per triangle: gathered at once for each sample.
    by_triangle = np.stack([light, shine, body.accent], axis=1).astype(np.float32)[body.triangles]
    light, shine, accent = np.einsum("pc,pca->pa", fragments.weights, by_triangle[fragments.faces]).T

    sample = 1.0 / (viewport.focal_length * float(nearness.mean()) * _SUPERSAMPLING)  # metres
    marked = np.clip(0.5 - accent / (2.0 * sample), 0.0, 1.0)
    rows = (marked * (MARK_STEPS - 1) + 0.5).astype(np.int64) * LIGHT_STEPS
    rows += np.clip(light * ((LIGHT_STEPS - 1) / 1.2) + 0.5, 0, LIGHT_STEPS - 1).astype(np.int64)
    samples = np.zeros((height * _SUPERSAMPLING, width * _SUPERSAMPLING, 4), dtype=np.float32)
    colours = np.empty((len(rows), 4), dtype=np.float32)
    np.minimum(skin[rows] + 255.0 * shine[:, None], 255.0, out=colours[:, :3])
    colours[:, 3] = 1.0
    samples.reshape(-1, 4)[fragments.places] = colours
    pixels = _reduced(samples)
    return BodyImage(int(low[1]), int(low[0]), pixels[..., :3], pixels[..., 3:])


def _reduced(samples: FloatArray) -> FloatArray:
    """Mean of the samples of every pixel; sums of whole strided arrays are much faster than ``mean`` of two axes."""
    n = _SUPERSAMPLING
    total = samples[0::n] + samples[1::n]
    for row in range(2, n):
        total += samples[row::n]
    pixels = total[:, 0::n] + total[:, 1::n]
    for column in range(2, n):
        pixels += total[:, column::n]
    pixels *= 1.0 / n**2
    return pixels


def _vertex_light(posed: PosedMesh, camera: Camera, occlusion: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(V,) light that multiplies the skin and (V,) white that is added: one soft key light, sky and floor, a rim."""
    normals = posed.normals
    key_direction = _KEY_FROM_CAMERA @ np.stack([camera.right, [0.0, 1.0, 0.0], camera.backward])
    key_direction = (key_direction / np.linalg.norm(key_direction)).astype(np.float32)
    to_eye = camera.eye - posed.vertices
    to_eye = (to_eye / np.linalg.norm(to_eye, axis=1, keepdims=True)).astype(np.float32)
    key = normals @ key_direction * 0.5 + 0.5
    sky = normals[:, 1] * 0.5 + 0.5
    light = (0.36 + 0.18 * sky + 0.66 * key * key) * occlusion
    facing = np.clip(np.einsum("vi,vi->v", normals, to_eye), 0.0, 1.0)
    rim = (1.0 - facing) ** 3 * 0.18 * sky
    halfway = key_direction + to_eye
    halfway /= np.linalg.norm(halfway, axis=1, keepdims=True)
    shine = np.clip(np.einsum("vi,vi->v", normals, halfway), 0.0, 1.0) ** 28 * 0.10
    return light, (rim + shine) * occlusion
