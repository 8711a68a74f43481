"""How something is done: bent, swaying, low, lively."""

from __future__ import annotations

import numpy as np

from segmo_core.grounding.geometry.body import FRAME_RATE, HEAD, NECK, PELVIS, Body, smoothed
from segmo_core.grounding.geometry.verdict import Check, Verdict, asked, within


def leans(low: float | None, high: float | None = None) -> Check:
    """Mean tilt of the trunk to the front, degrees."""

    def check(body: Body) -> Verdict:
        ahead = body.in_body(NECK)
        found = float(np.degrees(np.arctan2(ahead[:, 2], ahead[:, 1])).mean())
        return Verdict(within(low, high, found), f"leans {found:+.0f} degrees, {asked(low, high)}")

    return check


def head_hangs(least: float) -> Check:
    """The head is so many metres before the neck, in the mean."""

    def check(body: Body) -> Verdict:
        found = float((body.in_body(HEAD) - body.in_body(NECK))[:, 2].mean())
        return Verdict(found >= least, f"head {found:.2f} m before the neck, asked {least:g} or more")

    return check


def sways(least: float) -> Check:
    """The trunk rocks to the sides: standard deviation of the neck across the line of travel and of its lean, degrees
    and centimetres added."""

    def check(body: Body) -> Verdict:
        found = sway(body)
        return Verdict(found >= least, f"sways by {found:.1f}, asked {least:g} or more")

    return check


def sway(body: Body) -> float:
    """Centimetres that the neck strays across the straight line of its way, plus degrees of its sideways lean
    (standard deviations)."""
    neck = body.in_body(NECK)
    lean = float(np.degrees(np.arctan2(neck[:, 0], neck[:, 1])).std())
    way = body.joints[:, NECK][:, [0, 2]]
    line = way[-1] - way[0]
    length = float(np.linalg.norm(line))
    if length < 0.3:
        return lean
    across = (way - way[0]) @ np.array([-line[1], line[0]]) / length
    return lean + 100.0 * float((across - smoothed(across, 15.0)).std())


def is_low(pelvis: float) -> Check:
    """The pelvis stays below that height (metres) for most of the time."""

    def check(body: Body) -> Verdict:
        found = float(np.median(body.heights[:, PELVIS]))
        return Verdict(found <= pelvis, f"pelvis at {found:.2f} m, asked {pelvis:g} or lower")

    return check


def is_lively(least: float, most: float | None = None) -> Check:
    """Mean speed of all joints against the pelvis, m/s."""

    def check(body: Body) -> Verdict:
        place = smoothed(body.in_body(list(range(22))), 1.0)
        found = float((np.linalg.norm(np.gradient(place, axis=0), axis=-1) * FRAME_RATE).mean())
        return Verdict(within(least, most, found), f"joints at {found:.2f} m/s, {asked(least, most)}")

    return check


def bounces(least: float) -> Check:
    """The pelvis goes up and down by so many metres."""

    def check(body: Body) -> Verdict:
        height = body.heights[:, PELVIS]
        found = float(np.percentile(height, 95) - np.percentile(height, 5))
        return Verdict(found >= least, f"the pelvis bounces {found:.2f} m, asked {least:g} or more")

    return check
