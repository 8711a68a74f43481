"""Jumps built from what gravity leaves free: height, crouch, way and turn; the flight is a parabola.

Heights of .1 to .45 m of the body's middle, crouches of .2 to .35 m in .3 to .5 s and landings of .15 to .3 m are those
of CMU's jumps on the spot and forward. Every jump is left from standing and ends in standing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.acts.standing_acts import Act, BodyOf
from segmo_core.data.editing.arms import ArmKey, gesturing
from segmo_core.data.editing.body import FRAME_RATE, PELVIS, turned
from segmo_core.data.editing.stances import Stance, balanced_over, keyed, posed
from segmo_core.data.editing.told import SIDES, Told

FloatArray = NDArray[np.floating]
Generator = np.random.Generator

_GRAVITY = 9.81
_STRETCH = 0.06  # metres that the body is higher on the tips of the toes
_TIPTOE = 0.7  # radians that heels are lifted then


class _Course:
    """One jump after the other over time: heights, heels, ways, and when each one flies."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.now = float(generator.uniform(0.2, 0.6))
        self._rows: list[tuple[float, ...]] = []

    def jump(self, height: float, crouch: float, landing: float, *, quick: bool = False) -> tuple[float, float]:
        """Takes off and lands at the seconds that are returned."""
        draw = self._generator.uniform
        down = draw(0.16, 0.22) if quick else draw(0.35, 0.5)
        push = draw(0.1, 0.14) if quick else draw(0.2, 0.26)
        absorb, rise = (draw(0.1, 0.14), draw(0.14, 0.2)) if quick else (draw(0.16, 0.24), draw(0.35, 0.55))
        speed = float(np.sqrt(2 * _GRAVITY * height))
        begin = self.now
        take_off = begin + down + push
        land = take_off + 2 * speed / _GRAVITY
        self._rows.append((begin, down, push, speed, absorb, rise, crouch, landing))
        self.now = land + absorb + rise + (0.0 if quick else draw(0.05, 0.4))
        return take_off, land

    def curves(self, frames: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(T,) heights of the pelvis against standing, of both feet, and radians of heels."""
        times = np.arange(frames) / FRAME_RATE
        pelvis, feet, heels = np.zeros(frames), np.zeros(frames), np.zeros(frames)
        for begin, down, push, speed, absorb, rise, crouch, landing in self._rows:
            low, off = begin + down, begin + down + push
            land = off + 2 * speed / _GRAVITY
            deep, up = land + absorb, land + absorb + rise
            pelvis += _piece(times, begin, low, 0.0, 0.0, -crouch, 0.0)
            pelvis += _piece(times, low, off, -crouch, 0.0, _STRETCH, speed)
            flies = (times > off) & (times <= land)
            flight = speed * (times - off) - _GRAVITY / 2 * (times - off) ** 2
            pelvis += np.where(flies, _STRETCH + flight, 0.0)
            feet += np.where(flies, np.maximum(flight, 0.0), 0.0)
            pelvis += _piece(times, land, deep, _STRETCH, -speed, -landing, 0.0)
            pelvis += _piece(times, deep, up, -landing, 0.0, 0.0, 0.0)
            heels += keyed(frames, [(low, 0.0), (off, _TIPTOE), (land, 0.6 * _TIPTOE), (land + 0.08, 0.0)])
        return pelvis, feet, heels


def _piece(
    times: FloatArray, start: float, end: float, value: float, slope: float, to: float, to_slope: float
) -> FloatArray:
    """A cubic from ``value`` to ``to`` with those slopes between two times, 0 elsewhere."""
    inside = (times > start) & (times <= end)
    length = end - start
    s = (times - start) / length
    curve = (
        (2 * s**3 - 3 * s**2 + 1) * value + (s**3 - 2 * s**2 + s) * length * slope
        + (3 * s**2 - 2 * s**3) * to + (s**3 - s**2) * length * to_slope
    )  # fmt: skip
    return np.where(inside, curve, 0.0)


def jumps(
    body_of: BodyOf,
    generator: Generator,
    *,
    count: int = 1,
    height: tuple[float, float] = (0.12, 0.32),
    way: FloatArray | None = None,
    turn: float = 0.0,
    told: Told | None = None,
    still_arms: bool = False,
) -> Act:
    """``count`` jumps on the spot; by ``way`` (3,) metres each and with ``turn`` radians to the left where given."""
    course = _Course(generator)
    rise, crouch, landing = generator.uniform(*height), generator.uniform(0.18, 0.34), generator.uniform(0.14, 0.28)
    flights = [course.jump(rise * generator.uniform(0.9, 1.1), crouch, landing) for _ in range(count)]
    frames = round((course.now + generator.uniform(0.2, 0.5)) * FRAME_RATE)
    pelvis, lift, heels = course.curves(frames)
    travelled, led, spun = np.zeros(frames), np.zeros(frames), np.zeros(frames)
    for off, land in flights:
        travelled += keyed(frames, [(off - 0.2, 0.0), (land + 0.2, 1.0)])
        led += keyed(frames, [(off - 0.02, 0.0), (land + 0.02, 1.0)])
        spun += keyed(frames, [(off - 0.05, 0.0), (land + 0.08, turn)])
    direction = np.zeros(3) if way is None else way
    offsets = np.stack([0 * pelvis, pelvis, 0.25 * np.minimum(pelvis, 0.0)], axis=-1)
    offsets = offsets + travelled[:, None] * direction
    feet = np.zeros((frames, 2, 3))
    feet[..., 1] = lift[:, None] + 0.06 * (lift > 0.01)[:, None] * np.minimum(lift / 0.1, 1.0)[:, None]
    feet += (led[:, None] * direction)[:, None]
    lean = np.maximum(-pelvis, 0.0) / 0.3
    stance = Stance(
        frames, pelvis=offsets, tilt=(0.4 + 0.1 * np.sign(direction[2])) * lean, head_pitch=-0.25 * lean, feet=feet,
        heels=np.repeat(heels[:, None], 2, axis=1), planted=(),
    )  # fmt: skip
    joints = posed(body_of(frames), stance)
    if not still_arms:
        joints = _with_arm_swing(joints, flights, rise, generator)
    if turn:
        joints = turned(joints, spun, joints[:, PELVIS] * [1.0, 0.0, 1.0])
    return Act(joints, told or Told("jump", count=count))


def _with_arm_swing(
    joints: FloatArray, flights: list[tuple[float, float]], rise: float, generator: Generator
) -> FloatArray:
    reach = 0.15 + min(rise, 0.4)
    for side in (0, 1):
        keys = []
        for off, land in flights:
            keys.append(ArmKey(off - 0.55, off - 0.22, np.array([0.16, -0.40, -0.22])))
            keys.append(ArmKey(off - 0.22, off + 0.1, np.array([0.14, -0.35 + 1.2 * reach, 0.38])))
            keys.append(ArmKey(land - 0.1, land + 0.45, None))
        joints = gesturing(joints, side, keys, generator)
    return joints


def jumping_jacks(body_of: BodyOf, generator: Generator, *, count: int = 3) -> Act:
    """Legs apart and arms up with one small jump, back with the next, ``count`` times."""
    course = _Course(generator)
    rise = generator.uniform(0.05, 0.09)
    flights = [course.jump(rise, 0.1, 0.08, quick=True) for _ in range(2 * count)]
    frames = round((course.now + 0.4) * FRAME_RATE)
    pelvis, lift, heels = course.curves(frames)
    apart = keyed(frames, [(t, float(number % 2 == 0)) if at else (o, float(number % 2 == 1))
                           for number, (o, t) in enumerate(flights) for at in (0, 1)])  # fmt: skip
    feet = np.zeros((frames, 2, 3))
    feet[..., 1] = lift[:, None]
    feet[..., 0] = apart[:, None] * np.array([1.0, -1.0]) * generator.uniform(0.2, 0.28)
    sunk = 0.06 * apart
    stance = Stance(frames, pelvis=np.stack([0 * pelvis, pelvis - sunk, 0 * pelvis], axis=-1), feet=feet,
                    heels=np.repeat(heels[:, None], 2, axis=1), planted=())  # fmt: skip
    joints = posed(body_of(frames), stance)
    for side in (0, 1):
        keys = []
        for number, (off, land) in enumerate(flights):
            up = np.array([0.1, 0.49, 0.03]) if number % 2 == 0 else None
            keys.append(ArmKey(off - 0.12, land + 0.1, up, np.array([1.0, 0.0, 0.1])))
        joints = gesturing(joints, side, keys, generator)
    return Act(joints, Told("jumping-jacks", count=count))


def hops(body_of: BodyOf, generator: Generator, *, side: int, count: int = 3) -> Act:
    """Small jumps on the foot of ``side``, the other one held up."""
    course = _Course(generator)
    course.now += 0.9
    flights = [course.jump(generator.uniform(0.05, 0.1), 0.08, 0.07, quick=True) for _ in range(count)]
    frames = round((course.now + 1.2) * FRAME_RATE)
    pelvis, lift, heels = course.curves(frames)
    begin, end = flights[0][0] - 0.4, flights[-1][1] + 0.4
    weight = keyed(frames, [(begin - 0.6, 0.0), (begin - 0.15, 1.0), (end, 1.0), (end + 0.5, 0.0)])
    held = keyed(frames, [(begin - 0.4, 0.0), (begin, 1.0), (end, 1.0), (end + 0.4, 0.0)])
    other = 1 - side
    feet, lifted = np.zeros((frames, 2, 3)), np.zeros((frames, 2))
    feet[:, side, 1] = lift
    feet[:, other, 1] = lift + generator.uniform(0.2, 0.3) * held
    feet[:, other, 2] = -generator.uniform(0.12, 0.25) * held
    lifted[:, side], lifted[:, other] = heels, 0.6 * held
    body = body_of(frames)
    stance = Stance(frames, pelvis=np.stack([0 * pelvis, pelvis, 0 * pelvis], axis=-1), feet=feet, heels=lifted,
                    planted=(), knees_out=0.1)  # fmt: skip
    return Act(posed(body, balanced_over(body, stance, side, weight)),
               Told("hop-on-one-foot", side=SIDES[side], count=count))  # fmt: skip


def skips_rope(body_of: BodyOf, generator: Generator, *, count: int = 6) -> Act:
    """Small jumps on both feet, the forearms turning a rope."""
    course = _Course(generator)
    for _ in range(count):
        course.jump(generator.uniform(0.05, 0.08), 0.07, 0.06, quick=True)
    frames = round((course.now + 0.4) * FRAME_RATE)
    pelvis, lift, heels = course.curves(frames)
    feet = np.zeros((frames, 2, 3))
    feet[..., 1] = lift[:, None]
    stance = Stance(frames, pelvis=np.stack([0 * pelvis, pelvis, 0 * pelvis], axis=-1), feet=feet,
                    heels=np.repeat(heels[:, None], 2, axis=1), planted=())  # fmt: skip
    joints = posed(body_of(frames), stance)
    period = (course.now - 0.4) / count * FRAME_RATE
    phase = 2 * np.pi * np.arange(frames) / period
    for side in (0, 1):
        place = np.stack(
            [0.2 + 0.05 * np.cos(phase), -0.3 + 0.06 * np.sin(phase), 0.16 + 0.05 * np.cos(phase)], axis=-1
        )
        joints = gesturing(joints, side, [ArmKey(0.0, 0.4, place, np.array([0.5, -1.0, -0.8])),
                                          ArmKey(course.now - 0.2, course.now + 0.3, None)], generator)  # fmt: skip
    return Act(joints, Told("skip-rope"))


def described_jump(body_of: BodyOf, generator: Generator, kind: str) -> Act:
    """A jump "high", "forward", "backward", "sideways", or "turning"."""
    if kind == "high":
        return jumps(body_of, generator, height=(0.36, 0.5), told=Told("jump-high"))
    if kind == "forward":
        count, metres = int(generator.integers(1, 4)), float(generator.choice([0.5, 0.75, 1.0, 1.0, 1.25, 1.5]))
        return jumps(body_of, generator, count=count, height=(0.12, 0.28), way=np.array([0.0, 0.0, metres]),
                     told=Told("jump-forward", count=count, distance=metres if count == 1 else None))  # fmt: skip
    if kind == "backward":
        return jumps(body_of, generator, height=(0.1, 0.2), way=np.array([0.0, 0.0, -generator.uniform(0.3, 0.6)]),
                     told=Told("jump-backward"))  # fmt: skip
    if kind == "sideways":
        side = int(generator.integers(2))
        way = np.array([generator.uniform(0.3, 0.7) * (1.0 if side == 0 else -1.0), 0.0, 0.0])
        return jumps(body_of, generator, height=(0.1, 0.22), way=way, told=Told("jump-sideways", direction=SIDES[side]))
    side = int(generator.integers(2))
    degrees = float(generator.choice([90, 180, 180, 360]))
    turn = np.radians(degrees) * (1.0 if side == 0 else -1.0)
    return jumps(body_of, generator, height=(0.2, 0.35), turn=turn, still_arms=False,
                 told=Told("jump-turn", turn=degrees, direction=SIDES[side]))  # fmt: skip
