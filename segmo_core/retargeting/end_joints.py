"""The ends of last bones as joints: where a file's toes or the top of its head are no joints but End Sites."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton
from segmo_core.retargeting.joint_tree import subtree, with_unique_names

_SUFFIX = "_End"
_END = r"(end|nub|tip|site|top)[ ._]*\d*$"
_PARENT_PART = {
    "left_ankle": "left_knee", "right_ankle": "right_knee", "left_foot": "left_ankle", "right_foot": "right_ankle",
    "left_wrist": "left_elbow", "right_wrist": "right_elbow", "head": "neck",
}  # fmt: skip
_TURNED = 0.85  # cosine between a shin and toes at most
_LEAST_RATIO, _MOST_RATIO = 0.6, 1.7  # of the lower to the upper bone of a limb
_SHORTEST_SHARE = 0.02  # of the longest bone: nearer than that, a joint is at the place of the one it hangs from


def skeleton_with_ends(skeleton: Skeleton) -> Skeleton:
    """``skeleton`` with one more joint, called as its joint and "_End", for every end that is known; names unique."""
    skeleton = with_unique_names(skeleton)
    ends = skeleton.end_offsets
    if ends is None:
        return skeleton
    bearers = np.flatnonzero(np.linalg.norm(ends, axis=-1) > 0)
    return with_unique_names(
        Skeleton(
            (*skeleton.joint_names, *(f"{skeleton.joint_names[joint]}{_SUFFIX}" for joint in bearers)),
            (*skeleton.parents, *(int(joint) for joint in bearers)),
            np.concatenate([skeleton.rest_offsets, ends[bearers]]),
        )
    )


def with_end_joints(motion: Motion) -> Motion:
    """``motion`` on ``skeleton_with_ends``; without rotations nothing is known of ends."""
    skeleton = with_unique_names(motion.skeleton)
    if motion.local_rotations is None or skeleton.end_offsets is None:
        return replace(motion, skeleton=replace(skeleton, end_offsets=None))
    extended = skeleton_with_ends(skeleton)
    bearers = list(extended.parents[skeleton.num_joints :])
    turned = kinematics.global_rotations(skeleton, motion.local_rotations)[:, bearers]
    reach = rotations.rotate(turned, extended.rest_offsets[skeleton.num_joints :])
    ends = motion.joint_positions[:, bearers].astype(np.float64) + reach
    still = np.broadcast_to(rotations.IDENTITY_QUATERNION, (motion.num_frames, len(bearers), 4))
    return replace(
        motion,
        skeleton=extended,
        joint_positions=np.concatenate([motion.joint_positions, ends], axis=1),
        local_rotations=np.concatenate([motion.local_rotations, still], axis=1),
    )


def completed(skeleton: Skeleton, joints: dict[str, str]) -> dict[str, str]:
    """``joints`` (model joint -> joint of ``skeleton``) with the ends of limbs and of the neck that no name tells of.

    The end of the longest bone below the one before, unless other parts of the body hang from it, or it
    only goes on where that bone leads, as programs write it that know nothing of a foot.
    """
    found = dict(joints)
    players = {skeleton.index(name) for name in joints.values()}
    shortest = _SHORTEST_SHARE * float(skeleton.bone_lengths.max())
    for part, parent_part in _PARENT_PART.items():
        if parent_part not in found:
            continue
        bearer = skeleton.index(found[parent_part])
        own = skeleton.index(found[part]) if part in found else None
        if own is not None and (skeleton.parents[own] != bearer or skeleton.bone_lengths[own] > shortest):
            continue
        if own is not None:
            players.discard(own)
            bearer = own
        below = [
            child
            for child in skeleton.children[bearer]
            if skeleton.bone_lengths[child] > shortest
            and _says_end(skeleton.joint_names[child])
            and players.isdisjoint(subtree(skeleton, child))
            and _can_be(part, skeleton, bearer, child)
        ]
        if below:
            found[part] = skeleton.joint_names[max(below, key=lambda child: float(skeleton.bone_lengths[child]))]
    return found


def _says_end(name: str) -> bool:
    return re.search(_END, name, re.IGNORECASE) is not None


def _can_be(part: str, skeleton: Skeleton, bearer: int, child: int) -> bool:
    """Whether the bone to ``child`` can be the one to ``part``: toes turn off the shin, limbs are of a length."""
    bone, before = skeleton.rest_offsets[child], skeleton.rest_offsets[bearer]
    lengths = float(np.linalg.norm(bone)), float(np.linalg.norm(before))
    if part.endswith("foot"):
        return float(bone @ before) < _TURNED * lengths[0] * lengths[1]
    return part == "head" or _LEAST_RATIO * lengths[1] < lengths[0] < _MOST_RATIO * lengths[1]
