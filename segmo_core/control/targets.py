"""Constraints as what they ask of single frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.constraints import (
    JOINT_OF_PIN,
    BodyKey,
    Constraint,
    Distance,
    Pin,
    PlantedFoot,
    RootPath,
    RootWaypoint,
    Turn,
)
from segmo_core.motion import rotations
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX

FloatArray = NDArray[np.floating]

_LATE = 0.25  # seconds that a time may lie beyond the last frame and still mean it
_MOVES = 0.3  # metres that a motion covers at least whose own time a path takes
_SIDES = ("left", "right")


@dataclass
class Targets:
    """What holds at which frame, in the world. root: (x, z). along: frames of a drawn path among them, which the pelvis
    follows as it sways, within a centimetre or two. headings: radians. bodies: joints (22, 3).

    pins: by joint index, the place (3,) at every frame. planted: side (0 left), first and last frame. distances, turns:
    first frame, last frame, metres or radians.
    """

    count: int
    root: dict[int, tuple[float, float]] = field(default_factory=dict)
    along: set[int] = field(default_factory=set)
    headings: dict[int, float] = field(default_factory=dict)
    bodies: dict[int, FloatArray] = field(default_factory=dict)
    poses: dict[int, FloatArray] = field(default_factory=dict)
    pins: dict[int, dict[int, FloatArray]] = field(default_factory=dict)
    planted: list[tuple[int, int, int]] = field(default_factory=list)
    distances: list[tuple[int, int, float]] = field(default_factory=list)
    turns: list[tuple[int, int, float]] = field(default_factory=list)


def frame_of(seconds: float, count: int, frame_rate: float) -> int | None:
    """The frame of a time; None beyond the end."""
    frame = round(seconds * frame_rate)
    if frame > count - 1 + _LATE * frame_rate:
        return None
    return min(frame, count - 1)


def targets_of(constraints: Sequence[Constraint], path: FloatArray, frame_rate: float) -> Targets:
    """What ``constraints`` ask of a motion whose pelvis goes over ``path`` (T, 2), x and z. What lies beyond its end is
    left out."""
    targets = Targets(len(path))
    for constraint in constraints:
        if isinstance(constraint, RootWaypoint):
            frame = frame_of(constraint.seconds, len(path), frame_rate)
            if frame is not None:
                targets.root[frame] = (constraint.x, constraint.z)
                targets.along.discard(frame)
                if constraint.heading is not None:
                    targets.headings[frame] = float(np.radians(constraint.heading))
        elif isinstance(constraint, RootPath):
            for frame, place, heading in _along(constraint, path, frame_rate):
                if frame not in targets.root or frame in targets.along:
                    targets.root[frame] = place
                    targets.along.add(frame)
                if heading is not None:
                    targets.headings[frame] = heading
        elif isinstance(constraint, BodyKey):
            frame = frame_of(constraint.seconds, len(path), frame_rate)
            if frame is not None:
                (targets.poses if constraint.in_place else targets.bodies)[frame] = constraint.joints
        elif isinstance(constraint, Pin):
            _add_pin(targets, constraint, frame_rate)
        else:
            _add_stretch(targets, constraint, frame_rate)
    return targets


def relative_places(constraints: Sequence[Constraint], start: FloatArray, turn: FloatArray) -> list[Constraint]:
    """``constraints`` whose relative pins are told in the world. start: (3,) metres and turn: (4,) of the first frame's
    body."""
    placed: list[Constraint] = []
    for constraint in constraints:
        if isinstance(constraint, Pin) and constraint.relative:
            x, y, z = (rotations.rotate(turn, np.array(constraint.place)) + start * [1.0, 0.0, 1.0]).tolist()
            constraint = Pin(constraint.joint, constraint.seconds, (x, y, z), constraint.end)
        placed.append(constraint)
    return placed


def _along(
    constraint: RootPath, path: FloatArray, frame_rate: float
) -> Iterator[tuple[int, tuple[float, float], float | None]]:
    """Frames with place and heading of a drawn path."""
    points = np.array(constraint.points)
    headings = None if constraint.headings is None else np.unwrap(np.radians(constraint.headings))
    if constraint.times is not None:
        last = frame_of(constraint.times[-1], len(path), frame_rate)
        first = frame_of(constraint.times[0], len(path), frame_rate)
        if first is None:
            return
        frames = np.arange(first, len(path) if last is None else last + 1)
        knots = np.array(constraint.times)
        where = frames / frame_rate
    else:
        lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=-1))])
        knots, frames = lengths, np.arange(len(path))
        where = lengths[-1] * progress_along(path)
    rising = np.concatenate([[True], np.diff(knots) > 1e-9])
    for frame, at in zip(frames.tolist(), where.tolist(), strict=True):
        x, z = (float(np.interp(at, knots[rising], points[rising, axis])) for axis in (0, 1))
        yield frame, (x, z), None if headings is None else float(np.interp(at, knots[rising], headings[rising]))


def progress_along(path: FloatArray) -> FloatArray:
    """(T,) from 0 to 1: how much of its way a motion over ``path`` (T, 2) has made; evenly where it hardly moves."""
    from scipy.ndimage import gaussian_filter1d  # slow to import

    smooth = gaussian_filter1d(path, 4.0, axis=0, mode="nearest")
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(smooth, axis=0), axis=-1))])
    even = np.linspace(0.0, 1.0, len(path))
    if way[-1] < _MOVES:
        return even
    return np.asarray(way / way[-1])


def _add_pin(targets: Targets, pin: Pin, frame_rate: float) -> None:
    first = frame_of(pin.seconds, targets.count, frame_rate)
    if first is None:
        return
    last = frame_of(pin.seconds if pin.end is None else pin.end, targets.count, frame_rate)
    frames = targets.pins.setdefault(INDEX[JOINT_OF_PIN[pin.joint]], {})
    for frame in range(first, (targets.count - 1 if last is None else last) + 1):
        frames[frame] = np.array(pin.place)


def _add_stretch(targets: Targets, constraint: PlantedFoot | Distance | Turn, frame_rate: float) -> None:
    first = frame_of(constraint.start, targets.count, frame_rate)
    last = frame_of(constraint.end, targets.count, frame_rate)
    if first is None:
        return
    last = targets.count - 1 if last is None else last
    if last <= first:
        return
    if isinstance(constraint, PlantedFoot):
        targets.planted.append((_SIDES.index(constraint.side), first, last))
    elif isinstance(constraint, Distance):
        targets.distances.append((first, last, constraint.metres))
    else:
        targets.turns.append((first, last, float(np.radians(constraint.degrees))))
