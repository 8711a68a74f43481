"""The bones of a scene while it is put together: turns since the rest pose, in metres, Y up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Rig:
    """J bones, parents before children.

    offsets: (J, 3) rest pose, in the world's axes: of the first bone its place, of each other from its parent.
    turned: (T, J, 4) turns in the world since the rest pose. placed: (T, J, 3) as ``offsets``, over time. body: where
    the joints of the motion are among the bones. moving: bones whose ``placed`` changes.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: FloatArray
    turned: FloatArray
    placed: FloatArray
    body: tuple[int, ...]
    moving: tuple[int, ...] = (0,)

    def rest_positions(self) -> FloatArray:
        """(J, 3) world positions of the rest pose."""
        positions = np.array(self.offsets)
        for bone, parent in enumerate(self.parents):
            if parent >= 0:
                positions[bone] += positions[parent]
        return positions

    def children(self, bone: int) -> list[int]:
        return [child for child, parent in enumerate(self.parents) if parent == bone]


def to_local(parents: tuple[int, ...], world: FloatArray) -> FloatArray:
    """World rotations (T, J, 4) as rotations relative to the parents."""
    local = world.copy()
    for bone, parent in enumerate(parents):
        if parent >= 0:
            local[:, bone] = rotations.multiply(rotations.inverse(world[:, parent]), world[:, bone])
    return local


def to_global(
    parents: tuple[int, ...], local_rotations: FloatArray, local_translations: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """World rotations (T, J, 4) and positions (T, J, 3) of local ones."""
    turned, placed = local_rotations.copy(), local_translations.copy()
    for bone, parent in enumerate(parents):
        if parent >= 0:
            turned[:, bone] = rotations.multiply(turned[:, parent], local_rotations[:, bone])
            placed[:, bone] = placed[:, parent] + rotations.rotate(turned[:, parent], local_translations[:, bone])
    return turned, placed
