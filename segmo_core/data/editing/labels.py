"""What geometry measures in a motion: speed, way, turn, closing; and whether it is what is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import FRAME_RATE, PELVIS, headings, smoothed
from segmo_core.data.editing.told import Told

FloatArray = NDArray[np.floating]

_DISTANCE, _TURN, _CLOSING = 0.1, 12.0, 0.45  # share of metres, degrees, metres


@dataclass(frozen=True)
class Measured:
    """speed: mean m/s of the pelvis over the floor. path: metres of its way. ahead, aside: metres from the first to
    the last frame, along and to the left of the first heading. turn: degrees that the body turned, to the left above 0.
    """

    speed: float
    path: float
    ahead: float
    aside: float
    turn: float


def measured(joints: FloatArray) -> Measured:
    """Of joints (T, 22, 3) at 20 Hz."""
    root = smoothed(joints[:, PELVIS] * [1.0, 0.0, 1.0], 3.0)
    path = float(np.linalg.norm(np.diff(root, axis=0), axis=-1).sum())
    heading = smoothed(headings(joints), 3.0)
    first = float(np.mean(heading[:6]))
    way = joints[-1, PELVIS] - joints[0, PELVIS]
    ahead = float(way[0] * np.sin(first) + way[2] * np.cos(first))
    aside = float(way[0] * np.cos(first) - way[2] * np.sin(first))
    turn = float(np.degrees(np.mean(heading[-4:]) - np.mean(heading[:4])))
    return Measured(path / max(len(joints) - 1, 1) * FRAME_RATE, path, ahead, aside, turn)


def disagreement(joints: FloatArray, told: Told) -> str | None:
    """What of ``told`` the motion does not show; None where it shows all of it that can be measured."""
    found = measured(joints)
    if told.distance is not None and told.count in (None, 1):
        sign = -1.0 if "backward" in told.concept else 1.0
        if abs(sign * found.ahead - told.distance) > max(_DISTANCE * told.distance, 0.12):
            return "distance"
    if told.turn is not None and told.direction in ("left", "right"):
        wanted = told.turn * (1.0 if told.direction == "left" else -1.0)
        if abs(found.turn - wanted) > _TURN:
            return "turn"
    if told.concept.endswith("-circle"):
        wanted = 360.0 if told.direction == "counterclockwise" else -360.0
        if np.hypot(found.ahead, found.aside) > _CLOSING or abs(found.turn - wanted) > 35.0:
            return "circle"
    return None
