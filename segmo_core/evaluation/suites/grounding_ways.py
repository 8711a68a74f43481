"""Ways of looking for a sentence in a motion: the bundle's own, and the peers' way on the same motions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captioned_folders.captioned_motion import Caption
from segmo_core.evaluation.judges.feature_extractor import TextMotionFeatures
from segmo_core.grounding.aligned_space import AlignedSpace
from segmo_core.grounding.grounder import Grounder
from segmo_core.motion.features import HUMANML3D_LAYOUT, features_from_joints, on_floor_facing_forward
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]

# Of the peers' windows, in frames at 20 Hz: 1.2 to 7 s, every 0.2 s.
WINDOW_FRAMES = (24, 36, 52, 72, 100, 140)
WINDOW_HOP = 4


@dataclass(frozen=True)
class FoundStretch:
    """Frames [start, end) and the score of the sentence there."""

    start: int
    end: int
    score: float


class GroundingWay(Protocol):
    """name: for tables."""

    name: str

    def find(self, motion: Motion, queries: Sequence[str]) -> list[FoundStretch]:
        """The best stretch of each query, in frames of the motion (model skeleton, 20 Hz)."""
        ...

    def similarity(self, motion: Motion, texts: Sequence[str]) -> FloatArray:
        """(K,) of the whole motion with each text; only its order means anything."""
        ...


class OwnWay:
    """The grounding head of a bundle."""

    def __init__(self, grounder: Grounder) -> None:
        self.name = "this bundle"
        self._grounder = grounder

    def find(self, motion: Motion, queries: Sequence[str]) -> list[FoundStretch]:
        found = self._grounder.ground_all(motion, list(queries))
        return [FoundStretch(row.start, row.end, row.score) for row in found]

    def similarity(self, motion: Motion, texts: Sequence[str]) -> FloatArray:
        encoded = self._grounder.encode(motion)
        vectors = self._grounder.embed_stretches(encoded, np.array([[0, encoded.num_tokens]]))
        scores: FloatArray = self._grounder.embed_texts(list(texts)) @ vectors[0]
        return scores


class AlignedWay:
    """The paper's way, in the space of the bundle's alignment loss."""

    def __init__(self, space: AlignedSpace) -> None:
        self.name = "aligned space, best window (paper)"
        self._space = space

    def find(self, motion: Motion, queries: Sequence[str]) -> list[FoundStretch]:
        return [FoundStretch(row.start, row.end, row.score) for row in self._space.ground_all(motion, queries)]

    def similarity(self, motion: Motion, texts: Sequence[str]) -> FloatArray:
        scored = self._space.scored(motion, texts)
        return np.asarray(scored.of(np.array([[0, scored.num_tokens]]))[0])


class WholeMotionWay:
    """Uniform windows of a few lengths, each embedded as if it were a whole motion by an evaluator that was trained on
    whole captions and whole motions, and compared with the query by cosine: how models aligned at sequence level are
    used for localisation (TMR, Petrovich 2023; paper section 4.4).
    """

    def __init__(self, features: TextMotionFeatures) -> None:
        self.name = "uniform windows, whole-motion evaluator"
        self._features = features

    def find(self, motion: Motion, queries: Sequence[str]) -> list[FoundStretch]:
        windows = uniform_windows(motion.num_frames)
        rows = _feature_rows(motion)
        vectors = _unit(self._features.embed_motions([rows[start:end] for start, end in windows]))
        scores = self._texts(queries) @ vectors.T
        best = scores.argmax(axis=1)
        return [
            FoundStretch(windows[place][0], windows[place][1], float(scores[query, place]))
            for query, place in enumerate(best.tolist())
        ]

    def similarity(self, motion: Motion, texts: Sequence[str]) -> FloatArray:
        rows = _feature_rows(motion)[:196]
        scores: FloatArray = self._texts(texts) @ _unit(self._features.embed_motions([rows]))[0]
        return scores

    def _texts(self, texts: Sequence[str]) -> FloatArray:
        return _unit(self._features.embed_texts([Caption(text) for text in texts]))


def uniform_windows(num_frames: int) -> list[tuple[int, int]]:
    """Windows of the lengths that fit, at every hop and at the end; the whole motion where none fits."""
    found = []
    for length in WINDOW_FRAMES:
        if length <= num_frames:
            starts = {*range(0, num_frames - length + 1, WINDOW_HOP), num_frames - length}
            found += [(start, start + length) for start in sorted(starts)]
    return found or [(0, num_frames)]


def _feature_rows(motion: Motion) -> FloatArray:
    rows = features_from_joints(on_floor_facing_forward(motion.joint_positions, HUMANML3D_LAYOUT))
    return np.concatenate([rows, rows[-1:]])


def _unit(vectors: FloatArray) -> FloatArray:
    scaled: FloatArray = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return scaled
