"""The body of a recording as its file has it, and poses of the model brought back onto it.

Putting a file on the model's skeleton loses what that has not: proportions, rest pose, twist and fingers. The way back
takes them from the recording itself: how every joint of the file was turned against the model's joint that it plays is
measured over all frames, limbs are aimed exactly, and joints that play nothing go from where the recording leaves them
to where it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX

FloatArray = NDArray[np.floating]

_LIMBS = ("hip", "knee"), ("knee", "ankle"), ("ankle", "foot"), ("shoulder", "elbow"), ("elbow", "wrist")
_AIMED = {INDEX[f"{side}_{start}"]: INDEX[f"{side}_{end}"] for side in ("left", "right") for start, end in _LIMBS}


@dataclass(frozen=True, eq=False)
class Poses:
    """local: (K, J, 4) rotations. root: (K, 3) metres."""

    local: FloatArray
    root: FloatArray

    def __len__(self) -> int:
        return len(self.root)

    def frames(self, start: int, end: int) -> Poses:
        """Frames [``start``, ``end``), both within."""
        return Poses(self.local[start:end], self.root[start:end])


@dataclass(frozen=True, eq=False)
class OwnBody:
    """motion: of the recording on its own skeleton, rigid, with rotations, metres of the model's scale, Y up.

    on_model: the same frames on the model's skeleton. players: model joint -> joint of the file.
    """

    motion: Motion
    on_model: Motion
    players: Mapping[int, int]

    @classmethod
    def of_model(cls, motion: Motion) -> OwnBody:
        """A body that is the model's own."""
        own = {joint: joint for joint in range(MODEL_SKELETON.num_joints)}
        return cls(motion, motion, MappingProxyType(own))

    @cached_property
    def is_model(self) -> bool:
        """Whether poses of the model are poses of this body."""
        return self.motion.skeleton.same_as(MODEL_SKELETON) and all(a == b for a, b in self.players.items())

    @cached_property
    def poses(self) -> Poses:
        """Of all frames of the recording."""
        assert self.motion.local_rotations is not None
        return Poses(self.motion.local_rotations, self.motion.joint_positions[:, 0].astype(np.float64))

    @cached_property
    def _against_model(self) -> Mapping[int, FloatArray]:
        """Joint of the file -> (4,) how it is turned in the frame of the model's joint, the mean over all frames."""
        assert self.motion.local_rotations is not None
        assert self.on_model.local_rotations is not None
        own = kinematics.global_rotations(self.motion.skeleton, self.motion.local_rotations)
        model = kinematics.global_rotations(MODEL_SKELETON, self.on_model.local_rotations)
        return {
            joint: _mean(rotations.multiply(rotations.inverse(model[:, played]), own[:, joint]))
            for played, joint in self.players.items()
        }

    @cached_property
    def _height(self) -> float:
        """Metres that the file's pelvis is above the model's: what putting a body on the floor took away."""
        pelvis = self.motion.joint_positions[:, self.players[INDEX["pelvis"]], 1].astype(np.float64)
        return float((pelvis - self.on_model.joint_positions[:, 0, 1]).mean())

    def posed(self, model: Poses, before: FloatArray | None, after: FloatArray | None) -> Poses:
        """This body as the model stands in ``model`` (K frames).

        before, after: (J, 4) local rotations of this body that joints come from and go to which play nothing; at least
        one of them.
        """
        if self.is_model:
            return model
        skeleton, count = self.motion.skeleton, len(model)
        filled = _between(before, after, count)
        turned = kinematics.global_rotations(MODEL_SKELETON, model.local)
        placed = kinematics.forward_kinematics(MODEL_SKELETON, model.local, model.root)
        played = {joint: name for name, joint in self.players.items()}
        world = np.empty((count, skeleton.num_joints, 4))
        for joint, parent in enumerate(skeleton.parents):
            name = played.get(joint)
            if name is None:
                world[:, joint] = (
                    filled[:, joint] if parent < 0 else rotations.multiply(world[:, parent], filled[:, joint])
                )
                continue
            world[:, joint] = rotations.multiply(turned[:, name], self._against_model[joint])
            end = _AIMED.get(name)
            if end is not None and end in self.players and self._is_below(self.players[end], joint):
                bone = rotations.rotate(world[:, joint], self._reach(joint, self.players[end], filled))
                aim = rotations.between(bone, placed[:, end] - placed[:, name])
                world[:, joint] = rotations.multiply(aim, world[:, joint])
        local = world.copy()
        for joint, parent in enumerate(skeleton.parents):
            if parent >= 0:
                local[:, joint] = rotations.multiply(rotations.inverse(world[:, parent]), world[:, joint])
        reached = kinematics.forward_kinematics(skeleton, local, np.zeros((count, 3)))
        root = model.root + np.array([0.0, self._height, 0.0]) - reached[:, self.players[INDEX["pelvis"]]]
        return Poses(rotations.continuous(rotations.normalize(local)), root)

    def _is_below(self, joint: int, ancestor: int) -> bool:
        while joint > ancestor:
            joint = self.motion.skeleton.parents[joint]
        return joint == ancestor

    def _reach(self, joint: int, end: int, filled: FloatArray) -> FloatArray:
        """(K, 3) from ``joint`` to ``end`` below it, in the frame of ``joint``, the joints between as in ``filled``."""
        skeleton = self.motion.skeleton
        reach = np.broadcast_to(skeleton.rest_offsets[end], (len(filled), 3))
        between = skeleton.parents[end]
        while between != joint:
            reach = skeleton.rest_offsets[between] + rotations.rotate(filled[:, between], reach)
            between = skeleton.parents[between]
        return reach


def _mean(turns: FloatArray) -> FloatArray:
    """The mean (4,) of rotations (T, 4): the eigenvector of their outer products (Markley et al. 2007)."""
    _, vectors = np.linalg.eigh(turns.T @ turns)
    mean: FloatArray = vectors[:, -1]
    return mean


def _between(before: FloatArray | None, after: FloatArray | None, count: int) -> FloatArray:
    """(K, J, 4) on the way from ``before`` to ``after``, which stand outside; the one there is, where one is None."""
    first, last = before if before is not None else after, after if after is not None else before
    assert first is not None
    assert last is not None
    share = np.arange(1, count + 1) / (count + 1)
    share = share**2 * (3.0 - 2.0 * share)
    return rotations.slerp(first[None], last[None], np.broadcast_to(share[:, None], (count, len(first))))
