"""Does a bundle do what the segments of its prompts say, in order and at their places?

Every segment is judged by a classifier that was trained on real clips; the same is done for real test clips joined at
known boundaries, which is the most that can be asked for. Boundaries are looked for again without being told.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.mocap22 import Mocap22
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.judges.action_classifier import CLASS_NAMES, MAX_FRAMES, TrainedClassifier, accuracy_on_clips
from segmo_core.evaluation.measures.boundary_figures import BoundaryFigures, boundary_errors, boundary_figures
from segmo_core.evaluation.samples.bundle_sampler import TIMINGS, Timing
from segmo_core.evaluation.samples.joined_clips import joined_by_class
from segmo_core.evaluation.samples.segment_prompts import MAX_ACTIONS, SegmentPrompt, draw_prompts
from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.evaluation.suites.segment_recognition import RecognitionFigures, Sighting, recognition_figures
from segmo_core.generation.request import GenerationRequest
from segmo_core.grounding.track_alignment import align_track
from segmo_core.models.sampling_settings import SamplingSettings
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.segmentation.motion_uniform import UniformSegmenter
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

PROMPTS = 65  # of each number of segments: every one of 13 actions five times as often as there are segments


@dataclass(frozen=True)
class SegmentSettings:
    """prompts: of each number of segments in ``counts``. candidates, repaired: as in ``segmo generate``.

    timing: what a model that can be told boundaries is told: "true" ones, as asked; "even" ones; "none". Segments are
    always judged at the asked boundaries.
    """

    prompts: int = PROMPTS
    counts: tuple[int, ...] = (1, 2, 3, 4)
    candidates: int = 1
    repaired: bool = False
    timing: Timing = "true"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.prompts < 1:
            raise InvalidRequestError(f"prompts: {self.prompts}, expected at least 1")
        if not self.counts or any(not 1 <= count <= MAX_ACTIONS for count in self.counts):
            raise InvalidRequestError(f"segments: {list(self.counts)}, expected numbers from 1 to {MAX_ACTIONS}")
        if self.candidates < 1:
            raise InvalidRequestError(f"candidates: {self.candidates}, expected at least 1")
        if self.timing not in TIMINGS:
            raise InvalidRequestError(f"timing: {self.timing!r}, expected one of {', '.join(TIMINGS)}")


@dataclass(frozen=True)
class SegmentFigures:
    """judge_accuracy: share of whole real test clips that the judge recognises, over all ("all") and by class.

    generated, joined: of generated motions, and of real test clips joined and cut at the known boundaries.
    boundaries: None for bundles that cannot look for text. sampling: as generated with. can_be_timed: whether the
    model can be told boundaries at all.
    """

    bundle: str
    settings: SegmentSettings
    sampling: SamplingSettings
    can_be_timed: bool
    judge_accuracy: dict[str, float]
    generated: RecognitionFigures
    joined: RecognitionFigures
    boundaries: BoundaryFigures | None
    notices: tuple[str, ...] = ()


def measure_segments(
    tested: TestedBundle,
    data: Mocap22,
    judge: TrainedClassifier,
    settings: SegmentSettings | None = None,
    progress: Progress | None = None,
) -> SegmentFigures:
    """Generate the prompts and judge them; real test clips beside."""
    settings, progress = settings or SegmentSettings(), progress or SilentProgress()
    notices = _notices(tested, settings)
    if tested.grounder is None:
        settings = replace(settings, candidates=1, repaired=False)
    accuracy = accuracy_on_clips(judge, data, data.select("test", only_shippable=False))
    sightings, errors = _generated(tested, data, judge, settings, ProgressPart(progress, 0.02, 0.92))
    joined, joined_errors = _joined(tested, data, judge, settings, ProgressPart(progress, 0.92, 1.0))
    return SegmentFigures(
        tested.name,
        settings,
        tested.sampling,
        tested.is_timed,
        dict(accuracy),
        recognition_figures(sightings),
        recognition_figures(joined),
        boundary_figures(errors, _recognised_sides(sightings), joined_errors) if tested.grounder is not None else None,
        notices,
    )


def judged(judge: TrainedClassifier, asked: Sequence[str], stretches: Sequence[FloatArray]) -> Sighting:
    """What the judge sees in the stretches (T, 22, 3) of one motion."""
    found = judge.predict([stretch[:MAX_FRAMES] for stretch in stretches])
    return Sighting(tuple(asked), tuple(CLASS_NAMES[index] for index in found))


def _recognised_sides(sightings: Mapping[int, Sequence[Sighting]]) -> list[bool]:
    """Of each inner boundary, whether the segments on both sides are recognised."""
    return [
        before and after
        for found in sightings.values()
        for one in found
        for before, after in itertools.pairwise(one.recognised)
    ]


def _generated(
    tested: TestedBundle, data: Mocap22, judge: TrainedClassifier, settings: SegmentSettings, progress: Progress
) -> tuple[dict[int, list[Sighting]], dict[int, list[float]]]:
    sightings: dict[int, list[Sighting]] = {}
    errors: dict[int, list[float]] = {}
    total = len(settings.counts) * settings.prompts
    for place, count in enumerate(settings.counts):
        sightings[count], errors[count] = [], []
        for number, prompt in enumerate(draw_prompts(data, count, settings.prompts, settings.seed)):
            progress.raise_if_cancelled()
            progress.report((place * settings.prompts + number) / total, f"{count} segments, prompt {number + 1}")
            result, checked = tested.make(_request(prompt, settings), settings.candidates, settings.repaired)
            joints = result.motion.joint_positions
            sightings[count].append(
                judged(judge, prompt.actions, [joints[part.start : part.end] for part in prompt.track])
            )
            if checked is not None:
                errors[count] += boundary_errors(checked.alignment, prompt.track)
    return sightings, errors


def _joined(
    tested: TestedBundle, data: Mocap22, judge: TrainedClassifier, settings: SegmentSettings, progress: Progress
) -> tuple[dict[int, list[Sighting]], dict[int, list[float]]]:
    sightings: dict[int, list[Sighting]] = {}
    errors: dict[int, list[float]] = {}
    for place, count in enumerate(settings.counts):
        progress.raise_if_cancelled()
        progress.report(place / len(settings.counts), f"real clips, {count} segments")
        sightings[count], errors[count] = [], []
        for joined in joined_by_class(data, "test", count, settings.prompts, settings.seed):
            sightings[count].append(judged(judge, joined.actions, joined.stretches))
            if tested.grounder is not None and count > 1:
                errors[count] += boundary_errors(
                    align_track(tested.grounder, joined.motion, joined.track), joined.track
                )
    return sightings, errors


def _request(prompt: SegmentPrompt, settings: SegmentSettings) -> GenerationRequest:
    track = prompt.track
    if settings.timing == "even":
        num_tokens = track.num_frames // FRAMES_PER_TOKEN
        ends = UniformSegmenter().segment(np.zeros((num_tokens, 1)), len(track))
        frames = (np.diff([0, *ends]) * FRAMES_PER_TOKEN).tolist()
        track = SegmentTrack.from_durations(prompt.sentences, frames)
    return GenerationRequest(prompt.caption, track, seed=prompt.seed, is_timed=settings.timing != "none")


def _notices(tested: TestedBundle, settings: SegmentSettings) -> tuple[str, ...]:
    notices = []
    if not tested.is_timed:
        notices.append("This model cannot be told boundaries; it is judged at the asked ones like any other.")
    if tested.grounder is None:
        notices.append("This model cannot look for text in motion: no boundaries are found, and none are reported.")
        if settings.candidates > 1 or settings.repaired:
            notices.append("Without that, candidates cannot be ranked nor segments repaired: plain motions measured.")
    return tuple(notices)
