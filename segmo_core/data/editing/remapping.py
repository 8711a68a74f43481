"""A motion laid along +Z whose floor is stretched, bent and played at another rate, feet planted where they were.

Every point of a foot is mapped by the same map of the floor, so that a toe that stands still still does; the body
follows rigidly, and knees are solved anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import (
    ANKLES,
    ELBOWS,
    FRAME_RATE,
    HIPS,
    LEG_LENGTHS,
    PELVIS,
    SHOULDERS,
    TOES,
    UP,
    WRISTS,
    resampled,
    smoothed,
    turned,
    unit,
    with_legs,
)  # fmt: skip
from segmo_core.data.editing.gait import leg_lengths, stance

FloatArray = NDArray[np.floating]

_GRAVITY = 9.81
_STRAIGHT = 0.985  # of the leg's length, from hip to ankle of somebody who stands
_LEAN_SHARE = 0.65  # of what physics asks; real turning walks lean 1.5, 4.0, 4.2 degrees where it says 2.9, 5.0, 6.3
# Speed of real walks by curvature (1/m), against straight on: 42,761 frames of turning walks.
_CURVATURES, _SPEED_SHARES = (0.0, 0.22, 0.45, 0.8, 1.25, 2.2), (1.0, 0.967, 0.917, 0.875, 0.8, 0.56)


@dataclass(frozen=True, eq=False)
class FootChanges:
    """What happens to the feet besides the map of the floor; each (T,) or one number.

    lift: what the height of toes is multiplied by. pitch: what the foot's tilt against a flat foot is multiplied by.
    spread: metres that each foot is put farther outward. raised: (T, 2) metres that feet are higher besides.
    heels: radians that they are lifted. standing: how much both legs straighten to stand, 0 to 1.
    """

    lift: FloatArray | float = 1.0
    pitch: FloatArray | float = 1.0
    spread: FloatArray | float = 0.0
    raised: FloatArray | float = 0.0
    heels: FloatArray | float = 0.0
    standing: FloatArray | float = 0.0


def stretched_floor(
    joints: FloatArray, forward: Callable[[FloatArray], FloatArray], feet: FootChanges | None = None
) -> FloatArray:
    """Joints (T, 22, 3) on a floor whose points at z lie at ``forward`` (z); standing legs keep their length."""
    feet = feet or FootChanges()
    ahead = np.array([0.0, 0.0, 1.0])
    body = joints + ((forward(joints[:, PELVIS, 2]) - joints[:, PELVIS, 2])[:, None] * ahead)[:, None]
    toes: FloatArray = joints[:, TOES].copy()
    toes[..., 2] = forward(toes[..., 2])
    toes[..., 1] *= np.reshape(feet.lift, (-1, 1))
    toes[..., 1] += feet.raised
    toes[..., 0] += np.reshape(feet.spread, (-1, 1)) * np.array([1.0, -1.0])
    soles: FloatArray = joints[:, ANKLES] - joints[:, TOES]
    if np.any(np.asarray(feet.pitch) != 1.0) or np.any(feet.heels):
        soles = _levelled(soles, stance(joints), np.reshape(feet.pitch, (-1, 1)), feet.heels)
    ankles = toes + soles
    return with_legs(at_leg_length(body, joints, ankles, feet.standing), ankles, toes)


def _levelled(soles: FloatArray, contacts: FloatArray, pitch: FloatArray, heels: FloatArray | float) -> FloatArray:
    """Toe to ankle (T, 2, 3), the tilt against a flat foot's multiplied by ``pitch``, and ``heels`` added."""
    across = np.linalg.norm(soles[..., [0, 2]], axis=-1)
    tilt = np.arctan2(soles[..., 1], across)
    flat = np.array([np.median(tilt[contacts[:, side] > 0.5, side]) if (contacts[:, side] > 0.5).any() else 0.6
                     for side in (0, 1)])  # fmt: skip
    tilt = np.minimum(flat + pitch * (tilt - flat) + heels, 1.45)
    way = np.stack([unit(smoothed(soles[:, side] * [1.0, 0.0, 1.0], 4.0)) for side in (0, 1)], axis=1)
    length = np.linalg.norm(soles, axis=-1)[..., None]
    return np.asarray(length * (np.cos(tilt)[..., None] * way + np.sin(tilt)[..., None] * UP))


def at_leg_length(
    body: FloatArray, source: FloatArray, ankles: FloatArray, standing: FloatArray | float = 0.0
) -> FloatArray:
    """``body`` raised or lowered so that standing legs are as long as in ``source``, smoothly.

    standing: (T,) where both legs are to be as straight as those of somebody who stands.
    """
    upright = np.broadcast_to(np.reshape(standing, (-1, 1)), (len(body), 2))
    weights = np.maximum(stance(source) + 1e-6, upright)
    across = np.linalg.norm((body[:, HIPS] - ankles)[..., [0, 2]], axis=-1)
    lengths = leg_lengths(source)
    lengths = lengths + upright * (_STRAIGHT * np.array(LEG_LENGTHS) - lengths)
    wanted = ankles[..., 1] + np.sqrt(np.maximum(lengths**2 - across**2, 0.01))
    by_side = wanted - body[:, HIPS, 1]
    total = weights.sum(axis=1)
    change = (weights * by_side).sum(axis=1) / total
    sure = np.flatnonzero(total > 0.5)
    if len(sure):
        change = np.interp(np.arange(len(body)), sure, change[sure])
    moved: FloatArray = body.copy()
    moved[..., 1] += smoothed(change, 1.5)[:, None]
    return moved


