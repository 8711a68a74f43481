"""The segments of a data set's captions: read from precomputed files, by the rules where there are none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from segmo_core.data.captioned_folders.captioned_motion import Caption, CaptionedClip
from segmo_core.errors import FileFormatError
from segmo_core.segmentation.prompt_text import one_caption
from segmo_core.segmentation.text_precomputed import find_model_folder, read_segment_lines
from segmo_core.segmentation.text_rules import RulesSegmenter


class CaptionSegments:
    """Segments of each caption, at most ``max_segments``: as published the first ones, or the first ones and what is
    left as one (``join_rest``), so that the segments tell the whole motion.

    dataset_folder, dataset_name: whose files are looked for. model: which of them; None takes any (see
    ``find_model_folder``).
    """

    def __init__(
        self,
        dataset_folder: Path,
        dataset_name: str,
        max_segments: int,
        model: str | None = None,
        join_rest: bool = False,
    ) -> None:
        self.folder = find_model_folder(dataset_folder, dataset_name, model)
        self._max_segments = max_segments
        self.join_rest = join_rest
        self._rules = RulesSegmenter()
        self._files: dict[str, list[tuple[str, ...]] | None] = {}
        self.counts: Counter[str] = Counter()

    def of(self, clip: CaptionedClip, caption: Caption) -> tuple[str, ...]:
        """At least one segment; the caption is its own where nothing can be cut."""
        lines = self._lines(clip.source)
        segments: tuple[str, ...] = ()
        if lines is not None and caption.line < len(lines):
            segments = lines[caption.line]
        self.counts["file" if segments else "rules"] += 1
        if not segments:
            segments = tuple(segment.text for segment in self._rules.segment(caption.text).segments)
        if len(segments) <= self._max_segments:
            return segments or (caption.text,)
        self.counts["long"] += 1
        if not self.join_rest:
            return segments[: self._max_segments]
        return (*segments[: self._max_segments - 1], one_caption(segments[self._max_segments - 1 :]))

    @property
    def notice(self) -> str:
        """A sentence on where the segments so far came from; empty when all were in the files."""
        return "; ".join(sentence for sentence in (self._said_of_rules(), self._said_of_long_ones()) if sentence)

    def _said_of_long_ones(self) -> str:
        count = self.counts["long"]
        if not count:
            return ""
        kept = "the rest is told as one" if self.join_rest else f"the first {self._max_segments} are told"
        return f"{count} captions have more than {self._max_segments} segments, {kept}"

    def _said_of_rules(self) -> str:
        if not self.counts["rules"]:
            return ""
        total = self.counts["rules"] + self.counts["file"]
        if self.folder is None:
            return f"no decomposed captions found, the built-in rules cut all {total} (see segmo segment-dataset)"
        return f"{self.folder}: {self.counts['rules']} of {total} captions are not in it, the built-in rules cut them"

    def _lines(self, name: str) -> list[tuple[str, ...]] | None:
        if self.folder is None:
            return None
        if name not in self._files:
            try:
                self._files[name] = read_segment_lines(self.folder / f"{name}.txt")
            except FileFormatError:  # counted, and told by ``notice``
                self._files[name] = None
        return self._files[name]
