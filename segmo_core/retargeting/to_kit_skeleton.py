"""The model's 22 joints as KIT-ML's 21, the way back from ``to_model_skeleton``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.motion.features import KIT_LAYOUT, uniform_skeleton
from segmo_core.motion.skeleton import KIT_JOINT_NAMES, KIT_SKELETON, MODEL_SKELETON

FloatArray = NDArray[np.floating]

_TIP = "_toe_tip"
# KIT-ML's foot goes on from its middle to the tip of the toes, level where the foot is flat; the model's ends at the
# toes, lower than the ankle by this angle.
_DROP = float(np.arctan2(0.45, 0.89))


def to_kit_skeleton(joint_positions: FloatArray, bone_lengths: FloatArray) -> FloatArray:
    """Joints (T, 22, 3) of the model's skeleton, metres -> (T, 21, 3) of KIT-ML's, in the unit of ``bone_lengths``.

    bone_lengths: (21,) from each joint to its parent; every bone keeps the direction it has between the joints of the
    same names. The root is scaled as the legs are, as in the data set's own processing.
    """
    joints = np.asarray(joint_positions, dtype=np.float64)
    placed = np.zeros((len(joints), KIT_SKELETON.num_joints, 3))
    for index, name in enumerate(KIT_JOINT_NAMES):
        placed[:, index] = _toe_tip(joints, name.split("_")[0]) if name.endswith(_TIP) else _joint(joints, name)
    return uniform_skeleton(placed, bone_lengths, KIT_LAYOUT)


def _joint(joints: FloatArray, name: str) -> FloatArray:
    return joints[:, MODEL_SKELETON.index(name)]


def _toe_tip(joints: FloatArray, side: str) -> FloatArray:
    """(T, 3) somewhere on the line from the middle of a foot through the tip of its toes."""
    knee, ankle, foot = (_joint(joints, f"{side}_{part}") for part in ("knee", "ankle", "foot"))
    along = rotations.normalize(foot - ankle, np.array([0.0, 0.0, 1.0]))
    across = rotations.normalize(np.cross(ankle - knee, along), np.array([-1.0, 0.0, 0.0]))
    tilt = rotations.from_axis_angle(across, np.full(len(joints), _DROP))
    return np.asarray(foot + rotations.rotate(tilt, along))
