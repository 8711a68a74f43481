"""Where the hands are about the body, and what arms do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmo_core.grounding.geometry.body import (
    ELBOWS,
    FRAME_RATE,
    HEAD,
    HIPS,
    NECK,
    PELVIS,
    SHOULDERS,
    SIDES,
    WRISTS,
    Body,
    smoothed,
)
from segmo_core.grounding.geometry.postures import longest_run
from segmo_core.grounding.geometry.verdict import Check, Verdict

FloatArray = NDArray[np.floating]
Flags = NDArray[np.bool_]
Side = Literal["left", "right"]
Which = Literal["left", "right", "both", "any", "one"]
Place = Literal["up", "down", "out", "ahead", "behind", "hip", "head", "face", "chest"]


def hand_at(body: Body, place: Place) -> Flags:
    """(T, 2) whether the left and right hand are there.

    up: above the middle of the head. down: below the lower ribs. out: at the side at shoulder height, the arm nearly
    stretched. ahead: likewise to the front. behind: behind the pelvis. hip: at the side of the waist, the elbow out.
    head: at or over the head. face: at mouth, ear or eyes. chest: before the chest.
    """
    return _PLACES[place](body)


def hands(place: Place, which: Which = "any", seconds: float = 0.3) -> Check:
    """The hands are there for so long in a row. "one", "left", "right": that one while the other is not."""

    def check(body: Body) -> Verdict:
        left, right = hand_at(body, place).T
        held = {
            "both": left & right, "any": left | right, "one": left ^ right,
            "left": left & ~right, "right": right & ~left,
        }[which]  # fmt: skip
        longest = longest_run(held) / FRAME_RATE
        return Verdict(longest >= seconds, f"{which} hand {place} for {longest:.1f} s, asked {seconds:g}")

    return check


def arms_crossed(seconds: float = 0.4) -> Check:
    """Each hand on the other side of the body's middle, before the trunk, between waist and shoulders."""

    def check(body: Body) -> Verdict:
        place = body.in_body(WRISTS, NECK)
        low = body.heights[:, WRISTS] > body.heights[:, [PELVIS]]
        high = body.heights[:, WRISTS] < body.heights[:, [NECK]] + 0.05
        crossed = (place[:, 0, 0] < place[:, 1, 0]) & (low & high).all(axis=1) & (place[..., 2] > 0.0).all(axis=1)
        longest = longest_run(crossed) / FRAME_RATE
        return Verdict(longest >= seconds, f"arms crossed for {longest:.1f} s, asked {seconds:g}")

    return check


def arm_circles(least: float = 300.0) -> Check:
    """A hand goes round its shoulder by so many degrees, in the plane in which it does so most."""

    def check(body: Body) -> Verdict:
        best = 0.0
        for wrist, shoulder in zip(WRISTS, SHOULDERS, strict=True):
            place = smoothed(body.in_body(wrist, shoulder), 1.0)
            for first, second in ((2, 1), (0, 1)):
                off = np.hypot(place[:, first], place[:, second])
                angle = np.unwrap(np.arctan2(place[:, second], place[:, first]))
                rate = np.where(off > 0.15, np.gradient(angle), 0.0)
                best = max(best, abs(float(np.degrees(rate.sum()))))
        return Verdict(best >= least, f"an arm goes round by {best:.0f} degrees, asked {least:g} or more")

    return check


def arms_swing(least: float = 0.5) -> Check:
    """A hand moves to and fro, front to back, over so many metres."""

    def check(body: Body) -> Verdict:
        place = smoothed(body.in_body(WRISTS, SHOULDERS), 1.0)[..., 2]
        found = float((np.percentile(place, 95, axis=0) - np.percentile(place, 5, axis=0)).max())
        return Verdict(found >= least, f"hands swing {found:.2f} m, asked {least:g} or more")

    return check


def shrugs(least: float = 0.02) -> Check:
    """Both shoulders rise so far against the neck, and come down again or stay."""

    def check(body: Body) -> Verdict:
        rise = (body.heights[:, SHOULDERS] - body.heights[:, [NECK]]).mean(axis=1)
        found = float(np.ptp(smoothed(rise, 1.0)))
        return Verdict(found >= least, f"shoulders rise {found:.3f} m, asked {least:g} or more")

    return check


def hands_lower(least: float = 0.35) -> Check:
    """A hand goes down to so high above the floor, or lower, with the body over it; for picking up."""

    def check(body: Body) -> Verdict:
        lowest = float(body.heights[:, WRISTS].min())
        return Verdict(lowest <= least, f"the lower hand comes to {lowest:.2f} m, asked {least:g} or lower")

    return check


