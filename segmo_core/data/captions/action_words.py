"""Many words for every act, from a table: ``actions.json``, one row for each act, easy to add to.

A row holds predicates in the third person, the labels of recorded clips that show the act ("*" at the end stands for
anything), and how often such a clip is told in these words instead of its own captions. Slots that a predicate needs:
{side}, {other}, {direction}, {clock}, {steps}; those that may stay empty and carry their own space: {turn}, {count},
{distance}, {speed}. A count, distance or speed for which a predicate has no slot is told at its end.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from segmo_core.data.captions.amounts import (
    Direction,
    Gait,
    count_phrase,
    distance_phrase,
    speed_phrase,
    steps_phrase,
    turn_phrase,
)
from segmo_core.data.captions.telling import tell
from segmo_core.errors import InvalidRequestError
from segmo_core.serialization import read_json

USUAL_SHARE = 0.3  # of sentences about a recorded clip, where the row says nothing else
_NEEDED = ("side", "other", "direction", "clock", "steps", "count_only", "distance_only")
_SIDES = {"left": "right", "right": "left"}
_CLOCK = {"left": "counterclockwise", "right": "clockwise"}
_SAYS_ITS_SIDE = 0.6


@dataclass(frozen=True)
class ActionWords:
    """One act. share: of the sentences about a clip with one of ``labels``."""

    name: str
    predicates: tuple[str, ...]
    labels: tuple[str, ...]
    share: float

    def is_label(self, label: str) -> bool:
        return any(label.startswith(own[:-1]) if own.endswith("*") else label == own for own in self.labels)


@cache
def all_actions() -> Mapping[str, ActionWords]:
    """Every row of the table by its name."""
    rows: dict[str, Any] = read_json(Path(__file__).with_name("actions.json"))
    return {
        name: ActionWords(name, tuple(row["predicates"]), tuple(row["labels"]), float(row.get("share", USUAL_SHARE)))
        for name, row in rows.items()
    }


def predicates(action: str) -> tuple[str, ...]:
    """The predicates of an act; InvalidRequestError for one that the table does not know."""
    if action not in all_actions():
        raise InvalidRequestError(f"action words: {action!r} is not in actions.json, expected one of its names")
    return all_actions()[action].predicates


@cache
def actions_of_label(label: str) -> tuple[ActionWords, ...]:
    """The acts that clips with this label show."""
    return tuple(action for action in all_actions().values() if action.is_label(label))


def predicate(
    action: str,
    generator: np.random.Generator,
    *,
    side: str | None = None,
    count: int | None = None,
    steps: int | None = None,
    distance: float | None = None,
    turn: float | None = None,
    direction: Direction | None = None,
    speed: float | None = None,
    gait: Gait = "walk",
) -> str | None:
    """ "waves with the left hand three times"; None where every predicate needs something that is not given.

    side, direction: "left", "right" (direction also "clockwise", "counterclockwise"). steps: told by the row named
    like the act and "-steps". distance: metres. turn: degrees.
    speed: m/s, told in words by ``gait``.
    """
    if steps is not None and f"{action}-steps" in all_actions():
        action = f"{action}-steps"
    side = direction if side is None and direction in _SIDES else side
    given = _given(side, count, steps, distance, direction, generator)
    possible = [line for line in predicates(action) if _needs(line) <= set(given)]
    if not possible:
        return None
    exact = [line for line in possible if _needs(line)]
    if exact and len(exact) < len(possible) and generator.random() < _SAYS_ITS_SIDE:
        possible = exact
    line = str(generator.choice(possible))
    optional = {
        "turn": _turn(turn, direction, generator),
        "count": "" if count is None else count_phrase(count, generator),
        "distance": "" if distance is None else distance_phrase(distance, generator),
        "speed": "" if speed is None else speed_phrase(gait, speed, generator),
    }
    own = {name for _, name, _, _ in string.Formatter().parse(line) if name}
    tail = [optional[name] for name in ("speed", "distance", "count") if name not in own and optional[name]]
    if {"count_only", "distance_only"} & own:
        tail = []
    return line.format(**given, **optional) + "".join(tail)


def caption(action: str, generator: np.random.Generator, *, style: str = "", **told: Any) -> str:
    """A whole sentence: "a person waves with the left hand three times." style: a phrase with its own space; told: see
    ``predicate``. InvalidRequestError where the act cannot be told with so little."""
    said = predicate(action, generator, **told)
    if said is None:
        raise InvalidRequestError(f"action words: {action!r} needs a side, direction or number, none was given")
    return tell(said + style, generator)


def _turn(turn: float | None, direction: Direction | None, generator: np.random.Generator) -> str:
    if turn is not None and direction is not None:
        return turn_phrase(turn, direction, generator)
    return "" if direction is None else f" to the {direction}" if direction in _SIDES else f" {direction}"


def _given(
    side: str | None,
    count: int | None,
    steps: int | None,
    distance: float | None,
    direction: Direction | None,
    generator: np.random.Generator,
) -> dict[str, str]:
    """Words for the slots that a predicate needs."""
    given: dict[str, str] = {}
    if side is not None:
        given |= {"side": side, "other": _SIDES[side]}
    if direction is not None:
        sides = {clock: name for name, clock in _CLOCK.items()}
        given |= {"direction": sides.get(direction, direction), "clock": _CLOCK.get(direction, direction)}
    if steps is not None:
        given |= {"steps": steps_phrase(steps, generator).strip()}
    if count is not None:
        given |= {"count_only": count_phrase(count, generator).strip()}
    if distance is not None:
        given |= {"distance_only": distance_phrase(distance, generator).replace(" for ", " ")}
    return given


def _needs(line: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(line) if name in _NEEDED}
