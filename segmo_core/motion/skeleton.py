"""Joint hierarchies. The model's own is HumanML3D's 22-joint skeleton (SMPL order, T-pose)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A tree of joints.

    joint_names: J names, root first. parents: J indices, -1 for the root, every parent before its children.
    rest_offsets: (J, 3) metres, joint minus parent in the rest pose (T-pose, facing +Z, Y up); root row is zero.
    end_offsets: (J, 3) metres, from a last joint to the end of its bone in the rest pose (BVH's End Site), zero where
    there is none; None where nothing is known of ends.
    """

    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    rest_offsets: FloatArray
    end_offsets: FloatArray | None = None

    def __post_init__(self) -> None:
        offsets = np.array(self.rest_offsets, dtype=np.float64)
        if offsets.shape != (len(self.joint_names), 3) or len(self.parents) != len(self.joint_names):
            raise InvalidRequestError(
                f"skeleton: {len(self.joint_names)} names, {len(self.parents)} parents and offsets of shape "
                f"{offsets.shape}, expected the same number of each"
            )
        for joint, parent in enumerate(self.parents):
            if (parent < 0) != (joint == 0) or parent >= joint:
                raise InvalidRequestError(f"skeleton: joint {joint} has parent {parent}, expected an earlier joint")
        offsets.setflags(write=False)
        object.__setattr__(self, "rest_offsets", offsets)
        if self.end_offsets is not None:
            ends = np.array(self.end_offsets, dtype=np.float64)
            if ends.shape != offsets.shape:
                raise InvalidRequestError(f"skeleton: ends of shape {ends.shape}, expected {offsets.shape}")
            ends.setflags(write=False)
            object.__setattr__(self, "end_offsets", ends)

    @property
    def num_joints(self) -> int:
        return len(self.joint_names)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """Children of every joint, in index order."""
        table: list[list[int]] = [[] for _ in self.parents]
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                table[parent].append(joint)
        return tuple(tuple(row) for row in table)

    @cached_property
    def bone_lengths(self) -> FloatArray:
        """(J,) metres, joint to parent; 0 for the root."""
        lengths: FloatArray = np.linalg.norm(self.rest_offsets, axis=-1)
        return lengths

    def index(self, name: str) -> int:
        """The index of the joint called ``name``. Raises ValueError where there is none.

        Example:
            >>> MODEL_SKELETON.index("head")
            15
        """
        return self.joint_names.index(name)

    def same_as(self, other: Skeleton, tolerance: float = 1e-5) -> bool:
        """Whether ``other`` has the same names, hierarchy and rest offsets within ``tolerance`` metres. Raises nothing.

        Example:
            >>> result.motion.skeleton.same_as(MODEL_SKELETON)
            True
        """
        return (
            self.joint_names == other.joint_names
            and self.parents == other.parents
            and bool(np.allclose(self.rest_offsets, other.rest_offsets, atol=tolerance))
        )


SMPL_JOINT_NAMES = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle",
    "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
SMPL_JOINT_INDEX = {name: index for index, name in enumerate(SMPL_JOINT_NAMES)}
SMPL_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)

# Unit directions of the rest pose in HumanML3D (its paramUtil.t2m_raw_offsets).
HUMANML3D_REST_DIRECTIONS = np.array(
    [
        [0, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, -1, 0], [0, 1, 0], [0, -1, 0],
        [0, -1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 1, 0], [1, 0, 0], [-1, 0, 0], [0, 0, 1],
        [0, -1, 0], [0, -1, 0], [0, -1, 0], [0, -1, 0], [0, -1, 0], [0, -1, 0],
    ],
    dtype=np.float64,
)  # fmt: skip

# Bone lengths of HumanML3D's reference skeleton (subject 000021), joint to parent, metres; constant in all its data.
HUMANML3D_BONE_LENGTHS = np.array(
    [
        0.0, 0.103074, 0.1098834, 0.1315682, 0.3936232, 0.3901882, 0.1431902, 0.4324331, 0.4256434, 0.0573647,
        0.1433818, 0.1494191, 0.2193601, 0.1374868, 0.1433828, 0.1030392, 0.131614, 0.1229844, 0.25684, 0.2630917,
        0.2660117, 0.2698764,
    ]
)  # fmt: skip

# A T-pose facing +Z. The directions around pelvis and chest are the mean of real motion capture (7,000 poses,
# aligned by least squares), so that one rotation can serve all bones of those joints; limbs are straight.
_T_POSE_DIRECTIONS = np.array(
    [
        [0, 0, 0], [0.632, -0.77, 0.09], [-0.632, -0.77, 0.09], [0, 0.999, -0.052], [0, -1, 0], [0, -1, 0],
        [0, 1, 0], [0, -1, 0], [0, -1, 0], [0, 1, 0], [0, -0.45, 0.89], [0, -0.45, 0.89], [0, 1, 0.018],
        [0.55, 0.835, -0.011], [-0.55, 0.835, -0.011], [0, 0.97, 0.24], [0.98, 0, -0.2], [-0.98, 0, -0.2],
        [1, 0, 0], [-1, 0, 0], [1, 0, 0], [-1, 0, 0],
    ]
)  # fmt: skip


def skeleton_from_directions(directions: FloatArray, bone_lengths: FloatArray) -> Skeleton:
    """A 22-joint SMPL-order skeleton of rest directions (22, 3), any length, and bone_lengths (22,) metres."""
    length = np.linalg.norm(directions, axis=-1, keepdims=True)
    unit = directions / np.where(length > 0, length, 1.0)
    return Skeleton(SMPL_JOINT_NAMES, SMPL_PARENTS, unit * bone_lengths[:, None])


MODEL_SKELETON = skeleton_from_directions(_T_POSE_DIRECTIONS, HUMANML3D_BONE_LENGTHS)

# KIT-ML's 21 joints as HumanML3D's code orders them (utils/paramUtil.py): it calls the chains from joints 11 and 5
# right. They are named as the model's joints are; only the middle of the foot and the tip of the toes have no twin.
KIT_JOINT_NAMES = (
    "pelvis", "spine1", "spine2", "neck", "head", "right_shoulder", "right_elbow", "right_wrist",
    "left_shoulder", "left_elbow", "left_wrist", "right_hip", "right_knee", "right_ankle", "right_foot",
    "right_toe_tip", "left_hip", "left_knee", "left_ankle", "left_foot", "left_toe_tip",
)  # fmt: skip
KIT_PARENTS = (-1, 0, 1, 2, 3, 3, 5, 6, 3, 8, 9, 0, 11, 12, 13, 14, 0, 16, 17, 18, 19)
_KIT_REST_OFFSETS = np.array(
    [
        [0, 0, 0], [0, 0.13, 0], [0, 0.2, 0], [0, 0.25, 0], [0, 0.2, 0], [-0.18, 0, 0], [-0.26, 0, 0], [-0.26, 0, 0],
        [0.18, 0, 0], [0.26, 0, 0], [0.26, 0, 0], [-0.1, 0, 0], [0, -0.4, 0], [0, -0.42, 0], [0, -0.05, 0.1],
        [0, 0, 0.08], [0.1, 0, 0], [0, -0.4, 0], [0, -0.42, 0], [0, -0.05, 0.1], [0, 0, 0.08],
    ]
)  # fmt: skip
KIT_SKELETON = Skeleton(KIT_JOINT_NAMES, KIT_PARENTS, _KIT_REST_OFFSETS)
