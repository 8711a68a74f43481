"""Standing, sitting, lying, kneeling and the rest, by heights above the floor and the tilt of the trunk.

Heights are metres on the model's skeleton, whose pelvis stands at 0.92 m, knees at 0.5 m and ankles at 0.08 m.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmo_core.grounding.geometry.body import (
    ANKLES,
    FRAME_RATE,
    HEAD,
    HIPS,
    KNEES,
    NECK,
    PELVIS,
    SHOULDERS,
    WRISTS,
    Body,
)
from segmo_core.grounding.geometry.verdict import Check, Verdict

Flags = NDArray[np.bool_]
Posture = Literal[
    "standing", "on a chair", "on the floor", "seated", "lying", "on the back", "on the front", "kneeling",
    "on both knees", "squatting", "crouching", "bent", "on all fours", "in a plank", "on one leg", "down",
]  # fmt: skip
Place = Literal["end", "start", "sometime", "throughout"]

_HELD = 0.7  # of the frames of a stretch
_AT_AN_END = 0.4  # seconds


def standing(body: Body) -> Flags:
    return np.asarray((body.heights[:, PELVIS] > 0.8) & (body.trunk_tilt < 35))


def seated(body: Body) -> Flags:
    """The pelvis low, the trunk upright, the thighs nearer to level than to hanging."""
    pelvis = body.heights[:, PELVIS]
    return np.asarray((pelvis < 0.68) & (body.trunk_tilt < 50) & (_thigh_drop(body) < 0.3) & ~kneeling(body))


def on_a_chair(body: Body) -> Flags:
    """Seated with the pelvis at the height of a chair or stool, the knees before the hips, the feet down."""
    pelvis, ankles = body.heights[:, PELVIS], body.heights[:, ANKLES].min(axis=1)
    knees = body.in_body(KNEES)[..., 2].max(axis=1)
    return np.asarray(seated(body) & (pelvis > 0.33) & (knees > 0.2) & (ankles < 0.25))


def on_the_floor(body: Body) -> Flags:
    """Seated on the ground."""
    return np.asarray((body.heights[:, PELVIS] < 0.33) & (body.trunk_tilt < 60) & (body.heights[:, HEAD] > 0.5))


def lying(body: Body) -> Flags:
    return np.asarray((body.heights[:, PELVIS] < 0.35) & (body.heights[:, NECK] < 0.5) & (body.trunk_tilt > 55))


def on_the_back(body: Body) -> Flags:
    return np.asarray(lying(body) & (_chest_up(body) > 0.35))


def on_the_front(body: Body) -> Flags:
    return np.asarray(lying(body) & (_chest_up(body) < -0.35))


def kneeling(body: Body) -> Flags:
    """A knee on the floor, its shin lying behind it, the trunk upright."""
    return np.asarray(_knees_down(body).any(axis=1) & (body.trunk_tilt < 50) & (body.heights[:, PELVIS] > 0.25))


def on_both_knees(body: Body) -> Flags:
    return np.asarray(_knees_down(body).all(axis=1) & (body.trunk_tilt < 50) & (body.heights[:, PELVIS] > 0.25))


def squatting(body: Body) -> Flags:
    """Both feet down under a low pelvis, no knee on the floor."""
    flat = np.linalg.norm(
        (body.joints[:, ANKLES].mean(axis=1) - body.joints[:, PELVIS])[:, [0, 2]],
        axis=-1,
    )
    feet = body.heights[:, ANKLES].max(axis=1)
    knees = body.heights[:, KNEES].min(axis=1)
    return np.asarray(
        (body.heights[:, PELVIS] < 0.68) & (feet < 0.22) & (knees > 0.25) & (flat < 0.4) & (body.trunk_tilt < 75)
    )


def crouching(body: Body) -> Flags:
    """Lower than standing with bent knees: the pelvis below 0.78 m over the feet."""
    feet = body.heights[:, ANKLES].min(axis=1)
    return np.asarray((body.heights[:, PELVIS] < 0.78) & (body.heights[:, PELVIS] > 0.2) & (feet < 0.25) & ~lying(body))


def bent(body: Body) -> Flags:
    """Bowed: the trunk 30 degrees or more from upright over standing legs."""
    return np.asarray((body.trunk_tilt > 30) & (body.heights[:, PELVIS] > 0.6))


def on_all_fours(body: Body) -> Flags:
    """Hands and knees (or feet) down, the trunk nearer to level than upright."""
    hands = body.heights[:, WRISTS].min(axis=1)
    knees = body.heights[:, KNEES].min(axis=1)
    return np.asarray((hands < 0.35) & (knees < 0.32) & (body.heights[:, PELVIS] < 0.8) & (body.trunk_tilt > 45))


def in_a_plank(body: Body) -> Flags:
    """Face down on hands and feet, hips near the line from shoulders to ankles."""
    shoulder, ankle = body.joints[:, SHOULDERS].mean(axis=1), body.joints[:, ANKLES].mean(axis=1)
    line = ankle - shoulder
    share = np.einsum("tc,tc->t", body.joints[:, PELVIS] - shoulder, line) / np.maximum((line**2).sum(axis=-1), 1e-9)
    off = np.linalg.norm(body.joints[:, PELVIS] - shoulder - share[:, None] * line, axis=-1)
    hands = body.heights[:, WRISTS].max(axis=1)
    low = body.heights[:, PELVIS] < 0.65
    return np.asarray(low & (hands < 0.3) & (body.trunk_tilt > 55) & (off < 0.22) & (_chest_up(body) < 0))


def on_one_leg(body: Body) -> Flags:
    """One foot 12 cm or more above the other, which stays down, the body up."""
    ankles = body.heights[:, ANKLES]
    return np.asarray((np.abs(ankles[:, 0] - ankles[:, 1]) > 0.12) & (ankles.min(axis=1) < 0.16) & standing(body))


def down(body: Body) -> Flags:
    """On the ground in any way: the pelvis below 0.4 m."""
    return np.asarray(body.heights[:, PELVIS] < 0.4)


_POSTURES: dict[Posture, Callable[[Body], Flags]] = {
    "standing": standing, "on a chair": on_a_chair, "on the floor": on_the_floor, "seated": seated, "lying": lying,
    "on the back": on_the_back, "on the front": on_the_front, "kneeling": kneeling, "on both knees": on_both_knees,
    "squatting": squatting, "crouching": crouching, "bent": bent, "on all fours": on_all_fours,
    "in a plank": in_a_plank, "on one leg": on_one_leg, "down": down,
}  # fmt: skip


def assumes(posture: Posture, where: Place = "end", seconds: float = 0.3) -> Check:
    """The posture at the end, the start, for ``seconds`` in a row sometime, or for most of the motion."""

    def check(body: Body) -> Verdict:
        flags = _POSTURES[posture](body)
        edge = min(len(flags), round(_AT_AN_END * FRAME_RATE))
        if where == "sometime":
            longest = longest_run(flags) / FRAME_RATE
            return Verdict(longest >= seconds, f"{posture} for {longest:.1f} s, asked {seconds:g}")
        part = {"end": flags[-edge:], "start": flags[:edge], "throughout": flags}[where]
        share = float(part.mean())
        low = f"pelvis at {float(body.heights[-edge:, PELVIS].mean()):.2f} m"
        return Verdict(share >= _HELD, f"{posture} in {100 * share:.0f} % of the {where}, {low} at the end")

    return check


def goes(first: Posture, last: Posture) -> Check:
    """Begins in one posture and ends in another."""

    def check(body: Body) -> Verdict:
        before, after = assumes(first, "start")(body), assumes(last, "end")(body)
        return Verdict(before.passed and after.passed, f"{before.told}; {after.told}")

    return check


def longest_run(flags: Flags) -> int:
    """Frames of the longest stretch that is True throughout."""
    best = run = 0
    for flag in flags.tolist():
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def _thigh_drop(body: Body) -> NDArray[np.floating]:
    """(T,) metres that the higher knee is below its hip."""
    return np.asarray((body.heights[:, HIPS] - body.heights[:, KNEES]).min(axis=1))


def _knees_down(body: Body) -> Flags:
    """(T, 2) a knee lower than 18 cm with its ankle no higher than 25 cm and behind it or under the body."""
    knees, ankles = body.heights[:, KNEES], body.heights[:, ANKLES]
    behind = body.in_body(ANKLES)[..., 2] < body.in_body(KNEES)[..., 2]
    return np.asarray((knees < 0.18) & (ankles < 0.25) & behind)


def _chest_up(body: Body) -> NDArray[np.floating]:
    """(T,) -1 to 1: how much the chest faces up."""
    across = body.joints[:, SHOULDERS[0]] - body.joints[:, SHOULDERS[1]]
    spine = body.joints[:, NECK] - body.joints[:, PELVIS]
    normal = np.cross(across, spine)
    return np.asarray(normal[:, 1] / np.maximum(np.linalg.norm(normal, axis=-1), 1e-9))
