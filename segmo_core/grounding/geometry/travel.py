"""Where a body goes: gait, speed, distance, direction, steps, turns, circles."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmo_core.grounding.geometry.body import ANKLES, FRAME_RATE, PELVIS, TOES, Body, smoothed
from segmo_core.grounding.geometry.verdict import Check, Verdict, asked, within

FloatArray = NDArray[np.floating]
Direction = Literal["forward", "backward", "left", "right"]

_MOVING = 0.15  # m/s
_LEAST_SWING = 0.1  # metres that a foot covers in a step


def steady_speed(body: Body) -> float:
    """m/s: the median over the frames that are faster than four tenths of the fast ones; starts and stops aside."""
    fast = float(np.percentile(body.speed, 90))
    moving = body.speed[body.speed >= max(_MOVING, 0.4 * fast)]
    return float(np.median(moving)) if len(moving) else 0.0


def distance(body: Body) -> float:
    """Metres along the path."""
    return float(np.linalg.norm(np.diff(body.path, axis=0), axis=-1).sum())


def direction_shares(body: Body) -> dict[Direction, float]:
    """Of the way, the share made to each side of the body; they sum to 1, or to 0 for who stays."""
    step = np.diff(body.path, axis=0)
    front, left = body.front_axis[:-1][:, [0, 2]], body.left_axis[:-1][:, [0, 2]]
    along, across = (step * front).sum(axis=-1), (step * left).sum(axis=-1)
    length = np.linalg.norm(step, axis=-1)
    total = float(length.sum())
    shares: dict[Direction, float] = {"forward": 0.0, "backward": 0.0, "left": 0.0, "right": 0.0}
    if total < 0.05:
        return shares
    sideways = np.abs(across) > np.abs(along)
    shares["forward"] = float(length[~sideways & (along >= 0)].sum()) / total
    shares["backward"] = float(length[~sideways & (along < 0)].sum()) / total
    shares["left"] = float(length[sideways & (across >= 0)].sum()) / total
    shares["right"] = float(length[sideways & (across < 0)].sum()) / total
    return shares


def travels(
    direction: Direction | None = "forward",
    speed: tuple[float | None, float | None] = (None, None),
    metres: tuple[float | None, float | None] = (0.7, None),
) -> Check:
    """Goes that way (at least six tenths of the way) at that steady speed (m/s), so far along the path."""

    def check(body: Body) -> Verdict:
        found, way = steady_speed(body), distance(body)
        told = f"{way:.1f} m at {found:.2f} m/s"
        if not within(*metres, way):
            return Verdict(False, f"{told}, {asked(*metres, ' m')}")
        if not within(*speed, found):
            return Verdict(False, f"{told}, {asked(*speed, ' m/s')}")
        if direction is not None:
            share = direction_shares(body)[direction]
            told = f"{told}, {100 * share:.0f} % {direction}"
            if share < 0.6:
                return Verdict(False, told)
        return Verdict(True, told)

    return check


def stays(radius: float = 0.6) -> Check:
    """Ends no further than that from where it began, and never leaves it by twice as much."""

    def check(body: Body) -> Verdict:
        offsets = np.linalg.norm(body.path - body.path[0], axis=-1)
        passed = offsets[-1] <= radius and offsets.max() <= 2 * radius
        return Verdict(bool(passed), f"{offsets.max():.2f} m from the start")

    return check


def is_still(speed: float = 0.35) -> Check:
    """No joint moves faster than that for most of the time, and the body stays."""

    def check(body: Body) -> Verdict:
        velocity = np.gradient(smoothed(body.joints, 1.0), axis=0) * FRAME_RATE
        fastest = float(np.percentile(np.linalg.norm(velocity, axis=-1).max(axis=1), 80))
        return Verdict(fastest <= speed and distance(body) < 0.4, f"fastest joint {fastest:.2f} m/s")

    return check


def count_steps(body: Body) -> tuple[int, int]:
    """Steps of the left and the right foot: a foot leaves its place, covers 10 cm or more or rises 6 cm, and is put
    down again."""
    counts = []
    for ankle, toe in zip(ANKLES, TOES, strict=True):
        place = smoothed((body.joints[:, ankle] + body.joints[:, toe]) / 2, 1.0)
        speed = np.linalg.norm(np.gradient(place, axis=0), axis=-1) * FRAME_RATE
        fast = max(0.25, 0.3 * float(np.percentile(speed, 90)))
        count, start = 0, None
        for frame, value in enumerate(speed):
            if start is None and value > 1.5 * fast:
                start = frame
            elif start is not None and value < fast:
                moved = float(np.linalg.norm((place[frame] - place[max(0, start - 2)])[[0, 2]]))
                rise = float(place[start : frame + 1, 1].max() - place[[start, frame], 1].min())
                count += moved >= _LEAST_SWING or rise >= 0.06
                start = None
        if start is not None and len(speed) - start >= 3:  # the last step ends with the motion
            moved = float(np.linalg.norm((place[-1] - place[max(0, start - 2)])[[0, 2]]))
            count += moved >= 2 * _LEAST_SWING
        counts.append(count)
    return counts[0], counts[1]


def steps(low: int, high: int | None = None) -> Check:
    """So many steps of both feet together."""

    def check(body: Body) -> Verdict:
        count = sum(count_steps(body))
        return Verdict(within(low, high, count), f"{count} steps, {asked(low, high)}")

    return check


def turn(body: Body) -> float:
    """Degrees that the body faces elsewhere at the end than at the start, to the left positive."""
    edge = min(3, body.num_frames // 2)
    return float(body.yaw[-edge:].mean() - body.yaw[:edge].mean())


def turns(low: float, high: float) -> Check:
    """Turns by so many degrees: to the left positive."""

    def check(body: Body) -> Verdict:
        found = turn(body)
        return Verdict(low <= found <= high, f"turns {found:+.0f} degrees, {asked(low, high)}")

    return check


def turns_either_way(low: float, high: float) -> Check:
    """Turns by so many degrees, no matter to which side."""

    def check(body: Body) -> Verdict:
        found = turn(body)
        return Verdict(low <= abs(found) <= high, f"turns {found:+.0f} degrees, asked {low:g} to {high:g}")

    return check


def path_turn(body: Body) -> float:
    """Degrees that the path bends altogether, to the left positive; the direction of travel where it moves."""
    step = np.diff(body.path, axis=0)
    moving = np.linalg.norm(step, axis=-1) * FRAME_RATE > _MOVING
    if moving.sum() < 6:
        return 0.0
    heading = np.degrees(np.unwrap(np.arctan2(step[moving][:, 0], step[moving][:, 1])))
    return float(heading[-1] - heading[0])


def circles(direction: Literal["left", "right"] | None = None, *, closed: bool = True) -> Check:
    """Walks a circle: the path bends by 270 to 450 degrees, and comes back within a third of its width."""

    def check(body: Body) -> Verdict:
        bend = path_turn(body)
        width = float(np.ptp(body.path, axis=0).max())
        gap = float(np.linalg.norm(body.path[-1] - body.path[0]))
        told = f"the path bends {bend:+.0f} degrees, {width:.1f} m wide, {gap:.1f} m apart at the ends"
        is_round = 270 <= abs(bend) <= 450 and width > 0.5
        right_way = direction is None or (bend > 0) == (direction == "left")
        return Verdict(is_round and right_way and (not closed or gap <= max(0.5, 0.34 * width)), told)

    return check


def zigzags(least: int = 2) -> Check:
    """The path bends to one side and the other: so many changes of at least 25 degrees each."""

    def check(body: Body) -> Verdict:
        step = np.diff(body.path, axis=0)
        moving = np.linalg.norm(step, axis=-1) * FRAME_RATE > _MOVING
        if moving.sum() < 8:
            return Verdict(False, "hardly moves")
        heading = smoothed(np.degrees(np.unwrap(np.arctan2(step[moving][:, 0], step[moving][:, 1]))), 2.0)
        count, extreme, side = 0, float(heading[0]), 0
        for value in heading.tolist():
            if side >= 0 and value < extreme - 25:
                count, side, extreme = count + 1, -1, value
            elif side <= 0 and value > extreme + 25:
                count, side, extreme = count + 1, 1, value
            extreme = max(extreme, value) if side >= 0 else min(extreme, value)
        return Verdict(count >= least, f"bends {count} times to another side")

    return check


def rises(low: float, high: float | None = None) -> Check:
    """The pelvis ends so much higher (metres) than it began; for stairs and getting up."""

    def check(body: Body) -> Verdict:
        edge = min(4, body.num_frames // 2)
        height = body.heights[:, PELVIS]
        found = float(height[-edge:].mean() - height[:edge].mean())
        return Verdict(within(low, high, found), f"the pelvis rises {found:+.2f} m")

    return check
