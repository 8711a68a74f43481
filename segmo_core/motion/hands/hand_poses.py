"""What the fingers of a motion do: thirty joints beside the 22 of the body."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.motion import rotations
from segmo_core.motion.hands.hand_shape import FINGER_JOINTS
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]

_WRISTS = [SMPL_JOINT_NAMES.index(f"{joint.partition('_')[0]}_wrist") for joint in FINGER_JOINTS]


@dataclass(frozen=True, eq=False)
class HandPoses:
    """local_rotations: (T, 30, 4) unit quaternions (w, x, y, z) of FINGER_JOINTS, each relative to the joint before it
    (the wrist for the first of a finger) since a straight hand at rest (``hand_shape``), at the rate of the motion they
    belong to. num_found: how many of them a file told of; the others hang relaxed.
    """

    local_rotations: FloatArray
    num_found: int = len(FINGER_JOINTS)

    def __post_init__(self) -> None:
        turns = np.array(self.local_rotations, dtype=np.float64)
        expected = (len(FINGER_JOINTS), 4)
        if turns.ndim != 3 or turns.shape[1:] != expected:
            raise InvalidRequestError(f"hands: rotations of shape {turns.shape}, expected (T, {expected[0]}, 4)")
        if not np.isfinite(turns).all():
            raise InvalidRequestError("hands: rotations hold NaN or infinity, expected unit quaternions")
        if not 0 < self.num_found <= len(FINGER_JOINTS):
            raise InvalidRequestError(f"hands: {self.num_found} joints found, expected 1 to {len(FINGER_JOINTS)}")
        turns.setflags(write=False)
        object.__setattr__(self, "local_rotations", turns)

    @property
    def num_frames(self) -> int:
        return len(self.local_rotations)

    def frames(self, start: int, end: int) -> HandPoses:
        """Frames [``start``, ``end``)."""
        return replace(self, local_rotations=self.local_rotations[start:end])

    def at_wrists(self, turns: FloatArray) -> HandPoses:
        """The same poses at wrists that rest otherwise: turned by their rows of ``turns`` (22, 4)."""
        return self.seen_from(turns[_WRISTS])

    def seen_from(self, turn: FloatArray) -> HandPoses:
        """The same poses in axes that ``turn`` (4,), or one for each joint (30, 4), brings this hand's axes to."""
        turned = rotations.multiply(rotations.multiply(turn, self.local_rotations), rotations.inverse(turn))
        return replace(self, local_rotations=turned)
