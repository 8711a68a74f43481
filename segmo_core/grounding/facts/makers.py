"""Tests on joints made from the words of a segment: how far, how often, which way, which side."""

from __future__ import annotations

import re
from collections.abc import Callable

from segmo_core.control.stated_amounts import (
    LEFT,
    LEFT_ROUND,
    RIGHT,
    RIGHT_ROUND,
    stated_degrees,
    stated_metres,
)
from segmo_core.durations.words import read_duration_words
from segmo_core.grounding.geometry import arms, counting, flight, legs, manner, travel
from segmo_core.grounding.geometry.body import Body
from segmo_core.grounding.geometry.postures import Posture, assumes, goes
from segmo_core.grounding.geometry.verdict import Check, Verdict, either, every

_HAND = r"(?:hand|arm|palm|fist|wrist)s?\b"
_NUMBERS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10
}  # fmt: skip
_STEPS = re.compile(rf"(\d+|{'|'.join(list(_NUMBERS)[1:])}) (?:\w+ )?(?:steps?|paces?|strides?)\b|\b(a) step\b")


_MANNERS: tuple[tuple[str, Check], ...] = (
    (r"(?:huge|giant|big|long) (?:strides?|steps?)", legs.step_length(0.72, None)),
    (r"(?:tiny|small|short|baby) steps", legs.step_length(0.05, 0.45)),
    (r"high knees|knees high", legs.knee_lifts(2, None, 0.6)),
    (r"swing\w* (?:\w+ )?arms", arms.arms_swing(0.55)),
    (r"bounc", manner.bounces(0.08)),
    (r"hunched|stooped|bent (?:over|back)", manner.leans(12)),
    (r"\bold\b|elderly", manner.leans(2)),
)


def _side(said: str, of: str = "") -> str | None:
    """The one side that is named, right before ``of`` (a pattern) where that is given."""
    found = set(re.findall(rf"\b(left|right)\b(?= {of})" if of else r"\b(left|right)\b", said))
    return found.pop() if len(found) == 1 else None


def _times(said: str) -> int | None:
    found = read_duration_words(said).repetitions
    return None if found is None or found != round(found) else round(found)


def counted(act: str, least: int = 1, most: int = 99) -> Callable[[str], Check]:
    """Exactly as often as the text says; otherwise ``least`` to ``most`` times."""

    def make(said: str) -> Check:
        count = _times(said)
        at_least = max(least, 2) if re.search(rf"\b{act.rstrip('s')}p?ing\b", said) else least
        return counting.times(act, at_least, most) if count is None else counting.times(act, count)

    return make


def walk(said: str) -> Check | None:
    if re.search(r"\bin place\b|on the spot", said):
        return every(travel.stays(), travel.steps(3))
    low, high = (0.3, 2.0)
    if re.search(r"\b(very|really|extremely) slow", said):
        low, high = 0.1, 0.75
    elif re.search(r"\bslow|unhurried|leisurely|shuffl|trudg|plod|tiny steps|baby steps", said):
        low, high = 0.1, 1.0
    elif re.search(r"\b(very|really) (fast|quick)|as fast as", said):
        low, high = 1.5, 3.0
    elif re.search(r"\bfast\b|quick|brisk|hurr", said):
        low, high = 1.3, 2.8
    manner_of = [check for pattern, check in _MANNERS if re.search(pattern, said)]
    return every(travel.travels(_direction(said), (low, high), _metres(said, 0.5)), *_steps(said), *manner_of)


def run(said: str) -> Check:
    if re.search(r"\bin place\b|on the spot", said):
        return every(travel.stays(0.8), travel.steps(4))
    is_jog = re.search(r"\bjog|\btrot|slow|light", said) is not None
    is_sprint = re.search(r"sprint|dash|full speed|top speed|as fast|very fast", said) is not None
    speed = (1.1, 3.6) if is_jog else (2.7, None) if is_sprint else (1.6, None)
    return travel.travels(_direction(said), speed, _metres(said, 1.0))


def punch(said: str) -> Check:
    return every(counted("punches")(said), arms.hand_speed(1.6))


def out_to_the_side(said: str) -> Check:
    return arms.hands("out", "both" if re.search(r"arms\b|both|t pose", said) else "any", 0.3)


def sidestep(said: str) -> Check:
    return travel.travels(_direction(said), metres=(0.4, None))


def _direction(said: str) -> travel.Direction | None:
    if re.search(r"back and forth", said):
        return None
    if re.search(r"\bbackwards?\b|\bbacks? (?:up|away)|\breverses?\b|\brear|\bback\b(?! and)", said):
        return "backward"
    if re.search(r"\bside ?(?:ways|steps?|stepping)|strafe", said):
        return "left" if re.search(LEFT, said) else "right" if re.search(RIGHT, said) else None
    if re.search(r"circle|around|zig|curve|turn|diagonal|stagger|drunk|danc|back and forth|at an angle|drifts", said):
        return None
    return "forward"


def _metres(said: str, least: float) -> tuple[float | None, float | None]:
    metres = stated_metres(said)
    if metres is None:
        return least, None
    return 0.75 * metres, 1.25 * metres


