"""What the amounts in words come to: speeds, counts, distances, turns, circles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from segmo_core.grounding.geometry.body import Body
from segmo_core.grounding.geometry.counting import count_of
from segmo_core.grounding.geometry.travel import circles, distance, path_turn, steady_speed, turn
from segmo_core.grounding.geometry.verdict import within


@dataclass(frozen=True)
class Amount:
    """group: row of the table. measure: the amount that a motion shows, in ``unit``. low, high: what is right."""

    group: str
    text: str
    unit: str
    measure: Callable[[Body], float]
    low: float | None
    high: float | None

    def is_right(self, value: float) -> bool:
        return within(self.low, self.high, value)


_TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times", 5: "five times"}
_NUMBERS = {1: "one metre", 2: "two metres", 3: "three metres", 5: "five metres", 8: "eight metres"}
_COUNTED = {
    "waves": "a person waves the right hand", "jumps": "a person jumps", "squats": "a person squats",
    "claps": "a person claps", "kicks": "a person kicks",
}  # fmt: skip


def _counter(act: str) -> Callable[[Body], float]:
    return lambda body: float(count_of(act, body))


def _circle(body: Body) -> float:
    """Degrees that a closed circle bends; 0 where it is none."""
    return path_turn(body) if circles()(body).passed else 0.0


def _speeds() -> tuple[Amount, ...]:
    asked: tuple[tuple[str, float | None, float | None], ...] = (
        ("a person walks very slowly", 0.1, 0.6), ("a person walks slowly", 0.2, 0.8), ("a person walks", 1.0, 1.3),
        ("a person walks fast", 1.5, 2.4), ("a person walks very fast", 1.6, 2.6), ("a person jogs", 1.6, 3.0),
        ("a person runs", 2.2, 4.5), ("a person sprints", 3.0, None),
    )  # fmt: skip
    return tuple(Amount("speed", text, "m/s", steady_speed, low, high) for text, low, high in asked)


def _counts() -> tuple[Amount, ...]:
    return tuple(
        Amount("count", f"{sentence} {told}", act, _counter(act), number, number)
        for act, sentence in _COUNTED.items()
        for number, told in _TIMES.items()
    )


def _distances() -> tuple[Amount, ...]:
    return tuple(
        Amount("distance", f"a person walks {told}", "m", distance, 0.8 * metres, 1.2 * metres)
        for metres, told in _NUMBERS.items()
    )


def _turns() -> tuple[Amount, ...]:
    found = []
    for degrees in (45, 90, 135, 180):
        for side, sign in (("left", 1), ("right", -1)):
            low, high = sorted((sign * degrees - 20.0, sign * degrees + 20.0))
            found.append(Amount("turn", f"a person turns {degrees} degrees to the {side}", "degrees", turn, low, high))
    return tuple(found)


def _circles() -> tuple[Amount, ...]:
    return (
        Amount("circle", "a person walks in a circle to the left", "degrees", _circle, 270, 450),
        Amount("circle", "a person walks in a circle to the right", "degrees", _circle, -450, -270),
        Amount("circle", "a person walks in a clockwise circle", "degrees", _circle, -450, -270),
        Amount("circle", "a person walks in a counterclockwise circle", "degrees", _circle, 270, 450),
    )


AMOUNTS: tuple[Amount, ...] = (*_speeds(), *_counts(), *_distances(), *_turns(), *_circles())
