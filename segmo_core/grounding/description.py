"""What happens in a motion? Stretches of it and the sentences that fit them best."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.grounding.described_stretch import DescribedStretch, TextMatch
from segmo_core.grounding.grounder import token_curve
from segmo_core.grounding.grounding_result import HEAD
from segmo_core.grounding.scored_motion import TextFinder
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.serialization import read_json, read_text
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

MAX_MATCHES = 5
# What another sentence must gain over the tokens of its stretch, in cosine similarity, to be worth a boundary. Of 0.5
# to 6, the one with the most frames right on joined validation clips.
_CHANGE_COST = 1.5
# Candidates compete: how sharply, per unit of cosine similarity (the best Brier score on validation clips); and from
# which similarity of their own vectors on two of them mean the same and do not.
_COMPETITION = 20.0
_SAME_MEANING = 0.93


@cache
def vocabulary() -> tuple[str, ...]:
    """The built-in sentences: one for each action that the starter bundle learned."""
    sentences: list[str] = read_json(Path(__file__).with_name("vocabulary.json"))["sentences"]
    return tuple(sentences)


def read_candidates(path: Path) -> tuple[str, ...]:
    """The sentences of a text file, one a line, each once; FileFormatError when there is none."""
    lines = (line.strip() for line in read_text(path, "sentences, one a line").splitlines())
    sentences = tuple(dict.fromkeys(line for line in lines if line))
    if not sentences:
        raise FileFormatError(f"{path}: empty, expected sentences, one a line, such as 'a person waves'")
    return sentences


def sentences_beside(finder: TextFinder, asked: Sequence[str]) -> tuple[str, ...]:
    """``asked``, each once, and the built-in sentences that mean something else than all of them."""
    own = tuple(dict.fromkeys(text for text in asked if text.strip()))
    if not own:
        return vocabulary()
    likeness = finder.alike((*own, *vocabulary()))[len(own) :, : len(own)]
    others = (text for text, row in zip(vocabulary(), likeness, strict=True) if row.max() < _SAME_MEANING)
    return (*own, *others)


def describe(
    finder: TextFinder, motion: Motion, candidates: Sequence[str], progress: Progress | None = None
) -> tuple[DescribedStretch, ...]:
    """Cut a motion (model skeleton, any rate) into stretches that show one candidate each; they tile its frames.

    The cut is the best path through the candidates' similarity curves, where every change costs. Neighbours that are
    best described by the same sentence are one stretch.
    """
    progress = progress or SilentProgress()
    _check_candidates(candidates)
    scored = finder.scored(motion, candidates, ProgressPart(progress, 0.0, 0.9))
    curves = np.stack([token_curve(column, scored.windows, scored.num_tokens) for column in scored.scores.T])
    ranges = _runs(best_path(curves, _CHANGE_COST))
    ranges = _joined(ranges, scored.of(ranges).argmax(axis=1))
    alike = finder.alike(candidates)
    factor = FRAMES_PER_TOKEN * motion.frame_rate / finder.frame_rate
    starts = [min(round(start * factor), motion.num_frames) for start, _ in ranges.tolist()]
    stretches = []
    for scores, (start, end) in zip(scored.of(ranges), itertools.pairwise([*starts, motion.num_frames]), strict=True):
        if end > start:  # at a few frames a second, a token may hold none
            stretches.append(DescribedStretch(start, end, _matches(finder, scores, alike, candidates)))
    progress.report(1.0, "Described")
    return tuple(stretches)


def describe_stretch(
    finder: TextFinder,
    motion: Motion,
    start: int,
    end: int,
    candidates: Sequence[str],
    progress: Progress | None = None,
) -> DescribedStretch:
    """The candidates that fit frames [start, end) of ``motion`` best. InvalidRequestError for frames outside."""
    if not 0 <= start < end <= motion.num_frames:
        raise InvalidRequestError(
            f"frames {start} to {end}: expected a start before an end, within 0 to {motion.num_frames}"
        )
    _check_candidates(candidates)
    scored = finder.scored(motion, candidates, progress)
    tokens = _token_range(scored.num_tokens, motion.frame_rate / finder.frame_rate, start, end)
    return DescribedStretch(start, end, _matches(finder, scored.of(tokens)[0], finder.alike(candidates), candidates))


def best_path(curves: FloatArray, change_cost: float) -> NDArray[np.int64]:
    """(N,) which of K curves (K, N) to follow so that the sum of values, less ``change_cost`` a change, is largest.

    Viterbi's algorithm.
    """
    count, length = curves.shape
    came_from = np.empty((length, count), dtype=np.int64)
    best = curves[:, 0].astype(np.float64)
    own = np.arange(count)
    for token in range(1, length):
        leader = int(best.argmax())
        changed = best[leader] - change_cost
        came_from[token] = np.where(best >= changed, own, leader)
        best = np.maximum(best, changed) + curves[:, token]
    path = np.empty(length, dtype=np.int64)
    path[-1] = best.argmax()
    for token in range(length - 1, 0, -1):
        path[token - 1] = came_from[token, path[token]]
    return path


def _check_candidates(candidates: Sequence[str]) -> None:
    if not candidates or any(not text.strip() for text in candidates):
        raise InvalidRequestError("candidates: none or an empty one, expected sentences such as 'a person waves'")


def _runs(path: NDArray[np.int64]) -> NDArray[np.int64]:
    """(S, 2) half-open ranges over which ``path`` stays the same."""
    bounds = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return np.array(list(itertools.pairwise(bounds)), dtype=np.int64)


def _joined(ranges: NDArray[np.int64], labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """Neighbouring ranges of the same label as one."""
    firsts = np.flatnonzero(np.concatenate([[True], np.diff(labels) != 0]))
    lasts = np.append(firsts[1:] - 1, len(ranges) - 1)
    return np.stack([ranges[firsts, 0], ranges[lasts, 1]], axis=1)


def _token_range(num_tokens: int, frame_factor: float, start: int, end: int) -> NDArray[np.int64]:
    factor = FRAMES_PER_TOKEN * frame_factor
    first = min(round(start / factor), num_tokens - 1)
    return np.array([(first, max(first + 1, min(round(end / factor), num_tokens)))], dtype=np.int64)


def _matches(
    finder: TextFinder, scores: FloatArray, alike: FloatArray, candidates: Sequence[str]
) -> tuple[TextMatch, ...]:
    """The candidates with the highest scores (K,) of a stretch. alike: (K, K) cosines of the candidates."""
    matches = []
    for index in np.argsort(-scores, kind="stable")[:MAX_MATCHES].tolist():
        others = alike[index] < _SAME_MEANING
        score = float(scores[index])
        confidence = finder.confidence(score)
        if finder.way == HEAD:
            confidence /= 1.0 + float(np.exp(_COMPETITION * (scores[others] - scores[index])).sum())
        matches.append(TextMatch(candidates[index], score, confidence))
    return tuple(matches)
