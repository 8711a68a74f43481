"""What a standing body does with legs and trunk, built from curves: squats, bows, kneeling, sitting, lunges, kicks.

Heights and times are those of real ones where there are any: ui-prmd squats go down .35 to .5 m in 1.0 to 1.6 s, its
sitters to .45 to .6 m; thighs and shins decide the rest. Acts begin and end in standing unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import FRAME_RATE, PELVIS
from segmo_core.data.editing.stances import Stance, balanced_over, keyed, posed
from segmo_core.data.editing.told import SIDES, Told

FloatArray = NDArray[np.floating]
Generator = np.random.Generator


@dataclass(frozen=True, eq=False)
class Act:
    """joints (T, 22, 3) of what ``told`` says."""

    joints: FloatArray
    told: Told


BodyOf = Callable[[int], FloatArray]  # a quiet body of so many frames


_KNEELING = 0.47  # metres of the pelvis above the floor: a thigh and what is above and below it


def _frames(seconds: float) -> int:
    return max(round(seconds * FRAME_RATE), 8)


def repeated(
    count: int, once: float, generator: Generator, *, lead: tuple[float, float] = (0.2, 0.6), pause: float = 0.25
) -> tuple[list[float], float]:
    """Times (seconds) at which each of ``count`` cycles of about ``once`` seconds begins, its end, and all of it."""
    starts, now = [], float(generator.uniform(*lead))
    for _ in range(count):
        starts.append(now)
        now += once * float(generator.uniform(0.92, 1.08)) + pause * float(generator.uniform(0.3, 1.4))
    return starts, now + float(generator.uniform(*lead))


def pulses(frames: int, starts: list[float], shape: list[tuple[float, float]]) -> FloatArray:
    """(frames,) the sum of ``shape`` (seconds, value) begun at each of ``starts``."""
    total = np.zeros(frames)
    for start in starts:
        total += keyed(frames, [(start + at, value) for at, value in shape])
    return total


def squats(body_of: BodyOf, generator: Generator, *, count: int = 1, stay: bool = False) -> Act:
    """Down and up ``count`` times, or down to stay."""
    depth, down = generator.uniform(0.36, 0.52), generator.uniform(0.6, 1.1)
    low = generator.uniform(0.05, 0.4)
    starts, seconds = repeated(1 if stay else count, 2 * down + low, generator)
    if stay:
        seconds = starts[0] + down + generator.uniform(1.0, 3.0)
    frames = _frames(seconds)
    shape = [(0.0, 0.0), (down, 1.0)] + ([] if stay else [(down + low, 1.0), (2 * down + low, 0.0)])
    share = pulses(frames, starts, shape)
    lean = generator.uniform(0.35, 0.6)
    pelvis = np.stack([0 * share, -depth * share, -(0.12 + 0.3 * lean) * depth * share], axis=-1)
    stance = Stance(frames, pelvis=pelvis, tilt=lean * share, pitch=0.2 * share, head_pitch=-0.4 * share,
                    knees_out=generator.uniform(0.2, 0.6))  # fmt: skip
    told = Told("squat-hold") if stay else Told("squat", count=count)
    return Act(posed(body_of(frames), stance), told)


def bows(body_of: BodyOf, generator: Generator, *, count: int = 1) -> Act:
    """Bent forward from the hips ``count`` times, with a moment's stay in each."""
    angle, down = generator.uniform(0.6, 1.15), generator.uniform(0.5, 0.9)
    low = generator.uniform(0.15, 0.9)
    starts, seconds = repeated(count, 2 * down + low, generator, pause=0.6)
    frames = _frames(seconds)
    share = pulses(frames, starts, [(0.0, 0.0), (down, 1.0), (down + low, 1.0), (2 * down + low, 0.0)])
    pelvis = np.stack([0 * share, -0.02 * share, -0.13 * angle * share], axis=-1)
    stance = Stance(frames, pelvis=pelvis, tilt=0.6 * angle * share, pitch=0.5 * angle * share, head_pitch=0.15 * share)
    return Act(posed(body_of(frames), stance), Told("bow", count=count))


