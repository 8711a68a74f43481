"""Error of the motion segmenters against true boundaries, in tokens (paper, supplementary table 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core import catalog
from segmo_core.data.boundary_sources import open_segmenter
from segmo_core.data.composition.sequences import Composer, CompositionSettings
from segmo_core.data.mocap22 import Mocap22
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.segmentation.boundary_metrics import BoundaryError, boundary_error
from segmo_core.segmentation.motion_segmenter import token_rows
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

# Sequences of two to five segments, in the proportions of training.
_SETTINGS = CompositionSettings(segment_count_shares=(0.0, 0.48, 0.29, 0.15, 0.08), seed=2026)
_PAPER = {"uniform": (3.61, 3.01), "change-point": (2.95, 3.46), "clustering": (2.97, 4.04)}


@dataclass(frozen=True)
class SegmenterFigures:
    """Error of one segmenter, in tokens: over all boundaries, and by the number of segments of the sequence.

    within_one, within_two: shares of boundaries found at most one or two tokens (0.2, 0.4 s) away.
    """

    name: str
    overall: BoundaryError
    by_segments: dict[int, BoundaryError]
    within_one: float
    within_two: float


def measure_segmenters(
    data: Mocap22,
    cache: Path,
    *,
    names: Sequence[str] = tuple(catalog.MOTION_SEGMENTERS),
    split: str = "test",
    sequences: int = 500,
    progress: Progress | None = None,
) -> list[SegmenterFigures]:
    """Cut composed sequences of a split of mocap22 into as many segments as they were joined from.

    Features are normalised with the statistics of the train split, whose clips also make the primitives.
    """
    progress = progress or SilentProgress()
    statistics = data.statistics(data.select("train", only_shippable=False))
    composer = Composer(data, data.select(split, only_shippable=False), _SETTINGS)
    rows, true = [], []
    for number in range(sequences):
        progress.raise_if_cancelled()
        if number % 20 == 0:
            progress.report(0.6 * number / sequences, f"sequence {number} of {sequences}")
        sequence = composer.compose(number)
        rows.append(token_rows(sequence.features, statistics, data.layout, FRAMES_PER_TOKEN))
        true.append(tuple(end // FRAMES_PER_TOKEN for end in sequence.ends))
    figures = []
    for name in names:
        part = ProgressPart(progress, 0.6, 1.0)
        segmenter = open_segmenter(name, data, statistics, cache, progress=part)
        found = [segmenter.segment(motion, len(ends)) for motion, ends in zip(rows, true, strict=True)]
        figures.append(segmenter_figures(name, found, true))
    return figures


def segmentation_table(figures: Sequence[SegmenterFigures]) -> str:
    """Markdown, in the layout of the paper's table with its figures beside ours."""
    counts = sorted({count for row in figures for count in row.by_segments})
    heads = " | ".join(f"{count} segments" for count in counts)
    lines = [
        f"| segmentation | error (mean) | error (std) | within 1 token | within 2 | {heads} | paper (BABEL) |",
        "|---" * (6 + len(counts)) + "|",
    ]
    for row in figures:
        parts = " | ".join(
            f"{row.by_segments[count].mean:.2f} ± {row.by_segments[count].std:.2f}" if count in row.by_segments else ""
            for count in counts
        )
        paper = "{:.2f}, {:.2f}".format(*_PAPER[row.name]) if row.name in _PAPER else ""
        lines.append(
            f"| {row.name} | {row.overall.mean:.2f} | {row.overall.std:.2f} | {row.within_one:.0%} | "
            f"{row.within_two:.0%} | {parts} | {paper} |"
        )
    return "\n".join(lines) + "\n"


def segmenter_figures(name: str, found: list[tuple[int, ...]], true: list[tuple[int, ...]]) -> SegmenterFigures:
    """Of found and true ends of segments, in tokens, motion by motion."""
    by_segments = {}
    for count in sorted({len(ends) for ends in true}):
        chosen = [i for i, ends in enumerate(true) if len(ends) == count]
        by_segments[count] = boundary_error([found[i] for i in chosen], [true[i] for i in chosen])
    distances = np.concatenate([np.abs(np.subtract(a[:-1], b[:-1])) for a, b in zip(found, true, strict=True)])
    return SegmenterFigures(
        name,
        boundary_error(found, true),
        by_segments,
        within_one=float((distances <= 1).mean()),
        within_two=float((distances <= 2).mean()),
    )
