"""From the joints of a recorded clip to joints on the model's skeleton, on the floor, and their features."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import SegmoError
from segmo_core.motion import features as motion_features
from segmo_core.motion import rotations
from segmo_core.motion.features import HUMANML3D_LAYOUT
from segmo_core.motion.skeleton import HUMANML3D_BONE_LENGTHS
from segmo_core.motion.support import on_their_floor

FloatArray = NDArray[np.floating]

SHORTEST = 8  # frames
_NO_LENGTH = 1e-3  # metres
_PARENTS = {
    joint: parent for chain in HUMANML3D_LAYOUT.chains for parent, joint in itertools.pairwise(chain)
}  # of every joint but the root


def on_the_models_skeleton(joints: FloatArray) -> FloatArray:
    """Joints (T, 22, 3) with the model's bone lengths, on the floor in every frame, starting at the origin facing +Z.

    Bones of no length get the direction of their neighbours.
    """
    uniform = motion_features.uniform_skeleton(with_every_bone(joints), HUMANML3D_BONE_LENGTHS, HUMANML3D_LAYOUT)
    return motion_features.facing_forward(on_their_floor(uniform), HUMANML3D_LAYOUT)


def joints_and_features(joints: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``on_the_models_skeleton`` and features (T, 263) of a raw clip; the last row repeats so that none is lost.

    SegmoError for a clip that cannot be used, saying why.
    """
    if len(joints) < SHORTEST:
        raise SegmoError(f"{len(joints)} frames, expected at least {SHORTEST}")
    world = on_the_models_skeleton(joints)
    return world, features_of(world)


def features_of(world: FloatArray) -> FloatArray:
    """Features (T, 263) of joints (T, 22, 3) that stand where they should; the last row repeats."""
    rows = motion_features.features_from_joints(world)
    if not np.isfinite(rows).all():
        raise SegmoError("its features are not finite")
    return np.concatenate([rows, rows[-1:]])


def with_every_bone(joints: FloatArray) -> FloatArray:
    """Joints (T, 22, 3) in which bones of no length are lengthened the way the bones before and after them point.

    Some bodies put two joints of the spine in one place; a rest direction there would bend whoever lies or stoops.
    """
    result: FloatArray = np.array(joints, dtype=np.float64)
    for joint, parent in _PARENTS.items():
        if np.linalg.norm(result[:, joint] - result[:, parent], axis=-1).min() > _NO_LENGTH or parent == 0:
            continue
        child = next((other for other, own in _PARENTS.items() if own == joint), None)
        before = rotations.normalize(result[:, parent] - result[:, _PARENTS[parent]])
        after = before if child is None else rotations.normalize(result[:, child] - result[:, joint])
        way = rotations.normalize(before + after, before) * HUMANML3D_BONE_LENGTHS[joint]
        for moved in _with_descendants(joint):
            result[:, moved] += way
    return result


def _with_descendants(joint: int) -> list[int]:
    found = [joint]
    for number in range(joint + 1, len(HUMANML3D_BONE_LENGTHS)):
        if _PARENTS.get(number) in found:
            found.append(number)
    return found
