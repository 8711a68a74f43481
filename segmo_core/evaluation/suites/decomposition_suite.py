"""How well captions are decomposed: the rules and language models side by side, on captions that people decomposed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segmo_core.errors import FileFormatError, InvalidRequestError, SegmenterError
from segmo_core.evaluation.measures.decomposition import DecompositionScore, score_decomposition
from segmo_core.evaluation.measures.tables import Table
from segmo_core.progress import Progress
from segmo_core.segmentation.text_segmenter import TextSegmenter
from segmo_core.serialization import read_text


@dataclass(frozen=True)
class DecomposedCaption:
    """A caption and the decompositions that are right for it."""

    caption: str
    right: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class DecompositionFigures:
    """Of one segmenter, as shares of captions; order: of those with several segments. dropped, invented: shares of
    words. unanswered: captions without an answer, which count as wrong. seconds: for a caption."""

    name: str
    exact: float
    count: float
    order: float
    similarity: float
    dropped: float
    invented: float
    unanswered: int
    seconds: float


def read_decomposed(path: Path) -> list[DecomposedCaption]:
    """JSON lines {"caption": ..., "segments": [...], "alternatives": [[...], ...]}, the last of which may be missing.

    Raises FileFormatError naming the line.
    """
    found = []
    for number, line in enumerate(read_text(path, "JSON lines of captions and segments").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            right = tuple(tuple(map(_text, one)) for one in (row["segments"], *(row.get("alternatives") or [])))
            found.append(DecomposedCaption(_text(row["caption"]), right))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise FileFormatError(f'{path}, line {number}: expected {{"caption": text, "segments": [texts]}}') from None
        if not all(right):
            raise FileFormatError(f"{path}, line {number}: no segments, expected at least one")
    if not found:
        raise FileFormatError(f"{path}: empty, expected captions and their segments")
    return found


def measure_decomposition(
    captions: Sequence[DecomposedCaption], segmenters: Mapping[str, TextSegmenter], progress: Progress
) -> list[DecompositionFigures]:
    """Every segmenter on every caption; no answer counts as a wrong one."""
    return [
        _measured(name, segmenter, captions, progress, number / len(segmenters), 1 / len(segmenters))
        for number, (name, segmenter) in enumerate(segmenters.items())
    ]


def decomposition_table(figures: Sequence[DecompositionFigures]) -> Table:
    """One row a segmenter."""
    rows = tuple(
        (
            row.name,
            *(f"{100 * value:.1f}" for value in (row.exact, row.count, row.order, row.similarity)),
            *(f"{100 * value:.1f}" for value in (row.dropped, row.invented)),
            str(row.unanswered),
            f"{row.seconds:.3f}",
        )
        for row in figures
    )
    columns = ("Segmenter", "Exact %", "Count %", "Order %", "Words %", "Dropped %", "Invented %", "No answer", "s")
    return Table("Captions decomposed, against people", columns, rows)


def _measured(
    name: str,
    segmenter: TextSegmenter,
    captions: Sequence[DecomposedCaption],
    progress: Progress,
    first: float,
    share: float,
) -> DecompositionFigures:
    scores: list[tuple[DecomposedCaption, DecompositionScore]] = []
    unanswered = 0
    began = time.perf_counter()
    for number, caption in enumerate(captions):
        progress.raise_if_cancelled()
        progress.report(first + share * number / len(captions), f"{name}, caption {number + 1} of {len(captions)}")
        texts: tuple[str, ...] = ()
        try:
            texts = tuple(segment.text for segment in segmenter.segment(caption.caption).segments)
        except SegmenterError:
            unanswered += 1
        except InvalidRequestError as error:
            raise InvalidRequestError(f"{caption.caption!r}: {error}") from None
        scores.append((caption, score_decomposition(caption.caption, texts, caption.right)))
    seconds = (time.perf_counter() - began) / len(captions)
    several = [score for caption, score in scores if len(caption.right[0]) > 1]
    words = sum(score.num_words for _, score in scores)
    return DecompositionFigures(
        name,
        exact=_mean([score.is_exact for _, score in scores]),
        count=_mean([score.count_is_right for _, score in scores]),
        order=_mean([score.order_is_right for score in several]),
        similarity=_mean([score.similarity for _, score in scores]),
        dropped=sum(score.dropped for _, score in scores) / max(words, 1),
        invented=sum(score.invented for _, score in scores) / max(words, 1),
        unanswered=unanswered,
        seconds=seconds,
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
