"""From folders to figures on mocap22: opens data set, bundle and judge, and runs a suite."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from segmo_core.data.folders import DataFolders
from segmo_core.data.mocap22 import Mocap22, load_mocap22
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.control.control_suite import ControlFigures, measure_control
from segmo_core.evaluation.judges.feature_extractor import SHIPPED_EVALUATOR, load_features
from segmo_core.evaluation.judges.trained_judge import trained_judge
from segmo_core.evaluation.measures.grounding_figures import GroundingFigures
from segmo_core.evaluation.samples.tested_bundle import SamplingChoices, TestedBundle, open_tested
from segmo_core.evaluation.suites.editing.edit_suite import EditCounts, EditFigures, measure_edits
from segmo_core.evaluation.suites.grounding_suite import measure_grounding
from segmo_core.evaluation.suites.grounding_ways import AlignedWay, GroundingWay, WholeMotionWay
from segmo_core.evaluation.suites.long_suite import LongFigures, measure_long
from segmo_core.evaluation.suites.movement_suite import MovementFigures, measure_movement
from segmo_core.evaluation.suites.segment_suite import SegmentFigures, SegmentSettings, measure_segments
from segmo_core.evaluation.suites.tokenizer_suite import TokenizerFigures, measure_tokenizer
from segmo_core.grounding.aligned_space import AlignedSpace
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.shipped import shipped_folder


@dataclass(frozen=True)
class MeasuringRequest:
    """What to measure, and with what. bundle: a folder. data: one or several. cache: folder for what is computed once.

    sampling: what differs from the bundle's own settings.
    """

    bundle: Path
    data: DataFolders
    cache: Path
    sampling: SamplingChoices = field(default_factory=SamplingChoices)
    device: str = "cpu"

    def open(self, progress: Progress) -> tuple[TestedBundle, Mocap22]:
        """SegmoError in one sentence for a bundle or data set that is not there. The bundle is looked at first."""
        tested = open_tested(self.bundle, self.device, self.sampling, ProgressPart(progress, 0.0, 0.1))
        return tested, load_mocap22(self.data, self.cache / "mocap22", ProgressPart(progress, 0.1, 1.0))


def run_segments(
    request: MeasuringRequest, settings: SegmentSettings, progress: Progress | None = None
) -> SegmentFigures:
    """See ``segment_suite.measure_segments``."""
    progress = progress or SilentProgress()
    tested, data = request.open(ProgressPart(progress, 0.0, 0.02))
    judge = trained_judge(data, request.cache, progress=ProgressPart(progress, 0.02, 0.1))
    return measure_segments(tested, data, judge, settings, ProgressPart(progress, 0.1, 1.0))


def run_grounding(
    request: MeasuringRequest, sequences: int, seed: int, split: str = "test", progress: Progress | None = None
) -> GroundingFigures:
    """See ``grounding_suite.measure_grounding``; the peers' way is that of the evaluator that ships with the project;
    beside it the paper's, in the bundle's own aligned space.

    InvalidRequestError for a bundle that cannot look for text.
    """
    progress = progress or SilentProgress()
    tested, data = request.open(ProgressPart(progress, 0.0, 0.05))
    if tested.grounder is None:
        raise InvalidRequestError(f"{request.bundle}: this bundle has no grounding head, so it cannot find text")
    part, peers = ProgressPart(progress, 0.05, 1.0), shipped_peers()
    if tested.bundle.masked_transformer.aligns_segments:
        peers.append(AlignedWay(AlignedSpace(tested.bundle, tested.text_encoder)))
    return measure_grounding(
        tested.name, tested.grounder, peers, data, sequences=sequences, split=split, seed=seed, progress=part
    )


def run_movement(
    request: MeasuringRequest, motions: int, seed: int, progress: Progress | None = None
) -> MovementFigures:
    """See ``movement_suite.measure_movement``."""
    progress = progress or SilentProgress()
    tested, data = request.open(ProgressPart(progress, 0.0, 0.05))
    return measure_movement(tested, data, motions=motions, seed=seed, progress=ProgressPart(progress, 0.05, 1.0))


def run_tokenizer(
    request: MeasuringRequest, limit: int | None, split: str, progress: Progress | None = None
) -> TokenizerFigures:
    """See ``tokenizer_suite.measure_tokenizer``."""
    progress = progress or SilentProgress()
    tested, data = request.open(ProgressPart(progress, 0.0, 0.05))
    return measure_tokenizer(tested, data, split=split, limit=limit, progress=ProgressPart(progress, 0.05, 1.0))


def run_control(request: MeasuringRequest, cases: int, seed: int, progress: Progress | None = None) -> ControlFigures:
    """See ``control_suite.measure_control``."""
    progress = progress or SilentProgress()
    tested, data = request.open(ProgressPart(progress, 0.0, 0.05))
    judge = trained_judge(data, request.cache, progress=ProgressPart(progress, 0.05, 0.2))
    return measure_control(tested, data, judge, cases=cases, seed=seed, progress=ProgressPart(progress, 0.2, 1.0))


def run_long(request: MeasuringRequest, motions: int, seed: int, progress: Progress | None = None) -> LongFigures:
    """See ``long_suite.measure_long``."""
    progress = progress or SilentProgress()
    tested, data = request.open(ProgressPart(progress, 0.0, 0.05))
    return measure_long(tested, data, motions=motions, seed=seed, progress=ProgressPart(progress, 0.05, 1.0))


def run_edits(
    request: MeasuringRequest, counts: EditCounts, seed: int, progress: Progress | None = None
) -> EditFigures:
    """See ``edit_suite.measure_edits``."""
    progress = progress or SilentProgress()
    tested, data = request.open(ProgressPart(progress, 0.0, 0.02))
    judge = trained_judge(data, request.cache, progress=ProgressPart(progress, 0.02, 0.1))
    return measure_edits(tested, data, judge, counts, seed, ProgressPart(progress, 0.1, 1.0))


def shipped_peers() -> list[GroundingWay]:
    """How others look for text in motion, to stand beside a bundle's own way."""
    return [WholeMotionWay(load_features(shipped_folder(SHIPPED_EVALUATOR)))]
