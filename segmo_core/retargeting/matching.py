"""Which joint of a foreign skeleton plays which part of the body: by name, and by structure where names say nothing.

Two habits of naming exist. SMPL and old BVH files name the joints (hip, knee, ankle, collar, shoulder, elbow,
wrist); Mixamo, CMU (cgspeed and Acclaim), Bandai-Namco, LAFAN1, Rokoko, Unreal, Unity, VRM, 3ds Max Biped and
Rigify name the bone that begins there (thigh, shin, foot, clavicle, upper arm, forearm, hand). "LeftFoot" and
"LeftShoulder" mean different joints in the two, so whole limbs are matched, never single words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from segmo_core.errors import FileFormatError
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton
from segmo_core.retargeting import joint_tree as tree
from segmo_core.retargeting.end_joints import completed, with_end_joints
from segmo_core.retargeting.joint_map import REQUIRED_JOINTS, SPINE_JOINTS, JointMap
from segmo_core.retargeting.matching_by_shape import find_structure

_TOES = ("toebase", "toes", "toe", "toe0", "ball", "forefoot")
_LEGS: tuple[Mapping[str, tuple[str, ...]], ...] = (
    {
        "hip": ("upleg", "upperleg", "thigh", "thighbend", "femur"),
        "knee": ("leg", "lowerleg", "lowleg", "shin", "calf", "tibia", "knee"),
        "ankle": ("foot", "ankle"),
        "foot": _TOES,
    },
    {"hip": ("hip",), "knee": ("knee",), "ankle": ("ankle",), "foot": ("foot", *_TOES)},
    {"hip": ("hip",), "knee": ("knee", "leg", "shin"), "ankle": ("foot",), "foot": _TOES},
    {"hip": ("leg",), "knee": ("shin",), "ankle": ("foot",), "foot": _TOES},  # SOMA
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
        "shoulder": ("shoulder", "shldr", "shldrbend"),
        "elbow": ("elbow", "forearm", "forearmbend"),
        "wrist": ("wrist", "hand"),
    },
)
_PELVIS = ("pelvis", "hips", "hip")
_NECK = ("neck", "lowerneck", "necklower")
_UPPER_NECK = ("neck1", "neck2", "upperneck", "neckupper")
_HEAD = ("head",)
_OPTIONAL = ("collar", "foot")
_LONGER = 1.5  # times as long a bone, for a joint to be preferred to an earlier one of the same word
_SHORTEST_SHARE = 0.025  # of the longest bone: two joints nearer than that are one place

# Prefixes that exporters put before every name; a number that follows one belongs to it (mixamorig9, Bip01).
_PREFIXES = {"mixamorig", "bip", "valve", "biped", "j", "jnt", "joint", "def", "m", "f", "avg", "character", "c"}
_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right"}
_SIDED_WORDS = {word for table in (*_LEGS, *_ARMS) for words in table.values() for word in words}


@dataclass(frozen=True)
class JointMatch:
    """joint_map: who plays whom. by_structure: the model joints that were found by shape and not by name.

    sides: what told left from right where that was done by structure, a phrase for people; "" otherwise.
    """

    joint_map: JointMap
    by_structure: tuple[str, ...] = ()
    sides: str = ""


def match_joints(motion: Motion) -> JointMatch:
    """Find the body in ``motion`` with its ends; FileFormatError names the parts that have no joint.

    Names count first. What they leave open is taken from the structure. Where names do not know all limbs and the
    structure disagrees about them, all is taken from the structure.
    """
    extended = with_end_joints(motion)
    skeleton = extended.skeleton
    named = completed(skeleton, match_by_names(skeleton))
    lacking = _lacking(named)
    if not lacking:
        return JointMatch(_map_of(skeleton, with_spine(skeleton, named)))
    found = find_structure(motion) or find_structure(extended)
    if found is None:
        _fail(skeleton, lacking)
    by_shape = {name: skeleton.joint_names[index] for name, index in found.joints.items()}
    if all(name in named for name in REQUIRED_JOINTS):  # names know all limbs; shape tells of neck and head alone
        taken = set(named.values())
        by_shape = {part: by_shape[part] for part in ("neck", "head") if by_shape.get(part, "") not in {"", *taken}}
    agree = _agree(by_shape, named)
    joints = completed(skeleton, {**by_shape, **named} if agree else by_shape)
    joint_map = _map_of(skeleton, with_spine(skeleton, joints))
    return JointMatch(
        joint_map, tuple(name for name in joint_map.joints if not agree or name not in named), found.sides
    )


def holds_body(motion: Motion) -> bool:
    """Whether ``match_joints`` finds a body in ``motion``."""
    try:
        match_joints(motion)
    except FileFormatError:
        return False
    return True


def _map_of(skeleton: Skeleton, joints: Mapping[str, str]) -> JointMap:
    """The map of joints that were found; what makes it none is told as what it is: no body in the file."""
    lacking = _lacking(joints)
    if lacking or len(set(joints.values())) < len(joints):
        _fail(skeleton, lacking or [name for name in joints if list(joints.values()).count(joints[name]) > 1])
    return JointMap(joints)


def _lacking(joints: Mapping[str, str]) -> list[str]:
    lacking = [name for name in REQUIRED_JOINTS if name not in joints]
    return lacking if "neck" in joints or "head" in joints else [*lacking, "head"]


def _agree(by_shape: Mapping[str, str], named: Mapping[str, str]) -> bool:
    """True when no joint has two parts and no limb two joints."""
    part_of = {joint: part for part, joint in by_shape.items()}
    same_parts = all(part_of.get(joint, part) == part for part, joint in named.items())
    return same_parts and all(by_shape.get(part, joint) == joint for part, joint in named.items()
                              if part in REQUIRED_JOINTS)  # fmt: skip


def _fail(skeleton: Skeleton, lacking: list[str]) -> NoReturn:
    raise FileFormatError(
        f"skeleton: no joint found for {tree.some_names(lacking)} among {skeleton.num_joints} joints "
        f"({tree.some_names(skeleton.joint_names)}), neither by name nor by structure, expected a human body with "
        "two arms and two legs"
    )


def match_by_names(skeleton: Skeleton) -> dict[str, str]:
    """Model joint -> joint of ``skeleton``, as far as names tell; possibly nothing at all.

    The three spine joints are matched where the file has exactly three distinct ones between pelvis and neck.
    """
    index_of: dict[tuple[str, str], int] = {}
    named = [_side_and_word(name) for name in skeleton.joint_names]
    reach = _bones_begun(skeleton)
    for index, (side, word) in enumerate(named):
        other = index_of.setdefault((side, word), index)
        if reach[index] > _LONGER * reach[other]:  # LHipJoint and LeftHip are one word: the one that bears the bone
            index_of[side, word] = index
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
    if {"left_hip", "right_hip"} <= joints.keys():
        legs = tree.common_ancestor(skeleton, joints["left_hip"], joints["right_hip"])
        if joints.get("pelvis", -1) not in tree.ancestors(skeleton, legs):
            joints["pelvis"] = legs
    return {name: skeleton.joint_names[index] for name, index in joints.items()}


def _bones_begun(skeleton: Skeleton) -> list[float]:
    """Length of the longest bone that begins at every joint."""
    return [max((float(skeleton.bone_lengths[child]) for child in row), default=0.0) for row in skeleton.children]


def with_spine(skeleton: Skeleton, joints: Mapping[str, str]) -> dict[str, str]:
    """``joints`` with the spine, where exactly three distinct joints lie between pelvis and neck."""
    if "pelvis" not in joints or "neck" not in joints:
        return dict(joints)
    pelvis, neck = (skeleton.index(joints[name]) for name in ("pelvis", "neck"))
    chain = tree.chain(skeleton, pelvis, neck)
    shortest = _SHORTEST_SHARE * skeleton.bone_lengths.max()
    inner = [joint for joint in chain[1:] if skeleton.bone_lengths[joint] > shortest]
    if len(inner) != len(SPINE_JOINTS) + 1 or inner[-1] != neck:
        return dict(joints)
    return {**joints, **{name: skeleton.joint_names[i] for name, i in zip(SPINE_JOINTS, inner[:-1], strict=True)}}


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