def hand_speed(least: float, which: Which = "any") -> Check:
    """A hand moves so fast against the pelvis (m/s) at its fastest."""

    def check(body: Body) -> Verdict:
        place = smoothed(body.in_body(WRISTS), 0.7)
        speeds = np.linalg.norm(np.gradient(place, axis=0), axis=-1) * FRAME_RATE
        peaks = np.percentile(speeds, 98, axis=0)
        found = float(peaks.max() if which in ("any", "both", "one") else peaks[SIDES.index(which)])
        return Verdict(found >= least, f"hand at {found:.1f} m/s, asked {least:g} or more")

    return check


def hands_together(seconds: float = 0.4, gap: float = 0.3) -> Check:
    """Both hands closer together than ``gap`` for so long."""

    def check(body: Body) -> Verdict:
        found = np.linalg.norm(body.joints[:, WRISTS[0]] - body.joints[:, WRISTS[1]], axis=-1)
        longest = longest_run(found < gap) / FRAME_RATE
        return Verdict(longest >= seconds, f"hands together for {longest:.1f} s, asked {seconds:g}")

    return check


def hand_travels(axis: Literal["across", "up", "along"], metres: float, which: Which = "any") -> Check:
    """A hand covers so many metres in that direction of the body."""

    def check(body: Body) -> Verdict:
        place = smoothed(body.in_body(WRISTS), 1.0)[..., ("across", "up", "along").index(axis)]
        spans = np.ptp(place, axis=0)
        found = float(spans.max() if which in ("any", "both", "one") else spans[SIDES.index(which)])
        return Verdict(found >= metres, f"a hand covers {found:.2f} m {axis}, asked {metres:g} or more")

    return check


def _up(body: Body) -> Flags:
    return np.asarray(body.heights[:, WRISTS] > body.heights[:, [HEAD]])


def _down(body: Body) -> Flags:
    return np.asarray(body.heights[:, WRISTS] < body.heights[:, [PELVIS]] + 0.25)


def _out(body: Body) -> Flags:
    place = body.in_body(WRISTS, SHOULDERS)
    sideways = np.stack([place[:, 0, 0], -place[:, 1, 0]], axis=1)
    return np.asarray((sideways > 0.65 * body.arm) & (np.abs(place[..., 1]) < 0.45 * body.arm))


def _ahead(body: Body) -> Flags:
    place = body.in_body(WRISTS, SHOULDERS)
    return np.asarray((place[..., 2] > 0.6 * body.arm) & (np.abs(place[..., 1]) < 0.5 * body.arm))


def _behind(body: Body) -> Flags:
    return np.asarray(body.in_body(WRISTS)[..., 2] < -0.12)


def _hip(body: Body) -> Flags:
    """The wrist within 30 cm of its hip joint and above it, the elbow further out than the wrist and the shoulder."""
    gap = np.linalg.norm(body.joints[:, WRISTS] - body.joints[:, HIPS], axis=-1)
    elbow, shoulder = body.in_body(ELBOWS), body.in_body(SHOULDERS)
    sign = np.array([1.0, -1.0])
    out = sign * (elbow - shoulder)[..., 0] > 0.06
    above = body.heights[:, WRISTS] > body.heights[:, HIPS] - 0.03
    bent = np.linalg.norm(body.joints[:, WRISTS] - body.joints[:, SHOULDERS], axis=-1) < 0.93 * body.arm
    return np.asarray((gap < 0.32) & out & above & bent)


def _head(body: Body) -> Flags:
    gap = np.linalg.norm(body.joints[:, WRISTS] - body.joints[:, [HEAD]], axis=-1)
    return np.asarray((gap < 0.33) & (body.heights[:, WRISTS] > body.heights[:, [NECK]]))


def _face(body: Body) -> Flags:
    gap = np.linalg.norm(body.joints[:, WRISTS] - body.joints[:, [HEAD]], axis=-1)
    return np.asarray((gap < 0.32) & (body.heights[:, WRISTS] > body.heights[:, [NECK]] - 0.12))


def _chest(body: Body) -> Flags:
    place = body.in_body(WRISTS, NECK)
    return np.asarray((np.abs(place[..., 0]) < 0.3) & (place[..., 2] > 0.08) & (np.abs(place[..., 1] + 0.15) < 0.25))


_PLACES: dict[Place, Callable[[Body], Flags]] = {
    "up": _up, "down": _down, "out": _out, "ahead": _ahead, "behind": _behind, "hip": _hip, "head": _head,
    "face": _face, "chest": _chest,
}  # fmt: skip
