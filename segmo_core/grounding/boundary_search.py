"""Where one segment ends and the next begins, in frames, when their texts and their order are known.

Two kinds of evidence: which text the tokens around a frame fit, and how much the joints change how they move there.
The second decides where two texts fit both sides about as well (a hand is raised, then waves), finer than tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.features import HUMANML3D_LAYOUT, FeatureLayout
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

LEAST_FRAMES = 8
# Chosen on joined clips of the validation split (docs/model.md, boundaries).
_SHARPNESS = 3.0  # of the competition of texts, per unit of cosine similarity
_DOUBT = 0.2  # share of the tokens whose similarities say nothing
_CHANGE_WEIGHT = 3.0  # in nats, of a change of 1; on joined clips the mean change is 1.5, the largest about 6
_REACH = 8  # frames compared before and after
_STILL = 0.01  # metres a frame; slower joints count less
_END_BONUS = 8.0  # nats, where a stretch begins or ends with the motion
_STRETCH_REACH = 24  # frames that an end of a found stretch may move
_FRAME_SHARPNESS = 2.0  # the same for the boundary model's cosines, where ends of one stretch are looked for
_FRAME_DOUBT = 0.1  # share of the frames whose competition says nothing
_LATENESS = 2  # frames: an action is recognised a little after it began


@dataclass(frozen=True, eq=False)
class FrameEvidence:
    """What a boundary model sees. similarity: (K, T) cosine of each text with each frame; sharpness: what to multiply
    it by where texts compete for a frame (softmax). begins: (T,) log-odds of a segment's beginning with a frame.
    """

    similarity: FloatArray
    sharpness: float
    begins: FloatArray

    def shares(self) -> FloatArray:
        """(K, T) of each frame between the texts; they sum to 1."""
        return _shares(self.similarity, self.sharpness)


def find_boundaries(
    similarity: FloatArray,
    rows: FloatArray,
    seen: FrameEvidence | None = None,
    layout: FeatureLayout = HUMANML3D_LAYOUT,
) -> tuple[int, ...]:
    """K + 1 boundaries in frames of ``rows`` that cut a motion into K segments, in order, 0 and its length included.

    similarity: (K, N) cosines of the segments' texts with each token. rows: features (4 N, D) of the motion, of
    ``layout``. seen: what the boundary model of the bundle sees, if it has one.
    """
    num_frames = similarity.shape[1] * FRAMES_PER_TOKEN
    centres = (np.arange(similarity.shape[1]) + 0.5) * FRAMES_PER_TOKEN
    frames = np.arange(num_frames) + 0.5
    curves = np.stack([np.interp(frames, centres, curve) for curve in similarity])
    evidence = _evidence(_shares(curves, _SHARPNESS), _DOUBT)
    if seen is not None:
        of_frames = _evidence(seen.shares(), _FRAME_DOUBT)
        return ordered_boundaries((evidence + of_frames) / 2, LEAST_FRAMES, boundary_bonus(rows, seen, layout))
    found = ordered_boundaries(evidence, LEAST_FRAMES, boundary_bonus(rows, None, layout))
    inner = [max(number, boundary - _LATENESS) for number, boundary in enumerate(found[1:-1], start=1)]
    return (0, *inner, num_frames)


def _shares(similarity: FloatArray, sharpness: float) -> FloatArray:
    """Softmax over the texts of similarities (K, T)."""
    likelihood = np.exp(sharpness * (similarity - similarity.max(axis=0)))
    shares: FloatArray = likelihood / likelihood.sum(axis=0)
    return shares


def _evidence(shares: FloatArray, doubt: float) -> FloatArray:
    """Logarithm of shares (K, T), of which ``doubt`` is spread evenly."""
    return np.asarray(np.log((1 - doubt) * shares + doubt / len(shares)))


def boundary_bonus(
    rows: FloatArray, seen: FrameEvidence | None = None, layout: FeatureLayout = HUMANML3D_LAYOUT
) -> FloatArray:
    """(T + 1,) how much speaks for a boundary before each frame of features (T, D), in nats."""
    if seen is None:
        return _CHANGE_WEIGHT * change(rows, layout)
    return np.append(seen.begins, 0.0) + change(rows, layout)


def refine_stretch(
    start: int, end: int, similarity: FloatArray, bonus: FloatArray, of_frames: FloatArray | None = None
) -> tuple[int, int]:
    """Frames of a stretch found as tokens [start, end): its ends moved to where the similarity changes sides
    and a boundary is.

    similarity: (N,) cosine of the query with each token; of_frames: (4 N,) with each frame, by the boundary model.
    bonus: ``boundary_bonus`` of the motion, (4 N + 1,).
    """
    num_frames = len(similarity) * FRAMES_PER_TOKEN
    first, last = start * FRAMES_PER_TOKEN, end * FRAMES_PER_TOKEN
    centres = (np.arange(len(similarity)) + 0.5) * FRAMES_PER_TOKEN
    curve = np.interp(np.arange(num_frames) + 0.5, centres, similarity)
    if last - first == num_frames:
        return first, last
    evidence = _sides(curve, first, last, _SHARPNESS)
    if of_frames is not None:
        evidence = evidence + _sides(of_frames, first, last, _FRAME_SHARPNESS)
    sums = np.concatenate([[0.0], np.cumsum(evidence)])
    bonus = np.concatenate([[_END_BONUS], bonus[1:-1], [_END_BONUS]])
    near_first, near_last = _near(first, num_frames), _near(last, num_frames)
    found = int(near_first[np.argmax((bonus - sums)[near_first])]), int(near_last[np.argmax((bonus + sums)[near_last])])
    return found if found[1] - found[0] >= LEAST_FRAMES else (first, last)


def _sides(curve: FloatArray, first: int, last: int, sharpness: float) -> FloatArray:
    """(T,) from -1 to 1, how clearly each frame of a curve (T,) is like [first, last) rather than like the rest."""
    outside = np.concatenate([curve[:first], curve[last:]])
    threshold = (curve[first:last].mean() + outside.mean()) / 2
    return np.asarray(np.clip(sharpness * (curve - threshold), -1.0, 1.0))


def _near(frame: int, num_frames: int) -> NDArray[np.integer]:
    return np.arange(max(0, frame - _STRETCH_REACH), min(num_frames, frame + _STRETCH_REACH) + 1)


def change(rows: FloatArray, layout: FeatureLayout = HUMANML3D_LAYOUT) -> FloatArray:
    """(T + 1,) how differently joints move before and after each boundary between frames, of features (T, D).

    Distance of the mean directions of the joints' velocities over ``_REACH`` frames on both sides; zero at both ends.
    """
    velocities = layout.metres * rows[:, layout.velocities].reshape(len(rows), -1, 3).astype(np.float64)
    speed = np.linalg.norm(velocities, axis=-1, keepdims=True)
    directions = (velocities / (speed + _STILL)).reshape(len(rows), -1)
    sums = np.concatenate([np.zeros((1, directions.shape[1])), np.cumsum(directions, axis=0)])
    inner = np.arange(1, len(rows))
    first, last = np.maximum(inner - _REACH, 0), np.minimum(inner + _REACH, len(rows))
    before = (sums[inner] - sums[first]) / (inner - first)[:, None]
    after = (sums[last] - sums[inner]) / (last - inner)[:, None]
    return np.concatenate([[0.0], np.linalg.norm(after - before, axis=1), [0.0]])


def ordered_boundaries(evidence: FloatArray, least: int = 1, bonus: FloatArray | None = None) -> tuple[int, ...]:
    """K + 1 boundaries that cut T columns of evidence (K, T) into K stretches, in order, with the largest sum of each
    row over its own stretch, plus ``bonus`` (T + 1,) at every inner boundary.

    Every stretch keeps ``least`` columns where there are enough for all. Dynamic programming.
    """
    count, length = evidence.shape
    least = max(1, min(least, length // count))
    sums = np.concatenate([np.zeros((count, 1)), np.cumsum(evidence, axis=1)], axis=1)
    gain = np.zeros(length + 1) if bonus is None else bonus
    best = np.full(length + 1, -np.inf)
    best[0] = 0.0
    came_from = np.zeros((count, length + 1), dtype=np.int64)
    places = np.arange(length + 1)
    for part in range(count):
        # best[e] = max over s <= e - least of (best of the part before at s, + gain[s]) - sums[s], plus sums[e]
        opening = best - sums[part] + (gain if part > 0 else 0.0)
        leading = np.maximum.accumulate(opening)
        is_new = np.concatenate([[True], opening[1:] > leading[:-1]])
        where = np.maximum.accumulate(np.where(is_new, places, 0))
        best = np.full(length + 1, -np.inf)
        best[least:] = leading[: length + 1 - least] + sums[part, least:]
        came_from[part, least:] = where[: length + 1 - least]
    bounds = [length]
    for part in reversed(range(count)):
        bounds.append(int(came_from[part, bounds[-1]]))
    return tuple(reversed(bounds))
