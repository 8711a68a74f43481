"""Are generated segments recognised as the action that was asked for? One-, two- and three-segment prompts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segmo_core.data.captions import join_sentences
from segmo_core.data.mocap22 import Mocap22
from segmo_core.evaluation.action_classifier import (
    CLASS_NAMES,
    CLASSES,
    LEFT_RIGHT_PAIRS,
    MAX_FRAMES,
    TrainedClassifier,
)
from segmo_core.generation.durations import suggest_track
from segmo_core.generation.generator import MotionGenerator
from segmo_core.generation.request import GenerationRequest, SamplingSettings
from segmo_core.progress import Progress, SilentProgress

_SECONDS = {1: 3.2, 2: 3.2, 3: 2.8}


@dataclass(frozen=True)
class RecognitionReport:
    """share: recognised share per number of segments. by_class: the same per asked class over all prompts.
    confusions: (asked, found) -> count. left_right: per class of a left/right pair, share found as its mirror.
    """

    share: dict[int, float]
    count: dict[int, int]
    by_class: dict[str, float]
    confusions: dict[tuple[str, str], int]
    left_right: dict[str, float]


def prompt_sentence(data: Mocap22, class_name: str, generator: np.random.Generator) -> str:
    """A sentence for a class from the caption tables, without style."""
    label = CLASSES[class_name][0]
    templates = data.tables.templates.get(label) or ("{subject} dances{style}.",)
    return str(generator.choice(list(templates))).format(subject="a person", style="")


def evaluate_recognition(
    motion_generator: MotionGenerator,
    data: Mocap22,
    classifier: TrainedClassifier,
    *,
    segment_counts: Sequence[int] = (1, 2, 3),
    prompts: int = 78,
    sampling: SamplingSettings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> RecognitionReport:
    """Generate ``prompts`` prompts for each number of segments, actions evenly drawn, and classify every segment."""
    progress = progress or SilentProgress()
    names = list(CLASSES)
    asked: list[tuple[int, str]] = []
    stretches = []
    for count in segment_counts:
        generator = np.random.default_rng([seed, count])
        order = np.concatenate([generator.permutation(len(names)) for _ in range(-(-prompts * count // len(names)))])
        for number in range(prompts):
            progress.raise_if_cancelled()
            progress.report(number / prompts, f"{count} segments, prompt {number} of {prompts}")
            actions = [names[i] for i in order[number * count : (number + 1) * count]]
            sentences = [prompt_sentence(data, action, generator) for action in actions]
            track = suggest_track(sentences, durations=[_SECONDS[count]] * count)
            request = GenerationRequest(
                join_sentences(sentences, generator), track, seed=seed * 10007 + number, sampling=sampling
            )
            result = motion_generator.generate(request)
            for action, segment in zip(actions, result.track, strict=True):
                asked.append((count, action))
                stretches.append(result.motion.joint_positions[segment.start : segment.end][:MAX_FRAMES])
    found = [CLASS_NAMES[index] for index in classifier.predict(stretches)]
    return _report(asked, found)


def _report(asked: Sequence[tuple[int, str]], found: Sequence[str]) -> RecognitionReport:
    hits_by_count: dict[int, list[bool]] = defaultdict(list)
    hits_by_class: dict[str, list[bool]] = defaultdict(list)
    confusions: dict[tuple[str, str], int] = defaultdict(int)
    for (count, action), seen in zip(asked, found, strict=True):
        hits_by_count[count].append(action == seen)
        hits_by_class[action].append(action == seen)
        confusions[action, seen] += 1
    mirror = {a: b for pair in LEFT_RIGHT_PAIRS for a, b in (pair, pair[::-1])}
    return RecognitionReport(
        share={count: float(np.mean(hits)) for count, hits in hits_by_count.items()},
        count={count: len(hits) for count, hits in hits_by_count.items()},
        by_class={name: float(np.mean(hits)) for name, hits in hits_by_class.items()},
        confusions=dict(confusions),
        left_right={
            name: confusions[name, other] / len(hits_by_class[name])
            for name, other in mirror.items()
            if hits_by_class[name]
        },
    )
