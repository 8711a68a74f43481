"""What is selected: a segment of the current take, and one of its groundings. Never part of undo."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from segmo_core.project.project import Take
from segmo_studio.document.document import Document


class Selection(QObject):
    """Index of the selected segment and grounding; -1 when none. Follows the document's edits."""

    segment_selected = Signal(int)
    grounding_selected = Signal(int)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._segment = -1
        self._grounding = -1
        document.take_switched.connect(self._on_take_switched)
        document.take_edited.connect(self._on_take_edited)

    @property
    def segment(self) -> int:
        return self._segment

    @property
    def grounding(self) -> int:
        return self._grounding

    def select_segment(self, index: int) -> None:
        """Select a segment; the grounding of the same text, when there is one, is selected with it."""
        track = self._document.current.track
        index = index if track is not None and 0 <= index < len(track) else -1
        if index != self._segment:
            self._segment = index
            self.segment_selected.emit(index)
        if track is not None and index >= 0:
            for position, grounding in enumerate(self._document.current.groundings):
                if grounding.query == track[index].text:
                    self.select_grounding(position)

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
        self.select_segment(min(self._segment, last))
        if take.groundings and self._grounding < 0:
            self.select_grounding(0)
        self.select_grounding(min(self._grounding, len(take.groundings) - 1))
