"""Where the feet go when the body is moved: what stood still stands still, on the place that suits it now.

A foot that stands keeps one place and one direction for as long as it stands; between, while it swings, it goes from
one to the next along its own path, bent least. Where somebody who stood is moved, steps are put in.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.limbs import LEGS
from segmo_core.motion import rotations
from segmo_core.motion.feet.foot_contact import FootContactSettings, toe_contacts
from segmo_core.motion.feet.foot_paths import runs, swing_clearance
from segmo_core.motion.feet.least_squares import Bands

FloatArray = NDArray[np.floating]
BoolArray = NDArray[np.bool_]

_STANDS = 0.5
_LIFTED = 0.07  # metres above where toes rest, from which a foot that is held stands no more
_AROUND = 4  # frames before and after it
_REACH, _MORE = 0.5, 0.08  # metres over the floor from pelvis to a standing toe: at most, or so much more than it was
_TWISTED = 0.6  # radians that the body may turn over a standing foot
_SHORTEST, _STEPS_FROM = 3, 16  # frames of a stand, and of one in which steps are put in
_STRIDE, _STRIDE_OF_SPEED, _LONGEST_STRIDE = 0.35, 0.6, 1.4  # metres, metres for a m/s, metres
_TURN_STRIDE = 0.4  # metres of way that a radian of turning counts for
_SWINGS = ((0.05, 0.45), (0.55, 0.95))  # of a stride: while left and right are off the floor
_HELD, _FREE, _TAUT = 1e6, 1e-4, 0.05
_ONE_PLACE = 0.03  # metres


@dataclass
class FootHolds:
    """Toes that are to be somewhere, by side and frame: (3,) metres; and stretches in which a foot is to stand."""

    toes: tuple[dict[int, FloatArray], dict[int, FloatArray]] = field(default_factory=lambda: ({}, {}))
    planted: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class FeetGoals:
    """ankles, toes: (T, 2, 3) metres. stands: (T, 2)."""

    ankles: FloatArray
    toes: FloatArray
    stands: BoolArray


def standing(joints: FloatArray, frame_rate: float) -> tuple[BoolArray, float]:
    """(T, 2) whether the toes of joints (T, 22, 3) stand, and the height (m) at which they rest."""
    toes = joints[:, [leg[3] for leg in LEGS]].copy()
    rest = float(np.percentile(toes[..., 1], 5))
    toes[..., 1] -= rest
    if len(joints) < 3:
        return np.ones((len(joints), 2), dtype=np.bool_), rest
    return toe_contacts(toes, joints[:, 0], frame_rate, FootContactSettings()) > _STANDS, rest


def feet_goals(
    free: FloatArray, moved: FloatArray, turned: FloatArray, holds: FootHolds, frame_rate: float
) -> FeetGoals:
    """Feet for a body that was moved: joints (T, 22, 3) as they were and as they are, turned by (T,) radians."""
    stands, rest = standing(free, frame_rate)
    for side, first, last in holds.planted:
        stands[first : last + 1, side] = True
    for side in (0, 1):
        _lift_held(stands[:, side], holds.toes[side], rest)
    kept = [[(first, last + 1) for of, first, last in holds.planted if of == side] for side in (0, 1)]
    reach = [
        _Reach(free[:, LEGS[side][3]] - free[:, 0], moved[:, LEGS[side][3]], moved[:, 0], turned) for side in (0, 1)
    ]
    _put_in_steps(stands, reach, holds, kept, frame_rate)
    for side in (0, 1):
        _cut_short(stands[:, side], reach[side], holds.toes[side], kept[side])
    ankles, toes = np.empty((len(free), 2, 3)), np.empty((len(free), 2, 3))
    for side in (0, 1):
        ankle, toe = LEGS[side][2:]
        added, yaw = _added(
            _still(free[:, toe], kept[side], rest), moved[:, toe], turned, stands[:, side], holds.toes[side]
        )
        toes[:, side] = moved[:, toe] + added
        swing = swing_clearance(
            toes[:, side, 1] - rest, toes[:, side][:, [0, 2]], stands[:, side].astype(float), frame_rate
        )
        for frame in holds.toes[side]:
            swing[frame] = 0.0
        toes[:, side, 1] = np.maximum(toes[:, side, 1] + swing, min(rest, float(free[:, toe, 1].min())))
        turn = rotations.from_axis_angle(np.array([0.0, 1.0, 0.0]), yaw)
        ankles[:, side] = toes[:, side] + rotations.rotate(turn, moved[:, ankle] - moved[:, toe])
    return FeetGoals(ankles, toes, stands)


@dataclass(frozen=True, eq=False)
class _Reach:
    """Whether a foot can stay. own: (T, 3) from pelvis to toe, as it was. toe, pelvis (T, 3), turned (T,): now."""

    own: FloatArray
    toe: FloatArray
    pelvis: FloatArray
    turned: FloatArray

    def place(self, start: int, end: int, held: dict[int, FloatArray]) -> FloatArray:
        """(2,) where the foot stands from ``start`` to ``end``."""
        inside = [held[frame][[0, 2]] for frame in held if start <= frame < end]
        return np.asarray(np.mean(inside, axis=0) if inside else self.toe[start:end].mean(axis=0)[[0, 2]])

    def fits(self, start: int, end: int, place: FloatArray) -> BoolArray:
        """(end - start,) at which frames a foot at ``place`` can stand."""
        away = np.linalg.norm(self.pelvis[start:end][:, [0, 2]] - place, axis=-1)
        own = np.linalg.norm(self.own[start:end][:, [0, 2]], axis=-1)
        middle = self.turned[(start + end) // 2]
        return np.asarray(
            (away <= np.maximum(_REACH, own + _MORE)) & (np.abs(self.turned[start:end] - middle) <= _TWISTED)
        )


def _lift_held(stands: BoolArray, held: dict[int, FloatArray], rest: float) -> None:
    for frame, place in held.items():
        if place[1] > rest + _LIFTED:
            stands[max(frame - _AROUND, 0) : frame + _AROUND + 1] = False


def _put_in_steps(
    stands: BoolArray, reach: list[_Reach], holds: FootHolds, kept: list[list[tuple[int, int]]], frame_rate: float
) -> None:
    """Take the feet off the floor in turn where they stood and the body now goes, in strides that suit its speed."""
    from scipy.ndimage import gaussian_filter1d  # slow to import

    dragged = np.zeros(len(stands))
    for side in (0, 1):
        for start, end in runs(stands[:, side]):
            place = reach[side].place(start, end, holds.toes[side])
            if end - start < _STEPS_FROM or reach[side].fits(start, end, place).all():
                continue
            path = gaussian_filter1d(reach[side].toe[start:end][:, [0, 2]], 3.0, axis=0, mode="nearest")
            way = np.linalg.norm(np.gradient(path, axis=0), axis=-1)
            way += _TURN_STRIDE * np.abs(np.gradient(reach[side].turned[start:end]))
            dragged[start:end] = np.maximum(dragged[start:end], way)
    for start, end in runs(dragged > 0.0):
        speed = dragged[start:end] * frame_rate
        phase = np.cumsum(dragged[start:end] / np.minimum(_STRIDE + _STRIDE_OF_SPEED * speed, _LONGEST_STRIDE))
        phase *= max(round(2.0 * phase[-1]), 1) / 2.0 / phase[-1]
        for side, (off, on) in enumerate(_SWINGS):
            swings = (phase % 1.0 > off) & (phase % 1.0 < on)
            for first, last in kept[side]:
                swings[max(first - start, 0) : max(last - start, 0)] = False
            stands[start:end, side] &= ~swings


def _cut_short(stands: BoolArray, reach: _Reach, held: dict[int, FloatArray], kept: list[tuple[int, int]]) -> None:
    """End a stand where the leg would be torn off, and between two places it is held to."""
    for frame, other in itertools.pairwise(sorted(held)):
        if np.linalg.norm((held[frame] - held[other])[[0, 2]]) > _ONE_PLACE and stands[frame : other + 1].all():
            middle, half = (frame + other) // 2, max((other - frame) // 4, 1)
            stands[middle - half : middle + half + 1] = False
    for start, end in runs(stands):
        stays = next(((first, last) for first, last in kept if first < end and start < last), None)
        for _ in range(3):
            place = reach.place(*(stays or (start, end)), held)
            fits = reach.fits(start, end, place)
            if stays is not None:
                fits[max(stays[0] - start, 0) : stays[1] - start] = True
            if fits.all():
                break
            inside = [stays[0]] if stays else [frame for frame in held if start <= frame < end]
            nearest = (
                inside[0]
                if inside
                else start + int(np.linalg.norm(reach.pelvis[start:end][:, [0, 2]] - place, axis=-1).argmin())
            )
            longest = [(first, last) for first, last in runs(fits) if first <= nearest - start < last]
            new = (start + longest[0][0], start + longest[0][1]) if longest else (nearest, nearest)
            stands[start : new[0]] = False
            stands[new[1] : end] = False
            start, end = new
            if end - start < _SHORTEST:
                stands[start:end] = False
                break


def _still(toe: FloatArray, kept: list[tuple[int, int]], rest: float) -> FloatArray:
    """A toe (T, 3) that stays on the floor during the stretches ``kept``, where it is in the middle of each."""
    still = toe.copy()
    for first, last in kept:
        still[first:last] = toe[(first + last) // 2]
        still[first:last, 1] = rest
    return still


def _added(
    free: FloatArray, moved: FloatArray, turned: FloatArray, stands: BoolArray, held: dict[int, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """(T, 3) metres to add to a toe, and (T,) radians to turn its foot by."""
    wanted, known = np.zeros((len(free), 4)), np.zeros(len(free))
    for start, end in runs(stands):
        inside = [frame for frame in held if start <= frame < end]
        turn = turned[inside[0]] if inside else float(turned[start:end].mean())
        spin = rotations.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.array(turn))
        own = rotations.rotate(spin, free[start:end] - free[start:end].mean(axis=0))
        if inside:
            place = np.mean([held[frame] - own[frame - start] for frame in inside], axis=0)
        else:
            place = moved[start:end].mean(axis=0)
        toe = own + place
        if not inside:
            toe[:, 1] = free[start:end, 1]
        wanted[start:end, :3] = toe - moved[start:end]
        wanted[start:end, 3] = turn - turned[start:end]
        known[start:end] = _HELD
    for frame, place in held.items():
        wanted[frame] = [*(place - moved[frame]), 0.0]
        known[frame] = _HELD
    if len(free) < 3:
        return wanted[:, :3], wanted[:, 3]
    bands = Bands(len(free), width=2, columns=4)
    bands.add({0: 1.0}, _FREE)
    bands.add({0: 1.0, 1: -2.0, 2: 1.0}, 1.0)
    bands.add({0: -1.0, 1: 1.0}, _TAUT)
    bands.add({0: 1.0}, known, wanted)
    solved = bands.solve()
    return solved[:, :3], solved[:, 3]
