"""The prompt field: words in the colours of the segments that took them over, lost words underlined."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from segmo_core.errors import InvalidRequestError
from segmo_core.rendering.colours import segment_colour
from segmo_core.segmentation.prompt_text import check_length
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_studio.theme.theme import Theme

_HEIGHT = 74


class PromptText(QPlainTextEdit):
    """Plain text; Tab leaves the field. More than a prompt may hold is not pasted, for laying it out takes seconds."""

    edited = Signal()
    """The user left the field."""
    refused = Signal(object)
    """SegmoError: what was to be pasted is too long."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._segmented: SegmentedText | None = None
        self._present: tuple[int | None, ...] = ()
        self._uncovered: list[tuple[int, int]] = []
        self.setTabChangesFocus(True)
        # A file dropped here is meant for the window, not as text.
        self.setAcceptDrops(False)
        self.setPlaceholderText("Describe a motion: what a person does, and what next.")
        self.setAccessibleName("Prompt")
        self.setFixedHeight(_HEIGHT)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        theme.changed.connect(self._mark)

    def sizeHint(self) -> QSize:
        return QSize(300, _HEIGHT)

    def replace_all(self, text: str) -> None:
        """Another text, which Ctrl+Z in the field takes back."""
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)

    def mark(
        self, segmented: SegmentedText | None, present: Sequence[int | None], uncovered: list[tuple[int, int]]
    ) -> None:
        """Colour the character ranges of the segments (when the text is still theirs) and underline lost words.

        present: for every segment of ``segmented`` the one whose colour it has now; None for none.
        """
        self._segmented = segmented
        self._present = tuple(present)
        self._uncovered = uncovered
        self._mark()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.edited.emit()

    def insertFromMimeData(self, source: QMimeData) -> None:
        try:
            check_length(self.document().characterCount() + len(source.text()), "prompt")
        except InvalidRequestError as error:
            self.refused.emit(error)
        else:
            super().insertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
            return
        super().keyPressEvent(event)

    def _mark(self) -> None:
        selections = []
        text = self.toPlainText()
        if self._segmented is not None and self._segmented.caption.strip() == text.strip():
            offset = len(text) - len(text.lstrip())
            for index, segment in zip(self._present, self._segmented.segments, strict=True):
                if index is not None and segment.start is not None and segment.end is not None:
                    colour = QColor(segment_colour(index))
                    colour.setAlpha(85 if self._theme.colours.is_dark else 100)
                    style = QTextCharFormat()
                    style.setBackground(colour)
                    selections.append(self._selection(segment.start + offset, segment.end + offset, style))
        for start, end in self._uncovered:
            style = QTextCharFormat()
            style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            style.setUnderlineColor(self._theme.colours.colour("danger"))
            selections.append(self._selection(start, end, style))
        self.setExtraSelections(selections)

    def _selection(self, start: int, end: int, style: QTextCharFormat) -> QTextEdit.ExtraSelection:
        cursor = QTextCursor(self.document())
        last = max(self.document().characterCount() - 1, 0)
        cursor.setPosition(min(start, last))
        cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
        result = QTextEdit.ExtraSelection()
        result.cursor = cursor
        result.format = style
        return result
