"""How many segments the captions of a data set have, by split (paper, supplementary figure 8): table and plot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from segmo_core.data.captioned_folders.caption_segments import CaptionSegments
from segmo_core.data.captioned_folders.humanml3d import SPLITS, load_humanml3d
from segmo_core.evaluation.measures.tables import Table
from segmo_core.progress import Progress, ProgressPart
from segmo_core.serialization import write_atomically

PUBLISHED_MOST = 5  # segments that a model is told
_UNLIMITED = 10**6
_COLOURS = ("#4477aa", "#ddaa33", "#bb5566")


@dataclass(frozen=True)
class SplitCounts:
    """captions: how many have 1, 2, ... segments. total: all of them."""

    split: str
    captions: dict[int, int]

    @property
    def total(self) -> int:
        return sum(self.captions.values())

    def share(self, count: int) -> float:
        """Of captions with so many segments; of more than PUBLISHED_MOST for the number after it."""
        if count <= PUBLISHED_MOST:
            return self.captions.get(count, 0) / max(self.total, 1)
        return self.over / max(self.total, 1)

    @property
    def over(self) -> int:
        """Captions of more segments than a model is told."""
        return sum(number for count, number in self.captions.items() if count > PUBLISHED_MOST)

    @property
    def mean(self) -> float:
        return sum(count * number for count, number in self.captions.items()) / max(self.total, 1)


@dataclass(frozen=True)
class SegmentCounts:
    """source: who decomposed the captions."""

    data: str
    source: str
    splits: tuple[SplitCounts, ...]

    def table(self) -> Table:
        """One row a split, shares in per cent."""
        columns = ("Split", "Captions", *map(str, range(1, PUBLISHED_MOST + 1)), f"over {PUBLISHED_MOST}", "Mean")
        rows = tuple(
            (
                row.split,
                str(row.total),
                *(f"{100 * row.share(count):.1f} %" for count in range(1, PUBLISHED_MOST + 2)),
                f"{row.mean:.2f}",
            )
            for row in self.splits
        )
        over = sum(row.over for row in self.splits)
        note = f"{over} captions have more than {PUBLISHED_MOST} segments; a model is told the first {PUBLISHED_MOST}."
        return Table(
            f"{self.data}: captions by number of segments, decomposed by {self.source}", columns, rows, (note,)
        )


def count_segments(folder: Path, cache: Path, model: str | None, progress: Progress) -> SegmentCounts:
    """Every caption of every split that is there. model: whose decomposition; None takes any, else the rules.

    Raises DataError for a folder of another layout.
    """
    there = [split for split in SPLITS if (folder / f"{split}.txt").is_file()] or list(SPLITS)
    data = load_humanml3d(folder, cache, there, ProgressPart(progress, 0.0, 0.6))
    segments = CaptionSegments(data.folder, data.name, _UNLIMITED, model)
    found = []
    for number, split in enumerate(there):
        progress.raise_if_cancelled()
        progress.report(0.6 + 0.4 * number / len(there), f"captions of {split}")
        counts = Counter(len(segments.of(clip, caption)) for clip in data.select(split) for caption in clip.captions)
        found.append(SplitCounts(split, dict(sorted(counts.items()))))
    source = "the built-in rules" if segments.folder is None else segments.folder.name
    return SegmentCounts(data.name, source, tuple(found))


def draw_counts(counts: SegmentCounts, path: Path) -> None:
    """A bar for every split and number of segments, as an SVG picture. FileFormatError when it cannot be written."""
    text = _svg(counts.data, counts.splits)
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def _svg(title: str, splits: Sequence[SplitCounts]) -> str:
    width, height, left, top, bottom = 640, 360, 56, 40, 48
    groups = PUBLISHED_MOST + 1
    most = max((row.share(count) for row in splits for count in range(1, groups + 1)), default=0.0) or 1.0
    plot, group = height - top - bottom, (width - left - 16) / groups
    bar = 0.8 * group / max(len(splits), 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>',
        f'<text x="{width / 2}" y="22" text-anchor="middle" font-size="14">{escape(title)}: segments a caption</text>',
    ]
    for step in range(5):
        share = most * step / 4
        y = height - bottom - plot * step / 4
        parts.append(f'<line x1="{left}" x2="{width - 16}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{100 * share:.0f} %</text>')
    for number in range(1, groups + 1):
        x = left + (number - 1) * group
        label = str(number) if number < groups else f"over {PUBLISHED_MOST}"
        parts.append(f'<text x="{x + group / 2:.1f}" y="{height - 28}" text-anchor="middle">{label}</text>')
        for place, row in enumerate(splits):
            tall = plot * row.share(number) / most
            parts.append(
                f'<rect x="{x + 0.1 * group + place * bar:.1f}" y="{height - bottom - tall:.1f}" width="{bar:.1f}" '
                f'height="{tall:.1f}" fill="{_COLOURS[place % len(_COLOURS)]}"/>'
            )
    for place, row in enumerate(splits):
        x = left + 120 * place
        parts.append(f'<rect x="{x}" y="{height - 16}" width="10" height="10" fill="{_COLOURS[place % 3]}"/>')
        parts.append(f'<text x="{x + 14}" y="{height - 7}">{escape(row.split)}, {row.total} captions</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
