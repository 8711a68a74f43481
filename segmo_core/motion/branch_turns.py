"""How a joint that bears several bones is turned, also where those bones do not tell.

Pelvis and chest bear three bones each, and a turn is fitted to them. In many files both collars begin at one point
(CMU's files for animators, Noitom's): the chest's three bones then lie on one line, and a fit turns about it at will,
by half a circle for half a millimetre. There the file's own rotation counts, or else the line between the shoulders.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as _INDEX

FloatArray = NDArray[np.floating]

_MODEL = kinematics.forward_kinematics(
    MODEL_SKELETON, np.tile(rotations.IDENTITY_QUATERNION, (1, MODEL_SKELETON.num_joints, 1)), np.zeros((1, 3))
)[0]
# Certainty of a fit (rotations.fit_with_certainty) up to which it is not believed, and from which on it is. The model's
# own chest has 0.2; collars 2 cm apart on either side, 15 cm above the joint, 0.05; half a millimetre, 0.001.
_UNDECIDED, _DECIDED = 0.015, 0.04
_OPPOSED = 0.0  # cosine between the lines of the shoulders that two turns give, below which they contradict each other
_CLEARLY = 0.12  # certainty that outweighs a contradiction
_SHORTEST_LINE = 0.04  # metres
_LINES = (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder"))


def branch_turn(joint: int, joints: FloatArray, start: FloatArray | None = None) -> FloatArray:
    """World rotations (T, 4) of model joint ``joint`` from its rest pose, for joints (T, 22, 3) of any size.

    start: rotations (T, 4) that the file gives; None where it gives none.
    """
    children = list(MODEL_SKELETON.children[joint])
    rest = rotations.normalize(MODEL_SKELETON.rest_offsets[children])
    bones = rotations.normalize(joints[:, children] - joints[:, [joint]])
    fitted, certainty = rotations.fit_with_certainty(np.broadcast_to(rest, bones.shape), bones)
    if certainty.min() >= _CLEARLY:
        return fitted
    line = _line(joint, joints)
    if start is not None:
        mean = bones.sum(axis=1)
        other = rotations.multiply(rotations.between(rotations.rotate(start, rest.sum(axis=0)), mean), start)
    elif line is not None:
        across = np.concatenate([bones, rotations.normalize(line[1])[:, None]], axis=1)
        other = rotations.fit_rotation(
            np.broadcast_to(np.concatenate([rest, rotations.normalize(line[0])[None]]), across.shape), across
        )
    else:
        return fitted
    trust = np.clip((certainty - _UNDECIDED) / (_DECIDED - _UNDECIDED), 0.0, 1.0)
    if line is not None:
        agreement = np.sum(rotations.rotate(fitted, line[0]) * rotations.normalize(line[1]), axis=-1)
        contradicts = agreement < _OPPOSED
        trust = np.where(contradicts & (certainty < _CLEARLY), 0.0, trust)
    return rotations.slerp(other, fitted, trust)


def _line(joint: int, joints: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """A line across the body as the model has it (3,) and as ``joints`` have it (T, 3); None where both have no length.

    The chest takes the shoulders', the pelvis the hips'; the other one where that has none.
    """
    for left, right in _LINES if SMPL_JOINT_NAMES[joint] == "pelvis" else reversed(_LINES):
        posed = joints[:, _INDEX[left]] - joints[:, _INDEX[right]]
        if np.median(np.linalg.norm(posed, axis=-1)) > _SHORTEST_LINE:
            return _MODEL[_INDEX[left]] - _MODEL[_INDEX[right]], posed
    return None
