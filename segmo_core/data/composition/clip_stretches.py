"""Which stretch of a clip stands for its action, and how a stretch is held where the action is shorter.

Labels name whole clips, idle ends included. A stretch is therefore taken where most of the action happens: of a turn
the turning, of a bow the bow, of a walk any part, whichever continues best what was before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.composition.joining import LocalPoses, end_speed, hold
from segmo_core.data.mocap22 import Clip, Mocap22
from segmo_core.motion.features import HUMANML3D_LAYOUT, facing_direction
from segmo_core.motion.feet.foot_paths import runs
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]

_TURNING_WEIGHT = 0.4  # metres; a turn of one radian a second counts like joints moving 0.4 m/s
_TURN_ANGLE = 0.9  # radians; in a clip that turns farther than this the turn is what happens
_TURN_WEIGHT, _LIMBS_IN_TURN = 1.0, 0.1
_LONGEST_EVENT = 140  # frames
_IDLE_SHARE = 0.15  # of the lively frames' interest
_MARGIN = 4  # frames kept before and after the lively part
_ONE_SHOT = 0.62  # share of the interest in the best half of the clip from which on it is one event
_STARTS = 8
_GOOD_SHARE = 0.85
HOLDABLE_SPEED = 0.025  # metres a frame; a body faster than this cannot just stop
_STILL_SPEED = 0.08  # m/s
_HIGH_ENOUGH = 0.85  # metres of the pelvis above the floor
_PELVIS, _WRISTS = 0, [SMPL_JOINT_NAMES.index(f"{side}_wrist") for side in ("left", "right")]
_CHEST = SMPL_JOINT_NAMES.index("spine3")


@dataclass(frozen=True, eq=False)
class ClipInterest:
    """start, stop: the lively part. summed: (T + 1,) running sum of how much happens per frame. is_one_event: most
    of it happens in a part of the clip, which must then not be cut off."""

    start: int
    stop: int
    summed: FloatArray
    is_one_event: bool

    def shares(self, starts: NDArray[np.integer], length: int) -> FloatArray:
        """(K,) interest of the windows of ``length`` frames at ``starts`` (K,), against all of the clip."""
        return np.asarray((self.summed[starts + length] - self.summed[starts]) / max(self.summed[-1], 1e-9))


def interest_of(joints: FloatArray) -> ClipInterest:
    """Where something happens in joints (T, 22, 3) at 20 Hz: limbs moving about the pelvis, and turning."""
    local = joints - joints[:, :1]
    limbs = np.linalg.norm(np.diff(local, axis=0), axis=-1).mean(axis=1) * MODEL_FRAME_RATE
    facing = facing_direction(joints, HUMANML3D_LAYOUT)
    heading = np.unwrap(np.arctan2(facing[:, 0], facing[:, 2]))
    width = min(9, len(heading))
    smooth = np.convolve(np.pad(heading, width // 2, mode="edge"), np.ones(width) / width, mode="valid")[: len(heading)]
    turning = np.abs(np.diff(smooth)) * MODEL_FRAME_RATE
    if abs(smooth[-1] - smooth[0]) > _TURN_ANGLE:
        interest = np.concatenate([[0.0], _LIMBS_IN_TURN * limbs + _TURN_WEIGHT * turning])
    else:
        interest = np.concatenate([[0.0], limbs + _TURNING_WEIGHT * turning])
    lively = np.flatnonzero(interest > _IDLE_SHARE * np.percentile(interest, 90))
    start = max(int(lively[0]) - _MARGIN, 0) if len(lively) else 0
    stop = min(int(lively[-1]) + 1 + _MARGIN, len(joints)) if len(lively) else len(joints)
    summed = np.concatenate([[0.0], np.cumsum(interest)])
    half = max((stop - start) // 2, 1)
    best = (summed[start + half : stop + 1] - summed[start : stop + 1 - half]).max()
    is_one_event = stop - start <= _LONGEST_EVENT and best > _ONE_SHOT * (summed[stop] - summed[start])
    return ClipInterest(start, stop, summed, bool(is_one_event))


class StretchChooser:
    """Draws stretches of clips; remembers what it learned of each clip."""

    def __init__(self, data: Mocap22, shortest: int) -> None:
        self._data, self._shortest = data, shortest
        self._interest: dict[tuple[str, bool], ClipInterest] = {}
        self._poses: dict[tuple[str, bool], LocalPoses] = {}

    def interest(self, clip: Clip) -> ClipInterest:
        """That of a clip, computed once."""
        key = (clip.name, clip.mirrored)
        if key not in self._interest:
            self._interest[key] = interest_of(np.asarray(self._data.clip_joints(clip), dtype=np.float64))
        return self._interest[key]

    def poses(self, clip: Clip) -> LocalPoses:
        """Those of a clip, computed once."""
        key = (clip.name, clip.mirrored)
        if key not in self._poses:
            self._poses[key] = LocalPoses.of(np.asarray(self._data.clip_joints(clip), dtype=np.float64))
        return self._poses[key]

    def stretch(
        self, clip: Clip, limit: int, before: LocalPoses | None, generator: np.random.Generator
    ) -> tuple[float, FloatArray]:
        """(cost in metres of joining it to ``before``, joints (T, 22, 3)); at most ``limit`` frames, whole tokens."""
        interest = self.interest(clip)
        lively = interest.stop - interest.start
        wanted = int(generator.integers(self._shortest, limit + 1))
        if lively <= limit and generator.random() < 0.5:
            wanted = max(lively, self._shortest)
        if interest.is_one_event:
            wanted = max(wanted, min(limit, lively))
        wanted = whole_tokens(wanted)
        length = min(wanted, max(lively, min(self._shortest, clip.num_frames)))
        cost, start = self._start(clip, length, before, generator)
        stretch: FloatArray = np.asarray(self._data.clip_joints(clip)[start : start + length], dtype=np.float64)
        if len(stretch) < wanted and end_speed(stretch) < HOLDABLE_SPEED:
            stretch = hold(stretch, wanted - len(stretch))
        return cost, stretch[: max(whole_tokens(len(stretch)), FRAMES_PER_TOKEN)]

    def _start(
        self, clip: Clip, length: int, before: LocalPoses | None, generator: np.random.Generator
    ) -> tuple[float, int]:
        """(cost, first frame): among windows that hold nearly as much of the action as the best."""
        interest = self.interest(clip)
        first = min(interest.start, clip.num_frames - length)
        starts = np.arange(first, max(min(interest.stop, clip.num_frames) - length, first) + 1)
        shares = interest.shares(starts, length)
        starts = starts[shares >= (0.97 if interest.is_one_event else _GOOD_SHARE) * shares.max()]
        if before is None:
            return 0.0, int(generator.choice(starts))
        if len(starts) > _STARTS:
            starts = generator.choice(starts, size=_STARTS, replace=False)
        costs = before.join_distances(self.poses(clip), starts)
        best = int(np.argmin(costs))
        return float(costs[best]), int(starts[best])


def still_stretches(data: Mocap22, clips: Sequence[Clip], shortest: int) -> list[tuple[Clip, int, int]]:
    """(clip, start, stop) of every stretch of at least ``shortest`` frames in which somebody just stands, arms down."""
    found = []
    for clip in clips:
        joints = np.asarray(data.clip_joints(clip), dtype=np.float64)
        speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean(axis=1) * MODEL_FRAME_RATE
        is_still = (speed < _STILL_SPEED) & (joints[1:, _PELVIS, 1] > _HIGH_ENOUGH)
        is_still &= (joints[1:, _WRISTS, 1] < joints[1:, [_CHEST], 1] - 0.15).all(axis=1)
        found += [(clip, first, last + 1) for first, last in runs(is_still) if last + 1 - first >= shortest]
    return found


def whole_tokens(frames: int) -> int:
    """The largest whole number of tokens in ``frames``, in frames."""
    return frames // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
