"""Amounts the way people tell them: counts, steps, distances, turns, speeds. Every phrase begins with its own space."""

from __future__ import annotations

from typing import Literal

import numpy as np

from segmo_core.errors import InvalidRequestError

Gait = Literal["walk", "run"]
Direction = Literal["left", "right", "clockwise", "counterclockwise"]

_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
# Walking speeds that people call slow or fast: ordinary walking is 1.0 to 1.35 m/s in the recordings here and in
# Bohannon 1997 (comfortable 1.27 to 1.46, fast 1.75 to 2.5 m/s).
_SPEEDS: dict[Gait, tuple[tuple[float, tuple[str, ...]], ...]] = {
    "walk": (
        (0.6, (" very slowly", " extremely slowly", " at a very slow pace", " really slowly", " at a snail's pace")),
        (0.85, (" slowly", " at a slow pace", " leisurely", " without hurry", " in a slow way")),
        (1.4, ("",)),
        (1.65, (" quickly", " briskly", " fast", " at a brisk pace", " at a fast pace")),
        (np.inf, (" very fast", " very quickly", " really fast", " as fast as possible", " in a great hurry")),
    ),
    "run": (
        (2.0, (" slowly", " at an easy pace", " at a slow pace", " lightly")),
        (3.4, ("",)),
        (4.2, (" fast", " quickly", " at a fast pace")),
        (np.inf, (" very fast", " at full speed", " as fast as possible", " at top speed")),
    ),
}


def number_word(number: int, generator: np.random.Generator) -> str:
    """ "three", now and then "3"."""
    if not 0 <= number < len(_NUMBERS):
        return str(number)
    return str(number) if generator.random() < 0.25 else _NUMBERS[number]


def count_phrase(count: int, generator: np.random.Generator) -> str:
    """ " twice", " two times", " 3 times". InvalidRequestError below 1."""
    if count < 1:
        raise InvalidRequestError(f"count: {count}, expected at least 1")
    said = [f" {number_word(count, generator)} time{'s' if count > 1 else ''}"]
    said += {1: [" once"], 2: [" twice", " twice"], 3: [" thrice"]}.get(count, [])
    if count > 1:
        said.append(f" {number_word(count, generator)} times in a row")
    weights = np.array([3.0] + [2.0 if word != " thrice" else 0.3 for word in said[1:]])
    return str(generator.choice(said, p=weights / weights.sum()))


def steps_phrase(count: int, generator: np.random.Generator) -> str:
    """ " three steps", " 1 step"."""
    noun = str(generator.choice(["step", "step", "step", "pace"]))
    return f" {number_word(count, generator)} {noun}{'' if count == 1 else 's'}"


def distance_phrase(metres: float, generator: np.random.Generator) -> str:
    """ " two metres", " for about 3 m", told to the nearest half metre."""
    halves = max(1, round(2 * metres))
    about = "" if abs(metres - halves / 2) < 0.12 else str(generator.choice(["about ", "around ", "roughly "]))
    if halves == 1:
        amount = str(generator.choice(["half a metre", "half a meter", "0.5 m", "50 cm"]))
    elif halves % 2:
        amount = f"{halves / 2:g} {generator.choice(['metres', 'meters', 'm'])}"
    else:
        whole = halves // 2
        word = number_word(whole, generator)
        unit = str(generator.choice(["metre", "meter"])) + ("" if whole == 1 else "s")
        amount = f"{word} {unit}" if generator.random() < 0.8 else f"{whole} m"
    return f" {generator.choice(['', 'for ', 'for '])}{about}{amount}"


def turn_phrase(degrees: float, direction: Direction, generator: np.random.Generator) -> str:
    """ " 90 degrees to the left", " halfway around", " clockwise by a quarter turn"; degrees without sign."""
    nearest = max(15, round(abs(degrees) / 15) * 15)
    if direction in ("left", "right"):
        ways = [f" to the {direction}", f" to the {direction}", f" {direction}", f" {direction}wards"]
        side = str(generator.choice(ways))
    else:
        side = f" {direction}"
    said = [f" {nearest} degrees{side}", f"{side} by {nearest} degrees", f" by {nearest} degrees{side}"]
    named = {
        90: [f" a quarter turn{side}", f"{side} at a right angle"],
        180: [f" halfway around{side}", f" all the way to the back{side}", f" by half a turn{side}"],
        360: [f" all the way around{side}", f" a full circle{side}", f" once around{side}"],
    }.get(nearest, [])
    if 60 <= nearest <= 120:
        named.append(side)
    return str(generator.choice([*said, *named]))


def speed_phrase(gait: Gait, speed: float, generator: np.random.Generator) -> str:
    """ " slowly", " very fast", or nothing for an ordinary speed (m/s)."""
    words = next(words for limit, words in _SPEEDS[gait] if speed < limit)
    return str(generator.choice(list(words)))
