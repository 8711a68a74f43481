"""The answer of a geometric test, and tests made of tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segmo_core.grounding.geometry.body import Body

_PLACES = 13  # where a sequence of two may change over, from one to the other end
_SHORTEST = 8  # frames


@dataclass(frozen=True)
class Verdict:
    """told: what was measured, for people ("0.91 m/s, asked 1.5 or more")."""

    passed: bool
    told: str


Check = Callable[[Body], Verdict]


def every(*checks: Check) -> Check:
    """All of them; tells what the first that fails measured, otherwise what all did."""

    def check(body: Body) -> Verdict:
        found = [one(body) for one in checks]
        failed = [verdict for verdict in found if not verdict.passed]
        return failed[0] if failed else Verdict(True, "; ".join(verdict.told for verdict in found))

    return check


def either(*checks: Check) -> Check:
    """At least one of them."""

    def check(body: Body) -> Verdict:
        found = [one(body) for one in checks]
        passed = [verdict for verdict in found if verdict.passed]
        return passed[0] if passed else Verdict(False, ", and ".join(verdict.told for verdict in found))

    return check


def in_turn(first: Check, second: Check) -> Check:
    """``first`` before, ``second`` after some frame of the motion."""

    def check(body: Body) -> Verdict:
        if body.num_frames < 2 * _SHORTEST:
            return Verdict(False, f"{body.num_frames} frames, too few for two acts")
        places = np.unique(np.linspace(_SHORTEST, body.num_frames - _SHORTEST, _PLACES).round().astype(int))
        told = "", ""
        reached = -1
        for place in places.tolist():
            before = first(body.between(0, place))
            after = second(body.between(place, body.num_frames))
            if before.passed and after.passed:
                return Verdict(True, f"first {before.told}; then {after.told}")
            if before.passed + after.passed > reached:
                reached, told = before.passed + after.passed, (before.told, after.told)
        return Verdict(False, f"first {told[0]}; then {told[1]}")

    return check


def within(low: float | None, high: float | None, value: float) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def asked(low: float | None, high: float | None, unit: str = "") -> str:
    """ "asked 1.5 m/s or more", "asked 0.6 to 1.8 m/s"."""
    if low is not None and high is not None:
        return f"asked {low:g} to {high:g}{unit}"
    return f"asked {low:g}{unit} or more" if low is not None else f"asked {high:g}{unit} or less"
