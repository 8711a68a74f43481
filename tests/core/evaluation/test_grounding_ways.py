"""The peers' windows, and what they find with vectors whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.evaluation.measures.grounding_figures import localisation
from segmo_core.evaluation.suites.grounding_ways import WINDOW_FRAMES, WholeMotionWay, uniform_windows
from segmo_core.motion.motion import Motion


def test_uniform_windows_have_the_given_lengths_and_reach_the_end() -> None:
    windows = uniform_windows(150)
    assert {end - start for start, end in windows} == set(WINDOW_FRAMES)
    for length in WINDOW_FRAMES:
        starts = [start for start, end in windows if end - start == length]
        assert starts[:2] == [0, 4]
        assert starts[-1] == 150 - length
        assert max(np.diff(starts)) == 4
    assert uniform_windows(20) == [(0, 20)]


class TurningFeatures:
    """Embeds a text as the direction of the number in it, a motion as that of its mean root height."""

    def embed_texts(self, captions: list) -> np.ndarray:
        return self._directions([float(caption.text) for caption in captions])

    def embed_motions(self, motions: list[np.ndarray]) -> np.ndarray:
        return self._directions([float(rows[:, 3].mean()) for rows in motions])

    @staticmethod
    def _directions(values: list[float]) -> np.ndarray:
        return 7.0 * np.stack([np.cos(values), np.sin(values)], axis=1)


def test_the_window_with_the_nearest_vector_is_found(walk: Motion) -> None:
    joints = np.concatenate([walk.joint_positions] * 2).copy()  # 120 frames
    joints[48:84, :, 1] += 1.0  # a metre higher for one window length
    motion = Motion(joints.astype(np.float32), 20.0, walk.skeleton)
    way = WholeMotionWay(TurningFeatures())  # type: ignore[arg-type]
    high, low = way.find(motion, ["1.93", "0.93"])
    assert (high.start, high.end) == (48, 84)
    assert high.score == pytest.approx(1.0, abs=1e-2)
    assert low.end <= 48 or low.start >= 84
    assert np.argmax(way.similarity(motion, ["0.5", "1.23", "3"])) == 1


def test_localisation_counts_overlaps_from_the_threshold_on() -> None:
    figures = localisation([0.2, 0.5, 0.69, 0.7, 1.0])
    assert figures is not None
    assert (figures.recall_05.hits, figures.recall_07.hits) == (4, 2)
    assert figures.mean_overlap.value == pytest.approx(0.618)
    assert localisation([]) is None