def with_arm_swing(joints: FloatArray, factor: FloatArray | float) -> FloatArray:
    """The arms' angle fore and aft about its running mean multiplied by ``factor``, about the shoulders."""
    result: FloatArray = joints.copy()
    for side in (0, 1):
        shoulder = joints[:, SHOULDERS[side]]
        hand = joints[:, WRISTS[side]] - shoulder
        angle = np.arctan2(hand[:, 2], -hand[:, 1])
        extra = (np.asarray(factor) - 1.0) * (angle - smoothed(angle, 12.0))
        cosine, sine = np.cos(extra)[:, None], np.sin(extra)[:, None]
        for joint in (ELBOWS[side], WRISTS[side]):
            arm = joints[:, joint] - shoulder
            y = cosine[:, 0] * arm[:, 1] + sine[:, 0] * arm[:, 2]
            z = cosine[:, 0] * arm[:, 2] - sine[:, 0] * arm[:, 1]
            result[:, joint] = shoulder + np.stack([arm[:, 0], y, z], axis=-1)
    return result


def retimed(joints: FloatArray, rates: FloatArray | float) -> FloatArray:
    """Joints played at ``rates`` (T,): 2 is twice as fast. The first and the last frame stay."""
    rate = np.broadcast_to(np.asarray(rates, dtype=np.float64), (len(joints),))
    passed = np.concatenate([[0.0], np.cumsum(2.0 / (rate[1:] + rate[:-1]))])
    count = max(round(float(passed[-1])) + 1, 2)
    wanted = np.linspace(0.0, passed[-1], count)
    return resampled(joints, np.interp(wanted, passed, np.arange(len(joints))))


@dataclass(frozen=True, eq=False)
class Curve:
    """A path on the floor by its length: curvature (K,) 1/m every ``spacing`` metres, to the left above 0."""

    curvature: FloatArray
    spacing: float = 0.02

    @classmethod
    def of(cls, pieces: list[tuple[float, float]], easing: float = 0.18) -> Curve:
        """Pieces of (metres, 1/m), their changes softened over ``easing`` metres: people walk clothoids."""
        values = np.concatenate([np.full(max(round(length / 0.02), 1), bend) for length, bend in pieces])
        return cls(np.asarray(smoothed(values, easing / 0.02)))

    @property
    def length(self) -> float:
        return len(self.curvature) * self.spacing

    @property
    def turn(self) -> float:
        """Radians from beginning to end, to the left above 0."""
        return float(self.curvature.sum() * self.spacing)

    def at(self, s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Positions (..., 3), headings (...) and curvatures (...) at lengths s (...); straight on before and after."""
        heading = np.concatenate([[0.0], np.cumsum(self.curvature) * self.spacing])
        middle = (heading[1:] + heading[:-1]) / 2
        steps = self.spacing * np.stack([np.sin(middle), np.zeros_like(middle), np.cos(middle)], axis=-1)
        places = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
        grid = np.arange(len(heading)) * self.spacing
        inside = np.clip(s, 0.0, grid[-1])
        angle = np.interp(inside, grid, heading)
        place = np.stack([np.interp(inside, grid, places[:, axis]) for axis in range(3)], axis=-1)
        ahead = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=-1)
        bend = np.interp(inside, grid[:-1], self.curvature) * (inside == s)
        return place + (s - inside)[..., None] * ahead, angle, bend


def bent(joints: FloatArray, curve: Curve, *, start: float = 0.0) -> FloatArray:
    """A motion along +Z that follows ``curve`` from z = ``start`` on instead, leaning inward, slower where it bends."""
    s = joints[:, PELVIS, 2] - start
    low = smoothed(s, 3.0)
    place, _, _ = curve.at(s)
    _, angle, bend = curve.at(low)
    _, exact, _ = curve.at(s)
    across = np.stack([np.cos(exact), np.zeros_like(exact), -np.sin(exact)], axis=-1)
    root = place + joints[:, PELVIS, :1] * across + joints[:, PELVIS] * UP
    body = turned(joints - joints[:, PELVIS, None], angle) + root[:, None]
    toe_place, toe_angle, _ = curve.at(joints[:, TOES, 2] - start)
    toe_across = np.stack([np.cos(toe_angle), np.zeros_like(toe_angle), -np.sin(toe_angle)], axis=-1)
    toes = toe_place + joints[:, TOES, :1] * toe_across + joints[:, TOES] * UP
    soles = np.stack(
        [
            turned((joints[:, ANKLES[side]] - joints[:, TOES[side]])[:, None], toe_angle[:, side])[:, 0]
            for side in (0, 1)
        ],
        axis=1,
    )
    speed = np.gradient(low) * FRAME_RATE
    share = np.interp(np.abs(smoothed(bend, 4.0)), _CURVATURES, _SPEED_SHARES)
    lean = smoothed(_LEAN_SHARE * np.arctan((speed * share) ** 2 * bend / _GRAVITY), 4.0)
    body = _leaning(body, root, angle, lean)
    return retimed(with_legs(body, toes + soles, toes), share)


def _leaning(body: FloatArray, root: FloatArray, angle: FloatArray, lean: FloatArray) -> FloatArray:
    """Joints turned by ``lean`` (T,) to the left about the way they go, on the floor below the root."""
    floor = root * [1.0, 0.0, 1.0]
    straight = turned(body, -angle, floor) - floor[:, None]
    cosine, sine = np.cos(lean)[:, None], np.sin(lean)[:, None]
    x = cosine * straight[..., 0] + sine * straight[..., 1]
    y = cosine * straight[..., 1] - sine * straight[..., 0]
    tilted = np.stack([x, y, straight[..., 2]], axis=-1)
    return turned(tilted, angle) + floor[:, None]
