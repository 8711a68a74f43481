"""A body as rotations in the world, and limbs of two bones that reach for places. Bones keep their lengths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import bent_joint
from segmo_core.motion import rotations
from segmo_core.motion.kinematics import global_rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.motion.skeleton import Skeleton

FloatArray = NDArray[np.floating]

PELVIS, HEAD = INDEX["pelvis"], INDEX["head"]
SPINE = (INDEX["spine1"], INDEX["spine2"], INDEX["spine3"])
LEGS = tuple(
    (INDEX[f"{side}_hip"], INDEX[f"{side}_knee"], INDEX[f"{side}_ankle"], INDEX[f"{side}_foot"])
    for side in ("left", "right")
)
ARMS = tuple((INDEX[f"{side}_shoulder"], INDEX[f"{side}_elbow"], INDEX[f"{side}_wrist"]) for side in ("left", "right"))
_STRAIGHT = 0.01  # metres of bend that a straight limb is taken to have, so that it knows where to bend
_ASKED = 1e-6  # metres; a limb that is where it is asked to be stays as straight as it is
_BENDS = {
    LEGS[0][0]: np.array([0.0, 0.0, 1.0]), LEGS[1][0]: np.array([0.0, 0.0, 1.0]),
    ARMS[0][0]: np.array([0.35, -0.9, -0.25]), ARMS[1][0]: np.array([-0.35, -0.9, -0.25]),
}  # fmt: skip


@dataclass
class PosedBody:
    """turns: (T, J, 4) rotations of the joints in the world. root: (T, 3) metres. Changed in place."""

    skeleton: Skeleton
    turns: FloatArray
    root: FloatArray

    @classmethod
    def of(cls, motion: Motion) -> PosedBody:
        """Of a motion with rotations."""
        assert motion.local_rotations is not None
        turns = global_rotations(motion.skeleton, motion.local_rotations)
        return cls(motion.skeleton, turns, motion.joint_positions[:, 0].astype(np.float64))

    def positions(self) -> FloatArray:
        """(T, J, 3) metres."""
        placed = np.empty((*self.turns.shape[:2], 3))
        for joint, parent in enumerate(self.skeleton.parents):
            if parent < 0:
                placed[:, joint] = self.root
            else:
                placed[:, joint] = placed[:, parent] + rotations.rotate(
                    self.turns[:, parent], self.skeleton.rest_offsets[joint]
                )
        return placed

    def local(self) -> FloatArray:
        """(T, J, 4) rotations relative to the parents."""
        local = self.turns.copy()
        for joint, parent in enumerate(self.skeleton.parents):
            if parent >= 0:
                local[:, joint] = rotations.multiply(rotations.inverse(self.turns[:, parent]), self.turns[:, joint])
        return rotations.continuous(rotations.normalize(local, rotations.IDENTITY_QUATERNION))

    def turn_with_children(self, joint: int, turn: FloatArray) -> None:
        """Turn a joint and all below it by ``turn`` (T, 4) in the world."""
        below = {joint}
        for child, parent in enumerate(self.skeleton.parents):
            if parent in below:
                below.add(child)
        for each in sorted(below):
            self.turns[:, each] = rotations.multiply(turn, self.turns[:, each])

    def reach(self, limb: tuple[int, int, int], target: FloatArray, positions: FloatArray) -> None:
        """Bend ``limb`` (three joints) so that its end comes to ``target`` (T, 3); positions: (T, J, 3) as they are.

        What is below the end keeps its rotation in the world. A place out of reach is approached.
        """
        first, middle, end = limb
        start, lengths = positions[:, first], self.skeleton.bone_lengths
        axis = rotations.normalize(positions[:, end] - start)
        bend = positions[:, middle] - start
        bend = bend - np.sum(bend * axis, axis=-1, keepdims=True) * axis
        bend = bend + _STRAIGHT * rotations.rotate(self.turns[:, 0], _BENDS[first])
        carried = rotations.rotate(rotations.between(axis, target - start), bend)
        bent, ankle = bent_joint(start, target, carried, float(lengths[middle]), float(lengths[end]))
        asked = np.linalg.norm(target - positions[:, end], axis=-1, keepdims=True) > _ASKED
        knee, ankle = np.where(asked, bent, positions[:, middle]), np.where(asked, ankle, positions[:, end])
        upper = rotations.between(positions[:, middle] - positions[:, first], knee - positions[:, first])
        lower_now = rotations.rotate(upper, positions[:, end] - positions[:, middle])
        lower = rotations.multiply(rotations.between(lower_now, ankle - knee), upper)
        self.turns[:, first] = rotations.multiply(upper, self.turns[:, first])
        self.turns[:, middle] = rotations.multiply(lower, self.turns[:, middle])

    def motion(self, frame_rate: float) -> Motion:
        """The rigid motion of this body."""
        return Motion(self.positions().astype(np.float32), frame_rate, self.skeleton, self.local())
