"""How well text is found in motion, by measurement: stretches, absent actions, labels of clips, boundaries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata

from segmo_core.data.captions import join_sentences
from segmo_core.data.composition import ComposedSequence, Composer, CompositionSettings
from segmo_core.data.mocap22 import Mocap22
from segmo_core.evaluation.action_classifier import CLASSES
from segmo_core.evaluation.segment_recognition import prompt_sentence
from segmo_core.generation.durations import suggest_track
from segmo_core.generation.generator import MotionGenerator
from segmo_core.generation.request import GenerationRequest
from segmo_core.grounding.grounder import Grounder
from segmo_core.grounding.track_alignment import align_track
from segmo_core.models.settings import MODEL_FRAME_RATE, GroundingCalibration
from segmo_core.motion.features import joints_from_features
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.segmentation.segments import SegmentTrack

FloatArray = NDArray[np.floating]

_ABSENT_QUERIES = 3  # for each sequence


@dataclass(frozen=True)
class GroundingFigures:
    """Shares of queries whose best stretch overlaps the true one by at least 0.5 and 0.7, and the mean overlap.

    uniform_05: the first for an even cut that is told the segment's number. absent_auroc: how well scores tell actions
    that are in the motion from ones that are not (1 perfect, 0.5 chance). label_recall: share of test clips whose own
    label sentence scores highest of ``num_labels``.
    """

    recall_05: float
    recall_07: float
    mean_overlap: float
    uniform_05: float
    absent_auroc: float
    label_recall: float
    num_labels: int


@dataclass(frozen=True)
class BoundaryFigures:
    """Mean absolute distance, frames, of asked (or true) from found boundaries: generated and joined real motions."""

    generated: float
    real: float


def measure_grounding(grounder: Grounder, data: Mocap22, *, sequences: int = 60) -> GroundingFigures:
    """Real clips of the test split joined to 2 to 4 segments, each segment looked for by its sentence.

    A segment whose action occurs twice in a sequence is not asked for.
    """
    overlaps, guesses = [], []
    for sequence, motion in _joined(data, "test", sequences):
        starts, count = (0, *sequence.ends[:-1]), len(sequence.ends)
        asked = [i for i in range(count) if sequence.actions.count(sequence.actions[i]) == 1]
        if not asked:
            continue
        found = grounder.ground_all(motion, [sequence.sentences[0][i] for i in asked])
        for index, result in zip(asked, found, strict=True):
            truth = (starts[index], sequence.ends[index])
            overlaps.append(overlap(truth, (result.start, result.end)))
            even = motion.num_frames / count
            guesses.append(overlap(truth, (even * index, even * (index + 1))))
    values = np.array(overlaps)
    scores, is_present = _present_and_absent(grounder, data, "test", sequences)
    recall, num_labels = _label_recall(grounder, data)
    return GroundingFigures(
        float((values >= 0.5).mean()),
        float((values >= 0.7).mean()),
        float(values.mean()),
        float((np.array(guesses) >= 0.5).mean()),
        area_under_curve(scores, is_present),
        recall,
        num_labels,
    )


def calibrate(grounder: Grounder, data: Mocap22, *, sequences: int = 80) -> GroundingCalibration:
    """The logistic curve from score to "is in the motion", fitted on joined clips of the validation split."""
    return fit_calibration(*_present_and_absent(grounder, data, "val", sequences))


def fit_calibration(scores: FloatArray, is_present: NDArray[np.bool_]) -> GroundingCalibration:
    """Logistic regression of scores (M,) with both classes weighed alike, targets drawn in a little (Platt 1999)."""
    positives, negatives = int(is_present.sum()), int((~is_present).sum())
    target = np.where(is_present, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    weight = np.where(is_present, 0.5 / positives, 0.5 / negatives)

    def loss(parameters: FloatArray) -> float:
        logits = parameters[0] * scores + parameters[1]
        return float(np.sum(weight * (np.logaddexp(0.0, logits) - target * logits)))

    slope, offset = minimize(loss, np.array([8.0, -4.0]), method="Nelder-Mead").x
    return GroundingCalibration(round(float(slope), 4), round(float(offset), 4))


def measure_boundaries(
    motion_generator: MotionGenerator, grounder: Grounder, data: Mocap22, *, prompts: int = 40
) -> BoundaryFigures:
    """Boundaries of generated motions of two and three different actions, found again without being told."""
    generator = np.random.default_rng(41)
    names = list(CLASSES)
    errors = []
    for number in range(prompts):
        actions = [str(name) for name in generator.choice(names, 2 + number % 2, replace=False)]
        sentences = [prompt_sentence(data, action, generator) for action in actions]
        seconds = generator.uniform(2.0, 3.2, len(actions)).tolist()
        request = GenerationRequest(
            join_sentences(sentences, generator), suggest_track(sentences, durations=seconds), seed=7000 + number
        )
        result = motion_generator.generate(request)
        errors += _boundary_errors(grounder, result.motion, result.track)
    real = []
    for sequence, motion in _joined(data, "test", prompts):
        if len(set(sequence.actions)) == len(sequence.actions):
            ends = np.diff([0, *sequence.ends]).tolist()
            real += _boundary_errors(grounder, motion, SegmentTrack.from_durations(sequence.sentences[0], ends))
    return BoundaryFigures(float(np.mean(errors)), float(np.mean(real)))


def area_under_curve(scores: FloatArray, is_positive: NDArray[np.bool_]) -> float:
    """Area under the receiver operating characteristic: the share of (positive, negative) pairs in the right order."""
    ranks = rankdata(scores)
    positives = int(is_positive.sum())
    negatives = len(scores) - positives
    return float((ranks[is_positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def overlap(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Intersection over union of two half-open stretches."""
    shared = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    return shared / (max(a[1], b[1]) - min(a[0], b[0])) if shared else 0.0


