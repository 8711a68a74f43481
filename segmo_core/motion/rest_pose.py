"""Rest poses: where joints rest, and what a foreign skeleton's rotations are worth.

That hangs on how its rest pose (A-pose, T-pose, arms down) stands to the model's.
BVH files hold rotations relative to a rest pose that is a proper body in some programs' files and a straight line in
others' (LAFAN1). Where it is a body, a turn since rest is a turn of the model's joint, twist included; where it is
none, the first frame may serve; else rotations say nothing and only positions count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.motion.branch_turns import branch_turn
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, Skeleton
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as _INDEX

FloatArray = NDArray[np.floating]


def rest_positions(skeleton: Skeleton) -> NDArray[np.float64]:
    """(J, 3) joints of the rest pose, the root at the origin."""
    positions = np.zeros((skeleton.num_joints, 3))
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            positions[joint] = positions[parent] + skeleton.rest_offsets[joint]
    return positions


_MODEL = rest_positions(MODEL_SKELETON)
_UPRIGHT = np.radians(60.0)  # how far legs and spine of a rest pose may lean
_ARM_LIMIT = np.radians(120.0)
# These bear a head or a foot that stands level in rest, whichever way the bone before it leans.
_LEVEL = ("head", "left_foot", "right_foot")
_TRUNK = (("right_hip", "left_hip"), ("right_shoulder", "left_shoulder"), ("pelvis", "neck"))


def body_turn(rest: FloatArray) -> FloatArray:
    """Rotation (4,) from the model's rest pose to a body (22, 3): where it faces and where its up is."""
    ours = np.stack([_MODEL[_INDEX[end]] - _MODEL[_INDEX[start]] for start, end in _TRUNK])
    theirs = np.stack([rest[_INDEX[end]] - rest[_INDEX[start]] for start, end in _TRUNK])
    return rotations.fit_rotation(rotations.normalize(ours), rotations.normalize(theirs))


def is_body(rest: FloatArray) -> bool:
    """True when joints (22, 3) stand upright with legs down, arms anywhere but up or crossed behind."""
    turn = body_turn(rest)
    for name, parent in enumerate(MODEL_SKELETON.parents):
        limit = _limit(SMPL_JOINT_NAMES[name])
        if parent >= 0 and limit and _angle(rest, turn, name) > limit:
            return False
    return True


def rest_turns(rest: FloatArray) -> FloatArray:
    """Rotations (22, 4): from the model's rest pose to the rest pose (22, 3) of another body, joint by joint.

    A joint with one bone turns by the shortest arc that brings the bone there; pelvis and chest by the turn that fits
    their bones best; hands go on as forearms do; head and toes stay level.
    """
    whole = body_turn(rest)
    turns = np.tile(whole, (MODEL_SKELETON.num_joints, 1))
    for joint, children in enumerate(MODEL_SKELETON.children):
        name = SMPL_JOINT_NAMES[joint]
        if len(children) > 1:
            turns[joint] = branch_turn(joint, rest[None])[0]
        elif len(children) == 1:
            bone = rotations.rotate(whole, MODEL_SKELETON.rest_offsets[children[0]])
            turns[joint] = rotations.multiply(rotations.between(bone, rest[children[0]] - rest[joint]), whole)
        elif name not in _LEVEL:
            turns[joint] = turns[MODEL_SKELETON.parents[joint]]
    return turns


def _limit(name: str) -> float:
    part = name.split("_")[-1]
    if part in ("knee", "ankle", "spine2", "spine3", "neck"):
        return float(_UPRIGHT)
    return float(_ARM_LIMIT) if part in ("elbow", "wrist", "foot") else 0.0


def _angle(rest: FloatArray, turn: FloatArray, joint: int) -> float:
    ours = rotations.normalize(rotations.rotate(turn, MODEL_SKELETON.rest_offsets[joint]))
    theirs = rotations.normalize(rest[joint] - rest[MODEL_SKELETON.parents[joint]])
    return float(np.arccos(np.clip(ours @ theirs, -1, 1)))
