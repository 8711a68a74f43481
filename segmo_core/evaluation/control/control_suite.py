"""How exactly generated motions hold constraints of recorded clips, and what that costs them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.solver import at_origin, hold_constraints
from segmo_core.control.targets import targets_of
from segmo_core.data.mocap22 import Mocap22
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.control.control_cases import KINDS, ControlCase, Kind, draw_cases
from segmo_core.evaluation.judges.action_classifier import TrainedClassifier
from segmo_core.evaluation.measures.intervals import Share
from segmo_core.evaluation.measures.tables import Table, percent
from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.generation.request import GenerationRequest
from segmo_core.motion.motion import Motion
from segmo_core.motion.motion_quality import foot_skating, jitter
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

CASES = 128
_SIX_SECONDS = 120  # frames


@dataclass(frozen=True)
class Errors:
    """Centimetres. count: of single errors; mean, p95, largest None where there are none."""

    count: int
    mean: float | None = None
    p95: float | None = None
    largest: float | None = None

    @classmethod
    def of(cls, metres: Sequence[float]) -> Errors:
        if not metres:
            return cls(0)
        found = 100.0 * np.array(metres)
        return cls(len(found), float(found.mean()), float(np.percentile(found, 95)), float(found.max()))


@dataclass(frozen=True)
class KindFigures:
    """One kind of constraint, or all. missed: how far they are off. free_missed: the same without holding them.

    seconds: that holding them took, for six seconds of motion: median and largest. free, held: recognised by the judge.
    acceleration: m/s^2, free and held. skating: m/s, free and held.
    """

    cases: int
    missed: Errors
    free_missed: Errors
    seconds: tuple[float, float]
    free: Share
    held: Share
    acceleration: tuple[float, float]
    skating: tuple[float, float]


@dataclass(frozen=True)
class ControlFigures:
    """by_kind: the kinds of constraints; overall: all cases."""

    bundle: str
    by_kind: dict[str, KindFigures]
    overall: KindFigures


@dataclass(frozen=True, eq=False)
class _Held:
    kind: Kind
    missed: list[float]
    free_missed: list[float]
    seconds: float
    free: Motion
    held: Motion
    action: int


def measure_control(
    tested: TestedBundle,
    data: Mocap22,
    judge: TrainedClassifier,
    *,
    cases: int = CASES,
    seed: int = 0,
    progress: Progress | None = None,
) -> ControlFigures:
    """``cases`` of clips of the test split: one motion each, as it is made, and held to the clip's constraints."""
    if cases < len(KINDS):
        raise InvalidRequestError(f"cases: {cases}, expected at least {len(KINDS)}")
    progress = progress or SilentProgress()
    found = []
    for number, case in enumerate(draw_cases(data, cases, seed)):
        progress.raise_if_cancelled()
        progress.report(number / cases, case.kind)
        found.append(_held(tested, case))
    return ControlFigures(
        tested.name,
        {kind: _figures([one for one in found if one.kind == kind], judge) for kind in KINDS},
        _figures(found, judge),
    )


def missed_by(motion: Motion, case: ControlCase) -> list[float]:
    """Metres that a motion from the origin is off: the pelvis over the floor, all joints of a pose, or pinned ones."""
    joints = motion.joint_positions.astype(np.float64)
    targets = targets_of(case.constraints, joints[:, 0][:, [0, 2]], motion.frame_rate)
    off = []
    if case.kind in ("waypoints", "path"):
        off += [float(np.hypot(*(joints[frame, 0, [0, 2]] - place))) for frame, place in targets.root.items()]
    for frame, pose in targets.bodies.items():
        off.append(float(np.linalg.norm(joints[frame] - pose, axis=-1).mean()))
    for joint, frames in targets.pins.items():
        off += [float(np.linalg.norm(joints[frame, joint] - place)) for frame, place in frames.items()]
    return off


def control_tables(figures: ControlFigures) -> list[Table]:
    """What was measured, as tables."""
    rows = {**figures.by_kind, "all": figures.overall}
    return [
        Table(
            f"How far constraints are missed: {figures.bundle}",
            ("Constraints of", "Cases", "Without, cm", "Mean, cm", "95 % below, cm", "Largest, cm", "Seconds for 6 s"),
            tuple(
                (
                    name,
                    str(row.cases),
                    _number(row.free_missed.mean, 0),
                    _number(row.missed.mean, 2),
                    _number(row.missed.p95, 2),
                    _number(row.missed.largest, 2),
                    f"{row.seconds[0]:.2f} (at most {row.seconds[1]:.2f})",
                )
                for name, row in rows.items()
            ),
        ),
        Table(
            f"What constraints cost: {figures.bundle}",
            ("Constraints of", "Recognised free", "Recognised held", "Acceleration, m/s2", "Skating, m/s"),
            tuple(
                (
                    name,
                    percent(row.free),
                    percent(row.held),
                    f"{row.acceleration[0]:.2f} to {row.acceleration[1]:.2f}",
                    f"{row.skating[0]:.3f} to {row.skating[1]:.3f}",
                )
                for name, row in rows.items()
            ),
        ),
    ]


def _held(tested: TestedBundle, case: ControlCase) -> _Held:
    track = SegmentTrack.from_durations([case.text], [case.recorded.num_frames])
    result = tested.make(GenerationRequest(case.text, track, case.seed))[0]
    free = at_origin(result.motion)
    started = time.perf_counter()
    held = hold_constraints(free, case.constraints)
    seconds = (time.perf_counter() - started) * _SIX_SECONDS / free.num_frames
    return _Held(case.kind, missed_by(held, case), missed_by(free, case), seconds, free, held, case.action)


def _figures(found: Sequence[_Held], judge: TrainedClassifier) -> KindFigures:
    def recognised(motions: list[Motion]) -> Share:
        seen = judge.predict([motion.joint_positions for motion in motions])
        return Share.counted(sum(int(a == one.action) for a, one in zip(seen, found, strict=True)), len(found))

    def means(motions: list[Motion]) -> tuple[float, float]:
        return (
            float(np.mean([jitter(motion.joint_positions, motion.frame_rate) for motion in motions])),
            float(np.mean([foot_skating(motion.joint_positions, motion.frame_rate) for motion in motions])),
        )

    free, held = [one.free for one in found], [one.held for one in found]
    (free_jitter, free_skate), (held_jitter, held_skate) = means(free), means(held)
    taken = [one.seconds for one in found]
    return KindFigures(
        cases=len(found),
        missed=Errors.of([each for one in found for each in one.missed]),
        free_missed=Errors.of([each for one in found for each in one.free_missed]),
        seconds=(float(np.median(taken)), float(np.max(taken))),
        free=recognised(free),
        held=recognised(held),
        acceleration=(free_jitter, held_jitter),
        skating=(free_skate, held_skate),
    )


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
