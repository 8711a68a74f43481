"""The way of the pelvis over the floor, bent, turned and stretched so that it passes where it is to be when.

Every step from frame to frame is turned and lengthened (what a walk does that goes elsewhere, its body turned with it),
and where that does not do, as in somebody who stands, something is added to it. All three change as little and as
smoothly as they can: nonlinear least squares over all frames (Gauss and Newton), the unknowns of neighbours alone
coupled. (Gleicher's motion paths, I3D 2001, bend one curve; Kim et al., SIGGRAPH 2009, deform paths like this in
space and time.)
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.targets import Targets

FloatArray = NDArray[np.floating]

_UNKNOWNS = 6  # log of the stretch, turn, added step x and z, place x and z
_STRETCH, _STRETCH_CHANGE = 0.6, 0.05  # what each costs 1 of: log of a factor, and from frame to frame
_TURN_CHANGE = 0.06  # radians from frame to frame
_ADDED, _ADDED_CHANGE = 0.008, 0.002  # metres a frame
_EXACT_STEP, _EXACT_PLACE, _EXACT_HEADING = 1e-6, 3e-4, 2e-3  # metres, metres, radians
_ALONG = 0.012  # metres that a swaying pelvis may be off a drawn path
_ROUNDS = 16
_LARGEST_CHANGE, _SMALLEST_CHANGE = 0.7, 1e-4  # radians, and logs of factors, in a round
_EASE = 5.0  # frames in which a stretch that words ask for sets in
_SOFT = 5.0  # frames of the Gaussian that makes the first guess smooth


@dataclass(frozen=True, eq=False)
class BentPath:
    """places: (T, 2) x and z. turns: (T,) radians that the body is turned to the left."""

    places: FloatArray
    turns: FloatArray


def bent_path(path: FloatArray, headings: FloatArray, targets: Targets) -> BentPath:
    """Path (T, 2) metres and headings (T,) radians of a motion -> what holds the root targets.

    The start keeps its place and heading unless frame 0 is a target.
    """
    own_turn, own_stretch = _of_stretches(path, headings, targets)
    if not targets.root and not targets.headings:
        return BentPath(_integrated(path, own_turn, own_stretch), own_turn)
    start, goals = _places(path, targets, own_turn, own_stretch)
    state = _first_guess(path, start, own_turn, own_stretch, goals)
    aims = {frame: _nearest_turn(angle - headings[frame], state[frame, 1]) for frame, angle in targets.headings.items()}
    if 0 not in aims:
        aims[0] = own_turn[0]
    own = np.stack([own_stretch, own_turn], axis=-1)
    for _ in range(_ROUNDS):
        change = _newton_step(path, state, own, goals, aims, targets.along)
        largest = float(np.abs(change[:, :2]).max())
        state = state + change * min(1.0, _LARGEST_CHANGE / max(largest, 1e-9))
        if largest < _SMALLEST_CHANGE:
            break
    exact = {frame: place for frame, place in goals.items() if frame not in targets.along}
    return BentPath(_exactly(state[:, 4:6], exact), state[:, 1])


def _of_stretches(path: FloatArray, headings: FloatArray, targets: Targets) -> tuple[FloatArray, FloatArray]:
    """(T,) turns and (T,) logs of stretching that distances and turns by number ask for."""
    count = len(path)
    turn, stretch = np.zeros(count), np.zeros(count)
    for first, last, wanted in targets.turns:
        missing = wanted - (headings[last] - headings[first])
        rate = np.abs(np.diff(headings[first : last + 1])) + 0.002
        share = np.concatenate([[0.0], np.cumsum(rate)]) / rate.sum()
        turn[first : last + 1] += missing * share
        turn[last + 1 :] += missing
    for first, last, metres in targets.distances:
        stretch[first:last] = _eased_stretch(np.linalg.norm(np.diff(path[first : last + 1], axis=0), axis=-1), metres)
    return turn, stretch


def _eased_stretch(steps: FloatArray, metres: float) -> FloatArray:
    """(K,) logs that make steps (K,) metres as long together as ``metres``; they set in and fade smoothly."""
    count = len(steps)
    edge = np.minimum(np.arange(count) + 0.5, count - np.arange(count) - 0.5) / min(_EASE, count / 2)
    ease = np.clip(edge, 0.0, 1.0) ** 2 * (3.0 - 2.0 * np.clip(edge, 0.0, 1.0))
    factor = 0.0
    for _ in range(30):  # Newton's method
        lengths = steps * np.exp(factor * ease)
        slope = float((lengths * ease).sum())
        factor += float(np.clip((max(metres, 0.02) - lengths.sum()) / max(slope, 1e-3), -1.0, 1.0))
    stretch: FloatArray = factor * ease
    return stretch


def _integrated(path: FloatArray, turn: FloatArray, stretch: FloatArray) -> FloatArray:
    steps = _turned(np.diff(path, axis=0), turn[:-1]) * np.exp(stretch[:-1, None])
    return np.concatenate([path[:1], path[0] + np.cumsum(steps, axis=0)])


def _places(
    path: FloatArray, targets: Targets, turn: FloatArray, stretch: FloatArray
) -> tuple[FloatArray, dict[int, FloatArray]]:
    """Where the way starts, and the places by frame; frame 0 is always one."""
    goals = {frame: np.array(place) for frame, place in sorted(targets.root.items())}
    goals.setdefault(0, path[0])
    return goals[0], goals


def _first_guess(
    path: FloatArray, start: FloatArray, turn: FloatArray, stretch: FloatArray, goals: dict[int, FloatArray]
) -> FloatArray:
    """(T, 6): turned and stretched as the chords between the targets are against those of the motion."""
    from scipy.ndimage import gaussian_filter1d  # slow to import

    count = len(path)
    base = _integrated(path, turn, stretch)
    frames = np.array(sorted(goals))
    moved = np.array([goals[frame] for frame in frames.tolist()]) - base[frames]
    carried = np.stack([np.interp(np.arange(count), frames, moved[:, axis]) for axis in (0, 1)], axis=-1)
    wanted = base + carried
    span = np.clip(np.stack([np.arange(count) - 8, np.arange(count) + 8]), 0, count - 1)
    old, new = base[span[1]] - base[span[0]], wanted[span[1]] - wanted[span[0]]
    sure = np.minimum(np.linalg.norm(old, axis=-1), np.linalg.norm(new, axis=-1)) > 0.08
    if sure.any():
        angle = np.arctan2(new[:, 0], new[:, 1]) - np.arctan2(old[:, 0], old[:, 1])
        angle = np.unwrap(np.angle(np.exp(1j * angle[sure])))
        ratio = np.log(np.linalg.norm(new[sure], axis=-1) / np.linalg.norm(old[sure], axis=-1))
        at = np.flatnonzero(sure)
        turn = turn + gaussian_filter1d(np.interp(np.arange(count), at, angle), _SOFT, mode="nearest")
        stretch = stretch + gaussian_filter1d(np.interp(np.arange(count), at, np.clip(ratio, -1, 1)), _SOFT)
    steps = _turned(np.diff(path, axis=0), turn[:-1]) * np.exp(stretch[:-1, None])
    places = np.concatenate([start[None], start + np.cumsum(steps, axis=0)])
    return np.concatenate([stretch[:, None], turn[:, None], np.zeros((count, 2)), places], axis=-1)


def _newton_step(
    path: FloatArray,
    state: FloatArray,
    own: FloatArray,
    goals: dict[int, FloatArray],
    aims: dict[int, float],
    along: Collection[int],
) -> FloatArray:
    """The change (T, 6) of the state that is best to first order."""
    from scipy.linalg import solveh_banded  # slow to import

    count, size = len(state), _UNKNOWNS
    rows = _Rows(count)
    steps = _turned(np.diff(path, axis=0), state[:-1, 1]) * np.exp(state[:-1, :1])
    across = np.stack([steps[:, 1], -steps[:, 0]], axis=-1)  # how a step changes with its turn: x by z, z by -x
    for axis in (0, 1):
        missing = state[1:, 4 + axis] - state[:-1, 4 + axis] - steps[:, axis] - state[:-1, 2 + axis]
        terms: list[_Term] = [
            (1, 4 + axis, 1.0),
            (0, 4 + axis, -1.0),
            (0, 0, -steps[:, axis]),
            (0, 1, -across[:, axis]),
            (0, 2 + axis, -1.0),
        ]
        rows.add(np.arange(count - 1), terms, missing, 1.0 / _EXACT_STEP)
        rows.add(np.arange(count), [(0, 2 + axis, 1.0)], state[:, 2 + axis], 1.0 / _ADDED)
        rows.add(np.arange(count - 1), [(1, 2 + axis, 1.0), (0, 2 + axis, -1.0)], np.diff(state[:, 2 + axis]),
                 1.0 / _ADDED_CHANGE)  # fmt: skip
        at = np.array(sorted(goals))
        off = state[at, 4 + axis] - np.array([goals[frame][axis] for frame in at.tolist()])
        near = np.where([frame in along for frame in at.tolist()], 1.0 / _ALONG, 1.0 / _EXACT_PLACE)
        rows.add(at, [(0, 4 + axis, 1.0)], off, near)
    apart = state[:, :2] - own
    rows.add(np.arange(count), [(0, 0, 1.0)], apart[:, 0], 1.0 / _STRETCH)
    rows.add(np.arange(count), [(0, 1, 1.0)], np.zeros(count), 1e-3)
    for column, cost in ((0, _STRETCH_CHANGE), (1, _TURN_CHANGE)):
        rows.add(np.arange(count - 1), [(1, column, 1.0), (0, column, -1.0)], np.diff(apart[:, column]), 1.0 / cost)
    at = np.array(sorted(aims))
    off = state[at, 1] - np.array([aims[frame] for frame in at.tolist()])
    rows.add(at, [(0, 1, 1.0)], off, 1.0 / _EXACT_HEADING)
    solved = solveh_banded(rows.matrix, rows.right, lower=True, check_finite=False)
    return np.asarray(solved).reshape(count, size)


_Term = tuple[int, int, FloatArray | float]


class _Rows:
    """Normal equations of rows over the unknowns of a frame and the next."""

    def __init__(self, count: int) -> None:
        self.matrix = np.zeros((2 * _UNKNOWNS, count * _UNKNOWNS))
        self.right = np.zeros(count * _UNKNOWNS)

    def add(
        self,
        frames: NDArray[np.integer],
        terms: list[_Term],
        residual: FloatArray,
        weight: FloatArray | float,
    ) -> None:
        """Rows: the sum of coefficient times change of (frame + offset, column) takes ``residual`` away."""
        squared = np.broadcast_to(np.asarray(weight, dtype=np.float64) ** 2, frames.shape)
        for offset, column, coefficient in terms:
            place = (frames + offset) * _UNKNOWNS + column
            np.add.at(self.right, place, -squared * coefficient * residual)
            for other_offset, other_column, other in terms:
                below = (frames + other_offset) * _UNKNOWNS + other_column - place
                lower = below >= 0
                values = np.broadcast_to(squared * np.asarray(coefficient) * np.asarray(other), place.shape)
                np.add.at(self.matrix, (below[lower], place[lower]), values[lower])


def _exactly(places: FloatArray, goals: dict[int, FloatArray]) -> FloatArray:
    """Places (T, 2) moved by the fractions of a millimetre that are missing."""
    if not goals:
        return places
    frames = np.array(sorted(goals))
    off = np.array([goals[frame] for frame in frames.tolist()]) - places[frames]
    every = np.arange(len(places))
    return np.asarray(places + np.stack([np.interp(every, frames, off[:, axis]) for axis in (0, 1)], axis=-1))


def _turned(steps: FloatArray, angles: FloatArray) -> FloatArray:
    """Steps (T, 2), x and z, turned from +Z towards +X."""
    cosine, sine = np.cos(angles), np.sin(angles)
    return np.stack([cosine * steps[:, 0] + sine * steps[:, 1], cosine * steps[:, 1] - sine * steps[:, 0]], axis=-1)


def _nearest_turn(angle: float, near: float) -> float:
    """``angle`` plus whole turns, as near to ``near`` as can be."""
    return float(angle + 2 * np.pi * round((near - angle) / (2 * np.pi)))
