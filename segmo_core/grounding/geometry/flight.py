"""Feet off the floor: jumps, hops, leaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from segmo_core.grounding.geometry.body import ANKLES, PELVIS, TOES, Body, smoothed
from segmo_core.grounding.geometry.verdict import Check, Verdict, asked, within

_OFF_THE_FLOOR = 0.05  # metres above where the foot stands


@dataclass(frozen=True)
class Flight:
    """Frames [start, end) without a foot on the floor. rise: of the pelvis above where it left, metres. length: of its
    way, metres. landing: which feet come down within 0.15 s of the end."""

    start: int
    end: int
    rise: float
    forward: float
    sideways: float


def foot_clearance(body: Body) -> np.ndarray:
    """(T, 2) metres that the lower of toes and ankle (less its own standing height) is above where the foot stands."""
    ankles, toes = body.heights[:, ANKLES], body.heights[:, TOES]
    standing_ankle = np.percentile(ankles, 10, axis=0)
    standing_toe = np.percentile(toes, 10, axis=0)
    return np.minimum(ankles - standing_ankle, toes - standing_toe)


def flights(body: Body, least: float = _OFF_THE_FLOOR) -> tuple[Flight, ...]:
    """Every stretch of 0.1 s or more in which both feet are that far off the floor at its middle."""
    both = foot_clearance(body).min(axis=1)
    found = []
    frame = 0
    while frame < len(both):
        if both[frame] <= 0.5 * least:
            frame += 1
            continue
        start = frame
        while frame < len(both) and both[frame] > 0.5 * least:
            frame += 1
        if frame - start >= 2 and both[start:frame].max() >= least:
            found.append(_flight(body, start, frame))
    return tuple(found)


def _flight(body: Body, start: int, end: int) -> Flight:
    pelvis = body.joints[:, PELVIS]
    before, after = max(0, start - 1), min(len(pelvis) - 1, end)
    way = pelvis[after] - pelvis[before]
    return Flight(
        start,
        end,
        float(pelvis[start:end, 1].max() - pelvis[before, 1]),
        float(way @ body.front_axis[before]),
        float(way @ body.left_axis[before]),
    )


def jumps(
    count: tuple[int, int | None] = (1, None),
    *,
    towards: Literal["up", "forward", "backward", "left", "right"] | None = None,
    metres: float = 0.25,
    rise: float = 0.0,
) -> Check:
    """Leaves the floor with both feet so often, at least once ``metres`` that way, at least once so high."""

    def check(body: Body) -> Verdict:
        found = flights(body)
        if not within(*count, len(found)):
            return Verdict(False, f"{len(found)} jumps, {asked(*count)}")
        if max((one.rise for one in found), default=0.0) < rise:
            return Verdict(False, f"jumps {max(one.rise for one in found):.2f} m high, asked {rise:g} or more")
        ways = {
            "forward": [one.forward for one in found],
            "backward": [-one.forward for one in found],
            "left": [one.sideways for one in found],
            "right": [-one.sideways for one in found],
        }
        if towards in ways and max(ways[str(towards)], default=0.0) < metres:
            return Verdict(False, f"jumps {max(ways[str(towards)], default=0.0):.2f} m {towards}, asked {metres:g}")
        return Verdict(True, f"{len(found)} jumps")

    return check


def hops_on_one_leg(least: int = 2) -> Check:
    """One foot stays up while the other leaves the floor and comes back."""

    def check(body: Body) -> Verdict:
        height = np.stack([smoothed(body.heights[:, ankle], 0.5) for ankle in ANKLES], axis=1)
        standing = np.percentile(height, 5, axis=0)
        found = 0
        for up, down in ((0, 1), (1, 0)):
            # The raised foot keeps clear of the floor from one landing of the other to the next.
            is_up = height[:, up] - standing.min() > 0.1
            is_off = foot_clearance(body)[:, down] > 0.03
            starts = np.flatnonzero(np.diff(is_off.astype(int)) == 1)
            hops = sum(bool(is_up[max(0, start - 1) : start + 5].all()) for start in starts.tolist())
            found = max(found, hops)
        return Verdict(found >= least, f"{found} hops on one leg, asked {least} or more")

    return check
