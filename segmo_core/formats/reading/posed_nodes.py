"""World transforms of a file's joints over time as a Motion; what the readers of scene files have in common."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.reading import files
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton

FloatArray = NDArray[np.floating]

_SLOWEST_RATE, _USUAL_RATE, _FASTEST_RATE = 20.0, 30.0, 120.0
_RIGID = 1e-5  # of the body's size: by how much bones may change their length


def plain_rotations(linear: FloatArray) -> FloatArray:
    """Quaternions (..., 4) of linear maps (..., 3, 3), scale taken out; a mirrored map counts as its opposite."""
    columns = np.swapaxes(linear, -1, -2)
    x = rotations.normalize(columns[..., 0, :], np.array([1.0, 0.0, 0.0]))
    beside = columns[..., 1, :] - np.sum(columns[..., 1, :] * x, axis=-1, keepdims=True) * x
    y = rotations.normalize(beside, _perpendicular(x))
    mirrored = np.linalg.det(linear)[..., None] < 0
    x, y = np.where(mirrored, -x, x), np.where(mirrored, -y, y)
    return rotations.from_matrix(np.stack([x, y, np.cross(x, y)], axis=-1))


def _perpendicular(x: FloatArray) -> FloatArray:
    other = np.where(np.abs(x[..., :1]) < 0.9, np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    return rotations.normalize(np.cross(x, other))


def motion_of_nodes(
    path: Path,
    joint_names: tuple[str, ...],
    parents: tuple[int, ...],
    turned: FloatArray,
    placed: FloatArray,
    rest_turned: FloatArray,
    frame_rate: float,
) -> Motion:
    """The motion of joints whose world rotations are ``turned`` (T, J, 4) and positions ``placed`` (T, J, 3) metres.

    rest_turned: (J, 4) world rotations of the rest pose, in which a Motion's rotations are the identity. Parents come
    before their children. A root that only carries a moving body (the ground bone of game engines) is left out.
    Where bones change their length, ``local_rotations`` is None. Raises FileFormatError.
    """
    files.require_finite(path, placed, "positions")
    files.require_finite(path, turned, "rotations")
    since_rest = rotations.multiply(turned, rotations.inverse(rest_turned))
    local, offsets, change = since_rest.copy(), np.zeros((len(parents), 3)), np.zeros(len(parents))
    for joint, parent in enumerate(parents):
        if parent >= 0:
            back = rotations.inverse(since_rest[:, parent])
            local[:, joint] = rotations.multiply(back, since_rest[:, joint])
            offset = rotations.rotate(back, placed[:, joint] - placed[:, parent])
            offsets[joint] = offset.mean(axis=0)
            change[joint] = np.abs(offset - offsets[joint]).max()
    stretched = change > _RIGID * float(np.linalg.norm(offsets, axis=-1).sum())
    first = 0
    if parents.count(0) == 1 and stretched[1] and not stretched[2:].any():
        first = 1
        local[:, 1], offsets[1], stretched[1] = since_rest[:, 1], 0.0, False
    skeleton = Skeleton(joint_names[first:], tuple(parent - first for parent in parents[first:]), offsets[first:])
    whole = None if stretched.any() else rotations.continuous(local[:, first:])
    return files.build_motion(path, placed[:, first:], frame_rate, skeleton, whole)


def unique_names(names: list[str]) -> tuple[str, ...]:
    """Names that can be told apart and written to any file: printable, no two alike, none empty."""
    found: dict[str, None] = {}
    for raw in names:
        name = "".join(letter for letter in raw[:200] if letter.isprintable()) or "joint"
        unique, number = name, 2
        while unique in found:
            unique, number = f"{name}_{number}", number + 1
        found[unique] = None
    return tuple(found)


def key_rate(times: FloatArray) -> float:
    """Frames per second for keys at ``times`` (K,) seconds: the nearest whole rate to their spacing, 20 to 120."""
    steps = np.diff(times)
    steps = steps[steps > 0]
    if len(steps) == 0:
        return _USUAL_RATE
    return float(np.clip(np.round(1.0 / np.median(steps)), _SLOWEST_RATE, _FASTEST_RATE))