def _boundary_errors(grounder: Grounder, motion: Motion, track: SegmentTrack) -> list[float]:
    checks = align_track(grounder, motion, track).segments
    return [float(abs(check.end - end)) for check, end in zip(checks[:-1], track.ends[:-1], strict=True)]


def _joined(data: Mocap22, split: str, sequences: int) -> Iterator[tuple[ComposedSequence, Motion]]:
    settings = CompositionSettings(num_sequences=sequences, segment_count_shares=(0, 0.4, 0.3, 0.3, 0), seed=77)
    composer = Composer(data, data.select(split, only_shippable=True), settings)
    for number in range(sequences):
        sequence = composer.compose(number)
        yield sequence, rigid_motion(MODEL_SKELETON, joints_from_features(sequence.features), MODEL_FRAME_RATE)


def _present_and_absent(
    grounder: Grounder, data: Mocap22, split: str, sequences: int
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Scores of the sentences of each sequence, and of sentences of actions that are not in it."""
    generator = np.random.default_rng(3)
    scores: list[float] = []
    is_present: list[bool] = []
    for sequence, motion in _joined(data, split, sequences):
        absent = [name for name, labels in CLASSES.items() if not set(labels) & set(sequence.actions)]
        others = [prompt_sentence(data, name, generator) for name in generator.choice(absent, _ABSENT_QUERIES, False)]
        own: Sequence[str] = sequence.sentences[0]
        scores += [result.score for result in grounder.ground_all(motion, [*own, *others])]
        is_present += [True] * len(own) + [False] * len(others)
    return np.array(scores), np.array(is_present)


def _label_recall(grounder: Grounder, data: Mocap22) -> tuple[float, int]:
    """Motion to text: which of the label sentences fits a test clip best."""
    clips = [clip for clip in data.select("test", only_shippable=True) if clip.action in data.tables.templates]
    labels = sorted({str(clip.action) for clip in clips})
    plain = [str(data.tables.templates[label][0]).format(subject="a person", style="") for label in labels]
    texts = grounder.embed_texts(plain)
    hits = []
    for clip in clips:
        encoded = grounder.encode(rigid_motion(MODEL_SKELETON, data.clip_joints(clip), MODEL_FRAME_RATE))
        vector = grounder.embed_stretches(encoded, np.array([[0, encoded.num_tokens]]))[0]
        hits.append(labels[int(np.argmax(texts @ vector))] == clip.action)
    return float(np.mean(hits)), len(labels)
