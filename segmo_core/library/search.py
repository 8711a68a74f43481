"""Where in a library of motions does a sentence happen?

The query's vector is compared with every window (exact search: 100,000 vectors are 26 million products, a few
milliseconds), overlapping windows of a motion count once, and the best are read again at full resolution from the
tokens that the index keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError, LibraryIndexError, in_short
from segmo_core.grounding.grounder import CHUNK_TOKENS, Grounder, find_stretch
from segmo_core.library.index import IndexedMotion, LibraryVectors, MotionIndex
from segmo_core.progress import Progress, SilentProgress
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

MAX_HITS = 1000
MAX_HITS_OF_MOTION = 3
_MOST_OVERLAP = 0.5  # of the shorter of two hits
_SPARE_HITS = 5  # looked at beyond those asked for, since reading them again changes their order


@dataclass(frozen=True)
class WindowHit:
    """Tokens [start, end) of a motion in the index, and the cosine of their vector and the query's."""

    motion: int
    start: int
    end: int
    score: float

    def repeats(self, other: WindowHit) -> bool:
        """Whether the two are about the same stretch."""
        shared = min(self.end, other.end) - max(self.start, other.start)
        shorter = min(self.end - self.start, other.end - other.start)
        return self.motion == other.motion and shared > _MOST_OVERLAP * shorter


@dataclass(frozen=True)
class LibraryHit:
    """Frames [start, end) of a motion file, at its own rate. confidence: as of Grounder.ground, of this stretch alone.

    copies: other files with the same content. num_frames, frame_rate: of the file.
    """

    path: Path
    start: int
    end: int
    score: float
    confidence: float
    num_frames: int
    frame_rate: float
    copies: tuple[Path, ...] = ()


class LibrarySearch:
    """Searches one index, whose vectors stay in memory until it changes."""

    def __init__(self, index: MotionIndex) -> None:
        self._index = index
        self._vectors: LibraryVectors | None = None
        self._revision = -1

    def find(
        self, grounder: Grounder, query: str, limit: int = 10, progress: Progress | None = None
    ) -> tuple[LibraryHit, ...]:
        """The best stretches for ``query``, at most ``limit``, the best first; files that vanished are left out.

        Raises InvalidRequestError for an empty query or a limit out of range, FileFormatError for a damaged index.
        """
        progress = progress or SilentProgress()
        check_text(query, "query", "a person waves")
        if not 1 <= limit <= MAX_HITS:
            raise InvalidRequestError(f"number of results: {limit}, expected 1 to {MAX_HITS}")
        progress.report(0.0, "Searching")
        vectors = self._current_vectors()
        (text,) = grounder.embed_texts([query])
        found: list[tuple[WindowHit, LibraryHit]] = []
        for window in best_windows(vectors, text):
            if len(found) == limit + _SPARE_HITS:
                break
            if any(window.repeats(hit) for hit, _ in found):
                continue
            progress.raise_if_cancelled()
            entry = self._index.motion(window.motion)
            files = () if entry is None else tuple(path for path in entry[1] if path.exists())
            if entry is None or not files:
                continue
            try:
                hit = _read_again(grounder, text, entry[0], window)
            except (IndexError, ValueError, RuntimeError) as error:
                reason = in_short(error, 80)
                raise LibraryIndexError(f"{self._index.path}: a damaged row ({reason}), add its motion anew") from None
            if not any(hit.repeats(other) for other, _ in found):
                found.append((hit, _in_frames(grounder, hit, entry[0], files)))
        progress.report(1.0, "Found")
        hits = [hit for _, hit in found]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, str(hit.path), hit.start))[:limit])

    def _current_vectors(self) -> LibraryVectors:
        revision = self._index.revision
        if self._vectors is None or revision != self._revision:
            self._vectors, self._revision = self._index.vectors(), revision
        return self._vectors


def best_windows(vectors: LibraryVectors, text: FloatArray) -> Iterator[WindowHit]:
    """The windows nearest to ``text`` (d,), the best first: of each motion a few, none repeating a better one."""
    if not len(vectors):
        return
    scores = vectors.vectors @ text.astype(np.float32)
    by_motion: dict[int, list[WindowHit]] = {}
    for row in _descending(scores):
        start, end = vectors.windows[row].tolist()
        hit = WindowHit(int(vectors.motions[row]), start, end, float(scores[row]))
        same = by_motion.setdefault(hit.motion, [])
        if len(same) < MAX_HITS_OF_MOTION and not any(hit.repeats(other) for other in same):
            same.append(hit)
            yield hit


def _descending(scores: FloatArray, block: int = 4096) -> Iterator[int]:
    """Rows by falling score. Only the first block is sorted unless more are asked for."""
    if len(scores) > block:
        threshold = np.partition(scores, len(scores) - block)[len(scores) - block]
        first = np.flatnonzero(scores >= threshold)
        yield from first[np.argsort(-scores[first], kind="stable")].tolist()
        rest = np.flatnonzero(scores < threshold)
        yield from rest[np.argsort(-scores[rest], kind="stable")].tolist()
    else:
        yield from np.argsort(-scores, kind="stable").tolist()


def _read_again(grounder: Grounder, text: FloatArray, motion: IndexedMotion, window: WindowHit) -> WindowHit:
    """The stretch for ``text`` around ``window``, of all lengths and places that the grounder looks at."""
    centred = (window.start + window.end - CHUNK_TOKENS) // 2
    first = max(0, min(centred, len(motion.token_ids) - CHUNK_TOKENS))
    last = max(window.end, first + CHUNK_TOKENS)
    encoded = grounder.encode_tokens(motion.token_ids[first:last])
    start, end, score, _ = find_stretch(encoded.vectors @ text, encoded.windows, encoded.num_tokens)
    return replace(window, start=first + start, end=first + end, score=score)


def _in_frames(grounder: Grounder, hit: WindowHit, motion: IndexedMotion, files: tuple[Path, ...]) -> LibraryHit:
    factor = FRAMES_PER_TOKEN * motion.frame_rate / grounder.frame_rate
    start = min(round(hit.start * factor), motion.num_frames - 1)
    end = max(start + 1, min(round(hit.end * factor), motion.num_frames))
    confidence = grounder.calibration.confidence(hit.score)
    return LibraryHit(files[0], start, end, hit.score, confidence, motion.num_frames, motion.frame_rate, files[1:])
