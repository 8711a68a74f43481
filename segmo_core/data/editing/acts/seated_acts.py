"""Sitting, kneeling, walking and balancing bodies that do something with their arms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.acts.standing_acts import Act, BodyOf, kneels, on_one_leg, squats
from segmo_core.data.editing.acts.walking_acts import GaitOf, plain_stretch
from segmo_core.data.editing.body import FRAME_RATE, PELVIS
from segmo_core.data.editing.gestures import gestured, recipes, timed
from segmo_core.data.editing.stances import Stance, posed
from segmo_core.data.editing.told import Told

FloatArray = NDArray[np.floating]
Generator = np.random.Generator


_ZOMBIE_SPEED = (0.4, 0.9)  # m/s


def seated(body_of: BodyOf, generator: Generator, frames: int) -> FloatArray:
    """(frames, 22, 3) somebody who sits on something 0.44 to 0.56 m high."""
    body = body_of(frames)
    drop = float(np.median(body[:, PELVIS, 1])) - generator.uniform(0.44, 0.56)
    pelvis = np.broadcast_to([0.0, -drop, -0.36], (frames, 3))
    tilt = np.full(frames, generator.uniform(-0.05, 0.12))
    return posed(body, Stance(frames, pelvis=pelvis, tilt=tilt, knees_out=generator.uniform(0.1, 0.3)))


def sits_still(body_of: BodyOf, generator: Generator) -> Act:
    return Act(seated(body_of, generator, int(generator.integers(30, 110))), Told("seated"))


def gesture(body_of: BodyOf, generator: Generator, name: str, *, count: int | None = None) -> Act:
    """A gesture of a standing body, from hanging arms to hanging arms."""
    recipe = recipes()[name]
    timing = timed(recipe, generator, side=int(generator.integers(2)), count=count)
    return Act(gestured(body_of(timing.frames), recipe, timing, generator), timing.told)


def seated_gesture(body_of: BodyOf, generator: Generator, name: str, concept: str) -> Act:
    """A gesture of somebody who sits."""
    recipe = recipes()[name]
    timing = timed(recipe, generator, side=int(generator.integers(2)))
    joints = gestured(seated(body_of, generator, timing.frames), recipe, timing, generator)
    return Act(joints, replace(timing.told, concept=concept))


def walking_gesture(gait_of: GaitOf, generator: Generator, name: str, concept: str) -> Act:
    """A gesture on walking or running legs: begun on the way, or there from the first frame on."""
    recipe = recipes()[name]
    joints = plain_stretch(gait_of(), generator, _ZOMBIE_SPEED if concept == "walk-zombie" else None)
    seconds = len(joints) / FRAME_RATE
    there_already = not recipe.cycle and generator.random() < 0.6
    count = None
    if recipe.cycle:
        count = max(int((seconds - 1.6) / 0.62), 2) if recipe.cycles[1] > 5 else int(generator.integers(*recipe.cycles))
    hold, begin = 1.0 if recipe.cycle else 20.0, -1.5 if there_already else None
    timing = timed(recipe, generator, side=int(generator.integers(2)), count=count, hold=hold, begin=begin)
    return Act(gestured(joints, recipe, timing, generator), replace(timing.told, concept=concept, count=None))


def kneeling_with_a_hand_up(body_of: BodyOf, generator: Generator) -> Act:
    act = kneels(body_of, generator, both=False, up_again=False)
    recipe, side = recipes()["raise-arm"], int(generator.integers(2))
    return _on_top(act, "raise-arm", side, begin=1.6, concept="kneel-hand-up", generator=generator,
                   longer=timed(recipe, generator, side=side, count=1).frames)  # fmt: skip


def squatting_with_arms_ahead(body_of: BodyOf, generator: Generator) -> Act:
    act = squats(body_of, generator, count=int(generator.integers(1, 4)))
    recipe = recipes()["arms-front"]
    timing = timed(recipe, generator, hold=20.0, begin=0.0)
    joints = gestured(act.joints, recipe, timing, generator)
    return Act(joints, replace(act.told, concept="squat-arms-forward"))


def on_one_leg_with_arms_out(body_of: BodyOf, generator: Generator) -> Act:
    act = on_one_leg(body_of, generator, side=int(generator.integers(2)))
    recipe = recipes()["arms-out"]
    timing = timed(recipe, generator, hold=20.0, begin=0.1)
    return Act(gestured(act.joints, recipe, timing, generator), replace(act.told, concept="stand-on-one-leg-arms-out"))


def _on_top(act: Act, name: str, side: int, *, begin: float, concept: str, generator: Generator, longer: int) -> Act:
    """An act whose last pose is kept for ``longer`` frames, with a gesture on top."""
    joints = np.concatenate([act.joints, np.repeat(act.joints[-1:], longer, axis=0)])
    timing = timed(recipes()[name], generator, side=side, count=1, begin=begin)
    joints = gestured(joints, recipes()[name], timing, generator)
    return Act(
        joints[: min(len(joints), round(timing.seconds * FRAME_RATE) + 10)],
        replace(timing.told, concept=concept, count=None),
    )
