"""A hand beside the 22 joints: its fingers at rest, what they are called, and how they hang when nobody says more.

At rest a hand is that of a T-pose facing +Z: palm down, fingers straight along the arm, which is the X axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]

SIDES = ("left", "right")
NUM_PARTS = 3
"""Bones of a finger that turn."""


@dataclass(frozen=True)
class Finger:
    """Of the left hand; the right one is its mirror image.

    knuckle: (3,) metres from the wrist. direction: (3,). lengths: metres of its first two bones. axis: (3,), about
    which it closes. curl: degrees that its three bones are closed by when a hand hangs at rest.
    """

    name: str
    knuckle: tuple[float, float, float]
    direction: tuple[float, float, float]
    lengths: tuple[float, float]
    axis: tuple[float, float, float]
    curl: tuple[float, float, float]

    def along(self, side: str) -> FloatArray:
        """(3,) unit vector that its bones lie along."""
        along: FloatArray = rotations.normalize(np.array(self.direction)) * _MIRRORS[side]
        return along

    def offset(self, side: str, part: int) -> FloatArray:
        """(3,) metres to the joint of bone ``part`` (0 to 2) from the one before it, the wrist for the first."""
        knuckle: FloatArray = np.array(self.knuckle) * _MIRRORS[side]
        return knuckle if part == 0 else self.along(side) * self.lengths[part - 1]

    def relaxed(self, side: str) -> FloatArray:
        """(3, 4) turns of its bones when a hand hangs at rest, each relative to the bone before it."""
        mirror = np.array([1.0, -1.0, -1.0]) if side == "right" else np.ones(3)  # turns are axial: X alone stays
        axis = rotations.normalize(np.array(self.axis) * mirror)
        return rotations.from_axis_angle(np.broadcast_to(axis, (3, 3)), np.radians(np.array(self.curl)))


_MIRRORS: dict[str, FloatArray] = {"left": np.ones(3), "right": np.array([-1.0, 1.0, 1.0])}
_ALONG, _CLOSES, _AWAY = (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.70, -0.20, 0.68)
# An average hand, to the millimetre by eye and not more: what counts is that no finger is stretched out stiff.
THUMB = Finger("thumb", (0.030, -0.012, 0.028), _AWAY, (0.045, 0.032), (0.63, 0.64, -0.46), (8.0, 10.0, 12.0))
INDEX = Finger("index", (0.095, 0.000, 0.025), _ALONG, (0.045, 0.026), _CLOSES, (18.0, 24.0, 14.0))
MIDDLE = Finger("middle", (0.097, 0.000, 0.003), _ALONG, (0.048, 0.029), _CLOSES, (22.0, 28.0, 16.0))
RING = Finger("ring", (0.090, 0.000, -0.018), _ALONG, (0.044, 0.028), _CLOSES, (26.0, 30.0, 18.0))
PINKY = Finger("pinky", (0.080, -0.003, -0.037), _ALONG, (0.034, 0.020), _CLOSES, (28.0, 30.0, 18.0))

FINGERS = (INDEX, MIDDLE, PINKY, RING, THUMB)
"""In the order of SMPL-H's joints."""

FINGER_JOINTS = tuple(
    f"{side}_{finger.name}{part}" for side in SIDES for finger in FINGERS for part in range(1, NUM_PARTS + 1)
)
"""SMPL-H's thirty joints after its first 22: fifteen of the left hand, then of the right one."""


def relaxed_hands() -> FloatArray:
    """(30, 4) turns of FINGER_JOINTS of hands that hang at rest."""
    return np.concatenate([finger.relaxed(side) for side in SIDES for finger in FINGERS])
