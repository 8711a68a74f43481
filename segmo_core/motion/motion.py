"""A motion: joint positions over time on a skeleton, with the rotations that produced them when known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.provenance import PLAIN, Provenance
from segmo_core.motion.skeleton import Skeleton

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Motion:
    """joint_positions: (T, J, 3) float32 metres, Y up, world space. frame_rate: Hz.

    local_rotations: (T, J, 4) unit quaternions (w, x, y, z), each joint relative to its parent, such that
    forward kinematics of ``skeleton.rest_offsets`` gives joint_positions; None when only positions are known.
    hands: what the fingers do, frame by frame; None where nothing is known of them.
    provenance: which clip of a file this is, and what its reader put right; nothing for motions that come from no file.
    """

    joint_positions: FloatArray
    frame_rate: float
    skeleton: Skeleton
    local_rotations: FloatArray | None = None
    provenance: Provenance = PLAIN
    hands: HandPoses | None = None

    def __post_init__(self) -> None:
        positions = np.array(self.joint_positions, dtype=np.float32)
        expected = (self.skeleton.num_joints, 3)
        if positions.ndim != 3 or positions.shape[1:] != expected or len(positions) == 0:
            raise InvalidRequestError(f"motion: positions of shape {positions.shape}, expected (T, {expected[0]}, 3)")
        _check_finite(positions, "positions")
        if not (np.isfinite(self.frame_rate) and self.frame_rate > 0):
            raise InvalidRequestError(f"motion: frame rate {self.frame_rate}, expected a positive number")
        positions.setflags(write=False)
        object.__setattr__(self, "joint_positions", positions)
        if self.local_rotations is not None:
            rotations = np.array(self.local_rotations, dtype=np.float64)
            if rotations.shape != (*positions.shape[:2], 4):
                raise InvalidRequestError(
                    f"motion: rotations of shape {rotations.shape}, expected {(*positions.shape[:2], 4)}"
                )
            _check_finite(rotations, "rotations")
            rotations.setflags(write=False)
            object.__setattr__(self, "local_rotations", rotations)
        if self.hands is not None and self.hands.num_frames != len(positions):
            raise InvalidRequestError(f"motion: hands of {self.hands.num_frames} frames, expected {len(positions)}")

    @property
    def num_frames(self) -> int:
        return len(self.joint_positions)

    @property
    def seconds(self) -> float:
        return self.num_frames / self.frame_rate

    def joint(self, name: str) -> FloatArray:
        """(T, 3) metres: the positions of the joint called ``name``. Raises ValueError where there is none.

        Example:
            >>> result.motion.joint("left_wrist").shape
            (104, 3)
        """
        return self.joint_positions[:, self.skeleton.index(name)]

    def frames(self, start: int, end: int) -> Motion:
        """Frames [``start``, ``end``) as a motion of its own. Raises InvalidRequestError for an empty stretch.

        Example:
            >>> result.motion.frames(20, 60).seconds
            2.0
        """
        rotations = None if self.local_rotations is None else self.local_rotations[start:end]
        hands = None if self.hands is None else self.hands.frames(start, end)
        return replace(self, joint_positions=self.joint_positions[start:end], local_rotations=rotations, hands=hands)


def _check_finite(values: FloatArray, what: str) -> None:
    """InvalidRequestError with the first frame of ``values`` (T, ...) that holds a number that is none."""
    is_finite = np.isfinite(values)
    if not is_finite.all():
        frame = int(np.argwhere(~is_finite)[0][0])
        raise InvalidRequestError(f"motion: frame {frame} holds NaN or infinity, expected finite {what}")
