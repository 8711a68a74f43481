"""What the rotations of a foreign skeleton are worth on the model's: turns since a rest pose that is a body."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.rest_pose import is_body, rest_positions, rest_turns
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.retargeting import joint_tree
from segmo_core.retargeting.placement import Body

FloatArray = NDArray[np.floating]

_LEVEL_ARMS = np.sin(np.radians(20.0))


@dataclass(frozen=True, eq=False)
class SourceTurns:
    """since: (T, J, 4) world rotations of the source's joints since its rest pose. joints: (J, 3) that rest pose, in
    any place and unit. from_model: (22, 4) turns from the model's rest pose to it, joint by joint.
    """

    since: FloatArray
    joints: FloatArray
    from_model: FloatArray

    def of(self, motion: Motion, body: Body, missing: Collection[str]) -> Mapping[int, FloatArray]:
        """Model joint -> world rotations (T, 4) that the source's own rotations give it."""
        players = {name: index for name, index in body.joints.items() if name not in missing}
        bearer = joint_tree.common_ancestor(motion.skeleton, players["left_shoulder"], players["right_shoulder"])
        if bearer in body.spine[1:]:
            players.setdefault("spine3", bearer)  # the chest is what bears the shoulders, whatever the file calls it
        return {
            INDEX[name]: rotations.multiply(self.since[:, index], self.from_model[INDEX[name]])
            for name, index in players.items()
        }


def source_turns(
    motion: Motion, turn: FloatArray, rest: FloatArray | None, first: FloatArray, positions: FloatArray
) -> SourceTurns | None:
    """None where the source's rotations are worthless.

    They count relative to the rest pose where that is a body, else to the first frame where that is a T-pose.
    turn: (4,) from the source's axes to Y up. rest: (22, 3) the model's joints in the source's rest pose and axes, None
    without rotations; first: in the first frame, Y up. positions: (T, J, 3) of the source, Y up.
    """
    if motion.local_rotations is None or rest is None:
        return None
    world = rotations.multiply(turn, kinematics.global_rotations(motion.skeleton, motion.local_rotations))
    if is_body(rest):
        return SourceTurns(world, rest_positions(motion.skeleton), rest_turns(rest))
    if not (is_body(first) and has_level_arms(first)):
        return None
    return SourceTurns(rotations.multiply(world, rotations.inverse(world[:1])), positions[0], rest_turns(first))


def has_level_arms(joints: FloatArray) -> bool:
    """True when both arms of joints (22, 3), Y up, are stretched out sideways."""
    arms = [joints[INDEX[f"{side}_wrist"]] - joints[INDEX[f"{side}_shoulder"]] for side in ("left", "right")]
    return bool(all(abs(arm[1]) < _LEVEL_ARMS * np.linalg.norm(arm) for arm in arms))
