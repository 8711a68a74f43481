"""Bones that lie in the limbs: their axes in the rest pose, and a rest pose that says which way knees bend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.scene.rig import Rig
from segmo_core.motion import rotations
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]

_BENT = np.radians(1.0)  # knees and elbows, at rest
_X, _Y = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
# Bone -> axis and direction of its share of the bend, in a T-pose facing +Z: knees go forward, elbows back. The lower
# bone takes the other half, so that no bone leaves the T-pose by more than half a degree.
_BENDS = {
    "left_hip": (_X, -1.0), "left_knee": (_X, 1.0), "right_hip": (_X, -1.0), "right_knee": (_X, 1.0),
    "left_shoulder": (_Y, 1.0), "left_elbow": (_Y, -1.0), "right_shoulder": (_Y, -1.0), "right_elbow": (_Y, 1.0),
}  # fmt: skip
_LIKE_THE_BONE_ABOVE = {"left_wrist": "left_elbow", "right_wrist": "right_elbow"}


def rest_bends(rig: Rig) -> FloatArray:
    """(J, 4) turns in the world from the T-pose to the bent rest pose; none but at knees and elbows of a full body."""
    bends = np.tile(rotations.IDENTITY_QUATERNION, (len(rig.parents), 1))
    if len(rig.body) != len(SMPL_JOINT_NAMES):
        return bends
    for joint, name in enumerate(SMPL_JOINT_NAMES):
        found = _BENDS.get(_LIKE_THE_BONE_ABOVE.get(name, name))
        if found is not None:
            axis, sign = found
            bends[rig.body[joint]] = rotations.from_axis_angle(axis, np.array(sign * _BENT / 2.0))
    for bone, parent in enumerate(rig.parents):  # bones that were added below a bent one go along
        if bone not in rig.body and parent >= 0:
            bends[bone] = bends[parent]
    return bends


def with_rest_bends(rig: Rig, bends: FloatArray) -> Rig:
    """``rig`` in the same poses, with another rest pose: each bone turned by ``bends`` (J, 4) in the world."""
    offsets, placed = np.array(rig.offsets), np.array(rig.placed)
    for bone, parent in enumerate(rig.parents):
        if parent >= 0:
            offsets[bone] = rotations.rotate(bends[parent], offsets[bone])
            placed[:, bone] = rotations.rotate(bends[parent], placed[:, bone])
    return replace(rig, offsets=offsets, placed=placed, turned=rotations.multiply(rig.turned, rotations.inverse(bends)))


def bone_axes(rig: Rig) -> FloatArray:
    """World rotations (J, 4) of the bones in the rest pose, Y turned onto the bone by the shortest arc.

    A joint with several children points at the one nearest to its own direction (the spine, not a hip); a joint
    without children goes on as its parent's bone does. A bone above the body keeps the world's axes.
    """
    result = np.tile(rotations.IDENTITY_QUATERNION, (len(rig.parents), 1))
    first = rig.body[0]
    for bone in range(first, len(rig.parents)):
        children = rig.children(bone)
        along = rig.offsets[bone]
        if children:
            # Of a pelvis: against its legs, which all but the spine are.
            wanted = along if bone > first else -np.sum(rig.offsets[children], axis=0)
            along = max((rig.offsets[child] for child in children), key=lambda offset: _cosine(offset, wanted))
        if np.linalg.norm(along) > 1e-9:
            result[bone] = rotations.between(_Y, rotations.normalize(along))
    return result


def _cosine(a: FloatArray, b: FloatArray) -> float:
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))
