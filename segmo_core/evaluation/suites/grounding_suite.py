"""Text looked for in joined real clips, absent actions, and the labels of clips, in several ways side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.mocap22 import Mocap22
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.judges.action_classifier import CLASSES
from segmo_core.evaluation.measures.grounding_figures import (
    GroundingFigures,
    WayFigures,
    area_under_curve,
    fit_calibration,
    localisation,
    overlap,
)
from segmo_core.evaluation.measures.intervals import Share
from segmo_core.evaluation.samples.joined_clips import JoinedClips, joined_at_random
from segmo_core.evaluation.samples.segment_prompts import prompt_sentence
from segmo_core.evaluation.suites.grounding_ways import GroundingWay, OwnWay
from segmo_core.grounding.grounder import Grounder
from segmo_core.grounding.track_alignment import align_track
from segmo_core.models.sampling_settings import GroundingCalibration
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]

SEQUENCES = 100
ABSENT_QUERIES = 3  # for each sequence
CALIBRATION_SEQUENCES = 80
TOLD_ALL = "this bundle, told all segments in order"
EVEN_CUT = "equal parts, told the order"


def measure_grounding(
    name: str,
    grounder: Grounder,
    peers: Sequence[GroundingWay],
    data: Mocap22,
    *,
    sequences: int = SEQUENCES,
    split: str = "test",
    seed: int = 77,
    progress: Progress | None = None,
) -> GroundingFigures:
    """Clips of a split joined to sequences of 2 to 4 segments, each segment looked for by its sentence.

    A segment whose action occurs twice in its sequence is not asked for. Two more rows say what knowing the order is
    worth: the bundle's own boundaries of all segments, and equal parts.
    """
    if sequences < 1:
        raise InvalidRequestError(f"sequences: {sequences}, expected at least 1")
    progress = progress or SilentProgress()
    joined = list(joined_at_random(data, split, sequences, seed))
    labels, recalls = _label_recalls([OwnWay(grounder), *peers], data, split)
    rows = []
    ways = [OwnWay(grounder), *peers]
    for number, way in enumerate(ways):
        overlaps, scores, is_present = [], [], []
        generator = np.random.default_rng(3)
        for place, sequence in enumerate(joined):
            progress.raise_if_cancelled()
            progress.report((number + place / sequences) / len(ways), f"{way.name}, sequence {place + 1}")
            own, others = list(sequence.track.texts), absent_sentences(sequence, data, generator)
            found = way.find(sequence.motion, [*own, *others])
            overlaps += [
                overlap(_truth(sequence, index), (found[index].start, found[index].end)) for index in _asked(sequence)
            ]
            scores += [row.score for row in found]
            is_present += [True] * len(own) + [False] * len(others)
        auroc = area_under_curve(np.array(scores), np.array(is_present))
        rows.append(_row(way.name, overlaps, auroc, recalls[number]))
    rows.insert(1, _row(TOLD_ALL, [o for sequence in joined for o in _ordered_overlaps(grounder, sequence)]))
    rows.append(_row(EVEN_CUT, [o for sequence in joined for o in _even_overlaps(sequence)]))
    return GroundingFigures(name, sequences, labels, tuple(rows))


def calibrate(grounder: Grounder, data: Mocap22, *, sequences: int = CALIBRATION_SEQUENCES) -> GroundingCalibration:
    """The logistic curve from score to "is in the motion", fitted on joined clips of the validation split."""
    generator = np.random.default_rng(3)
    scores: list[float] = []
    is_present: list[bool] = []
    for sequence in joined_at_random(data, "val", sequences):
        own, others = list(sequence.track.texts), absent_sentences(sequence, data, generator)
        scores += [result.score for result in grounder.ground_all(sequence.motion, [*own, *others])]
        is_present += [True] * len(own) + [False] * len(others)
    return fit_calibration(np.array(scores), np.array(is_present))


def absent_sentences(sequence: JoinedClips, data: Mocap22, generator: np.random.Generator) -> list[str]:
    """Sentences of actions that are not in the sequence."""
    absent = [name for name, labels in CLASSES.items() if not set(labels) & set(sequence.actions)]
    return [prompt_sentence(data, str(name), generator) for name in generator.choice(absent, ABSENT_QUERIES, False)]


def _asked(sequence: JoinedClips) -> list[int]:
    return [i for i, action in enumerate(sequence.actions) if sequence.actions.count(action) == 1]


def _truth(sequence: JoinedClips, index: int) -> tuple[int, int]:
    return sequence.track[index].start, sequence.track[index].end


def _ordered_overlaps(grounder: Grounder, sequence: JoinedClips) -> list[float]:
    checks = align_track(grounder, sequence.motion, sequence.track).segments
    return [overlap(_truth(sequence, i), (checks[i].start, checks[i].end)) for i in _asked(sequence)]


def _even_overlaps(sequence: JoinedClips) -> list[float]:
    even = sequence.motion.num_frames / len(sequence.track)
    return [overlap(_truth(sequence, i), (even * i, even * (i + 1))) for i in _asked(sequence)]


def _row(name: str, overlaps: Sequence[float], auroc: float | None = None, recall: Share | None = None) -> WayFigures:
    found = localisation(overlaps)
    if found is None:
        raise InvalidRequestError("sequences: in none of them does an action occur once, expected more sequences")
    return WayFigures(name, found, auroc, recall)


def _label_recalls(ways: Sequence[GroundingWay], data: Mocap22, split: str) -> tuple[int, list[Share | None]]:
    """Motion to text, for each way: which of the label sentences fits a whole clip best."""
    clips = [clip for clip in data.select(split, only_shippable=True) if clip.action in data.tables.templates]
    labels = sorted({str(clip.action) for clip in clips})
    plain = [str(data.tables.templates[label][0]).format(subject="a person", style="") for label in labels]
    motions = [rigid_motion(MODEL_SKELETON, data.clip_joints(clip), MODEL_FRAME_RATE) for clip in clips]
    recalls = []
    for way in ways:
        best = [labels[int(np.argmax(way.similarity(motion, plain)))] for motion in motions]
        recalls.append(Share.of([found == clip.action for found, clip in zip(best, clips, strict=True)]))
    return len(labels), recalls
