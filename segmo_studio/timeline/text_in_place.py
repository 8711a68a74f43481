"""Editing the text of a segment where it stands in the timeline."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class TextInPlace(QLineEdit):
    """Enter or a click elsewhere keeps the text, Escape drops it; either way the field is gone afterwards."""

    kept = Signal(int, str)
    """The index of the segment and its new text."""
    closed = Signal()

    def __init__(self, index: int, text: str, place: QRect, parent: QWidget) -> None:
        super().__init__(text, parent)
        self._index = index
        self._is_open = True
        self.setAccessibleName(f"Text of segment {index + 1}")
        self.setPlaceholderText("What does the person do?")
        self.setGeometry(place)
        self.selectAll()
        self.editingFinished.connect(self.keep)
        self.show()
        self.setFocus()

    def keep(self) -> None:
        if self._is_open:
            self._close()
            self.kept.emit(self._index, self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
            return
        super().keyPressEvent(event)

    def _close(self) -> None:
        if self._is_open:
            self._is_open = False
            self.hide()
            self.deleteLater()
            self.closed.emit()
