"""Bones that a rig has beyond the 22 joints: more of a spine, and the fingers of a relaxed hand.

They move with the joint above them. Sources of names: Unreal's UE5 mannequin; Mixamo's downloads; Unity's
HumanBodyBones; the VRM 1.0 specification; SMPL-H's joint list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.scene.rig import Rig
from segmo_core.motion import rotations
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]

# Naming -> (name, the joint below which it stands half-way to the next, that next joint).
_HALF_WAY = {
    "manny": (("spine_02", "spine1", "spine2"), ("spine_04", "spine2", "spine3"), ("neck_02", "neck", "head")),
}


@dataclass(frozen=True)
class Finger:
    """Of the left hand of a T-pose facing +Z, palm down; the right one is its mirror image.

    knuckle: (3,) metres from the wrist. direction: (3,). lengths: metres of its first two bones. axis: (3,), about
    which it closes. curl: degrees that its three bones are closed by when a hand hangs at rest.
    """

    name: str
    knuckle: tuple[float, float, float]
    direction: tuple[float, float, float]
    lengths: tuple[float, float]
    axis: tuple[float, float, float]
    curl: tuple[float, float, float]


_ALONG, _CLOSES, _AWAY = (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.70, -0.20, 0.68)
# An average hand, to the millimetre by eye and not more: what counts is that no finger is stretched out stiff.
FINGERS = (
    Finger("thumb", (0.030, -0.012, 0.028), _AWAY, (0.045, 0.032), (0.63, 0.64, -0.46), (8.0, 10.0, 12.0)),
    Finger("index", (0.095, 0.000, 0.025), _ALONG, (0.045, 0.026), _CLOSES, (18.0, 24.0, 14.0)),
    Finger("middle", (0.097, 0.000, 0.003), _ALONG, (0.048, 0.029), _CLOSES, (22.0, 28.0, 16.0)),
    Finger("ring", (0.090, 0.000, -0.018), _ALONG, (0.044, 0.028), _CLOSES, (26.0, 30.0, 18.0)),
    Finger("pinky", (0.080, -0.003, -0.037), _ALONG, (0.034, 0.020), _CLOSES, (28.0, 30.0, 18.0)),
)
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


def relaxed_turns(side: str, finger: Finger) -> FloatArray:
    """(3, 4) turns of the bones of a finger, each relative to the bone before it."""
    mirror = np.array([1.0, -1.0, -1.0]) if side == "right" else np.ones(3)  # turns are axial: X alone stays
    axis = rotations.normalize(np.array(finger.axis) * mirror)
    return rotations.from_axis_angle(np.broadcast_to(axis, (3, 3)), np.radians(np.array(finger.curl)))


def with_more_spine(rig: Rig, naming: str) -> Rig:
    """``rig``, whose bones are the 22 joints, with those that ``naming`` has half-way between two of them."""
    for name, above, below in _HALF_WAY.get(naming, ()):
        rig = _with_half_way(rig, name, rig.body[_joint(above)], rig.body[_joint(below)])
    return rig


def with_relaxed_fingers(rig: Rig, naming: str) -> Rig:
    """``rig`` with fifteen bones at each wrist, slightly closed in every frame and straight in the rest pose."""
    names, parents = list(rig.names), list(rig.parents)
    offsets, turned = [rig.offsets], [rig.turned]
    for side in ("left", "right"):
        wrist = rig.body[_joint(f"{side}_wrist")]
        mirror = np.array([-1.0, 1.0, 1.0]) if side == "right" else np.ones(3)
        for finger in FINGERS:
            along = rotations.normalize(np.array(finger.direction)) * mirror
            above, turn = wrist, rig.turned[:, wrist]
            for part, curl in enumerate(relaxed_turns(side, finger)):
                offset = np.array(finger.knuckle) * mirror if part == 0 else along * finger.lengths[part - 1]
                turn = rotations.multiply(turn, curl)
                names.append(finger_bone_name(naming, side, finger.name, part))
                parents.append(above)
                offsets.append(offset[None])
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
