"""Which axis of a file points up, and the turn that brings it to Y."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]

AXES: dict[str, tuple[int, float]] = {
    "y": (1, 1.0), "z": (2, 1.0), "-y": (1, -1.0), "-z": (2, -1.0), "x": (0, 1.0), "-x": (0, -1.0),
}  # fmt: skip
"""Name -> component and sign."""

_CLEAR = 0.7  # cosine between a rest pose and an axis from which it speaks for that axis
# A body along these is taken for one that lies, unless its rest pose stands along them.
_ONLY_WITH_REST = ("-z", "x", "-x")
_UNUSUAL = 0.6  # how much more must speak for an axis other than Y and Z


def checked_axis(name: str) -> str:
    """``name`` in lower case; InvalidRequestError for one that is no axis."""
    if name.lower() not in AXES:
        raise InvalidRequestError(f"up axis {name!r}, expected one of {', '.join(AXES)}")
    return name.lower()


def to_y_up(axis: str) -> FloatArray:
    """Rotation (4,) that turns ``axis`` to Y: about X where that can be (Z up becomes x, z, -y), else about Z."""
    component, sign = AXES[axis]
    if component == 0:
        return rotations.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.array(sign * np.pi / 2))
    angle = -sign * np.pi / 2 if component == 2 else (0.0 if sign > 0 else np.pi)
    return rotations.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(angle))


def find_up_axis(joints: FloatArray, rest: FloatArray, top: int, ankles: tuple[int, int], body: list[int]) -> str:
    """The up axis of positions (T, J, 3) and a rest pose (J, 3) with the joint indices given.

    Decided by how upright the body is in the rest pose and, on average, in motion, and by where the floor is: along
    the true axis the lowest joint stays near zero. Y wins over Z where nothing speaks for Z, and these two over others.
    """
    above = joints[:, top] - joints[:, list(ankles)].mean(axis=1)
    upright = rotations.normalize(above).mean(axis=0)
    rest_upright = rotations.normalize(rest[top] - rest[list(ankles)].mean(axis=0))
    height = max(float(np.linalg.norm(above, axis=-1).max()), 1e-9)
    scores = {}
    says_nothing = np.abs(rest_upright[1:]).max() < _CLEAR
    for name, (component, sign) in AXES.items():
        if name in _ONLY_WITH_REST and sign * rest_upright[component] < _CLEAR and not says_nothing:
            continue
        lowest = (sign * joints[:, body, component]).min(axis=1) / height
        off_floor = min(abs(float(np.median(lowest))) + float(lowest.std()), 1.0)
        score = sign * (upright[component] + 0.5 * rest_upright[component]) - off_floor
        scores[name] = score - (0.0 if name in ("y", "z") else _UNUSUAL)
    return max(scores, key=lambda name: scores[name])  # the first of equals: Y
