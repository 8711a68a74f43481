"""Walks and runs of another speed, of so many steps or metres from standing to standing, and on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.arms import with_hanging_arms
from segmo_core.data.editing.body import (
    ANKLES,
    FRAME_RATE,
    HIPS,
    KNEES,
    LEG_LENGTHS,
    NECK,
    PELVIS,
    TOES,
    UPPER_BODY,
    headings,
    minimum_jerk,
    smoothed,
    turned,
    with_legs,
)  # fmt: skip
from segmo_core.data.editing.gait import Gait, stretched
from segmo_core.data.editing.remapping import FootChanges, retimed, stretched_floor, with_arm_swing

FloatArray = NDArray[np.floating]
GaitKind = Literal["walk", "run"]

_WALK_RATIO_SPEED = 1.03  # m/s; below it step length falls faster than cadence (Murakami & Otaka 2017, PMC5430280)
_RAMP = 0.55  # metres in which a walk comes to its speed
_END_RATE = 0.38  # share of the speed at which somebody begins and ends
_HALF_STANCE, _TOES_AHEAD = 0.11, 0.09  # metres from the middle of somebody who stands to the toes, across and ahead
_STANDING_SPREAD = 0.055  # metres that each foot is farther outward in standing than in walking


def at_speed(gait: Gait, speed: float, kind: GaitKind) -> FloatArray:
    """The gait at ``speed`` m/s: walks change steps and cadence alike, runs above all their steps.

    Laws: walk ratio constant above 1.03 m/s and cadence falling faster below; runs below 3 steps a second change
    their steps (PMC8523042).
    """
    ratio = speed / gait.speed
    if kind == "run":
        stride, tempo = ratio**0.8, ratio**0.2
    elif speed < _WALK_RATIO_SPEED:
        stride, tempo = ratio**0.4, ratio**0.6
    else:
        stride, tempo = ratio**0.5, ratio**0.5
    mapped = stretched_floor(gait.joints, lambda z: stride * z, FootChanges(pitch=float(np.clip(stride, 0.5, 1.0))))
    mapped = with_arm_swing(mapped, float(np.clip(stride, 0.6, 1.4)))
    return retimed(mapped, tempo)


@dataclass(frozen=True, eq=False)
class _Ramp:
    """A map of z from ``first`` to ``last`` onto 0 to ``distance``, flat at both ends or at the last alone."""

    first: float
    last: float
    distance: float
    from_standing: bool
    ramp: float

    def __call__(self, z: FloatArray) -> FloatArray:
        grid = np.linspace(self.first, self.last, 400)
        ramp = min(self.ramp, 0.45 * (self.last - self.first))
        rise = minimum_jerk((grid - self.first) / ramp) if self.from_standing else np.ones_like(grid)
        slope = rise * minimum_jerk((self.last - grid) / ramp)
        summed = np.concatenate([[0.0], np.cumsum((slope[1:] + slope[:-1]) / 2)])
        before = (
            0.0
            if self.from_standing
            else (z - self.first) * (z < self.first) * self.distance / (summed[-1] * (grid[1] - grid[0]))
        )
        return np.asarray(np.interp(z, grid, summed / summed[-1] * self.distance) + before)


def walked_distance(gait: Gait, steps: int, distance: float, hold: int, sway: FloatArray | None = None) -> FloatArray:
    """From standing, ``steps`` passes of the feet, ``distance`` metres on, to standing for ``hold`` frames.

    Feet put down: steps + 1, the closing one included.
    """
    gait = stretched(gait, steps + 1)
    first, last = gait.passes[0], gait.passes[steps]
    joints = gait.joints[first : last + 1]
    joints = joints - joints[0, PELVIS] * [1.0, 0.0, 1.0]
    ends = joints[[0, -1], PELVIS, 2]
    forward = _Ramp(float(ends[0]), float(ends[1]), distance, True, _RAMP)
    count = len(joints)
    half = max((gait.passes[1] - gait.passes[0]) // 2 + 1, 3)
    frames = np.arange(count)
    away = np.minimum(minimum_jerk(frames / half), minimum_jerk((count - 1 - frames) / half))
    spread = _STANDING_SPREAD * (1 - minimum_jerk(np.minimum(frames, count - 1 - frames) / (2.0 * half)))
    scale = distance / max(float(ends[1] - ends[0]), 1e-6)
    swing = float(np.clip(scale, 0.4, 1.25))
    feet = FootChanges(
        lift=away * min(1.0, scale**0.5), pitch=away * float(np.clip(scale, 0.4, 1.0)), spread=spread, standing=1 - away
    )
    moved = with_arm_swing(stretched_floor(joints, forward, feet), away * swing)
    moved = _facing_ahead(moved, 1 - away)
    pace = _END_RATE + (1 - _END_RATE) * np.minimum(minimum_jerk(frames / (1.5 * half)),
                                                   minimum_jerk((count - 1 - frames) / (1.5 * half)))  # fmt: skip
    return standing_around(retimed(moved, pace * min(1.0, scale**-0.3)), hold, sway)


def come_to_a_stop(gait: Gait, metres: float, hold: int) -> FloatArray:
    """On at full speed, then to standing within the last ``metres`` * .4, at most 1.6, and standing for ``hold``
    frames with the arms down."""
    gait = stretched(gait, int(np.ceil(metres / gait.step_length)) + 3)
    last = gait.passes[-1]
    way = gait.joints[: last + 1, PELVIS, 2]
    first = int(np.searchsorted(way, way[-1] - metres))
    joints = gait.joints[first : last + 1] - gait.joints[first, PELVIS] * [1.0, 0.0, 1.0]
    ramp = min(0.4 * metres, 1.6)
    end = float(joints[-1, PELVIS, 2])
    forward = _Ramp(0.0, end, end - 0.45 * ramp, False, ramp)
    count, half = len(joints), max((gait.passes[1] - gait.passes[0]) // 2 + 1, 3)
    away = minimum_jerk((count - 1 - np.arange(count)) / half)
    spread = _STANDING_SPREAD * (1 - minimum_jerk((count - 1 - np.arange(count)) / (2.0 * half)))
    moved = stretched_floor(joints, forward, FootChanges(lift=away, pitch=away, spread=spread, standing=1 - away))
    moved = _facing_ahead(moved, 1 - away)
    pace = _END_RATE + (1 - _END_RATE) * minimum_jerk((count - 1 - np.arange(count)) / (2.0 * half))
    stopped = retimed(moved, pace)
    stopped = np.concatenate([stopped, np.repeat(stopped[-1:], hold, axis=0)])
    down = minimum_jerk((np.arange(len(stopped)) - len(stopped) + hold + 12) / 20.0)
    return np.asarray(stopped + down[:, None, None] * (with_hanging_arms(stopped) - stopped))


def _facing_ahead(joints: FloatArray, share: FloatArray) -> FloatArray:
    """The body above the legs turned to face +Z where ``share`` (T,) is 1."""
    result: FloatArray = joints.copy()
    angle = -headings(joints) * share
    body = turned(joints - joints[:, PELVIS, None], angle) + joints[:, PELVIS, None]
    legs = [*KNEES, *ANKLES, *TOES]
    keep = joints[:, legs].copy()
    result[:] = body
    result[:, legs] = keep
    return with_legs(result, joints[:, ANKLES], joints[:, TOES])


def standing_around(joints: FloatArray, hold: int, sway: FloatArray | None = None) -> FloatArray:
    """The first and the last pose held for ``hold`` frames, breathing as ``sway`` (T, 22, 3) does where it is given."""
    if hold < 1:
        return joints
    before, after = np.repeat(joints[:1], hold, axis=0), np.repeat(joints[-1:], hold, axis=0)
    held = np.concatenate([before, joints, after])
    if sway is None:
        return held
    return swaying(held, sway, hold)


def swaying(joints: FloatArray, sway: FloatArray, ends: int) -> FloatArray:
    """The small movements of a quiet body added to the first and the last ``ends`` frames, fading inward."""
    count = len(joints)
    quiet = sway - smoothed(sway, 30.0)
    quiet = quiet[np.arange(count) % len(quiet)] if len(quiet) < count else quiet[:count]
    frames = np.arange(count)
    weight = 1 - minimum_jerk(np.minimum(frames, count - 1 - frames) / max(ends, 1))
    body: FloatArray = joints + (weight[:, None, None] * quiet)
    return with_legs(body, joints[:, ANKLES], joints[:, TOES])


def on_the_spot(gait: Gait, lifts: int, height: float, kind: GaitKind) -> FloatArray:
    """Marching ("walk") or jogging ("run") in place: the gait's body without its way, knees lifted ``lifts`` times.

    height: metres that ankles rise. From standing to standing.
    """
    return stepped_in_place(gait, lifts, height, kind)[0]


def stepped_in_place(gait: Gait, lifts: int, height: float, kind: GaitKind = "walk") -> tuple[FloatArray, FloatArray]:
    """Joints of ``on_the_spot``, and (T, 2) 0 to 1: how high each foot is lifted."""
    gait = stretched(gait, lifts + 2)
    first = gait.passes[0]
    marks = np.array(gait.passes[: lifts + 2]) - first
    joints = gait.joints[first : first + marks[-1] + 1]
    body: FloatArray = joints - joints[:, PELVIS, None] * [1.0, 0.0, 1.0]
    body += (smoothed(joints[:, PELVIS, :1], 1.0) - joints[:, PELVIS, 0].mean())[:, None] * [1.0, 0.0, 0.0]
    if kind == "run":
        body = _upright(body)
    toes = np.zeros((len(joints), 2, 3))
    toes[..., 2] = _TOES_AHEAD
    toes[..., 0] = np.array([1.0, -1.0]) * _HALF_STANCE
    flat = np.median((joints[:, ANKLES] - joints[:, TOES])[_flattest(joints)], axis=0)
    soles = np.repeat(flat[None], len(joints), axis=0)
    bumps = lifted(marks[1:-1], gait.swinging[1 : lifts + 1], len(joints), 0.48 if kind == "walk" else 0.6)
    toes[..., 1] = height * bumps * 0.8
    toes[..., 2] += (0.3 if kind == "walk" else -0.3) * height * bumps
    soles[..., 1] += 0.2 * height * bumps
    ankles = toes + soles
    hips = body[:, HIPS].mean(axis=1)
    across = np.linalg.norm((hips - (ankles.mean(axis=1) * [0.0, 0.0, 1.0]))[:, [0, 2]], axis=-1)
    wanted = flat[:, 1].mean() + np.sqrt((0.985 * min(LEG_LENGTHS)) ** 2 - across**2)
    body[..., 1] += smoothed((0.85 if kind == "walk" else 0.6) * (wanted - hips[:, 1]), 3.0)[:, None]
    hints = np.broadcast_to([0.0, 0.1, 1.0], (len(joints), 2, 3))
    return with_legs(body, ankles, toes, hints), bumps


def lifted(marks: NDArray[np.integer], swinging: tuple[int, ...], count: int, width: float) -> FloatArray:
    """(count, 2) 0 to 1: how high each foot is, highest at its marks, up for ``width`` of a step before and after."""
    bumps = np.zeros((count, 2))
    step = float(np.diff(marks).mean()) if len(marks) > 1 else 9.0
    for mark, side in zip(marks, swinging, strict=True):
        share = np.clip((np.arange(count) - mark) / (width * step), -1.0, 1.0) * np.pi / 2
        bumps[:, side] = np.maximum(bumps[:, side], np.cos(share) ** 1.3)
    return bumps


def _flattest(joints: FloatArray) -> NDArray[np.bool_]:
    """(T,) the frames whose feet are flattest: the lowest third of the ankles."""
    height = joints[:, ANKLES, 1].max(axis=1)
    return np.asarray(height <= np.percentile(height, 35))


def _upright(joints: FloatArray) -> FloatArray:
    """A run's trunk with its lean taken out, about the pelvis."""
    way = (joints[:, NECK] - joints[:, PELVIS]).mean(axis=0)
    lean = -np.arctan2(way[2], way[1]) * 0.8
    result: FloatArray = joints.copy()
    for joint in UPPER_BODY:
        rel = joints[:, joint] - joints[:, PELVIS]
        y = np.cos(lean) * rel[:, 1] - np.sin(lean) * rel[:, 2]
        z = np.cos(lean) * rel[:, 2] + np.sin(lean) * rel[:, 1]
        result[:, joint] = joints[:, PELVIS] + np.stack([rel[:, 0], y, z], axis=-1)
    return result


def measured_speed(joints: FloatArray) -> float:
    """Mean m/s of the pelvis over the floor."""
    path = smoothed(joints[:, PELVIS] * [1.0, 0.0, 1.0], 3.0)
    return float(np.linalg.norm(np.diff(path, axis=0), axis=-1).mean() * FRAME_RATE)
