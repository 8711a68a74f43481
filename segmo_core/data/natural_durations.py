"""How long the act in a recorded clip takes: idle ends trimmed, cycles and turns found in the motion itself.

A clip is labelled as a whole, but it begins and ends with waiting, and whoever was recorded walking could have stopped
sooner. So a clip stands not for one length but for all those at which its act is complete: from one cycle (of a
motion that repeats itself) or the lively part (of one that does not) to the whole active stretch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.motion.features import HUMANML3D_LAYOUT, facing_direction
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE, WINDOW_SECONDS

FloatArray = NDArray[np.floating]

# Recordings that are as long as this were cut or go on and on; nobody says with them when the act is over.
_ONGOING_SECONDS = WINDOW_SECONDS - 0.05
_SMOOTHED_FRAMES = 5
_ACTIVE_SHARE, _ACTIVE_SPEED = 0.12, 0.1  # of the fast moments of the clip; m/s
_LIVELY_SHARE = 0.35
_STILL_SPEED = 0.25  # m/s: slower clips hold a pose, which a moment is enough for
_MOMENT_SECONDS = 1.0
_SHORTEST_CYCLE_SECONDS, _LONGEST_CYCLE_SECONDS = 0.3, 4.0
_CYCLIC = 0.35  # correlation of the motion with itself, one cycle later
_AFTER_DIP = 0.2
_RESTING_SHARE = 0.3  # of the fast moments
_AWAY, _BACK = 0.6, 0.3  # of the farthest from the first pose
_TURN = math.radians(45.0)
_TURNED_SHARES = (0.1, 0.9)


@dataclass(frozen=True)
class NaturalDuration:
    """Seconds. once: the act one time. core: what it cannot do without. whole: as long as it was kept up without a
    rest. begin, end: the active frames of the clip, half-open.
    """

    once: float
    core: float
    whole: float
    begin: int
    end: int

    def lengths(self, count: int) -> FloatArray:
        """(count,) seconds at which the act is complete, evenly spread."""
        return self.core + (np.arange(count) + 0.5) / count * (self.whole - self.core)


def natural_duration(joints: FloatArray) -> NaturalDuration:
    """The duration of the act in joints (T, 22, 3), metres at 20 Hz, T at least 8."""
    speed = _speed(joints)
    begin, end = _active_stretch(speed)
    active = joints[begin:end]
    seconds = len(active) / MODEL_FRAME_RATE
    whole = min(seconds, WINDOW_SECONDS)
    if float(np.quantile(speed, 0.95)) < _STILL_SPEED:
        whole = min(len(joints) / MODEL_FRAME_RATE, WINDOW_SECONDS)
        moment = min(_MOMENT_SECONDS, whole)
        return NaturalDuration(moment, moment, whole, 0, len(joints))
    cycle, likeness = _cycle(active)
    if likeness < _CYCLIC and seconds < _ONGOING_SECONDS:
        speed = speed[begin : end - 1]
        once = _first_repetition(active, speed) or whole
        return NaturalDuration(once, _core_seconds(speed[: round(once * MODEL_FRAME_RATE)]), once, begin, end)
    turning = _turning_seconds(active) if seconds < _ONGOING_SECONDS else 0.0
    once = max(cycle, turning) or _LONGEST_CYCLE_SECONDS
    return NaturalDuration(once, once, whole, begin, end)


def _speed(joints: FloatArray) -> FloatArray:
    """(T - 1,) m/s of the two fastest joints, smoothed: a waving hand counts although the body stands."""
    speeds = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * MODEL_FRAME_RATE
    fastest = np.sort(speeds, axis=1)[:, -2:].mean(axis=1)
    half = _SMOOTHED_FRAMES // 2
    return np.convolve(np.pad(fastest, half, mode="edge"), np.full(_SMOOTHED_FRAMES, 1 / _SMOOTHED_FRAMES), "valid")


def _active_stretch(speed: FloatArray) -> tuple[int, int]:
    """First and last frame (half-open) between which something happens."""
    threshold = max(_ACTIVE_SPEED, _ACTIVE_SHARE * float(np.quantile(speed, 0.95)))
    moving = np.flatnonzero(speed > threshold)
    if len(moving) < 8:
        return 0, len(speed) + 1
    return int(moving[0]), int(moving[-1]) + 2


def _core_seconds(speed: FloatArray) -> float:
    """From the first lively moment to the last: without shifting the weight before, and settling afterwards."""
    lively = np.flatnonzero(speed > _LIVELY_SHARE * float(np.quantile(speed, 0.95)))
    return (int(lively[-1]) - int(lively[0]) + 2) / MODEL_FRAME_RATE


def _cycle(joints: FloatArray) -> tuple[float, float]:
    """Seconds after which the motion is most like itself again, and its correlation with itself then; 0 for none."""
    velocities = np.diff(_facing_forward(joints).reshape(len(joints), -1), axis=0)
    num_frames = len(velocities)
    longest = min(num_frames // 2, round(_LONGEST_CYCLE_SECONDS * MODEL_FRAME_RATE))
    likeness = np.array([_correlation(velocities[: num_frames - lag], velocities[lag:]) for lag in range(longest + 1)])
    dips = np.flatnonzero(likeness < _AFTER_DIP)
    if not len(dips):
        return 0.0, 0.0
    first = max(int(dips[0]) + 1, round(_SHORTEST_CYCLE_SECONDS * MODEL_FRAME_RATE))
    tops = (k for k in range(first, len(likeness) - 1) if likeness[k] >= max(likeness[k - 1], likeness[k + 1]))
    peaks = [k for k in tops if likeness[k] > 0]
    if not peaks:
        return 0.0, 0.0
    highest = max(likeness[k] for k in peaks)
    lag = next(k for k in peaks if likeness[k] >= 0.9 * highest)  # not two cycles where one is as good
    return lag / MODEL_FRAME_RATE, float(likeness[lag])


def _first_repetition(joints: FloatArray, speed: FloatArray) -> float:
    """Seconds until the body comes to rest near the pose it started from, where it leaves that again as far as before.

    A kick, a rest and another kick are two acts; a bow that is held is one. 0 where the act is done but once.
    """
    poses = _facing_forward(joints)
    away = np.linalg.norm(poses - poses[:1], axis=-1).mean(axis=1)
    away /= max(float(away.max()), 1e-6)
    is_resting = np.append(speed, speed[-1]) < _RESTING_SHARE * float(np.quantile(speed, 0.95))
    left = np.flatnonzero(away > _AWAY)
    if not len(left):
        return 0.0
    back = np.flatnonzero(is_resting & (away < _BACK) & (np.arange(len(away)) > left[0]))
    if not len(back) or away[back[0] :].max() < _AWAY:
        return 0.0
    return int(back[0]) / MODEL_FRAME_RATE


def _correlation(first: FloatArray, second: FloatArray) -> float:
    norm = math.sqrt(float((first * first).sum()) * float((second * second).sum()))
    return float((first * second).sum()) / norm if norm > 0 else 0.0


def _turning_seconds(joints: FloatArray) -> float:
    """How long most of a turn of the body takes; 0 where it does not turn by 45 degrees or more."""
    heading = _headings(joints)
    turned = (heading - heading[0]) / (heading[-1] - heading[0] or 1.0)
    if abs(heading[-1] - heading[0]) < _TURN:
        return 0.0
    early, late = _TURNED_SHARES
    begin = int(np.flatnonzero(turned <= early)[-1])
    end = begin + int(np.flatnonzero(turned[begin:] >= late)[0])
    return (end - begin) / MODEL_FRAME_RATE


def _headings(joints: FloatArray) -> FloatArray:
    """(T,) radians about the vertical, without jumps."""
    facing = facing_direction(joints, HUMANML3D_LAYOUT)
    return np.unwrap(np.arctan2(facing[:, 0], facing[:, 2]))


def _facing_forward(joints: FloatArray) -> FloatArray:
    """(T, J, 3) every pose over the origin and facing +Z."""
    grounded = joints - joints[:, :1] * np.array([1.0, 0.0, 1.0])
    turn = rotations.from_axis_angle(np.array([0.0, 1.0, 0.0]), -_headings(joints))
    return rotations.rotate(turn[:, None], grounded)
