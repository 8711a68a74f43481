"""Sentences with the natural durations of the clips they tell of: what a duration model learns from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captions.clip_sentences import without_subject
from segmo_core.data.mocap22 import Clip, Mocap22
from segmo_core.data.natural_durations import natural_duration
from segmo_core.progress import Progress

FloatArray = NDArray[np.floating]

_LENGTHS = 10
_FREQUENT_ACTIONS = 0.5  # clips of an action count together as their number to this power


@dataclass(frozen=True, eq=False)
class DurationSamples:
    """texts: M sentences. seconds: (M, 10) natural lengths of each one's clip, evenly spread. once: (M,) seconds of the
    act done once. weights: (M,) that sum to 1, so that a few frequent actions do not decide alone.
    """

    texts: tuple[str, ...]
    seconds: FloatArray
    once: FloatArray
    weights: FloatArray
    num_clips: int


def duration_samples(
    data: Mocap22, clips: Sequence[Clip], sentences_per_clip: int, seed: int, progress: Progress
) -> DurationSamples:
    """Draw sentences of the clips, about half of them from the verb on, as people write segments."""
    generator = np.random.default_rng(seed)
    counts = Counter(clip.group for clip in clips)
    texts: list[str] = []
    seconds, once, weights = [], [], []
    for number, clip in enumerate(clips):
        if number % 100 == 0:
            progress.raise_if_cancelled()
            progress.report(number / len(clips), f"natural durations, clip {number} of {len(clips)}")
        natural = natural_duration(np.asarray(data.clip_joints(clip), dtype=np.float64))
        for _ in range(sentences_per_clip):
            text = data.sentence(clip, generator)
            texts.append(without_subject(text) if generator.random() < 0.5 else text)
            seconds.append(natural.lengths(_LENGTHS))
            once.append(natural.once)
            weights.append(counts[clip.group] ** (_FREQUENT_ACTIONS - 1.0))
    shares = np.array(weights) / max(sum(weights), 1e-12)
    return DurationSamples(tuple(texts), np.array(seconds), np.array(once), shares, len(clips))
