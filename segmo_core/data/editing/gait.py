"""A straight walk or run, laid along +Z, with what editing needs to know of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import ANKLES, FRAME_RATE, HIPS, PELVIS, TOES, headings, smoothed, turned

FloatArray = NDArray[np.floating]

_STRAIGHT = 0.22  # metres that the smoothed pelvis may leave the line
_SHORTEST = 1.2  # metres
_SHORTEST_FRAMES = 18
_STANCE_SPEED, _STANCE_HEIGHT = (0.35, 1.0), (0.03, 0.08)  # m/s and metres: surely standing, surely not


@dataclass(frozen=True, eq=False)
class Gait:
    """joints (T, 22, 3) travelling along +Z from the origin. contacts (T, 2): 0 to 1, how surely a foot stands.

    passes: frames at which one foot passes the other, with the foot (0 left, 1 right) that swings then. speed: m/s.
    """

    joints: FloatArray
    contacts: FloatArray
    passes: tuple[int, ...]
    swinging: tuple[int, ...]
    speed: float

    @property
    def step_length(self) -> float:
        """Metres from one pass to the next, on average."""
        way = self.joints[[self.passes[0], self.passes[-1]], PELVIS, 2]
        return float(way[1] - way[0]) / max(len(self.passes) - 1, 1)

    @property
    def cadence(self) -> float:
        """Steps a minute."""
        return self.speed / max(self.step_length, 1e-6) * 60


def straight_gait(joints: FloatArray) -> Gait | None:
    """The gait of a clip that walks or runs straight on, forward, at an even speed; None for any other."""
    if len(joints) < _SHORTEST_FRAMES:
        return None
    root = smoothed(joints[:, PELVIS], 5.0)
    way = (root[-1] - root[0]) * [1.0, 0.0, 1.0]
    distance = float(np.linalg.norm(way))
    if distance < _SHORTEST:
        return None
    line = np.arctan2(way[0], way[2])
    count = len(joints)
    laid = turned(joints - root[0] * [1.0, 0.0, 1.0], np.full(count, -line))
    path = turned(root - root[0] * [1.0, 0.0, 1.0], np.full(count, -line))
    speeds = np.gradient(path[:, 2]) * FRAME_RATE
    faced = headings(laid)
    facing = np.angle(np.exp(1j * faced))
    if np.abs(path[:, 0]).max() > _STRAIGHT or np.abs(smoothed(facing, 8.0)).max() > 0.45:
        return None
    if speeds.min() < 0.45 * speeds.mean() or speeds.max() > 1.7 * speeds.mean():
        return None
    gap = smoothed(laid[:, ANKLES[0], 2] - laid[:, ANKLES[1], 2], 1.0)
    crossings = np.flatnonzero(np.sign(gap[1:]) != np.sign(gap[:-1])) + 1
    passes: list[int] = []
    swinging: list[int] = []
    for frame in crossings:
        if passes and frame - passes[-1] < 4:
            continue
        if not 1 < frame < count - 2:
            continue
        passes.append(int(frame))
        swinging.append(0 if gap[frame] > gap[frame - 1] else 1)  # the left foot comes from behind
    if len(passes) < 3 or any(a == b for a, b in zip(swinging[1:], swinging, strict=False)):
        return None
    return Gait(laid, stance(laid), tuple(passes), tuple(swinging), distance / (count - 1) * FRAME_RATE)


def stance(joints: FloatArray) -> FloatArray:
    """(T, 2) from 0 to 1: how surely the left and the right toe stand."""
    toes = joints[:, TOES]
    speeds = np.linalg.norm(np.gradient(toes, axis=0), axis=-1) * FRAME_RATE
    slow = np.clip((_STANCE_SPEED[1] - speeds) / (_STANCE_SPEED[1] - _STANCE_SPEED[0]), 0.0, 1.0)
    low = np.clip((_STANCE_HEIGHT[1] - toes[..., 1]) / (_STANCE_HEIGHT[1] - _STANCE_HEIGHT[0]), 0.0, 1.0)
    return np.asarray(slow * low)


def leg_lengths(joints: FloatArray) -> FloatArray:
    """(T, 2) metres from hip to ankle."""
    return np.asarray(np.linalg.norm(joints[:, HIPS] - joints[:, ANKLES], axis=-1))


def stretched(gait: Gait, passes: int) -> Gait:
    """The gait with at least so many passes, whole strides repeated where it has fewer.

    The stride whose ends resemble each other most is repeated; what is left of the difference fades over 8 frames.
    """
    joints, marks, swinging = gait.joints, list(gait.passes), list(gait.swinging)
    first, last = _best_stride(joints, marks)
    while len(marks) < passes:
        cut, back = marks[last], marks[first]
        shift = (joints[cut, PELVIS] - joints[back, PELVIS]) * [0.0, 0.0, 1.0]
        rest = joints[back:] + shift
        length = min(8, len(rest))
        share = 1 - np.arange(length) / length
        rest[:length] += (joints[cut] - rest[0]) * (share**3 * (10 - 15 * share + 6 * share**2))[:, None, None]
        joints = np.concatenate([joints[:cut], rest])
        marks = marks[:last] + [mark - back + cut for mark in marks[first:]]
        swinging = swinging[:last] + swinging[first:]
    return Gait(joints, stance(joints), tuple(marks), tuple(swinging), gait.speed)


def _best_stride(joints: FloatArray, passes: list[int]) -> tuple[int, int]:
    """Numbers of two passes of the same foot between which the pose comes back best."""
    pairs = [(a, b) for a in range(len(passes)) for b in range(a + 2, len(passes), 2)]

    def distance(pair: tuple[int, int]) -> float:
        one, other = joints[passes[pair[0]]], joints[passes[pair[1]]]
        return float(np.linalg.norm((one - one[PELVIS]) - (other - other[PELVIS]), axis=-1).mean())

    return min(pairs, key=distance)
