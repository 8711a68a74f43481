"""A motion of the model skeleton on a skeleton of SMPL's joints, whose rest pose and proportions are others."""

from __future__ import annotations

import numpy as np

from segmo_core.errors import InvalidRequestError
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.rest_pose import rest_positions, rest_turns
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, Skeleton

_FEET = [SMPL_JOINT_NAMES.index(f"{side}_{part}") for side in ("left", "right") for part in ("ankle", "foot")]


def pose_smpl_skeleton(motion: Motion, skeleton: Skeleton) -> Motion:
    """``motion`` on ``skeleton``, which has SMPL's 22 joints, scaled to its leg length.

    Every bone has the direction of the motion's, but for the constant turn by which the bones of pelvis and chest
    differ; the lowest foot joint is where the scaled motion's is. Raises InvalidRequestError for a motion that is not
    on MODEL_SKELETON or has no rotations.
    """
    if motion.local_rotations is None or not motion.skeleton.same_as(MODEL_SKELETON):
        raise InvalidRequestError("motion: not rigid on the model skeleton, expected one put there first")
    turns = rest_turns(rest_positions(skeleton))
    world = kinematics.global_rotations(MODEL_SKELETON, motion.local_rotations)
    world = rotations.multiply(world, rotations.inverse(turns))
    local = np.array(world)
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            local[:, joint] = rotations.multiply(rotations.inverse(world[:, parent]), world[:, joint])
    scale = _right_leg(skeleton) / _right_leg(MODEL_SKELETON)
    root = motion.joint_positions[:, 0].astype(np.float64) * scale
    positions = kinematics.forward_kinematics(skeleton, local, root)
    positions[..., 1] += motion.joint_positions[:, _FEET, 1].min() * scale - positions[:, _FEET, 1].min()
    hands = None if motion.hands is None else motion.hands.at_wrists(turns)
    return Motion(positions, motion.frame_rate, skeleton, rotations.continuous(local), hands=hands)


def _right_leg(skeleton: Skeleton) -> float:
    return float(sum(skeleton.bone_lengths[skeleton.index(f"right_{part}")] for part in ("knee", "ankle")))
