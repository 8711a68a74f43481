"""The darker bands at the mannequin's joints, and mesh edges along their borders so that they are crisp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from mannequin_shape import FloatArray
from numpy.typing import NDArray

_SNAP = 0.0045  # metres: vertices this near to a border are moved onto it instead of cutting slivers


@dataclass(frozen=True)
class Mark:
    """A band around a limb: points within ``half_width`` of a plane and within ``reach`` of its centre."""

    centre: FloatArray
    axis: FloatArray
    half_width: float
    reach: float

    def along(self, points: FloatArray) -> FloatArray:
        """(V,) signed metres from the band's middle."""
        return (points - self.centre) @ self.axis

    def near(self, points: FloatArray) -> NDArray[np.bool_]:
        return np.linalg.norm(points - self.centre, axis=-1) < self.reach

    def distance(self, points: FloatArray) -> FloatArray:
        beyond = np.linalg.norm(points - self.centre, axis=-1) - self.reach
        return np.maximum(np.abs(self.along(points)) - self.half_width, beyond)


def joint_marks(joints: dict[str, FloatArray]) -> list[Mark]:
    marks = []
    for name, sign in (("left", 1.0), ("right", -1.0)):
        for joint, shift, axis, half_width, reach in (
            ("shoulder", (sign * 0.052, 0, 0), (1, 0, 0), 0.011, 0.10),
            ("elbow", (0, 0, 0), (1, 0, 0), 0.018, 0.09),
            ("wrist", (0, 0, 0), (1, 0, 0), 0.010, 0.07),
            ("knee", (0, 0, 0), (0, 1, 0), 0.024, 0.11),
            ("ankle", (0, 0.012, 0), (0, 1, 0), 0.011, 0.08),
        ):
            centre = joints[f"{name}_{joint}"] + np.asarray(shift)
            marks.append(Mark(centre, np.asarray(axis, dtype=float), half_width, reach))
    return marks


def accent(points: FloatArray, marks: list[Mark]) -> FloatArray:
    """(V,) signed distance in metres to the nearest mark, negative inside."""
    return np.min([mark.distance(points) for mark in marks], axis=0)


def cut_along(
    points: FloatArray, faces: NDArray[np.integer], marks: list[Mark]
) -> tuple[FloatArray, NDArray[np.integer]]:
    """The same surface with vertices along the borders and the middle of every mark."""
    for mark in marks:
        for level in (-mark.half_width, 0.0, mark.half_width):
            points, faces = _cut(points, faces, mark, level)
    return points, faces


def _cut(
    points: FloatArray, faces: NDArray[np.integer], mark: Mark, level: float
) -> tuple[FloatArray, NDArray[np.integer]]:
    near = mark.near(points)
    value = np.where(near, mark.along(points) - level, 1.0)
    snapped = near & (np.abs(value) < _SNAP)
    points = points - np.where(snapped, value, 0.0)[:, None] * mark.axis
    value = np.where(snapped, 0.0, value)
    side = np.sign(value).astype(int)
    starts, ends = faces, np.roll(faces, -1, axis=1)
    is_cut = near[starts] & near[ends] & (side[starts] * side[ends] < 0)
    crossed = is_cut.any(axis=1)
    kept, new_faces, new_points = faces[~crossed], [], []
    made: dict[tuple[int, int], int] = {}

    def between(a: int, b: int) -> int:
        key = (min(a, b), max(a, b))
        if key not in made:
            share = value[key[0]] / (value[key[0]] - value[key[1]])
            made[key] = len(points) + len(new_points)
            new_points.append(points[key[0]] + (points[key[1]] - points[key[0]]) * share)
        return made[key]

    for face, cut in zip(faces[crossed], is_cut[crossed], strict=True):
        if cut.sum() == 1:  # turned so that the cut edge lies opposite the first corner
            a, b, c = (int(index) for index in np.roll(face, -((int(np.argmax(cut)) + 2) % 3)))
            middle = between(b, c)
            new_faces += [(a, b, middle), (a, middle, c)]
        else:  # turned so that the whole edge lies opposite the first corner
            a, b, c = (int(index) for index in np.roll(face, -((int(np.argmin(cut)) + 2) % 3)))
            left, right = between(a, b), between(a, c)
            new_faces += [(a, left, right), (left, b, c), (left, c, right)]
    if new_faces:
        points = np.concatenate([points, np.array(new_points)])
        faces = np.concatenate([kept, np.array(new_faces)])
    return points, faces
