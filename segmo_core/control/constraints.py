"""What a motion is held to: places, poses, distances and turns at times. Frozen values that validate themselves.

Times are seconds. Places are metres in the frame of ``--from-origin``: the body starts at the origin facing +Z, +X is
its left, +Y is up. Headings and turns are degrees, to the left positive, 0 faces +Z.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError, one_of

FloatArray = NDArray[np.floating]
Place = tuple[float, float, float]
PinnedJoint = Literal["left_hand", "right_hand", "left_foot", "right_foot", "head"]
Side = Literal["left", "right"]

PINNED_JOINTS: tuple[PinnedJoint, ...] = get_args(PinnedJoint)
JOINT_OF_PIN = {
    "left_hand": "left_wrist", "right_hand": "right_wrist", "left_foot": "left_foot", "right_foot": "right_foot",
    "head": "head",
}  # fmt: skip
MAX_CONSTRAINTS = 1000
MAX_PATH_POINTS = 20_000
_FARTHEST = 1000.0  # metres


@dataclass(frozen=True)
class RootWaypoint:
    """The pelvis over a point of the floor. heading: where the body faces there; None where that is left open."""

    seconds: float
    x: float
    z: float
    heading: float | None = None

    def __post_init__(self) -> None:
        _check_time("waypoint", self.seconds)
        _check_place("waypoint", (self.x, self.z))
        if self.heading is not None:
            _check_number("waypoint: heading", self.heading, 3600.0)


@dataclass(frozen=True)
class RootPath:
    """A line on the floor that the pelvis follows. points: (x, z). times: of every point; None walks it in the motion's
    own time, from its beginning to its end. headings: of every point; None where they are left open.
    """

    points: tuple[tuple[float, float], ...]
    times: tuple[float, ...] | None = None
    headings: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not 2 <= len(self.points) <= MAX_PATH_POINTS:
            raise InvalidRequestError(f"path: {len(self.points)} points, expected 2 to {MAX_PATH_POINTS}")
        for point in self.points:
            _check_place("path", point)
        if self.times is not None:
            if len(self.times) != len(self.points):
                raise InvalidRequestError(f"path: {len(self.times)} times, expected one for each of {len(self.points)}")
            for seconds in self.times:
                _check_time("path", seconds)
            if any(after <= before for before, after in zip(self.times, self.times[1:], strict=False)):
                raise InvalidRequestError("path: times that do not rise, expected each after the one before")
        if self.headings is not None:
            if len(self.headings) != len(self.points):
                raise InvalidRequestError(
                    f"path: {len(self.headings)} headings, expected one for each of {len(self.points)}"
                )
            for heading in self.headings:
                _check_number("path: heading", heading, 3600.0)


@dataclass(frozen=True, eq=False)
class BodyKey:
    """The whole body in a pose. joints: (22, 3) metres, of the model's skeleton.

    in_place: the pose alone; where the body is then, and where it faces, is left to the motion.
    """

    seconds: float
    joints: FloatArray
    in_place: bool = False

    def __post_init__(self) -> None:
        _check_time("pose", self.seconds)
        joints = np.array(self.joints, dtype=np.float64)
        if joints.shape != (22, 3):
            raise InvalidRequestError(f"pose: joints of shape {joints.shape}, expected (22, 3)")
        if not np.isfinite(joints).all() or np.abs(joints).max() > _FARTHEST:
            raise InvalidRequestError(f"pose: joints that are no places, expected metres up to {_FARTHEST:g}")
        joints.setflags(write=False)
        object.__setattr__(self, "joints", joints)


@dataclass(frozen=True)
class Pin:
    """A hand, a foot or the head at a place, for a moment or until ``end``.

    joint: a hand is its wrist, a foot the ball of the foot. relative: ``place`` is told from where the body starts and
    faces, wherever that is.
    """

    joint: PinnedJoint
    seconds: float
    place: Place
    end: float | None = None
    relative: bool = False

    def __post_init__(self) -> None:
        if self.joint not in PINNED_JOINTS:
            raise InvalidRequestError(f"pin: {self.joint!r}, expected one of {one_of(PINNED_JOINTS, str(self.joint))}")
        _check_time("pin", self.seconds)
        if len(self.place) != 3:
            raise InvalidRequestError(f"pin: a place of {len(self.place)} numbers, expected x, y and z")
        _check_place("pin", self.place)
        if self.end is not None:
            _check_time("pin", self.end)
            if self.end < self.seconds:
                raise InvalidRequestError(
                    f"pin: from {self.seconds:g} to {self.end:g} s, expected an end after the start"
                )


@dataclass(frozen=True)
class PlantedFoot:
    """A foot that stays where it is put down at ``start`` until ``end``."""

    side: Side
    start: float
    end: float

    def __post_init__(self) -> None:
        if self.side not in ("left", "right"):
            raise InvalidRequestError(f"planted foot: {self.side!r}, expected left or right")
        _check_stretch("planted foot", self.start, self.end)


@dataclass(frozen=True)
class Distance:
    """So many metres of way between two times, along the path."""

    start: float
    end: float
    metres: float

    def __post_init__(self) -> None:
        _check_stretch("distance", self.start, self.end)
        _check_number("distance", self.metres, _FARTHEST)
        if self.metres < 0:
            raise InvalidRequestError(f"distance: {self.metres:g} m, expected 0 or more")


@dataclass(frozen=True)
class Turn:
    """The body faces so many degrees farther to the left (negative: right) at ``end`` than at ``start``."""

    start: float
    end: float
    degrees: float

    def __post_init__(self) -> None:
        _check_stretch("turn", self.start, self.end)
        _check_number("turn", self.degrees, 3600.0)


Constraint = RootWaypoint | RootPath | BodyKey | Pin | PlantedFoot | Distance | Turn


def first_second(constraint: Constraint) -> float:
    """When a constraint begins to hold."""
    if isinstance(constraint, RootPath):
        return constraint.times[0] if constraint.times else 0.0
    return constraint.start if isinstance(constraint, (PlantedFoot, Distance, Turn)) else constraint.seconds


def last_second(constraint: Constraint) -> float | None:
    """When a constraint ends; None for a path that takes the motion's own time."""
    if isinstance(constraint, RootPath):
        return constraint.times[-1] if constraint.times else None
    if isinstance(constraint, (PlantedFoot, Distance, Turn)):
        return constraint.end
    return (constraint.end or constraint.seconds) if isinstance(constraint, Pin) else constraint.seconds


def constraints_within(constraints: Sequence[Constraint], seconds: float) -> tuple[Constraint, ...]:
    """Those that begin before ``seconds``: what an edit that shortens a motion leaves of them."""
    return tuple(constraint for constraint in constraints if first_second(constraint) < seconds)


def _check_time(what: str, seconds: float) -> None:
    if not (math.isfinite(seconds) and 0.0 <= seconds <= 3600.0):
        raise InvalidRequestError(f"{what}: at {seconds:g} s, expected a time from 0 on")


def _check_stretch(what: str, start: float, end: float) -> None:
    _check_time(what, start)
    _check_time(what, end)
    if end <= start:
        raise InvalidRequestError(f"{what}: from {start:g} to {end:g} s, expected an end after the start")


def _check_place(what: str, numbers: tuple[float, ...]) -> None:
    for number in numbers:
        _check_number(what, number, _FARTHEST)


def _check_number(what: str, number: float, most: float) -> None:
    if not (math.isfinite(number) and abs(number) <= most):
        raise InvalidRequestError(f"{what}: {number:g}, expected a number up to {most:g}")
