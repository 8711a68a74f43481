"""What legs do: kicks, lifted knees, lunges, and gaits that are told by their steps."""

from __future__ import annotations

from typing import Literal

import numpy as np

from segmo_core.grounding.geometry.body import (
    ANKLES,
    FRAME_RATE,
    HEAD,
    HIPS,
    KNEES,
    PELVIS,
    SIDES,
    TOES,
    Body,
    smoothed,
)
from segmo_core.grounding.geometry.counting import crossings
from segmo_core.grounding.geometry.travel import count_steps
from segmo_core.grounding.geometry.verdict import Check, Verdict, asked, within

Side = Literal["left", "right"]


def kicks(height: float = 0.35, side: Side | None = None, speed: float = 2.0) -> Check:
    """An ankle comes up so high (metres) at such a speed, the leg nearly stretched, the other foot lower."""

    def check(body: Body) -> Verdict:
        best = 0.0
        told = "no foot rises"
        for place, ankle in enumerate(ANKLES):
            if side is not None and SIDES[place] != side:
                continue
            reach = np.linalg.norm(body.joints[:, ankle] - body.joints[:, HIPS[place]], axis=-1)
            height_of = np.where(reach > 0.75 * body.leg, smoothed(body.heights[:, ankle], 0.5), 0.0)
            top = int(height_of.argmax())
            around = slice(max(0, top - 8), top + 4)
            fastest = float(body.speed_of(ankle, 0.7)[around].max())
            lower = float(body.heights[top, ANKLES[1 - place]]) < height_of[top] - 0.15
            if lower and fastest >= speed and height_of[top] > best:
                best = float(height_of[top])
                told = f"the {SIDES[place]} foot rises to {best:.2f} m at {fastest:.1f} m/s"
        return Verdict(best >= height, f"{told}, {asked(height, None, ' m')}")

    return check


def swings_a_foot(speed: float = 4.5) -> Check:
    """One foot swings to the front so fast against the pelvis (m/s), and half as fast again as the other ever does."""

    def check(body: Body) -> Verdict:
        peaks = [float(np.gradient(smoothed(body.in_body(ankle)[:, 2], 0.5)).max()) * FRAME_RATE for ankle in ANKLES]
        found = max(peaks)
        told = f"a foot swings at {found:.1f} m/s, the other at {min(peaks):.1f}, asked {speed:g} or more"
        return Verdict(found >= speed and found >= 1.5 * min(peaks), told)

    return check


def feet_over_head() -> Check:
    """An ankle comes higher than the head."""

    def check(body: Body) -> Verdict:
        found = float((body.heights[:, ANKLES] - body.heights[:, [HEAD]]).max())
        return Verdict(found > 0.0, f"a foot is {found:+.2f} m above the head")

    return check


def knee_lifts(low: int, high: int | None = None, height: float = 0.62) -> Check:
    """A knee comes up so high above the floor so often, both sides together."""

    def check(body: Body) -> Verdict:
        count = 0
        for knee in KNEES:
            values = smoothed(body.heights[:, knee], 0.7)
            if values.max() >= height:
                count += crossings(values, 0.1)
        return Verdict(within(low, high, count), f"{count} knee lifts, {asked(low, high)}")

    return check


def lunges(spread: float = 0.5, drop: float = 0.12) -> Check:
    """One foot so far from the other, front to back or sideways, with the pelvis so much lower than it stood."""

    def check(body: Body) -> Verdict:
        gap = np.linalg.norm((body.joints[:, ANKLES[0]] - body.joints[:, ANKLES[1]])[:, [0, 2]], axis=-1)
        low = float(np.percentile(body.heights[:, PELVIS], 90)) - body.heights[:, PELVIS]
        both = (gap >= spread) & (low >= drop)
        found = float(low[gap >= spread].max()) if (gap >= spread).any() else 0.0
        return Verdict(int(both.sum()) >= 3, f"feet {float(gap.max()):.2f} m apart, pelvis {found:.2f} m lower")

    return check


def heels_up(least: float = 0.5) -> Check:
    """On tiptoe: of the frames with a foot on the floor, the share in which its ankle is 13 cm or more above it."""

    def check(body: Body) -> Verdict:
        ankles, toes = body.heights[:, ANKLES], body.heights[:, TOES]
        down = toes < np.percentile(toes, 10, axis=0) + 0.03
        share = float((ankles[down] - toes[down] > 0.13).mean()) if down.any() else 0.0
        return Verdict(share >= least, f"on the toes {100 * share:.0f} % of the time, asked {100 * least:.0f}")

    return check


def limps(least: float = 1.25) -> Check:
    """One foot stands so many times as long as the other."""

    def check(body: Body) -> Verdict:
        shares = []
        for ankle, toe in zip(ANKLES, TOES, strict=True):
            place = smoothed((body.joints[:, ankle] + body.joints[:, toe]) / 2, 1.0)
            speed = np.linalg.norm(np.gradient(place, axis=0), axis=-1) * FRAME_RATE
            shares.append(float((speed < 0.35 * np.percentile(speed, 95)).mean()))
        found = max(shares) / max(min(shares), 0.02)
        has_steps = min(count_steps(body)) >= 1
        return Verdict(found >= least and has_steps, f"one foot stands {found:.2f} times as long, asked {least:g}")

    return check


def step_length(low: float | None, high: float | None) -> Check:
    """Metres of the way for each step."""

    def check(body: Body) -> Verdict:
        way = float(np.linalg.norm(np.diff(body.path, axis=0), axis=-1).sum())
        count = sum(count_steps(body))
        found = way / count if count else 0.0
        return Verdict(within(low, high, found) and count > 0, f"steps of {found:.2f} m, {asked(low, high, ' m')}")

    return check
