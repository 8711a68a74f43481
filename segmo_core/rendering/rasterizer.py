"""Triangles to pixels: which triangle is nearest at every pixel, and with which weights of its corners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]

_SLACK = 1e-3  # pixels by which every triangle is wider, so that rounding leaves no gap between neighbours
_DEPTH_STEPS = float(2**30)
_FRAGMENT_BITS = 32


@dataclass(frozen=True, eq=False)
class Fragments:
    """The visible surface. places: (P,) pixels, row * width + column, rising. faces: (P,) the triangle seen there.

    weights: (P, 3) float32 of its corners at the pixel's centre; they sum to 1.
    """

    places: IntArray
    faces: IntArray
    weights: FloatArray


def rasterize(points: FloatArray, nearness: FloatArray, triangles: IntArray, width: int, height: int) -> Fragments:
    """The nearest triangle at every pixel centre of an image of ``width`` x ``height``.

    points: (V, 2) pixels, x to the right, y down; the centre of the first pixel is (0.5, 0.5). nearness: (V,) one over
    the distance along the view axis, positive, which is linear across the image; larger is nearer. triangles: (F, 3)
    indices; those that are counter-clockwise as seen are drawn, the others are the far side of a closed surface.

    A scan-line method in whole arrays: triangles are cut into pixel rows, rows into pixels, and the pixels of all
    triangles compete at once, the key being the nearness with the fragment's number in the low bits.
    """
    pixels = np.asarray(points, dtype=np.float32).T
    x, y = pixels[0][triangles.T], pixels[1][triangles.T]  # (3, F): whole arrays per corner are the fastest to reduce
    doubled_area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    top = np.maximum(np.ceil(np.minimum(np.minimum(y[0], y[1]), y[2]) - (0.5 + _SLACK)), 0).astype(np.int64)
    bottom = np.floor(np.maximum(np.maximum(y[0], y[1]), y[2]) - (0.5 - _SLACK)).astype(np.int64)
    num_rows = np.minimum(bottom, height - 1) - top + 1
    seen = np.flatnonzero((doubled_area < -1e-9) & (num_rows > 0))  # y points down: what is seen from outside
    x, y, doubled_area = x[:, seen], y[:, seen], doubled_area[seen]
    near = np.asarray(nearness, dtype=np.float32)[triangles.T[:, seen]]

    row_face, rows = _expanded(num_rows[seen])
    rows += top[seen][row_face]
    centre = rows.astype(np.float32) + np.float32(0.5)
    left, right = _spans(x, y, row_face, centre)
    first = np.maximum(np.ceil(left - np.float32(0.5)), 0).astype(np.int64)
    counts = np.minimum(np.floor(right - np.float32(0.5)), width - 1).astype(np.int64) - first + 1
    filled = np.flatnonzero(counts > 0)
    row_face, rows, centre = row_face[filled], rows[filled], centre[filled]
    first, counts = first[filled], counts[filled]

    # Weights of corners 1 and 2, and nearness, are linear in x and y. They start at each row's first pixel.
    from_x = first.astype(np.float32) + np.float32(0.5) - x[0][row_face]
    from_y = centre - y[0][row_face]
    one_by_x, one_by_y = (y[2] - y[0]) / doubled_area, (x[0] - x[2]) / doubled_area
    two_by_x, two_by_y = (y[0] - y[1]) / doubled_area, (x[1] - x[0]) / doubled_area
    one = from_x * one_by_x[row_face] + from_y * one_by_y[row_face]
    two = from_x * two_by_x[row_face] + from_y * two_by_y[row_face]
    to_one, to_two = near[1] - near[0], near[2] - near[0]
    row_near = near[0][row_face] + one * to_one[row_face] + two * to_two[row_face]
    near_by_x = (one_by_x * to_one + two_by_x * to_two)[row_face]

    spans, steps = _expanded(counts)
    places = (rows * width + first)[spans] + steps
    keys = _keys(row_near[spans] + steps.astype(np.float32) * near_by_x[spans])
    winners = np.full(width * height, -1, dtype=np.int64)
    np.maximum.at(winners, places, keys)
    pixel_places = np.flatnonzero(winners >= 0)
    fragments = winners[pixel_places] & ((1 << _FRAGMENT_BITS) - 1)

    spans, step = spans[fragments], steps[fragments].astype(np.float32)
    faces = row_face[spans]
    weights = np.empty((len(fragments), 3), dtype=np.float32)
    weights[:, 1] = one[spans] + step * one_by_x[faces]
    weights[:, 2] = two[spans] + step * two_by_x[faces]
    np.clip(weights, 0.0, 1.0, out=weights)  # the slack reaches outside
    weights[:, 0] = 1.0 - np.minimum(weights[:, 1] + weights[:, 2], 1.0)
    return Fragments(pixel_places, seen[faces], weights)


def _expanded(counts: IntArray) -> tuple[IntArray, IntArray]:
    """For counts (N,): the index of the item and the number within it, for each of the sum(counts) parts."""
    items = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return items, np.arange(len(items)) - starts[items]


def _spans(x: FloatArray, y: FloatArray, row_face: IntArray, centre: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Left and right end (R,) of the triangles x, y (3, F) on the rows of height ``centre`` (R,)."""
    left = np.full(len(centre), -np.inf, dtype=np.float32)
    right = np.full(len(centre), np.inf, dtype=np.float32)
    for start, end in ((0, 1), (1, 2), (2, 0)):
        rise = y[end] - y[start]
        # A level edge bounds nothing: the rows of its triangle already end there.
        slope = (x[end] - x[start]) / np.where(rise == 0.0, np.float32(1.0), rise)
        crossing = x[start][row_face] + (centre - y[start][row_face]) * slope[row_face]
        rises, falls = (rise > 0.0)[row_face], (rise < 0.0)[row_face]
        np.maximum(left, crossing - _SLACK, out=left, where=rises)
        np.minimum(right, crossing + _SLACK, out=right, where=falls)
    return left, right


def _keys(depth: FloatArray) -> IntArray:
    """Integers that order fragments by nearness, each with its own number in the low bits."""
    if len(depth) == 0:
        return np.zeros(0, dtype=np.int64)
    low, high = depth.min(), depth.max()
    steps = ((depth - low) * np.float32(_DEPTH_STEPS / max(float(high - low), 1e-12))).astype(np.int64)
    keys: IntArray = (steps << _FRAGMENT_BITS) | np.arange(len(depth))
    return keys
