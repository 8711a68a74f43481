"""How long a large motion library takes: opened, searched, and given one more file."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmo_core.library.embedding_space import EmbeddingSpace
from segmo_core.library.index import FileStamp, IndexedMotion, MotionIndex
from segmo_core.library.search import best_windows
from segmo_core.progress import Progress, SilentProgress

VECTOR_WIDTH = 256
WINDOWS_OF_MOTION = 100  # a minute
RESULTS = 10


@dataclass(frozen=True)
class LibrarySpeed:
    """Seconds. search: the ten best stretches for a vector, all windows compared; best and median of the rounds.

    read: the index from disk into memory, once for any number of searches. add: one more motion, without encoding it.
    """

    windows: int
    num_bytes: int
    search_best: float
    search_median: float
    read: float
    add: float


def measure_library(windows: int, rounds: int, progress: Progress | None = None) -> LibrarySpeed:
    """Times of a real index of ``windows`` random unit vectors, in a temporary folder."""
    progress = progress or SilentProgress()
    generator = np.random.default_rng(0)
    motions = _random_motions(windows, generator)
    with tempfile.TemporaryDirectory() as folder:
        index = MotionIndex(Path(folder))
        index.create(EmbeddingSpace("random", "random"))
        for number, motion in enumerate(motions):
            progress.raise_if_cancelled()
            progress.report(0.9 * number * WINDOWS_OF_MOTION / windows, "Filling the index")
            index.put(Path(folder, str(number)), FileStamp(0, 0), str(number), motion)
        started = time.perf_counter()
        vectors = index.vectors()
        read = time.perf_counter() - started
        times = []
        for query in _random_vectors(rounds, generator):
            progress.raise_if_cancelled()
            started = time.perf_counter()
            list(itertools.islice(best_windows(vectors, query), RESULTS))
            times.append(time.perf_counter() - started)
        (one_more,) = _random_motions(WINDOWS_OF_MOTION, generator)
        started = time.perf_counter()
        index.put(Path(folder, "one more"), FileStamp(0, 0), "one more", one_more)
        add = time.perf_counter() - started
        num_bytes = index.path.stat().st_size
    progress.report(1.0, "Measured")
    return LibrarySpeed(len(vectors), num_bytes, min(times), statistics.median(times), read, add)


def _random_vectors(count: int, generator: np.random.Generator) -> np.ndarray:
    vectors = generator.normal(size=(count, VECTOR_WIDTH)).astype(np.float32)
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _random_motions(windows: int, generator: np.random.Generator) -> Iterator[IndexedMotion]:
    for first in range(0, windows, WINDOWS_OF_MOTION):
        count = min(WINDOWS_OF_MOTION, windows - first)
        starts = 3 * np.arange(count)
        ranges = np.stack([starts, starts + 10], axis=1)
        tokens = generator.integers(512, size=3 * count + 10)
        yield IndexedMotion(4 * len(tokens), 20.0, tokens, ranges, _random_vectors(count, generator))
