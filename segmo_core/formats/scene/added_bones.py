"""Bones that a rig has beyond the 22 joints: more of a spine, which moves with the joint above it, and fingers.

Sources of names: Unreal's UE5 mannequin; Mixamo's downloads; Unity's HumanBodyBones; the VRM 1.0 specification;
SMPL-H's joint list.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.scene.rig import Rig
from segmo_core.motion import rotations
from segmo_core.motion.hands import hand_shape
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.hands.hand_shape import FINGER_JOINTS, NUM_PARTS, SIDES, relaxed_hands
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]

# Naming -> (name, the joint below which it stands half-way to the next, that next joint).
_HALF_WAY = {
    "manny": (("spine_02", "spine1", "spine2"), ("spine_04", "spine2", "spine3"), ("neck_02", "neck", "head")),
}

# The thumb first, as most programs list them.
_ORDER = (hand_shape.THUMB, hand_shape.INDEX, hand_shape.MIDDLE, hand_shape.RING, hand_shape.PINKY)
_VRM_PARTS = {"thumb": ("Metacarpal", "Proximal", "Distal")}
_UNITY_PARTS = ("Proximal", "Intermediate", "Distal")


def finger_bone_name(naming: str, side: str, finger: str, part: int) -> str:
    """What ``naming`` calls bone ``part`` (0 to 2) of a finger of the "left" or "right" hand."""
    if naming == "mixamo":
        return f"mixamorig:{side.title()}Hand{finger.title()}{part + 1}"
    if naming in ("unreal", "manny"):
        return f"{finger}_{part + 1:02d}_{side[0]}"
    if naming in ("unity", "vrm"):
        said = "little" if finger == "pinky" else finger
        parts = _VRM_PARTS.get(finger, _UNITY_PARTS) if naming == "vrm" else _UNITY_PARTS
        return f"{side if naming == 'vrm' else side.title()}{said.title()}{parts[part]}"
    return f"{side}_{finger}{part + 1}"


def with_more_spine(rig: Rig, naming: str) -> Rig:
    """``rig``, whose bones are the 22 joints, with those that ``naming`` has half-way between two of them."""
    for name, above, below in _HALF_WAY.get(naming, ()):
        rig = _with_half_way(rig, name, rig.body[_joint(above)], rig.body[_joint(below)])
    return rig


def with_fingers(rig: Rig, naming: str, hands: HandPoses | None) -> Rig:
    """``rig`` with fifteen bones at each wrist, straight in the rest pose: as ``hands`` has them frame by frame, or
    slightly closed in every frame where nothing is known of them.
    """
    turns = relaxed_hands() if hands is None else hands.local_rotations
    names, parents = list(rig.names), list(rig.parents)
    offsets, turned = [rig.offsets], [rig.turned]
    for side in SIDES:
        wrist = rig.body[_joint(f"{side}_wrist")]
        for finger in _ORDER:
            above, turn = wrist, rig.turned[:, wrist]
            first = FINGER_JOINTS.index(f"{side}_{finger.name}1")
            for part in range(NUM_PARTS):
                turn = rotations.multiply(turn, turns[..., first + part, :])
                names.append(finger_bone_name(naming, side, finger.name, part))
                parents.append(above)
                offsets.append(finger.offset(side, part)[None])
                turned.append(turn[:, None])
                above = len(names) - 1
    rest = np.concatenate(offsets)
    added = np.broadcast_to(rest[len(rig.names) :], (len(rig.placed), len(rest) - len(rig.names), 3))
    return replace(
        rig,
        names=tuple(names),
        parents=tuple(parents),
        offsets=rest,
        turned=np.concatenate(turned, axis=1),
        placed=np.concatenate([rig.placed, added], axis=1),
    )


def _joint(name: str) -> int:
    return SMPL_JOINT_NAMES.index(name)


def _with_half_way(rig: Rig, name: str, above: int, below: int) -> Rig:
    """A bone half-way from bone ``above`` to its child ``below``, in whose place it comes; bones from there move up."""

    def moved(bone: int) -> int:
        return bone + (bone >= below)

    def inserted(values: FloatArray, value: FloatArray, axis: int) -> FloatArray:
        return np.insert(values, below, value, axis=axis)

    parents = [moved(parent) for parent in rig.parents]
    parents[below] = below
    parents.insert(below, moved(above))
    offsets, placed = np.array(rig.offsets), np.array(rig.placed)
    offsets[below] /= 2.0
    placed[:, below] /= 2.0
    return replace(
        rig,
        names=(*rig.names[:below], name, *rig.names[below:]),
        parents=tuple(parents),
        offsets=inserted(offsets, offsets[below], 0),
        turned=inserted(rig.turned, rig.turned[:, above], 1),
        placed=inserted(placed, placed[:, below], 1),
        body=tuple(moved(bone) for bone in rig.body),
        moving=tuple(moved(bone) for bone in rig.moving),
    )
