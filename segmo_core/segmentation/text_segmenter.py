"""What every text segmenter is and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from segmo_core.progress import Progress
from segmo_core.timeline.segment_track import TextSegment


@dataclass(frozen=True)
class SegmentedText:
    """The ordered segments of a caption.

    segmenter: name of the one that really answered ("rules", "ollama"). notice: a sentence for the user when
    the wished one could not, or when the caption is not in a language it reads (empty otherwise). model: the language
    model that answered; "" for none.
    """

    caption: str
    segments: tuple[TextSegment, ...]
    segmenter: str
    notice: str = ""
    model: str = ""


class TextSegmenter(Protocol):
    """Decomposes a caption into temporally ordered atomic actions (paper section 3.3)."""

    name: str

    def segment(self, caption: str, progress: Progress | None = None) -> SegmentedText:
        """Raises InvalidRequestError for an empty caption, CancelledError when cancelled."""
        ...