def kneels(body_of: BodyOf, generator: Generator, *, both: bool, up_again: bool) -> Act:
    """Down on one knee or both; and up again, or staying there."""
    rear = int(generator.integers(2))
    down, second, hold = generator.uniform(0.9, 1.4), generator.uniform(0.6, 0.9), generator.uniform(0.6, 2.5)
    start = generator.uniform(0.2, 0.5)
    landed = start + down
    settled = landed + (second if both else 0.0)
    risen = settled + hold + (second if both else 0.0) + generator.uniform(0.9, 1.4)
    frames = _frames(risen + 0.4 if up_again else settled + hold)

    def there_and_back(begin: float, end: float, back_begin: float, back_end: float) -> FloatArray:
        keys = [(begin, 0.0), (end, 1.0)] + ([(back_begin, 1.0), (back_end, 0.0)] if up_again else [])
        return keyed(frames, keys)

    leave = settled + hold
    own = there_and_back(start, start + 0.6 * down, risen - 0.65 * (risen - leave), risen)
    drop = there_and_back(start + 0.1 * down, landed, leave + (second if both else 0.0), risen)
    other = there_and_back(landed, settled, leave, leave + second) if both else np.zeros(frames)
    # Half kneeling: the rear knee rests below the hips, its foot a shin's length behind on its toes.
    reach = generator.uniform(0.44, 0.5)
    feet, heels = np.zeros((frames, 2, 3)), np.zeros((frames, 2))
    for side, share in ((rear, own), (1 - rear, other)):
        feet[:, side, 2] = -reach * share
        feet[:, side, 1] = 0.07 * np.sin(np.pi * share) ** 2
        heels[:, side] = 0.75 * share
    feet[:, 1 - rear, 2] += (1 - other) * 0.18 * own
    quiet = body_of(frames)
    depth = float(np.median(quiet[:, PELVIS, 1])) - _KNEELING
    pelvis = np.stack([0 * drop, -depth * drop - 0.01 * other, -0.02 * drop - 0.06 * other], axis=-1)
    lean = 0.3 * np.sin(np.pi * drop) ** 2
    stance = Stance(frames, pelvis=pelvis, tilt=lean, feet=feet, heels=heels, knees_out=0.1)
    name = "kneel-and-get-up" if up_again else "kneel-both" if both else "kneel-one-knee"
    return Act(posed(quiet, stance), Told(name))


def lunges(body_of: BodyOf, generator: Generator, *, count: int = 1, side: int | None = None) -> Act:
    """A long step forward, down, and back; the same leg or both in turn."""
    go, low, back = generator.uniform(0.6, 0.9), generator.uniform(0.1, 0.6), generator.uniform(0.6, 0.9)
    starts, seconds = repeated(count, go + low + back, generator)
    frames = _frames(seconds)
    reach, depth = generator.uniform(0.6, 0.75), generator.uniform(0.3, 0.4)
    feet, heels = np.zeros((frames, 2, 3)), np.zeros((frames, 2))
    whole = np.zeros(frames)
    for number, start in enumerate(starts):
        front = side if side is not None else number % 2
        share = keyed(frames, [(start, 0.0), (start + 0.7 * go, 1.0), (start + go + low + 0.2 * back, 1.0),
                               (start + go + low + back, 0.0)])  # fmt: skip
        feet[:, front, 2] += reach * share
        feet[:, front, 1] += 0.12 * np.sin(np.pi * share) ** 2
        sunk = keyed(frames, [(start, 0.0), (start + go, 1.0), (start + go + low, 1.0), (start + go + low + back, 0.0)])
        heels[:, 1 - front] += 0.6 * sunk
        whole += sunk
    pelvis = np.stack([0 * whole, -depth * whole, 0.42 * reach * whole], axis=-1)
    stance = Stance(frames, pelvis=pelvis, tilt=0.1 * whole, feet=feet, heels=heels, knees_out=0.08)
    return Act(posed(body_of(frames), stance), Told("lunge", count=count, side=None if side is None else SIDES[side]))


def sits_on_chair(body_of: BodyOf, generator: Generator, *, way: str, count: int = 1) -> Act:
    """Sitting down on something 0.42 to 0.55 m high ("down"), standing up from it ("up"), or both ``count`` times."""
    height = generator.uniform(0.44, 0.56)
    down, up, stay = generator.uniform(0.9, 1.5), generator.uniform(0.8, 1.3), generator.uniform(0.3, 1.5)
    if way == "both":
        starts, seconds = repeated(count, down + stay + up, generator, pause=0.5)
        shape = [(0.0, 0.0), (down, 1.0), (down + stay, 1.0), (down + stay + up, 0.0)]
        frames = _frames(seconds)
        share = pulses(frames, starts, shape)
    elif way == "down":
        start, stay = generator.uniform(0.3, 0.8), generator.uniform(0.8, 2.5)
        frames = _frames(start + down + stay)
        share = keyed(frames, [(start, 0.0), (start + down, 1.0)])
    else:
        start = generator.uniform(0.5, 1.5)
        frames = _frames(start + up + generator.uniform(0.5, 1.0))
        share = keyed(frames, [(start, 1.0), (start + up, 0.0)])
    body = body_of(frames)
    drop = float(np.median(body[:, PELVIS, 1])) - height
    ahead = np.sin(np.pi * share) ** 2
    pelvis = np.stack([0 * share, -drop * share, -0.36 * share - 0.02 * ahead], axis=-1)
    stance = Stance(frames, pelvis=pelvis, tilt=0.55 * ahead + generator.uniform(-0.05, 0.12) * share,
                    pitch=0.15 * ahead, head_pitch=-0.35 * ahead, knees_out=generator.uniform(0.1, 0.3))  # fmt: skip
    told = {"down": Told("sit-chair"), "up": Told("stand-up-chair"), "both": Told("sit-and-stand", count=count)}[way]
    return Act(posed(body, stance), told)


