"""Where the motion segments of training data begin: known, or found by a segmenter (paper, supplementary section B)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core import catalog
from segmo_core.data.pools.feature_clips import FeatureClips
from segmo_core.data.pools.token_pool import SequencePool, TokenPool
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import FeatureLayout
from segmo_core.progress import Progress, SilentProgress
from segmo_core.segmentation.motion_primitives import PrimitiveLibrary, build_library
from segmo_core.segmentation.motion_segmenter import MotionSegmenter, token_rows
from segmo_core.serialization import write_atomically
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

EXACT = "exact"
BOUNDARY_SOURCES = (EXACT, *catalog.MOTION_SEGMENTERS)
_LIBRARY_VERSION = 1


def open_segmenter(
    name: str,
    data: FeatureClips[Any],
    statistics: FeatureStatistics,
    cache: Path,
    *,
    only_shippable: bool = False,
    progress: Progress | None = None,
) -> MotionSegmenter:
    """The motion segmenter ``name``; ConfigError lists the known ones.

    The primitives of "clustering" are those of the train split of ``data``, built once and kept in ``cache``.
    """
    kind = catalog.load(catalog.MOTION_SEGMENTERS, "motion segmenter", name)
    if name != "clustering":
        segmenter: MotionSegmenter = kind()
        return segmenter
    path = cache / f"primitives-{_key(f'{data.features.shape} {only_shippable}', statistics)}.npz"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        motions = _train_motions(data, statistics, only_shippable)
        build_library(motions, progress=progress).save(path)
    with_library: MotionSegmenter = kind(PrimitiveLibrary.load(path))
    return with_library


def with_boundaries(
    tokens: TokenPool,
    sequences: SequencePool,
    segmenter: MotionSegmenter,
    statistics: FeatureStatistics,
    layout: FeatureLayout,
    cache: Path | None = None,
    *,
    progress: Progress | None = None,
) -> TokenPool:
    """``tokens`` of ``sequences`` with the segment ends that ``segmenter`` finds, as many as there were.

    cache: an .npy file of these sequences, segmenter and statistics; read where it is there, else written.
    """
    progress = progress or SilentProgress()
    if cache is not None and cache.is_file():
        return replace(tokens, ends=np.load(cache))
    ends = np.zeros_like(tokens.ends)
    for number in range(len(tokens)):
        if number % 500 == 0:
            progress.raise_if_cancelled()
            progress.report(number / len(tokens), f"boundaries of sequence {number} of {len(tokens)}")
        features = sequences.features[sequences.offsets[number] : sequences.offsets[number + 1]]
        rows = token_rows(features, statistics, layout, FRAMES_PER_TOKEN)
        count = int((tokens.ends[number] > 0).sum())
        ends[number, :count] = segmenter.segment(rows, count)
    if cache is not None:
        write_atomically(cache, lambda path: np.save(path, ends))
    return replace(tokens, ends=ends)


def boundaries_file(
    cache: Path, sequences: SequencePool, segmenter: MotionSegmenter, statistics: FeatureStatistics
) -> Path:
    """Where the ends that a segmenter finds in sequences are kept, for ``with_boundaries``."""
    return cache / f"boundaries-{segmenter.name}-{_key(sequences.key, statistics)}.npy"


def _key(what: str, statistics: FeatureStatistics) -> str:
    digest = hashlib.sha256(f"{_LIBRARY_VERSION} {what}".encode())
    digest.update(np.concatenate([statistics.mean, statistics.std]).astype(np.float32).tobytes())
    return digest.hexdigest()[:12]


def _train_motions(
    data: FeatureClips[Any], statistics: FeatureStatistics, only_shippable: bool
) -> Iterator[FloatArray]:
    """Token rows of the clips of the train split, in a random but fixed order."""
    clips = data.select("train", only_shippable=only_shippable)
    for index in np.random.default_rng(0).permutation(len(clips)):
        yield token_rows(data.clip_features(clips[index]), statistics, data.layout, FRAMES_PER_TOKEN)