def _steps(said: str) -> tuple[Check, ...]:
    found = _STEPS.search(said)
    if found is None:
        return ()
    told = found[1] or found[2]
    count = _NUMBERS[told] if told in _NUMBERS else int(told)
    return (travel.steps(count, count + 1),)


def turn(said: str) -> Check | None:
    degrees = stated_degrees(said)
    if degrees is None:
        if re.search(r"full (?:turn|circle)|\bspins?\b|twirl|pirouette|all the way round|once around|360", said):
            return travel.turns_either_way(270, 800)
        if re.search(r"halfway|half turn|turns? around|about turn|to the back|the other way|backwards", said):
            return travel.turns_either_way(125, 235)
        low, high = (40.0, 210.0)
    else:
        low, high = degrees - 25.0, degrees + 25.0
    if re.search(LEFT_ROUND, said):
        return travel.turns(low, high)
    if re.search(RIGHT_ROUND, said):
        return travel.turns(-high, -low)
    return travel.turns_either_way(low, high)


def circle(said: str) -> Check:
    if re.search(LEFT_ROUND, said):
        return travel.circles("left")
    return travel.circles("right" if re.search(RIGHT_ROUND, said) else None)


def sit(said: str) -> Check:
    on_floor = re.search(r"floor|ground|grass|cross ?legged", said) is not None
    last: Posture = "on the floor" if on_floor else "seated"
    if re.search(r"\bsits? down|takes? a seat|has a seat|lowers|gets? into|sits? on", said):
        return goes("standing", last) if "down" in said or "seat" in said else assumes(last, "end")
    return assumes(last, "throughout")


def get_up(said: str) -> Check:
    low: Posture = "seated" if re.search(r"chair|seat|bench|stool|sitting", said) else "down"
    if re.search(r"floor|ground|lying|fall", said):
        return goes("down", "standing")
    return either(goes("down", "standing"), goes("seated", "standing"), goes("kneeling", "standing"),
                  goes("crouching", "standing")) if low == "down" else goes("seated", "standing")  # fmt: skip


def lie(said: str) -> Check:
    last: Posture = "on the back" if re.search(r"\bback\b|face up", said) else "lying"
    if re.search(r"front|face down|belly|stomach", said):
        last = "on the front"
    if re.search(r"\bis lying|\blies (?:on|flat|still|there)|sleeps?", said) and "down" not in said:
        return assumes(last, "throughout")
    return goes("standing", last)


def raised_hands(said: str) -> Check | None:
    if re.search(r"\bboth\b|\barms\b|\bhands\b", said):
        return arms.hands("up", "both", 0.6 if re.search(r"\bwith\b|raised", said) else 0.15)
    side = _side(said, _HAND)
    which: arms.Which = "left" if side == "left" else "right" if side == "right" else "any"
    checks = [arms.hands("up", which, 0.15)]
    count = _times(said)
    return every(*checks, *([counting.times("raises", count)] if count else []))


def wave(said: str) -> Check:
    side, count = _side(said, _HAND), _times(said)

    def check(body: Body) -> Verdict:
        found = counting.waves_of(body, side)
        return Verdict(found == count if count else found >= 1, f"{found} waves")

    return check


def jump(said: str) -> Check:
    count = _times(said)
    how_often = (count, count) if count else (1, None)
    if re.search(r"up and down|repeatedly|keeps|rope", said) and not count:
        how_often = (2, None)
    for pattern, towards, metres in (
        (r"over\b|\bacross|long jump|broad jump", "forward", 0.5),
        (r"forward|ahead", "forward", 0.25),
        (r"backward|\bback\b", "backward", 0.15),
        (LEFT, "left", 0.18),
        (RIGHT, "right", 0.18),
    ):
        if re.search(pattern, said):
            return flight.jumps(how_often, towards=towards, metres=metres)  # type: ignore[arg-type]
    rise = 0.18 if re.search(r"\bhigh\b|as high as", said) else 0.0
    turns = [travel.turns_either_way(90, 420)] if re.search(r"turn|twist|spin", said) else []
    return every(flight.jumps(how_often, rise=rise), *turns)


def kick(said: str) -> Check:
    side = _side(said, r"(?:leg|foot)")
    if re.search(r"\bball\b|soccer|football", said):
        return either(legs.swings_a_foot(4.0), legs.kicks(0.45))
    height = 0.8 if "high" in said else 0.37
    kick = legs.kicks(height, "left" if side == "left" else "right" if side == "right" else None)
    count = _times(said)
    return every(kick, counting.times("kicks", count)) if count else kick


def hands(place: arms.Place, which: arms.Which, seconds: float) -> Callable[[str], Check]:
    return lambda _: arms.hands(place, which, seconds)


def posture(posture: Posture, seconds: float = 0.3) -> Callable[[str], Check]:
    return lambda _: assumes(posture, "sometime", seconds)


def squat(said: str) -> Check:
    return assumes("squatting", "end") if re.search(r"stay|hold", said) else counted("squats")(said)


def bow(said: str) -> Check:
    count = _times(said)
    return counting.times("bows", count) if count else assumes("bent", "sometime", 0.15)
