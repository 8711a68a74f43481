"""How rare the pose of every frame is: poses of one kind, found by k-means, share a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.pools.feature_clips import FeatureClip
from segmo_core.motion.features import FeatureLayout

FloatArray = NDArray[np.floating]

NUM_KINDS = 128
_FITTED_FRAMES = 20_000
_ROUNDS = 8
_CHUNK = 20_000
_LOWEST_SHARE = 1e-4


def pose_rarity(
    features: FloatArray, clips: Sequence[FeatureClip], layout: FeatureLayout, exponent: float
) -> NDArray[np.float32]:
    """(rows,) share ** -exponent of each row's kind of pose among the frames of ``clips``, 1 in the mean over them;
    0 in rows of none. The share of a kind counts as at least a ten-thousandth.

    features: (rows, D) un-normalised. A pose is the height of the pelvis and where the joints are, seen from the body.
    """
    spans = [slice(clip.start, clip.stop) for clip in clips]
    columns = slice(layout.positions.start - 1, layout.positions.stop)
    rows = np.concatenate([np.arange(span.start, span.stop) for span in spans])
    generator = np.random.default_rng(0)
    fitted = generator.choice(rows, min(_FITTED_FRAMES, len(rows)), replace=False)
    centres = _centres(np.asarray(features[np.sort(fitted), columns], dtype=np.float32), generator)
    kinds = np.full(len(features), -1, dtype=np.int64)
    for span in spans:
        for start in range(span.start, span.stop, _CHUNK):
            part = slice(start, min(start + _CHUNK, span.stop))
            kinds[part] = _nearest(np.asarray(features[part, columns], dtype=np.float32), centres)
    is_used = kinds >= 0
    shares = np.bincount(kinds[is_used], minlength=len(centres)) / is_used.sum()
    weights = np.maximum(shares, _LOWEST_SHARE) ** -exponent
    weights /= (weights * shares).sum()
    return np.where(is_used, weights[kinds], 0.0).astype(np.float32)


def _centres(poses: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Lloyd's algorithm, begun with poses that are far from each other (k-means++)."""
    centres = [poses[int(generator.integers(len(poses)))]]
    distance = np.square(poses - centres[0]).sum(axis=1)
    while len(centres) < min(NUM_KINDS, len(poses)) and distance.sum() > 0:
        centres.append(poses[int(generator.choice(len(poses), p=distance / distance.sum()))])
        distance = np.minimum(distance, np.square(poses - centres[-1]).sum(axis=1))
    found = np.stack(centres)
    for _ in range(_ROUNDS):
        kinds = _nearest(poses, found)
        sums = np.zeros_like(found)
        np.add.at(sums, kinds, poses)
        counts = np.bincount(kinds, minlength=len(found))[:, None]
        found = np.where(counts > 0, sums / np.maximum(counts, 1), found)
    return found


def _nearest(poses: FloatArray, centres: FloatArray) -> NDArray[np.integer]:
    scores = poses @ centres.T - 0.5 * np.square(centres).sum(axis=1)
    return np.asarray(scores.argmax(axis=1))
