"""Editing the text of a segment where it stands in the timeline."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.theme.kept_line_edit import KeptLineEdit


class TextInPlace(KeptLineEdit):
    """The field over a segment. take_id, index: whose words it shows."""

    def __init__(self, take_id: int, index: int, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.take_id = take_id
        self.index = index
        self.shown_text = text
        self.setAccessibleName(f"Text of segment {index + 1}")
        self.setPlaceholderText("What does the person do?")
        self.selectAll()

    def is_of(self, track: SegmentTrack | None) -> bool:
        """Whether the segment that it was opened for is still there, with the words it had."""
        return track is not None and self.index < len(track) and track[self.index].text == self.shown_text


class TextEditing:
    """The one field of a timeline: stays over its segment and goes with it."""

    def __init__(self, timeline: QWidget, editor: TrackEditor, place_of: Callable[[int], QRect]) -> None:
        """place_of: where the text of a segment is edited."""
        self._timeline = timeline
        self._editor = editor
        self._place_of = place_of
        self._field: TextInPlace | None = None

    def open(self, take: Take, index: int) -> None:
        """Edit the text of a segment; one that is being edited stays as it is, words in another one are kept."""
        if take.track is None or not 0 <= index < len(take.track):
            return
        if self._field is not None and self._field.index == index:
            self._field.selectAll()
            return
        self.keep()
        field = self._field = TextInPlace(take.take_id, index, take.track[index].text, self._timeline)
        field.kept.connect(lambda text: self._editor.set_text(index, text, take.take_id))
        field.finished.connect(self._leave)
        self.place()
        field.show()
        field.setFocus()

    def place(self) -> None:
        """Put the field where its segment is now."""
        if self._field is not None:
            self._field.setGeometry(self._place_of(self._field.index))

    def keep(self) -> None:
        """Close the field; its words stay with its segment."""
        if self._field is not None:
            self._field.keep()
        self._close()

    def follow(self, track: SegmentTrack | None) -> None:
        """The track of the take has changed: close a field whose segment is no longer there."""
        if self._field is not None and not self._field.is_of(track):
            self._close()

    def _leave(self, by_key: bool) -> None:
        if by_key:
            self._timeline.setFocus()  # first, or Qt would give the focus of a hidden field to whatever is next
        self._close()

    def _close(self) -> None:
        field, self._field = self._field, None
        if field is not None:
            field.hide()
            field.deleteLater()