def sits_on_floor(body_of: BodyOf, generator: Generator, *, lying: bool, way: str) -> Act:
    """Down to sit on the floor with bent knees, and on to the back if ``lying``; or, the other way, up from there."""
    squat, drop, recline = generator.uniform(0.8, 1.2), generator.uniform(0.6, 0.9), generator.uniform(0.9, 1.4)
    start, stay = generator.uniform(0.3, 0.6), generator.uniform(0.6, 2.0)
    low, seated = start + squat, start + squat + drop
    flat = seated + (0.2 + recline if lying else 0.0)
    frames = _frames(flat + stay)
    body = body_of(frames)
    height = float(np.median(body[:, PELVIS, 1]))
    deep = keyed(frames, [(start, 0.0), (low, 1.0)])
    sat = keyed(frames, [(low - 0.15, 0.0), (seated, 1.0)])
    back = keyed(frames, [(seated + 0.2, 0.0), (flat, 1.0)]) if lying else np.zeros(frames)
    stretch = generator.uniform(0.15, 0.4) if lying else generator.uniform(0.0, 0.12)
    pelvis = np.stack([0 * deep, -(height - 0.32) * deep - 0.22 * sat, -0.2 * deep - 0.26 * sat], axis=-1)
    lean = 0.75 * deep - 0.75 * sat + generator.uniform(-0.25, 0.1) * sat * (1 - back)
    tilt = lean - 1.5 * back
    feet = np.zeros((frames, 2, 3))
    feet[..., 2] = (0.1 * sat + stretch * np.maximum(back, sat if not lying else back))[:, None]
    stance = Stance(frames, pelvis=pelvis, tilt=tilt, pitch=0.35 * deep - 0.2 * sat - 0.1 * back,
                    head_pitch=0.25 * np.sin(np.pi * back), feet=feet,
                    heels=np.repeat((0.35 * deep - 0.35 * sat)[:, None], 2, axis=1),
                    knees_out=generator.uniform(0.05, 0.25))  # fmt: skip
    joints = posed(body, stance)
    if way == "up":
        return Act(joints[::-1].copy(), Told("get-up-floor"))
    return Act(joints, Told("lie-down" if lying else "sit-floor"))


def on_one_leg(body_of: BodyOf, generator: Generator, *, side: int) -> Act:
    """Standing on the foot of ``side`` for a while, the other lifted behind or in front."""
    lead, rise, stay = generator.uniform(0.4, 0.6), generator.uniform(0.5, 0.8), generator.uniform(1.2, 4.0)
    start = generator.uniform(0.2, 0.5)
    up, down = start + lead, start + lead + rise + stay
    frames = _frames(down + rise + lead + 0.2)
    weight = keyed(frames, [(start, 0.0), (up + 0.1, 1.0), (down + rise - 0.1, 1.0), (down + rise + lead, 0.0)])
    share = keyed(frames, [(up, 0.0), (up + rise, 1.0), (down, 1.0), (down + rise, 0.0)])
    other = 1 - side
    height = generator.uniform(0.2, 0.45)
    feet, heels = np.zeros((frames, 2, 3)), np.zeros((frames, 2))
    feet[:, other, 1] = height * share
    feet[:, other, 2] = (generator.uniform(0.05, 0.2) if height > 0.3 else -generator.uniform(0.1, 0.25)) * share
    heels[:, other] = 0.5 * share
    body = body_of(frames)
    stance = Stance(frames, pelvis=np.zeros((frames, 3)), feet=feet, heels=heels, planted=(side,), knees_out=0.1)
    return Act(posed(body, balanced_over(body, stance, side, weight)), Told("stand-on-one-leg", side=SIDES[side]))


