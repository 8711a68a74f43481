"""All suites of ``segmo evaluate`` in brief: the figures of a bundle's manifest and model card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from segmo_core.data.mocap22 import Mocap22
from segmo_core.evaluation.judges.action_classifier import TrainedClassifier
from segmo_core.evaluation.measures.grounding_figures import GroundingFigures
from segmo_core.evaluation.measures.tables import markdown
from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.evaluation.suites.figure_tables import grounding_tables, long_tables, movement_tables
from segmo_core.evaluation.suites.grounding_suite import calibrate, measure_grounding
from segmo_core.evaluation.suites.grounding_ways import GroundingWay
from segmo_core.evaluation.suites.long_suite import LongFigures, measure_long
from segmo_core.evaluation.suites.movement_suite import MovementFigures, measure_movement
from segmo_core.evaluation.suites.segment_suite import SegmentFigures, SegmentSettings, measure_segments
from segmo_core.evaluation.suites.segment_tables import segment_tables
from segmo_core.models.sampling_settings import GroundingCalibration
from segmo_core.progress import Progress, ProgressPart, SilentProgress

PROMPTS = 39  # of each number of segments: each of 13 actions three times as often as there are segments
SEQUENCES = 60
MOTIONS = 4


@dataclass(frozen=True)
class BundleReport:
    """grounding, calibration: None for bundles that cannot look for text."""

    segments: SegmentFigures
    movement: MovementFigures
    long: LongFigures
    grounding: GroundingFigures | None
    calibration: GroundingCalibration | None

    def values(self) -> dict[str, float]:
        """The figures for a manifest: plain numbers by name, with the ends of the most important intervals."""
        return {name: round(value, 4) for name, value in self._values()}

    def section(self) -> str:
        """The figures for a model card, Markdown."""
        tables = [*segment_tables(self.segments), *movement_tables(self.movement)]
        if self.grounding is not None:
            tables += grounding_tables(self.grounding)
        tables += long_tables(self.long)
        return f"## Measured on the test split\n\n{markdown(tables)}"

    def _values(self) -> Iterator[tuple[str, float]]:
        segments, movement = self.segments, self.movement
        yield "classifier_real_test_accuracy", segments.judge_accuracy["all"]
        counted = {str(count): row for count, row in segments.generated.by_count.items()}
        for name, row in {**counted, "all": segments.generated.overall}.items():
            yield f"recognised_{name}_segments", row.recognised.value
            yield f"recognised_{name}_segments_low", row.recognised.low
            yield f"recognised_{name}_segments_high", row.recognised.high
            yield f"order_errors_{name}_segments", row.order_errors.value
            yield f"missing_{name}_segments", row.missing.value
        yield "recognised_real_joined", segments.joined.overall.recognised.value
        if segments.generated.overall.wrong_side is not None:
            yield "wrong_side", segments.generated.overall.wrong_side.value
        boundaries = segments.boundaries
        if boundaries is not None and boundaries.generated is not None and boundaries.real is not None:
            yield "boundary_error_frames", boundaries.generated.error.value
            if boundaries.generated_recognised is not None:
                yield "boundary_error_recognised_frames", boundaries.generated_recognised.error.value
            yield "boundary_error_real_frames", boundaries.real.error.value
        yield "tokenizer_mpjpe_mm", movement.tokenizer_error
        yield "tokenizer_base_mpjpe_mm", movement.base_error
        for name, stages in (("skating", movement.overall.skating), ("jitter", movement.overall.jitter)):
            yield f"{name}_real", stages.real
            yield f"{name}_tokenizer", stages.tokenizer
            yield f"{name}_generated", stages.generated_cleaned
        yield "long_motion_seconds", self.long.seconds_taken
        for measure, found in self.long.discontinuities.items():
            key = measure.replace(" ", "_")
            yield f"{key}_inside_largest", found.inside_largest
            if found.joins_largest is not None:
                yield f"{key}_joins_largest", found.joins_largest
        if self.grounding is not None:
            own = self.grounding.ways[0]
            yield "grounding_recall_05", own.localisation.recall_05.value
            yield "grounding_recall_07", own.localisation.recall_07.value
            yield "grounding_mean_overlap", own.localisation.mean_overlap.value
            if own.absent_auroc is not None:
                yield "grounding_absent_auroc", own.absent_auroc
            if own.label_recall is not None:
                yield "motion_to_label_recall", own.label_recall.value


def measure_bundle(
    tested: TestedBundle,
    data: Mocap22,
    judge: TrainedClassifier,
    peers: Sequence[GroundingWay] = (),
    progress: Progress | None = None,
    *,
    prompts: int = PROMPTS,
    sequences: int = SEQUENCES,
    motions: int = MOTIONS,
) -> BundleReport:
    """All suites with fewer motions than their own defaults; the bundle's similarities are calibrated first."""
    progress = progress or SilentProgress()
    calibration = None
    if tested.grounder is not None:
        calibration = calibrate(tested.grounder, data, sequences=sequences)
        tested = tested.calibrated(calibration)
    segments = measure_segments(tested, data, judge, SegmentSettings(prompts), ProgressPart(progress, 0.05, 0.6))
    movement = measure_movement(tested, data, motions=motions, progress=ProgressPart(progress, 0.6, 0.75))
    long = measure_long(tested, data, motions=1, progress=ProgressPart(progress, 0.75, 0.8))
    grounding = None
    if tested.grounder is not None:
        part = ProgressPart(progress, 0.8, 1.0)
        grounding = measure_grounding(tested.name, tested.grounder, peers, data, sequences=sequences, progress=part)
    return BundleReport(segments, movement, long, grounding, calibration)
