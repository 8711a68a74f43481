"""Which joint of a foreign skeleton plays which part of the body, found by name.

Two habits of naming exist. SMPL and old BVH files name the joints (hip, knee, ankle, collar, shoulder, elbow,
wrist); Mixamo, CMU (cgspeed and Acclaim), Bandai-Namco, LAFAN1, Rokoko, Unreal, Unity, VRM, 3ds Max Biped and
Rigify name the bone that begins there (thigh, shin, foot, clavicle, upper arm, forearm, hand). "LeftFoot" and
"LeftShoulder" mean different joints in the two, so whole limbs are matched, never single words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from segmo_core.errors import FileFormatError
from segmo_core.motion.skeleton import Skeleton

_TOES = ("toebase", "toes", "toe", "toe0", "ball", "forefoot")
_LEGS: tuple[Mapping[str, tuple[str, ...]], ...] = (
    {
        "hip": ("upleg", "upperleg", "thigh", "femur"),
        "knee": ("leg", "lowerleg", "lowleg", "shin", "calf", "tibia", "knee"),
        "ankle": ("foot", "ankle"),
        "foot": _TOES,
    },
    {"hip": ("hip",), "knee": ("knee",), "ankle": ("ankle",), "foot": ("foot", *_TOES)},
    {"hip": ("hip",), "knee": ("knee", "leg", "shin"), "ankle": ("foot",), "foot": _TOES},
)
_ARMS: tuple[Mapping[str, tuple[str, ...]], ...] = (
    {
        "collar": ("shoulder", "clavicle", "collar"),
        "shoulder": ("arm", "upperarm", "uparm", "humerus"),
        "elbow": ("forearm", "lowerarm", "lowarm", "radius", "elbow"),
        "wrist": ("wrist", "hand"),
    },
    {
        "collar": ("collar", "clavicle", "scapula"),
        "shoulder": ("shoulder", "shldr"),
        "elbow": ("elbow", "forearm"),
        "wrist": ("wrist", "hand"),
    },
)
_PELVIS = ("pelvis", "hips", "hip")
_NECK = ("neck", "lowerneck")
_UPPER_NECK = ("neck1", "neck2", "upperneck")
_HEAD = ("head",)
_OPTIONAL = ("collar", "foot")

# Prefixes that exporters put before every name; a number that follows one belongs to it (mixamorig9, Bip01).
_PREFIXES = {"mixamorig", "bip", "valve", "biped", "j", "jnt", "joint", "def", "m", "f", "avg", "character", "c"}
_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right"}
_SIDED_WORDS = {word for table in (*_LEGS, *_ARMS) for words in table.values() for word in words}


@dataclass(frozen=True)
class BodyJoints:
    """Indices into the foreign skeleton.

    joints: SMPL joint name -> index, for all that were found (never spine1 to spine3).
    spine: the chain from the pelvis to the neck, or to the head where there is no neck, both ends included.
    """

    joints: Mapping[str, int]
    spine: tuple[int, ...]


def match_joints(skeleton: Skeleton) -> BodyJoints:
    """Find the body in ``skeleton``; FileFormatError names the parts that have no joint."""
    index_of: dict[tuple[str, str], int] = {}
    named = [_side_and_word(name) for name in skeleton.joint_names]
    for index, (side, word) in enumerate(named):
        index_of.setdefault((side, word), index)
    for index, (side, word) in enumerate(named):  # the first of several pieces: upperleg01, neck_01
        index_of.setdefault((side, word.removesuffix("1")), index)
    joints = {**_match_limbs(index_of, _LEGS), **_match_limbs(index_of, _ARMS)}
    for name, words in (("pelvis", _PELVIS), ("neck", _NECK), ("head", _HEAD)):
        found = next((index_of["", word] for word in words if ("", word) in index_of), None)
        if found is not None:
            joints[name] = found
    if _is_top_of_chest(skeleton, joints):
        upper = next((index_of["", word] for word in _UPPER_NECK if ("", word) in index_of), None)
        joints["neck"] = joints["neck"] if upper is None else upper
    if "pelvis" not in joints and {"left_hip", "right_hip"} <= joints.keys():
        joints["pelvis"] = _common_ancestor(skeleton, joints["left_hip"], joints["right_hip"])
    _require_body(skeleton, joints)
    top = joints["neck"] if "neck" in joints else joints["head"]
    return BodyJoints(joints, _chain(skeleton, joints["pelvis"], top))


def _side_and_word(joint_name: str) -> tuple[str, str]:
    """("left" | "right" | "", what is left of the name in lower case), e.g. mixamorig:LeftUpLeg -> left, upleg."""
    tokens = [
        token.lower() for token in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", re.split(r"[:|]", joint_name)[-1])
    ]
    side, words, after_prefix = "", [], False
    for token in tokens:
        if token in _SIDES and not side:
            side = _SIDES[token]
        elif token in _PREFIXES:
            after_prefix = True
            continue
        elif not (token.isdigit() and after_prefix):
            words.append(token.lstrip("0") or "0" if token.isdigit() else token)
        after_prefix = False
    word = "".join(words)
    if not side:
        for prefix, meaning in _SIDES.items():
            if word.startswith(prefix) and word[len(prefix) :] in _SIDED_WORDS:
                return meaning, word[len(prefix) :]
    return side, word


def _match_limbs(
    index_of: Mapping[tuple[str, str], int], tables: tuple[Mapping[str, tuple[str, ...]], ...]
) -> dict[str, int]:
    """A pair of limbs under the naming habit that finds most of the parts a body needs, then most of all parts."""
    candidates = []
    for table in tables:
        found: dict[str, int] = {}
        for side in ("left", "right"):
            for part, words in table.items():
                index = next((index_of[side, word] for word in words if (side, word) in index_of), None)
                if index is not None:
                    found[f"{side}_{part}"] = index
        needed = sum(not name.endswith(_OPTIONAL) for name in found)
        candidates.append((needed, len(found), found))
    return max(candidates, key=lambda candidate: candidate[:2])[2]


def _is_top_of_chest(skeleton: Skeleton, joints: Mapping[str, int]) -> bool:
    """True when the neck begins where the collars do, as in CMU's files; the model's neck is above its collars."""
    neck, collar = joints.get("neck"), joints.get("left_collar")
    if neck is None or collar is None or skeleton.parents[neck] != skeleton.parents[collar]:
        return False
    gap = np.linalg.norm(skeleton.rest_offsets[neck] - skeleton.rest_offsets[collar])
    return bool(gap <= 1e-3 * skeleton.bone_lengths.max())


def _require_body(skeleton: Skeleton, joints: Mapping[str, int]) -> None:
    parts = [f"{side}_{part}" for side in ("left", "right") for part in (*_LEGS[0], *_ARMS[0]) if part not in _OPTIONAL]
    missing = [part for part in parts if part not in joints]
    if "head" not in joints and "neck" not in joints:
        missing.append("head")
    if missing:
        names = ", ".join(skeleton.joint_names[:6]) + (", ..." if skeleton.num_joints > 6 else "")
        raise FileFormatError(
            f"skeleton: no joint found for {', '.join(missing)} among {skeleton.num_joints} joints ({names}), "
            "expected a human body with SMPL, Mixamo, CMU, Unreal, Unity or similar joint names"
        )


def _ancestors(skeleton: Skeleton, joint: int) -> list[int]:
    """``joint`` and all above it, upwards."""
    line = [joint]
    while skeleton.parents[line[-1]] >= 0:
        line.append(skeleton.parents[line[-1]])
    return line


def _common_ancestor(skeleton: Skeleton, first: int, second: int) -> int:
    above = set(_ancestors(skeleton, first))
    return next(joint for joint in _ancestors(skeleton, second) if joint in above)


def _chain(skeleton: Skeleton, pelvis: int, top: int) -> tuple[int, ...]:
    """From the pelvis to ``top``, without joints above the pelvis (some rigs hang the spine beside it)."""
    above_pelvis = set(_ancestors(skeleton, pelvis))
    between = [joint for joint in _ancestors(skeleton, top) if joint not in above_pelvis]
    return (pelvis, *reversed(between))
