"""Real clips of a split joined to sequences whose boundaries are known: what no generator could do better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.composition.sequences import ComposedSequence, Composer, CompositionSettings
from segmo_core.data.mocap22 import Mocap22
from segmo_core.errors import DataError
from segmo_core.evaluation.judges.action_classifier import CLASSES, MIN_FRAMES
from segmo_core.motion.features import joints_from_features
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]


@dataclass(frozen=True)
class JoinedClips:
    """actions: classes of the judge where the sequence was asked for by class, otherwise the clips' own labels."""

    motion: Motion
    track: SegmentTrack
    actions: tuple[str, ...]

    @property
    def stretches(self) -> list[FloatArray]:
        """Joints (T, 22, 3) of each segment."""
        return [self.motion.joint_positions[part.start : part.end] for part in self.track]


def joined_by_class(data: Mocap22, split: str, num_segments: int, count: int, seed: int = 0) -> Iterator[JoinedClips]:
    """``count`` sequences of clips of different classes of the judge; classes without clips are left out."""
    composer, labels = _composer(data, split, seed), classes_with_clips(data, split)
    if len(labels) < num_segments:
        raise DataError(f"{split}: clips of {len(labels)} actions that the judge knows, expected {num_segments}")
    names = list(labels)
    for number in range(count):
        generator = np.random.default_rng([seed, num_segments, number])
        actions = tuple(str(name) for name in generator.choice(names, num_segments, replace=False))
        groups = [str(generator.choice(labels[action])) for action in actions]
        yield _joined(composer.compose(num_segments * 10_007 + number, groups), actions)


def classes_with_clips(data: Mocap22, split: str) -> dict[str, list[str]]:
    """The classes of the judge that have clips in a split, with the labels of those."""
    present = {clip.group for clip in data.select(split, only_shippable=True) if clip.num_frames >= MIN_FRAMES}
    found = {name: [label for label in labels if label in present] for name, labels in CLASSES.items()}
    return {name: labels for name, labels in found.items() if labels}


def joined_at_random(data: Mocap22, split: str, count: int, seed: int = 77) -> Iterator[JoinedClips]:
    """``count`` sequences of two to four segments of one clip each, actions drawn as in training."""
    composer = _composer(data, split, seed)
    for number in range(count):
        sequence = composer.compose(number)
        yield _joined(sequence, sequence.actions)


def _composer(data: Mocap22, split: str, seed: int) -> Composer:
    settings = CompositionSettings(
        segment_count_shares=(0, 0.4, 0.3, 0.3, 0), still_share=0, repeat_share=0, simultaneous_share=0, seed=seed
    )
    return Composer(data, data.select(split, only_shippable=True), settings)


def _joined(sequence: ComposedSequence, actions: Sequence[str]) -> JoinedClips:
    motion = rigid_motion(MODEL_SKELETON, joints_from_features(sequence.features), MODEL_FRAME_RATE)
    lengths = np.diff([0, *sequence.ends]).tolist()
    return JoinedClips(motion, SegmentTrack.from_durations(sequence.sentences[0], lengths), tuple(actions))
