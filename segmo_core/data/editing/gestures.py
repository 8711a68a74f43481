"""Gestures from recipe files: where wrists go, by what, how long; done by any body that stands, sits or walks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.arms import ArmKey, gesturing
from segmo_core.data.editing.body import (
    COLLARS,
    ELBOWS,
    FRAME_RATE,
    HEAD,
    HIPS,
    SHOULDERS,
    SPINE3,
    WRISTS,
    chest_frames,
    to_frame,
)  # fmt: skip
from segmo_core.data.editing.stances import Stance, bent_trunk, keyed
from segmo_core.data.editing.told import SIDES, Told
from segmo_core.serialization import from_plain, read_json

FloatArray = NDArray[np.floating]
Generator = np.random.Generator
Landmark = Literal["shoulder", "head", "chest", "hip", "own"]

_FOLDER = Path(__file__).parent / "recipes"
_LANDMARKS = {"head": HEAD, "chest": SPINE3}


@dataclass(frozen=True)
class RecipeKey:
    """at: what ``offset`` (outward, up, front; metres, axes of the chest) is from; "own": the arm as it was.

    move, hold: seconds, from and to, that the way and the stay take; where a stay is below 0 the next key begins
    before this one is reached. elbow: the way it points; None hangs outward.
    """

    at: Landmark
    move: tuple[float, float]
    hold: tuple[float, float]
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    elbow: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Recipe:
    """One gesture. source: where its numbers come from.

    arms: "one", "both", "guard" (one does it, the other one stays at the first key) or "alternate" (in turn). keys:
    what is gone through once; cycle: what is then repeated, ``cycles`` times unless told how often; back: what is
    gone through on the way back. synchronous: both
    arms at once, to the frame. spread: metres that people differ by. lower: metres by which the second arm is lower.
    collars: metres that they are raised. twist: radians that the chest turns with every first key of a cycle.
    """

    concept: str
    source: str
    arms: Literal["one", "both", "guard", "alternate"]
    keys: tuple[RecipeKey, ...]
    cycle: tuple[RecipeKey, ...] = ()
    back: tuple[RecipeKey, ...] = ()
    cycles: tuple[int, int] = (1, 6)
    synchronous: bool = False
    spread: float = 0.03
    lower: tuple[float, ...] = ()
    collars: float = 0.0
    twist: float = 0.0
    head_pitch: float = 0.0


@cache
def recipes() -> dict[str, Recipe]:
    """All recipes by concept."""
    found = [from_plain(Recipe, read_json(path), path.stem) for path in sorted(_FOLDER.glob("*.json"))]
    return {recipe.concept: recipe for recipe in found}


@dataclass(frozen=True, eq=False)
class Timing:
    """When the keys of each arm are gone through (seconds); seconds: how long all of it takes, the way back included.

    beats: when each cycle's first key is reached, with the arm that does it.
    """

    by_side: tuple[list[tuple[float, float, RecipeKey]], list[tuple[float, float, RecipeKey]]]
    seconds: float
    told: Told
    beats: list[tuple[float, int]] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """How long all of it takes."""
        return max(round(self.seconds * FRAME_RATE), 8)


def timed(
    recipe: Recipe,
    generator: Generator,
    *,
    side: int = 0,
    count: int | None = None,
    hold: float = 1.0,
    begin: float | None = None,
) -> Timing:
    """A recipe's times, drawn. side: the arm that does it. hold: what stays are multiplied by. begin: seconds."""
    now = float(generator.uniform(0.2, 0.6)) if begin is None else begin
    keys: tuple[list[tuple[float, float, RecipeKey]], list[tuple[float, float, RecipeKey]]] = ([], [])
    beats: list[tuple[float, int]] = []
    everyone = (0, 1) if recipe.arms != "one" else (side,)
    for key in recipe.keys:
        end = now + float(generator.uniform(*key.move))
        for arm in everyone:
            keys[arm].append((now, end, key))
        now = end + float(generator.uniform(*key.hold)) * hold
    number = 0
    if recipe.cycle:
        number = count if count is not None else int(generator.integers(recipe.cycles[0], recipe.cycles[1] + 1))
    for cycle in range(number):
        arms = (
            everyone if recipe.arms in ("one", "both") else (side,) if recipe.arms == "guard" else ((side + cycle) % 2,)
        )
        for position, key in enumerate(recipe.cycle):
            end = now + float(generator.uniform(*key.move))
            for arm in arms:
                keys[arm].append((now, end, key))
            if position == 0:
                beats.append((end, arms[0]))
            now = end + float(generator.uniform(*key.hold)) * min(1.0, 2.0 / number)
    for key in recipe.back:
        end = now + float(generator.uniform(*key.move))
        for arm in everyone:
            keys[arm].append((now, end, key))
        now = end + float(generator.uniform(*key.hold))
    back = float(generator.uniform(0.5, 0.9))
    away = RecipeKey("own", (0.5, 0.9), (0.0, 0.0))
    for arm in everyone:
        if keys[arm] and keys[arm][-1][2].at != "own":
            keys[arm].append((now, now + back, away))
    told = Told(recipe.concept)
    if recipe.arms in ("one", "guard"):
        told = replace(told, side=SIDES[side])
    if recipe.cycle:
        told = replace(told, count=number)
    return Timing(keys, now + back + float(generator.uniform(0.1, 0.5)), told, beats)


