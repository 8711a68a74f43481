"""A quiet standing body that is bent, lowered, shifted and stepped: squats, bows, jumps, kicks, kneeling, sitting.

The body stands at the origin and faces +Z. What happens is told over time (frames at 20 Hz): where the pelvis goes,
how the trunk bends, where the feet are; legs follow by inverse kinematics.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import (
    ANKLES,
    COLLARS,
    ELBOWS,
    FRAME_RATE,
    HEAD,
    HIPS,
    KNEES,
    NECK,
    PELVIS,
    SHOULDERS,
    SPINE1,
    SPINE2,
    SPINE3,
    TOES,
    UP,
    WRISTS,
    headings,
    minimum_jerk,
    turned,
    with_legs,
)  # fmt: skip

FloatArray = NDArray[np.floating]
Keys = Sequence[tuple[float, float]]

# Share of a bend of the trunk that has been reached at each joint, from the pelvis up.
_TRUNK = ((SPINE1, PELVIS, 0.35), (SPINE2, SPINE1, 0.6), (SPINE3, SPINE2, 0.8), (NECK, SPINE3, 1.0))
# Masses of segments, shares of the body, at the joints' middles: Winter, Biomechanics and motor control (2009).
_MASSES = (
    (PELVIS, SPINE2, 0.281), (SPINE2, NECK, 0.216), (NECK, HEAD, 0.081),
    *(row for side in (0, 1) for row in (
        (ANKLES[side], TOES[side], 0.0145), (KNEES[side], ANKLES[side], 0.0465), (PELVIS, KNEES[side], 0.1),
        (SHOULDERS[side], ELBOWS[side], 0.028), (ELBOWS[side], WRISTS[side], 0.022),
    )),
)  # fmt: skip


def keyed(frames: int, keys: Keys) -> FloatArray:
    """(frames,) values that go from key to key, (seconds, value), along minimum-jerk paths; level outside."""
    times = np.arange(frames) / FRAME_RATE
    values = np.full(frames, keys[0][1])
    for (start, before), (end, after) in itertools.pairwise(keys):
        values = values + (after - before) * minimum_jerk((times - start) / max(end - start, 1e-6))
    return np.asarray(values)


@dataclass(frozen=True, eq=False)
class Stance:
    """What a body does over T frames; every array (T,) unless told, 0 where it is left out.

    pelvis: (T, 3) metres from where it would be. tilt: radians that the body above the legs leans forward as one.
    pitch, yaw, roll: radians that the trunk bends forward, turns and bends to the left. head_pitch, head_yaw: besides.
    feet: (T, 2, 3) metres from their places. heels: (T, 2) radians that they are lifted. knees_out: (T, 2) how far
    knees point outward against ahead. planted: sides whose feet may not be torn from the floor.
    """

    frames: int
    pelvis: FloatArray | float = 0.0
    tilt: FloatArray | float = 0.0
    pitch: FloatArray | float = 0.0
    yaw: FloatArray | float = 0.0
    roll: FloatArray | float = 0.0
    head_pitch: FloatArray | float = 0.0
    head_yaw: FloatArray | float = 0.0
    feet: FloatArray | float = 0.0
    heels: FloatArray | float = 0.0
    knees_out: FloatArray | float = 0.25
    planted: tuple[int, ...] = field(default=(0, 1))

    def over_time(self, name: str) -> FloatArray:
        """(T,) one of the angles."""
        return np.broadcast_to(np.asarray(getattr(self, name), dtype=np.float64), (self.frames,))


def faced_ahead(joints: FloatArray) -> FloatArray:
    """Joints laid so that the body stands at the origin and faces +Z on average."""
    angle = -float(np.mean(headings(joints)))
    root = joints[:, PELVIS].mean(axis=0) * [1.0, 0.0, 1.0]
    return turned(joints - root, np.full(len(joints), angle))


def posed(base: FloatArray, stance: Stance) -> FloatArray:
    """``base`` (T, 22, 3), a quiet body, doing what ``stance`` says; its feet stand in their places."""
    count = len(base)
    body = bent_trunk(base, stance) + np.broadcast_to(stance.pelvis, (count, 3))[:, None]
    ankles = np.repeat(np.median(base[:, ANKLES], axis=0)[None], count, axis=0)
    toes = np.repeat(np.median(base[:, TOES], axis=0)[None], count, axis=0)
    toes[..., 1] = np.minimum(toes[..., 1], 0.02)
    soles = ankles - toes
    lifted = np.broadcast_to(stance.heels, (count, 2))[..., None]
    across = soles * [1.0, 0.0, 1.0]
    length = np.linalg.norm(across, axis=-1, keepdims=True)
    height = soles[..., 1:2]
    flat = np.cos(lifted) * length - np.sin(lifted) * height
    soles = across / np.maximum(length, 1e-9) * flat + UP * (np.sin(lifted) * length + np.cos(lifted) * height)
    toes = toes + np.broadcast_to(stance.feet, (count, 2, 3))
    knees = _knee_ways(body, toes + soles, np.broadcast_to(stance.knees_out, (count, 2)))
    return with_legs(body, toes + soles, toes, knees, stance.planted)


def _knee_ways(body: FloatArray, ankles: FloatArray, outward: FloatArray) -> FloatArray:
    """(T, 2, 3) where knees point: ahead and outward; up where the foot is before the hip, down where it is behind."""
    facing = headings(body)
    away = turned(ankles - body[:, HIPS], -facing)
    up = 0.2 + 0.4 * np.clip(away[..., 2] / 0.4, -1.0, 1.0)
    ways = np.stack([outward * np.array([1.0, -1.0]), up, np.ones_like(up)], axis=-1)
    return turned(ways, facing)


def bent_trunk(joints: FloatArray, stance: Stance) -> FloatArray:
    """``joints`` with the trunk, the arms and the head bent; legs and feet stay."""
    pitch, yaw, roll = (stance.over_time(name) for name in ("pitch", "yaw", "roll"))
    tilt, nod, look = (stance.over_time(name) for name in ("tilt", "head_pitch", "head_yaw"))
    if not any(np.any(angle) for angle in (pitch, yaw, roll, tilt, nod, look)):
        return joints.copy()
    facing = headings(joints)
    source: FloatArray = joints
    result: FloatArray = joints.copy()
    whole = _rotations(tilt, 0 * tilt, 0 * tilt, facing)
    for side in (0, 1):
        result[:, HIPS[side]] = joints[:, PELVIS] + _rotated(whole, source[:, HIPS[side]] - source[:, PELVIS])
    for joint, parent, share in _TRUNK:
        turn = _rotations(tilt + share * pitch, share * yaw, share * roll, facing)
        result[:, joint] = result[:, parent] + _rotated(turn, source[:, joint] - source[:, parent])
    turn = _rotations(tilt + pitch, yaw, roll, facing)
    for side in (0, 1):
        chain = (SPINE3, COLLARS[side], SHOULDERS[side], ELBOWS[side], WRISTS[side])
        for parent, joint in itertools.pairwise(chain):
            result[:, joint] = result[:, parent] + _rotated(turn, source[:, joint] - source[:, parent])
    head = _rotations(tilt + pitch + nod, yaw + look, roll, facing)
    result[:, HEAD] = result[:, NECK] + _rotated(head, source[:, HEAD] - source[:, NECK])
    return result


def _rotated(turns: FloatArray, vectors: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("tij,tj->ti", turns, vectors))


def _rotations(pitch: FloatArray, yaw: FloatArray, roll: FloatArray, facing: FloatArray) -> FloatArray:
    """(T, 3, 3) of a body that faces ``facing`` (T,)."""
    one, zero = np.ones_like(pitch), np.zeros_like(pitch)
    forward = _matrices((one, zero, zero), (zero, np.cos(pitch), -np.sin(pitch)), (zero, np.sin(pitch), np.cos(pitch)))
    sideways = _matrices((np.cos(roll), np.sin(roll), zero), (-np.sin(roll), np.cos(roll), zero), (zero, zero, one))
    turned_by: FloatArray = _about_y(facing + yaw) @ forward @ sideways @ _about_y(-facing)
    return turned_by


def _about_y(angle: FloatArray) -> FloatArray:
    one, zero = np.ones_like(angle), np.zeros_like(angle)
    return _matrices((np.cos(angle), zero, np.sin(angle)), (zero, one, zero), (-np.sin(angle), zero, np.cos(angle)))


def _matrices(*rows: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def centre_of_mass(joints: FloatArray) -> FloatArray:
    """(T, 3) metres."""
    summed = np.zeros_like(joints[:, 0])
    for one, other, mass in _MASSES:
        summed = summed + mass * (joints[:, one] + joints[:, other]) / 2
    return np.asarray(summed / sum(mass for _, _, mass in _MASSES))


def balanced_over(base: FloatArray, stance: Stance, side: int, share: FloatArray) -> Stance:
    """``stance`` with the pelvis moved so that the body's middle is over one foot where ``share`` (T,) is 1."""
    for _ in range(3):
        moved = posed(base, stance)
        foot = 0.55 * moved[:, ANKLES[side]] + 0.45 * moved[:, TOES[side]]
        error = (foot - centre_of_mass(moved)) * [1.0, 0.0, 1.0] * share[:, None]
        stance = replace(stance, pelvis=np.asarray(stance.pelvis + error))
    return stance
