"""The fingers of a foreign hand as the model's: every bone points where the file's does, and bends as it does.

A hand of another rest pose (closed a little, spread, the arm in an A-pose) is brought to the model's straight one bone
by bone, as limbs are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.hands.hand_shape import FINGER_JOINTS, FINGERS, NUM_PARTS, SIDES, relaxed_hands
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.motion.skeleton import Skeleton
from segmo_core.retargeting.source_turns import SourceTurns

FloatArray = NDArray[np.floating]

_STILL = np.radians(0.2)
_STRAIGHT = np.radians(5.0)
_FARTHEST = np.cos(np.radians(100.0))  # between a bone at rest and the model's; beyond that the rest pose is no hand
_SHORTEST = 1e-3  # of a hand's length


def hands_of_joints(
    skeleton: Skeleton, turns: SourceTurns, wrists: Mapping[str, int], players: Mapping[int, int]
) -> HandPoses | None:
    """What the finger joints ``players`` (index in FINGER_JOINTS -> joint of ``skeleton``) do; None where they do
    nothing: straight and unbent in all frames, as rigs are whose fingers nobody moved.

    wrists: side -> joint. Joints that nobody plays hang relaxed.
    """
    local = np.tile(relaxed_hands(), (len(turns.since), 1, 1))
    bends: list[FloatArray] = []
    straight: list[FloatArray] = []
    for side in SIDES:
        wrist = wrists[side]
        rests = turns.from_model[INDEX[f"{side}_wrist"]]
        hand = rotations.multiply(turns.since[:, wrist], rests)
        for finger in FINGERS:
            first = FINGER_JOINTS.index(f"{side}_{finger.name}1")
            bones = [players[each] for each in range(first, first + NUM_PARTS) if each in players]
            above, joint_above, correction = hand, wrist, rotations.IDENTITY_QUATERNION
            for part, bone in enumerate(bones):
                after = bones[part + 1] if part + 1 < len(bones) else None
                correction = _correction(skeleton, turns, bone, after, rests, finger.along(side), correction)
                turned = rotations.multiply(rotations.multiply(turns.since[:, bone], rests), correction)
                local[:, first + part] = rotations.multiply(rotations.inverse(above), turned)
                bends.append(rotations.multiply(rotations.inverse(turns.since[:, joint_above]), turns.since[:, bone]))
                if finger.name != "thumb":
                    straight.append(local[:, first + part])
                above, joint_above = turned, bone
    if not bends or (_largest(bends) < _STILL and _largest(straight) < _STRAIGHT):
        return None
    return HandPoses(rotations.continuous(rotations.normalize(local)), len(set(players.values())))


def hands_of_poses(hands: HandPoses, turns: SourceTurns) -> HandPoses | None:
    """``hands`` that a file tells beside its joints, at the model's wrists; None where they do nothing."""
    if _largest([hands.local_rotations]) < _STILL:
        return None
    return hands.at_wrists(rotations.inverse(turns.from_model))


def _correction(
    skeleton: Skeleton,
    turns: SourceTurns,
    bone: int,
    after: int | None,
    rests: FloatArray,
    along: FloatArray,
    before: FloatArray,
) -> FloatArray:
    """(4,) turn from the model's resting finger, which lies ``along``, to the file's bone; as of the one ``before`` it
    where the file tells no end of it.
    """
    ends = [after] if after is not None else list(skeleton.children[bone])
    if not ends:
        return before
    end = max(ends, key=lambda child: float(skeleton.bone_lengths[child]))
    reach = rotations.rotate(rotations.inverse(rests), turns.joints[end] - turns.joints[bone])
    length = float(np.linalg.norm(reach))
    if length <= _SHORTEST * float(skeleton.bone_lengths.max()) or float(reach @ along) < _FARTHEST * length:
        return before
    return rotations.between(along, reach / length)


def _largest(turned: list[FloatArray]) -> float:
    """The largest angle, radians, of lists of rotations (..., 4)."""
    return max((float(2.0 * np.arccos(np.abs(each[..., 0]).clip(max=1.0).min())) for each in turned), default=0.0)