def gestured(joints: FloatArray, recipe: Recipe, timing: Timing, generator: Generator) -> FloatArray:
    """``joints`` (T, 22, 3) doing a gesture; what comes after T frames is left out."""
    joints = _with_trunk(joints, recipe, timing)
    personal = generator.normal(
        scale=recipe.spread, size=(len(recipe.keys) + len(recipe.cycle) + len(recipe.back), 3)
    ).clip(-2 * recipe.spread, 2 * recipe.spread)
    numbers = {id(key): number for number, key in enumerate((*recipe.keys, *recipe.cycle, *recipe.back))}
    dropped = recipe.lower[0] if recipe.lower else 0.0
    under = int(generator.integers(2))
    for side in (0, 1):
        keys = []
        for begin, end, key in timing.by_side[side]:
            place = None
            if key.at != "own":
                shift = personal[numbers[id(key)]] * ([1.0, 1.0, 1.0] if recipe.arms != "both" else [0.7, 1.0, 1.0])
                if side == under:
                    shift = shift - [0.0, dropped, dropped * 0.8]
                place = _landmark(joints, key.at, side) + np.asarray(key.offset) + shift
            keys.append(ArmKey(begin, end, place, None if key.elbow is None else np.asarray(key.elbow)))
        if keys:
            joints = gesturing(joints, side, keys, generator)
    return joints


def _landmark(joints: FloatArray, at: Landmark, side: int) -> FloatArray:
    """(T, 3) where a landmark is from the shoulder of ``side``: outward, up, front in axes of the chest."""
    if at == "shoulder":
        return np.zeros((len(joints), 3))
    joint = HIPS[side] if at == "hip" else _LANDMARKS[at]
    outward = np.array([1.0 if side == 0 else -1.0, 1.0, 1.0])
    return np.asarray(to_frame(chest_frames(joints), joints[:, joint] - joints[:, SHOULDERS[side]]) * outward)


def _with_trunk(joints: FloatArray, recipe: Recipe, timing: Timing) -> FloatArray:
    count = len(joints)
    held = [(begin, end) for keys in timing.by_side for begin, end, _ in keys]
    if not held:
        return joints
    first, last = min(held), max(held, key=lambda pair: pair[1])
    if recipe.collars:
        joints = joints.copy()
        share = keyed(count, [(first[0], 0.0), (first[1], 1.0), (last[0], 1.0), (last[1], 0.0)])
        for side in (0, 1):
            for part, whole in ((COLLARS, 0.5), (SHOULDERS, 1.0), (ELBOWS, 1.0), (WRISTS, 1.0)):
                joints[:, part[side], 1] += whole * recipe.collars * share
    if recipe.twist:
        yaw = np.zeros(count)
        for beat, arm in timing.beats:
            way = recipe.twist * (-1.0 if arm == 0 else 1.0)
            yaw += keyed(count, [(beat - 0.25, 0.0), (beat, way), (beat + 0.3, 0.0)])
        joints = bent_trunk(joints, Stance(count, yaw=yaw))
    if recipe.head_pitch:
        share = keyed(count, [(first[0], 0.0), (first[1], 1.0), (last[0], 1.0), (last[1], 0.0)])
        joints = bent_trunk(joints, Stance(count, head_pitch=recipe.head_pitch * share, pitch=0.15 * share))
    return joints
