"""Recorded ways down and up, cut and turned around in time where people do it alike both ways.

Slow ways up from the floor look right played backward as ways down (peak speed of the pelvis .3 to .8 m/s, five of
five); kip-ups, falls, jumps, throws do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.composition.joining import join_motions
from segmo_core.data.editing.acts.standing_acts import Act
from segmo_core.data.editing.arms import with_hanging_arms
from segmo_core.data.editing.body import FRAME_RATE, NECK, PELVIS, smoothed
from segmo_core.data.editing.remapping import retimed
from segmo_core.data.editing.told import Told

FloatArray = NDArray[np.floating]
Generator = np.random.Generator

GET_UPS = ("Get Up From Ground", "Get Up Face Down", "Get Up Laying on Side")
_UPRIGHT, _LYING = 0.76, 0.35  # metres of the pelvis
_STRAIGHTENING = 14  # frames in which who got up comes to stand straight
_FASTEST = 1.1  # m/s of the pelvis that may be played backward


def can_be_reversed(joints: FloatArray) -> bool:
    """Whether a way up begins lying, ends upright and is slow."""
    path = smoothed(joints[:, PELVIS], 2.0)
    speed = np.linalg.norm(np.gradient(path, axis=0), axis=-1).max() * FRAME_RATE
    trunk = joints[-1, NECK] - joints[-1, PELVIS]
    stands = joints[-1, PELVIS, 1] > _UPRIGHT and trunk[1] > 0.75 * np.linalg.norm(trunk)
    return bool(joints[0, PELVIS, 1] < _LYING and stands and speed < _FASTEST)


def lies_down(get_up: FloatArray, standing: FloatArray, generator: Generator) -> Act:
    """A slow way up, backward; see ``gets_up``."""
    return Act(gets_up(get_up, standing, generator).joints[::-1].copy(), Told("lie-down"))


def gets_up(get_up: FloatArray, standing: FloatArray, generator: Generator) -> Act:
    """A recorded way up, which often ends bent, and on to ``standing`` (T, 22, 3)."""
    risen = retimed(_ends_trimmed(get_up), generator.uniform(0.95, 1.35))
    return Act(join_motions(risen, standing, _STRAIGHTENING), Told("get-up-floor"))


def _ends_trimmed(joints: FloatArray) -> FloatArray:
    """At most half a second of lying and of standing at the ends."""
    speed = np.linalg.norm(np.gradient(smoothed(joints, 2.0), axis=0), axis=-1).mean(axis=1) * FRAME_RATE
    lively = np.flatnonzero(speed > 0.15)
    if not len(lively):
        return joints
    return joints[max(int(lively[0]) - 10, 0) : int(lively[-1]) + 11]


def chair_parts(joints: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Of somebody who sits down and stands up again, the first way down and the way up after it, arms hanging; None
    where the seat is no chair's (pelvis at .4 to .6 m).

    Who does it as an exercise holds the hands before the chest, which nobody means by sitting down.
    """
    height = smoothed(joints[:, PELVIS, 1], 2.0)
    low = np.flatnonzero(height < height.min() + 0.04)
    if not 0.4 < height.min() < 0.6 or height[0] < 0.8:
        return None
    first = int(low[0])
    gaps = np.flatnonzero(np.diff(low) > 10)
    last = int(low[gaps[0]]) if len(gaps) else int(low[-1])
    after = np.flatnonzero(height[last:] > height[0] - 0.04)
    stop = last + int(after[0]) + 6 if len(after) else len(joints)
    if first < 10 or stop - last < 10:
        return None
    return with_hanging_arms(joints[: first + 1]), with_hanging_arms(joints[last:stop])


def sits_down(way_down: FloatArray, generator: Generator) -> Act:
    """A recorded way down onto a chair, and a stay."""
    stay = int(generator.integers(12, 50))
    held = np.concatenate([retimed(way_down, generator.uniform(0.85, 1.15)), np.repeat(way_down[-1:], stay, axis=0)])
    return Act(smoothed(held, 1.0), Told("sit-chair"))


def stands_up(way_up: FloatArray, generator: Generator) -> Act:
    """A recorded way up from a chair, after a stay on it."""
    stay = int(generator.integers(8, 30))
    held = np.concatenate([np.repeat(way_up[:1], stay, axis=0), retimed(way_up, generator.uniform(0.85, 1.15))])
    return Act(smoothed(held, 1.0), Told("stand-up-chair"))
