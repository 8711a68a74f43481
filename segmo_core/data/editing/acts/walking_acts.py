"""Walks and runs by speed, way, shape and manner, made from straight recorded ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.composition.joining import join_motions
from segmo_core.data.editing.acts.gait_edits import (
    GaitKind,
    at_speed,
    come_to_a_stop,
    lifted,
    measured_speed,
    on_the_spot,
    standing_around,
    walked_distance,
)  # fmt: skip
from segmo_core.data.editing.acts.standing_acts import Act
from segmo_core.data.editing.acts.turning import turned_in_place
from segmo_core.data.editing.body import ANKLES, FRAME_RATE, KNEES, PELVIS, TOES, with_legs
from segmo_core.data.editing.gait import Gait, straight_gait, stretched
from segmo_core.data.editing.remapping import Curve, FootChanges, bent, retimed, stretched_floor
from segmo_core.data.editing.stances import Stance, bent_trunk
from segmo_core.data.editing.told import Told

FloatArray = NDArray[np.floating]
Generator = np.random.Generator
GaitOf = Callable[[], Gait]

LONGEST = 196  # frames
_WALK_SPEEDS = ((0.4, 0.8), (0.4, 0.8), (1.0, 1.3), (1.5, 2.0), (1.5, 2.0))
_RUN_SPEEDS = ((1.8, 2.3), (2.3, 3.0), (3.0, 3.8))
_BEND_BALANCE = 0.35  # v^2 kappa / g that a run may ask for; above it leans like a motorcycle
_JOIN_FRAMES = 8


def _cut(joints: FloatArray, generator: Generator, shortest: int = 36, longest: int = 120) -> FloatArray:
    """A stretch of a gait that goes on and on."""
    length = min(int(generator.integers(shortest, longest + 1)), len(joints))
    first = int(generator.integers(len(joints) - length + 1))
    return joints[first : first + length]


def at_some_speed(gait_of: GaitOf, generator: Generator, kind: GaitKind) -> Act:
    """Straight on at a speed: slow, ordinary or fast for a walk; easy to fast for a run."""
    gait = gait_of()
    ranges = _WALK_SPEEDS if kind == "walk" else _RUN_SPEEDS
    speed = float(generator.uniform(*ranges[int(generator.integers(len(ranges)))]))
    if kind == "run":
        speed = min(speed, 1.35 * gait.speed)
    joints = _cut(at_speed(_long(gait, 3.0), speed, kind), generator)
    return Act(joints, Told(kind, speed=measured_speed(joints)))


def plain_stretch(gait: Gait, generator: Generator, speed: tuple[float, float] | None = None) -> FloatArray:
    """A stretch of a walk or run as it is, or of a walk at some speed, m/s."""
    joints = _long(gait, 3.0).joints
    if speed is not None:
        joints = at_speed(_long(gait, 3.0), float(generator.uniform(*speed)), "walk")
    return _cut(joints, generator, 44, 130)


def walks_plainly(gait_of: GaitOf, generator: Generator, kind: GaitKind) -> Act:
    """A stretch of a gait as it is, told without an amount."""
    return Act(plain_stretch(gait_of(), generator), Told(kind))


def sprint(gait_of: GaitOf, generator: Generator) -> Act:
    """Straight on at 3.4 m/s and more, from fast runs."""
    gait = gait_of()
    joints = _cut(at_speed(_long(gait, 6.0), min(max(gait.speed, 3.6), 1.35 * gait.speed), "run"), generator, 28, 70)
    return Act(joints, Told("sprint"))


def _long(gait: Gait, metres: float) -> Gait:
    return stretched(gait, int(np.ceil(metres / gait.step_length)) + 3)


def by_distance(gait_of: GaitOf, generator: Generator, *, backward: bool = False) -> Act:
    """From standing to standing, a told number of metres."""
    gait = gait_of()
    choices = [1.0, 1.5, 2.0, 2.5, 3.0] if backward else [1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 5.0, 5.0, 6.0, 7.0, 8.0]
    distance = float(generator.choice(choices))
    step = min(max(gait.step_length * generator.uniform(0.88, 1.05), 0.4), 0.72) * (0.8 if backward else 1.0)
    steps = max(round(distance / step), 1)
    joints = walked_distance(gait, steps, distance, int(generator.integers(4, 14)))
    if backward:
        joints = retimed(joints[::-1], 0.85)
    told = Told("walk-backward", distance=distance) if backward else Told("walk", distance=distance)
    return Act(joints, told)


def by_steps(gait_of: GaitOf, generator: Generator, *, backward: bool = False) -> Act:
    """From standing to standing, a told number of feet put down, the closing one included."""
    gait = gait_of()
    passes = int(generator.choice([1, 1, 2, 2, 3, 4, 5, 6, 7]))
    length = float(generator.uniform(0.38, 0.66)) * (0.8 if backward else 1.0)
    joints = walked_distance(gait, passes, passes * length, int(generator.integers(4, 14)))
    count = 1 if passes == 1 and generator.random() < 0.5 else passes + 1
    if backward:
        return Act(retimed(joints[::-1], 0.85), Told("walk-backward", steps=count))
    return Act(joints, Told("walk", steps=count))


def stops(gait_of: GaitOf, generator: Generator, kind: GaitKind) -> Act:
    """On the way, then to a stop."""
    metres = float(generator.uniform(2.0, 4.0) if kind == "walk" else generator.uniform(4.0, 8.0))
    joints = come_to_a_stop(gait_of(), metres, int(generator.integers(14, 30)))
    return Act(joints, Told(f"{kind}-and-stop"))


def backward(gait_of: GaitOf, generator: Generator) -> Act:
    """A slow walk played backward: what real ones look like below 0.8 m/s."""
    joints = _cut(at_speed(_long(gait_of(), 3.0), float(generator.uniform(0.5, 0.8)), "walk"), generator)[::-1]
    return Act(joints.copy(), Told("walk-backward"))


def _along(gait_of: GaitOf, curve: Curve, generator: Generator, kind: GaitKind, *, stops: bool) -> FloatArray:
    """A gait along a curve from its beginning to its end; from standing to standing if it ``stops``."""
    gait = gait_of()
    if stops:
        steps = max(round(curve.length / min(max(gait.step_length, 0.45), 0.72)), 2)
        return bent(walked_distance(gait, steps, curve.length, int(generator.integers(3, 10))), curve)
    if kind == "run":
        tightest = float(np.abs(curve.curvature).max())
        fastest = float(np.sqrt(_BEND_BALANCE * 9.81 / max(tightest, 1e-6)))
        if gait.speed > fastest:
            gait = straight_gait(at_speed(gait, max(fastest, 1.7), "run")) or gait
    joints = _long(gait, curve.length + 0.5).joints
    way = joints[:, PELVIS, 2] - joints[0, PELVIS, 2]
    return bent(joints[: int(np.searchsorted(way, curve.length)) + 1], curve)


def circle(gait_of: GaitOf, generator: Generator, kind: GaitKind) -> Act:
    """Once around, back to where it began."""
    left = bool(generator.integers(2))
    radius = float(generator.uniform(0.65, 1.3) if kind == "walk" else generator.uniform(1.5, 2.6))
    curve = Curve.of([(2 * np.pi * radius, (1 if left else -1) / radius)], easing=0.02)
    stops = kind == "walk" and generator.random() < 0.5
    joints = _along(gait_of, curve, generator, kind, stops=stops)
    return Act(joints, Told(f"{kind}-circle", direction="counterclockwise" if left else "clockwise"))


def turn_on_the_way(gait_of: GaitOf, generator: Generator, kind: GaitKind) -> Act:
    """Straight on, around a bend by an angle, straight on."""
    left = bool(generator.integers(2))
    degrees = float(generator.choice([30, 45, 60, 90, 90, 90, 120, 135]))
    radius = float(generator.uniform(0.4, 0.9) if kind == "walk" else generator.uniform(1.3, 2.4))
    arc = radius * np.radians(degrees)
    before, after = generator.uniform(0.8, 1.8), generator.uniform(0.8, 1.8)
    curve = Curve.of([(before, 0.0), (arc, (1 if left else -1) / radius), (after, 0.0)])
    joints = _along(gait_of, curve, generator, kind, stops=kind == "walk" and generator.random() < 0.3)
    return Act(joints, Told(f"{kind}-turn", turn=degrees, direction="left" if left else "right"))


def zigzag(gait_of: GaitOf, generator: Generator) -> Act:
    """Right and left in turn, three bends or more."""
    way = 1.0 if generator.random() < 0.5 else -1.0
    angle, leg = np.radians(generator.uniform(55, 85)), generator.uniform(0.8, 1.2)
    radius = 0.35
    pieces = [(0.5 * leg, 0.0), (radius * angle / 2, way / radius)]
    for _ in range(int(generator.integers(3, 5))):
        way = -way
        pieces += [(leg, 0.0), (radius * angle, way / radius)]
    pieces += [(0.6 * leg, 0.0)]
    return Act(_along(gait_of, Curve.of(pieces, easing=0.12), generator, "walk", stops=False), Told("walk-zigzag"))


def u_turn(gait_of: GaitOf, generator: Generator) -> Act:
    """There, around, and the same way back: in a bend, or turning on the spot."""
    left, ahead = bool(generator.integers(2)), float(generator.uniform(1.2, 2.2))
    if generator.random() < 0.5:
        radius = float(generator.uniform(0.3, 0.45))
        curve = Curve.of([(ahead, 0.0), (np.pi * radius, (1 if left else -1) / radius), (ahead, 0.0)], easing=0.12)
        return Act(_along(gait_of, curve, generator, "walk", stops=generator.random() < 0.5), Told("walk-u-turn"))
    steps = max(round(ahead / 0.55), 2)
    there = walked_distance(gait_of(), steps, ahead, 3)
    around = turned_in_place(gait_of(), 180.0 if left else -180.0, 2)
    back = walked_distance(gait_of(), steps, ahead, 4)
    joints = join_motions(join_motions(there, around, _JOIN_FRAMES), back, _JOIN_FRAMES)
    return Act(joints, Told("walk-u-turn"))


def turn_in_place(gait_of: GaitOf, generator: Generator) -> Act:
    """Turning on the spot by 45 to 180 degrees."""
    left, degrees = bool(generator.integers(2)), float(generator.choice([45, 60, 90, 90, 90, 120, 135, 180, 180]))
    joints = turned_in_place(gait_of(), degrees if left else -degrees, int(generator.integers(4, 14)))
    if degrees == 180 and generator.random() < 0.5:
        return Act(joints, Told("turn-around"))
    return Act(joints, Told("turn-in-place", turn=degrees, direction="left" if left else "right"))


def spin(gait_of: GaitOf, generator: Generator) -> Act:
    """Once around in steps, faster than a turn."""
    left = bool(generator.integers(2))
    joints = turned_in_place(gait_of(), 360.0 if left else -360.0, 4, lift=0.08)
    return Act(retimed(joints, float(generator.uniform(1.2, 1.6))), Told("spin", direction="left" if left else "right"))


def in_place(gait_of: GaitOf, generator: Generator, kind: GaitKind) -> Act:
    """Marching or jogging without going anywhere."""
    lifts = int(generator.integers(5, 13))
    height = generator.uniform(0.28, 0.46) if kind == "walk" else generator.uniform(0.14, 0.24)
    joints = standing_around(on_the_spot(gait_of(), lifts, float(height), kind), int(generator.integers(2, 10)))
    return Act(joints, Told("march-in-place" if kind == "walk" else "jog-in-place"))


def manner(gait_of: GaitOf, generator: Generator, name: str) -> Act:
    """A walk in a manner that feet, trunk and head tell: tiptoe, huge or tiny steps, high knees, sneaking, sad, drunk,
    bent over."""
    gait = _long(gait_of(), 4.0)
    draw = generator.uniform
    if name == "tiptoe":
        joints = stretched_floor(gait.joints, lambda z: 0.75 * z, FootChanges(pitch=0.6, heels=draw(0.85, 1.05)))
        return Act(_cut(retimed(joints, draw(0.75, 1.0)), generator), Told("tiptoe"))
    if name in ("walk-big-steps", "walk-tiny-steps"):
        factor = draw(0.88, 1.0) / gait.step_length if name == "walk-big-steps" else draw(0.2, 0.34) / gait.step_length
        joints = stretched_floor(gait.joints, lambda z: factor * z, FootChanges(pitch=min(1.0, max(factor, 0.5))))
        return Act(_cut(retimed(joints, draw(0.8, 1.0)), generator), Told(name))
    if name == "walk-high-knees":
        raised = draw(0.3, 0.42) * lifted(np.array(gait.passes), gait.swinging, len(gait.joints), 0.5)
        joints = stretched_floor(gait.joints, lambda z: 0.8 * z, FootChanges(raised=raised, pitch=0.7))
        return Act(_cut(retimed(joints, draw(0.7, 0.95)), generator), Told("walk-high-knees"))
    slow = {"sneak": (0.4, 0.8), "walk-sad": (0.55, 0.95), "walk-drunk": (0.5, 0.9), "walk-bent-over": (0.6, 1.1)}[name]
    joints = at_speed(gait, float(draw(*slow)), "walk")
    count = len(joints)
    sway = 2 * np.pi * np.arange(count) / FRAME_RATE
    if name == "sneak":
        joints = lowered(joints, draw(0.1, 0.17), Stance(count, tilt=draw(0.22, 0.4), pitch=0.15, head_pitch=-0.3))
    elif name == "walk-sad":
        joints = lowered(
            joints, draw(0.0, 0.03), Stance(count, tilt=0.06, pitch=draw(0.2, 0.35), head_pitch=draw(0.7, 0.95))
        )
    elif name == "walk-bent-over":
        joints = lowered(joints, draw(0.02, 0.06), Stance(count, tilt=draw(0.25, 0.45), pitch=draw(0.2, 0.4)))
    else:
        roll = draw(0.14, 0.24) * np.sin(draw(0.35, 0.55) * sway + draw(0, 6.3))
        tilt = 0.08 + 0.12 * np.sin(draw(0.3, 0.5) * sway + draw(0, 6.3))
        joints = lowered(joints, 0.03, Stance(count, roll=roll, tilt=tilt, yaw=0.5 * np.roll(roll, 5), head_pitch=0.15))
        pieces = [(draw(0.4, 0.8), way * draw(0.3, 0.7)) for way in (1, -1) * 4]
        joints = bent(joints, Curve.of([(0.3, 0.0), *pieces]))
    return Act(_cut(joints, generator), Told(name))


def lowered(joints: FloatArray, drop: float, stance: Stance) -> FloatArray:
    """A gait with the pelvis ``drop`` metres lower and the trunk bent, its feet where they were."""
    body = bent_trunk(joints, stance)
    body[..., 1] -= drop
    legs = [*KNEES, *ANKLES, *TOES]
    body[:, legs] = joints[:, legs]
    return with_legs(body, joints[:, ANKLES], joints[:, TOES])
