"""What no body can do: said in one sentence, with the nearest that can be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.constraints import (
    JOINT_OF_PIN,
    BodyKey,
    Constraint,
    Distance,
    Pin,
    RootPath,
    RootWaypoint,
    Turn,
    first_second,
)
from segmo_core.errors import InvalidRequestError
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX

FloatArray = NDArray[np.floating]

MAX_SPEED = 5.0  # m/s; of 1,728 real clips the pelvis of 99.5 % is slower (4.9)
MAX_TURN_SPEED = 540.0  # degrees a second; a pirouette
_STANDING = 0.95  # metres, a pelvis
_TIPTOE = 0.08
_LATE = 0.25  # seconds
_SAME = 0.01  # metres
_NAMES = {"left_hand": "the left hand", "right_hand": "the right hand", "left_foot": "the left foot",
          "right_foot": "the right foot", "head": "the head"}  # fmt: skip


def _highest() -> dict[str, float]:
    """Metres: how high joints come in somebody who stands on tiptoe, arms or a leg stretched upwards."""
    length = dict(zip(MODEL_SKELETON.joint_names, MODEL_SKELETON.bone_lengths.tolist(), strict=True))
    chest = _STANDING + _TIPTOE + length["spine1"] + length["spine2"] + length["spine3"]
    hand = chest + length["left_collar"] + length["left_shoulder"] + length["left_elbow"] + length["left_wrist"]
    head = chest + length["neck"] + length["head"]
    leg = _STANDING + length["left_knee"] + length["left_ankle"]
    return {"left_hand": hand, "right_hand": hand, "head": head, "left_foot": leg, "right_foot": leg}


HIGHEST = _highest()
FROM_PELVIS = {"left_hand": 1.10, "right_hand": 1.10, "head": 0.62, "left_foot": 0.95, "right_foot": 0.95}
"""Metres that a pinned joint is away from the pelvis at most, stretched out."""


def check_constraints(constraints: Sequence[Constraint], seconds: float) -> None:
    """InvalidRequestError for the first constraint that a body cannot hold in a motion of ``seconds``."""
    for constraint in constraints:
        first = first_second(constraint)
        if first > seconds + _LATE:
            raise InvalidRequestError(
                f"{told(constraint)}: after the end of the motion at {seconds:.1f} s, expected an earlier time"
            )
        if isinstance(constraint, Pin):
            _check_height(constraint)
        if isinstance(constraint, Distance):
            _check_speed(constraint)
        if isinstance(constraint, Turn):
            _check_turn(constraint)
    _check_way(constraints, seconds)
    _check_pins(constraints)


def told(constraint: Constraint) -> str:
    """What a constraint is, for sentences: "waypoint at 2 s"."""
    if isinstance(constraint, RootWaypoint):
        return f"waypoint at {constraint.seconds:g} s"
    if isinstance(constraint, RootPath):
        return f"path of {len(constraint.points)} points"
    if isinstance(constraint, BodyKey):
        return f"pose at {constraint.seconds:g} s"
    if isinstance(constraint, Pin):
        return f"{_NAMES[constraint.joint]} at {constraint.seconds:g} s"
    if isinstance(constraint, Distance):
        return f"{constraint.metres:g} m from {constraint.start:g} to {constraint.end:g} s"
    if isinstance(constraint, Turn):
        return f"turn of {constraint.degrees:g} degrees from {constraint.start:g} to {constraint.end:g} s"
    return f"planted {constraint.side} foot from {constraint.start:g} to {constraint.end:g} s"


def _check_height(pin: Pin) -> None:
    x, y, z = pin.place
    highest = HIGHEST[pin.joint]
    if not 0.0 <= y <= highest:
        where = "below the floor" if y < 0 else f"{y:.2f} m high"
        nearest = min(max(y, 0.0), highest)
        raise InvalidRequestError(
            f"{told(pin)}: {where}, where nobody who stands reaches; the nearest is {x:.2f},{nearest:.2f},{z:.2f}"
        )


def _check_speed(distance: Distance) -> None:
    farthest = MAX_SPEED * (distance.end - distance.start)
    if distance.metres > farthest:
        raise InvalidRequestError(
            f"{told(distance)}: farther than a person gets in that time; the nearest is {farthest:.1f} m"
        )


def _check_turn(turn: Turn) -> None:
    farthest = MAX_TURN_SPEED * (turn.end - turn.start)
    if abs(turn.degrees) > farthest:
        nearest = np.copysign(farthest, turn.degrees)
        raise InvalidRequestError(f"{told(turn)}: faster than a person turns; the nearest is {nearest:.0f} degrees")


def _check_way(constraints: Sequence[Constraint], seconds: float) -> None:
    """Places one after the other that are too far apart for the time between them."""
    places = sorted(_places(constraints, seconds), key=lambda place: place[0])
    before: tuple[float, FloatArray, str] = (0.0, np.zeros(2), "the start")
    if places and places[0][0] <= 0.0:
        before = places.pop(0)
    for time, place, what in places:
        apart = float(np.linalg.norm(place - before[1]))
        between = time - before[0]
        if between <= 0.0:
            if apart > _SAME:
                raise InvalidRequestError(f"{what}: two places at once, {apart:.2f} m apart, expected one")
            continue
        farthest = MAX_SPEED * between
        if apart > farthest + _SAME:
            x, z = (before[1] + (place - before[1]) * farthest / apart).tolist()
            raise InvalidRequestError(
                f"{what}: {apart:.1f} m from {before[2]} in {between:.2g} s, farther than a person gets; "
                f"the nearest is {x:.2f},{z:.2f}"
            )
        before = (time, place, what)


def _places(constraints: Sequence[Constraint], seconds: float) -> Iterator[tuple[float, FloatArray, str]]:
    for constraint in constraints:
        if isinstance(constraint, RootWaypoint):
            yield constraint.seconds, np.array([constraint.x, constraint.z]), told(constraint)
        elif isinstance(constraint, BodyKey) and not constraint.in_place:
            yield constraint.seconds, constraint.joints[0, [0, 2]], told(constraint)
        elif isinstance(constraint, RootPath) and constraint.times is not None:
            for time, point in zip(constraint.times, constraint.points, strict=True):
                yield time, np.array(point), f"path at {time:g} s"
        elif isinstance(constraint, RootPath):
            way = float(np.linalg.norm(np.diff(np.array(constraint.points), axis=0), axis=-1).sum())
            if way > MAX_SPEED * seconds:
                raise InvalidRequestError(
                    f"{told(constraint)}: {way:.1f} m in {seconds:.1f} s, farther than a person gets; "
                    f"the nearest is {MAX_SPEED * seconds:.1f} m"
                )


def _check_pins(constraints: Sequence[Constraint]) -> None:
    pins = [constraint for constraint in constraints if isinstance(constraint, Pin)]
    roots = {one.seconds: np.array([one.x, one.z]) for one in constraints if isinstance(one, RootWaypoint)}
    for number, pin in enumerate(pins):
        place = np.array(pin.place)
        if pin.seconds in roots and not pin.relative:
            over_floor = place[[0, 2]] - roots[pin.seconds]
            apart, farthest = float(np.linalg.norm(over_floor)), FROM_PELVIS[pin.joint]
            if apart > farthest:
                x, z = (roots[pin.seconds] + over_floor * farthest / apart).tolist()
                raise InvalidRequestError(
                    f"{told(pin)}: {apart:.2f} m beside where the body is to be, out of reach; "
                    f"the nearest is {x:.2f},{place[1]:.2f},{z:.2f}"
                )
        for other in pins[:number]:
            if other.relative != pin.relative or not _meet(pin, other):
                continue
            apart = float(np.linalg.norm(place - np.array(other.place)))
            if other.joint == pin.joint and apart > _SAME:
                raise InvalidRequestError(f"{told(pin)}: two places at once, {apart:.2f} m apart, expected one")
            farthest = _between(pin, other)
            if apart > farthest:
                x, y, z = (np.array(other.place) + (place - np.array(other.place)) * farthest / apart).tolist()
                raise InvalidRequestError(
                    f"{told(pin)}: {apart:.2f} m from {_NAMES[other.joint]}, farther than one body reaches; "
                    f"the nearest is {x:.2f},{y:.2f},{z:.2f}"
                )


def _meet(pin: Pin, other: Pin) -> bool:
    ends = (pin.end or pin.seconds, other.end or other.seconds)
    return pin.seconds <= ends[1] and other.seconds <= ends[0]


def _between(pin: Pin, other: Pin) -> float:
    """Metres between two pinned joints of one stretched body: along the bones from one to the other."""

    def bones(joint: int) -> dict[int, float]:
        way, found = 0.0, {joint: 0.0}
        while MODEL_SKELETON.parents[joint] >= 0:
            way += float(MODEL_SKELETON.bone_lengths[joint])
            joint = MODEL_SKELETON.parents[joint]
            found[joint] = way
        return found

    first, second = bones(INDEX[JOINT_OF_PIN[pin.joint]]), bones(INDEX[JOINT_OF_PIN[other.joint]])
    return min(first[joint] + second[joint] for joint in first if joint in second)