def knee_raises(body_of: BodyOf, generator: Generator, *, side: int, count: int = 1) -> Act:
    """The knee of ``side`` lifted to the height of the hips ``count`` times."""
    rise, stay = generator.uniform(0.4, 0.65), generator.uniform(0.1, 0.9 if count == 1 else 0.25)
    once = 2 * rise + stay
    starts, seconds = repeated(count, once, generator, lead=(0.6, 0.9), pause=0.15)
    frames = _frames(seconds)
    weight = keyed(frames, [(starts[0] - 0.5, 0.0), (starts[0] + 0.1, 1.0), (starts[-1] + once, 1.0),
                            (starts[-1] + once + 0.5, 0.0)])  # fmt: skip
    share = pulses(frames, starts, [(0.0, 0.0), (rise, 1.0), (rise + stay, 1.0), (once, 0.0)])
    feet, heels = np.zeros((frames, 2, 3)), np.zeros((frames, 2))
    feet[:, side, 1] = generator.uniform(0.36, 0.5) * share
    feet[:, side, 2] = generator.uniform(0.18, 0.3) * share
    heels[:, side] = 0.45 * share
    body = body_of(frames)
    stance = Stance(frames, pelvis=np.zeros((frames, 3)), feet=feet, heels=heels, planted=(1 - side,), knees_out=0.08)
    stance = balanced_over(body, stance, 1 - side, weight)
    return Act(posed(body, stance), Told("raise-knee", side=SIDES[side], count=count))


def kicks(body_of: BodyOf, generator: Generator, *, side: int, count: int = 1, high: bool = False) -> Act:
    """The foot of ``side`` chambered and thrown forward ``count`` times, to ankle heights of .45 to .75, or .9 m."""
    chamber, out, stay = 0.28, generator.uniform(0.17, 0.22), 0.08
    back, down = generator.uniform(0.2, 0.3), 0.32
    thrown_at, drawn_at = chamber + out, chamber + out + stay
    once = drawn_at + back + down
    starts, seconds = repeated(count, once, generator, lead=(0.5, 0.8), pause=0.25)
    frames = _frames(seconds)
    weight = keyed(frames, [(starts[0] - 0.4, 0.0), (starts[0] + 0.05, 1.0), (starts[-1] + once, 1.0),
                            (starts[-1] + once + 0.45, 0.0)])  # fmt: skip
    height = generator.uniform(0.98, 1.15) if high else generator.uniform(0.5, 0.8)
    reach = np.sqrt(0.8**2 - (0.86 - height) ** 2) + 0.02
    path = [(0.0, 0.0), (chamber, 1.0), (thrown_at, 2.0), (drawn_at, 2.0), (drawn_at + back, 1.0), (once, 0.0)]
    lift = pulses(frames, starts, [(at, (0.0, 0.42, height - 0.08)[int(stage)]) for at, stage in path])
    way = pulses(frames, starts, [(at, (0.0, 0.1, reach)[int(stage)]) for at, stage in path])
    thrown = pulses(frames, starts, [(chamber - 0.1, 0.0), (thrown_at, 1.0), (drawn_at, 1.0), (drawn_at + back, 0.0)])
    feet, heels = np.zeros((frames, 2, 3)), np.zeros((frames, 2))
    feet[:, side, 1], feet[:, side, 2] = lift, way
    heels[:, side] = 0.5 * (lift > 0.02) * np.minimum(lift / 0.3, 1.0) - 1.0 * thrown
    body = body_of(frames)
    stance = Stance(frames, pelvis=np.zeros((frames, 3)), tilt=-0.22 * thrown * (1.4 if high else 1.0), feet=feet,
                    heels=heels, planted=(1 - side,), knees_out=0.05)  # fmt: skip
    stance = balanced_over(body, stance, 1 - side, weight)
    told = Told("high-kick", side=SIDES[side]) if high else Told("kick", side=SIDES[side], count=count)
    return Act(posed(body, stance), told)


def looks_around(body_of: BodyOf, generator: Generator) -> Act:
    """The chest and the head turned to one side, then to the other, and back."""
    first = 1.0 if generator.random() < 0.5 else -1.0
    one, other = generator.uniform(0.5, 0.8), generator.uniform(0.5, 0.8)
    turn, stay = generator.uniform(0.6, 1.0), generator.uniform(0.3, 0.9)
    start = generator.uniform(0.2, 0.6)
    keys = [(start, 0.0), (start + turn, first * one), (start + turn + stay, first * one),
            (start + 2.6 * turn + stay, -first * other), (start + 2.6 * turn + 2 * stay, -first * other),
            (start + 3.6 * turn + 2 * stay, 0.0)]  # fmt: skip
    frames = _frames(keys[-1][0] + 0.3)
    yaw = keyed(frames, keys)
    return Act(posed(body_of(frames), Stance(frames, yaw=yaw, head_yaw=0.6 * yaw)), Told("look-around"))


def nods(body_of: BodyOf, generator: Generator, *, count: int = 2) -> Act:
    """The head forward and back ``count`` times."""
    starts, seconds = repeated(count, 0.55, generator, pause=0.1)
    frames = _frames(seconds)
    share = pulses(frames, starts, [(0.0, 0.0), (0.25, 1.0), (0.52, 0.0)])
    angle = generator.uniform(0.35, 0.5)
    return Act(posed(body_of(frames), Stance(frames, pitch=0.12 * angle * share, head_pitch=angle * share)),
               Told("nod", count=count))  # fmt: skip
