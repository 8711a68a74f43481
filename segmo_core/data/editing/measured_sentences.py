"""Sentences with amounts for recorded motion: how fast, how far, which way, how often, as measured in the stretch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captions.action_words import caption
from segmo_core.data.captions.clip_sentences import ORDINARY_STYLE
from segmo_core.data.editing import counting
from segmo_core.data.editing.labels import Measured, measured
from segmo_core.data.editing.told import SIDES

FloatArray = NDArray[np.floating]
Generator = np.random.Generator
Sentence = Callable[[FloatArray, Generator], str | None]

_STRAIGHT_TURN, _STRAIGHT_WAY = 20.0, 0.3  # degrees; metres aside for every metre ahead
_LEAST_WAY = 0.9  # metres worth telling
_DISTANCE_SHARE = 0.4
_MOST_TIMES = 6
_TURN_RANGE = (25.0, 200.0)  # degrees


def measured_sentence(action: str | None, style: str | None, joints: FloatArray, generator: Generator) -> str | None:
    """A sentence for a stretch (T, 22, 3) of a clip; None where nothing is measured of its action, or where it has a
    style, which would go untold."""
    rule = _RULES.get(action or "")
    if rule is None or style not in (None, ORDINARY_STYLE):
        return None
    return rule(joints, generator)


def _travel(concept: str, gait: str, sign: float) -> Sentence:
    def told(joints: FloatArray, generator: Generator) -> str | None:
        found = measured(joints)
        ahead = sign * found.ahead
        if not _is_straight(found) or ahead < _LEAST_WAY:
            return None
        if generator.random() < _DISTANCE_SHARE:
            return caption(concept, generator, gait=gait, distance=ahead)
        return caption(concept, generator, gait=gait, speed=found.speed) if sign > 0 else None

    return told


def _is_straight(found: Measured) -> bool:
    return abs(found.turn) < _STRAIGHT_TURN and abs(found.aside) < _STRAIGHT_WAY * abs(found.ahead)


def _turn(joints: FloatArray, generator: Generator) -> str | None:
    found = measured(joints)
    if not _TURN_RANGE[0] < abs(found.turn) < _TURN_RANGE[1]:
        return None
    return caption("walk-turn", generator, turn=abs(found.turn), direction="left" if found.turn > 0 else "right")


def _times(concept: str, count: Callable[[FloatArray], int], side: int | None = None) -> Sentence:
    def told(joints: FloatArray, generator: Generator) -> str | None:
        number = count(joints)
        if not 1 <= number <= _MOST_TIMES:
            return None
        return caption(concept, generator, count=number, side=None if side is None else SIDES[side])

    return told


def _of(side: int, count: Callable[[FloatArray, int], int]) -> Callable[[FloatArray], int]:
    return lambda joints: count(joints, side)


_RULES: dict[str, Sentence] = {
    "walk": _travel("walk", "walk", 1.0), "slow walk": _travel("walk", "walk", 1.0),
    "brisk walk": _travel("walk", "walk", 1.0), "walk-back": _travel("walk-backward", "walk", -1.0),
    "walk backward": _travel("walk-backward", "walk", -1.0), "run": _travel("run", "run", 1.0),
    "run/jog": _travel("run", "run", 1.0), "Run": _travel("run", "run", 1.0), "walk-turn-left": _turn,
    "walk-turn-right": _turn, "wave-left-hand": _times("wave", _of(0, counting.waves), 0),
    "wave-right-hand": _times("wave", _of(1, counting.waves), 1),
    "raise-up-left-hand": _times("raise-arm", _of(0, counting.raises), 0),
    "raise-up-right-hand": _times("raise-arm", _of(1, counting.raises), 1),
    "raise-up-both-hands": _times("raise-arms", _of(0, counting.raises)), "bow": _times("bow", counting.bows),
    "squat": _times("squat", counting.squats), "jump": _times("jump", counting.jumps),
}  # fmt: skip
