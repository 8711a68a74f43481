"""The suites of ``segmo evaluate`` on mocap22: from the options of the command to figures and their tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from segmo_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from segmo_core.evaluation.measures.tables import Table
    from segmo_core.evaluation.suites.measuring import MeasuringRequest
    from segmo_core.progress import Progress

MocapSuite = Literal["segments", "grounding", "movement", "long"]


@dataclass(frozen=True)
class SuiteOptions:
    """As given to the command. limit, timing: None takes the suite's own."""

    limit: int | None
    seed: int
    split: str
    timing: Literal["even", "true", "none"] | None
    counts: str
    candidates: int
    repair: bool


def run_suite(
    suite: MocapSuite, measuring: MeasuringRequest, options: SuiteOptions, progress: Progress
) -> tuple[Any, list[Table]]:
    """Figures (a dataclass) and their tables."""
    if suite == "segments":
        return _segments(measuring, options, progress)
    if suite == "grounding":
        return _grounding(measuring, options, progress)
    if suite == "movement":
        return _movement(measuring, options, progress)
    return _long(measuring, options, progress)


def _segments(measuring: MeasuringRequest, options: SuiteOptions, progress: Progress) -> tuple[Any, list[Table]]:
    from segmo_core.evaluation.suites.measuring import run_segments
    from segmo_core.evaluation.suites.segment_suite import PROMPTS, SegmentSettings
    from segmo_core.evaluation.suites.segment_tables import segment_tables

    settings = SegmentSettings(
        prompts=PROMPTS if options.limit is None else options.limit,
        counts=_numbers(options.counts),
        candidates=options.candidates,
        repaired=options.repair,
        timing=options.timing or "true",
        seed=options.seed,
    )
    figures = run_segments(measuring, settings, progress)
    return figures, segment_tables(figures)


def _grounding(measuring: MeasuringRequest, options: SuiteOptions, progress: Progress) -> tuple[Any, list[Table]]:
    from segmo_core.evaluation.suites.figure_tables import grounding_tables
    from segmo_core.evaluation.suites.grounding_suite import SEQUENCES
    from segmo_core.evaluation.suites.measuring import run_grounding

    sequences = SEQUENCES if options.limit is None else options.limit
    figures = run_grounding(measuring, sequences, options.seed, options.split, progress)
    return figures, grounding_tables(figures)


def _movement(measuring: MeasuringRequest, options: SuiteOptions, progress: Progress) -> tuple[Any, list[Table]]:
    from segmo_core.evaluation.suites.figure_tables import movement_tables
    from segmo_core.evaluation.suites.measuring import run_movement
    from segmo_core.evaluation.suites.movement_suite import MOTIONS

    motions = MOTIONS if options.limit is None else options.limit
    figures = run_movement(measuring, motions, options.seed, progress)
    return figures, movement_tables(figures)


def _long(measuring: MeasuringRequest, options: SuiteOptions, progress: Progress) -> tuple[Any, list[Table]]:
    from segmo_core.evaluation.suites.figure_tables import long_tables
    from segmo_core.evaluation.suites.long_suite import MOTIONS
    from segmo_core.evaluation.suites.measuring import run_long

    motions = MOTIONS if options.limit is None else options.limit
    figures = run_long(measuring, motions, options.seed, progress)
    return figures, long_tables(figures)


def _numbers(counts: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in counts.split(","))
    except ValueError:
        raise InvalidRequestError(
            f"counts: {counts!r}, expected numbers separated by commas, such as 1,2,3,4"
        ) from None
