"""What is selected: segments of the current take, and one of its groundings. Never part of undo."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from segmo_core.project.project import Take
from segmo_studio.document.document import Document


class Selection(QObject):
    """Index of the selected segment and grounding; -1 when none. Several segments may be selected together, of which
    ``segment`` is the one that was clicked last. Follows the document's edits.
    """

    segment_selected = Signal(int)
    grounding_selected = Signal(int)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._segment = -1
        self._segments: tuple[int, ...] = ()
        self._grounding = -1
        document.take_switched.connect(self._on_take_switched)
        document.take_edited.connect(self._on_take_edited)

    @property
    def segment(self) -> int:
        return self._segment

    @property
    def segments(self) -> tuple[int, ...]:
        """Indices of all selected segments, in order."""
        return self._segments

    @property
    def grounding(self) -> int:
        return self._grounding

    def select_segment(self, index: int) -> None:
        """Select a segment; the grounding of the same text, when there is one, is selected with it."""
        track = self._document.current.track
        index = index if track is not None and 0 <= index < len(track) else -1
        self._choose(index, (index,) if index >= 0 else ())
        if track is not None and index >= 0:
            for position, grounding in enumerate(self._document.current.groundings):
                if grounding.query == track[index].text:
                    self.select_grounding(position)

    def toggle(self, index: int) -> None:
        """Take a segment into the selection, or out of it while others are left."""
        kept = tuple(other for other in self._segments if other != index)
        if index not in self._segments:
            self._choose(index, tuple(sorted((*kept, index))))
        elif kept:
            self._choose(kept[-1], kept)

    def extend_to(self, index: int) -> None:
        """Select all from the segment that was clicked last to ``index``."""
        track = self._document.current.track
        if track is None:
            return
        index = max(0, min(index, len(track) - 1))
        first = max(self._segment, 0)
        self._choose(first, tuple(range(min(first, index), max(first, index) + 1)))

    def select_all(self) -> None:
        """Every segment of the take."""
        track = self._document.current.track
        if track is not None:
            self._choose(max(self._segment, 0), tuple(range(len(track))))

    def select_grounding(self, index: int) -> None:
        index = index if 0 <= index < len(self._document.current.groundings) else -1
        if index != self._grounding:
            self._grounding = index
            self.grounding_selected.emit(index)

    def _on_take_switched(self, take: Take) -> None:
        self.select_segment(0 if take.track is not None else -1)
        self.select_grounding(0)
        self._clamp(take)

    def _on_take_edited(self, _before: Take, after: Take) -> None:
        self._clamp(after)

    def _clamp(self, take: Take) -> None:
        last = len(take.track) - 1 if take.track is not None else -1
        if self._segment > last or any(index > last for index in self._segments):
            self.select_segment(min(self._segment, last))
        if take.groundings and self._grounding < 0:
            self.select_grounding(0)
        self.select_grounding(min(self._grounding, len(take.groundings) - 1))

    def _choose(self, index: int, segments: tuple[int, ...]) -> None:
        if (index, segments) != (self._segment, self._segments):
            self._segment, self._segments = index, segments
            self.segment_selected.emit(index)
