"""A line of text that belongs to something: Enter or leaving it keeps the words, Escape drops them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLineEdit, QStyle, QStyleOptionFrame, QWidget

_INSIDE = 2  # pixels that Qt leaves beside the text of a field
_STILL_EDITING = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
"""Another window, or a menu of the field itself: whoever comes back types on."""


class KeptLineEdit(QLineEdit):
    """Says what was typed through ``kept``, once; keys that it knows never reach what lies behind it."""

    kept = Signal(str)
    """The words, when they were changed and are to stay."""
    dropped = Signal()
    """Escape: the words from before are back."""
    finished = Signal(bool)
    """Editing is over, after ``kept`` or ``dropped``; by a key (True), or because the focus went elsewhere."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._before = text

    @property
    def has_unkept_words(self) -> bool:
        """Whether something was typed that nobody was told of yet."""
        return self.text() != self._before

    def show_text(self, text: str) -> None:
        """Show other words, as known; nothing is typed any more."""
        self._before = text
        if self.text() != text:
            self.setText(text)
            self.setCursorPosition(0)

    def keep(self) -> None:
        """Say what was typed, if anything was."""
        if self.has_unkept_words:
            self._before = self.text()
            self.kept.emit(self.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words that do not fit end in an ellipsis until somebody edits them."""
        room = self.contentsRect().width() - 2 * _INSIDE
        if self.hasFocus() or self.fontMetrics().horizontalAdvance(self.text()) <= room:
            super().paintEvent(event)
            return
        painter, option = QPainter(self), QStyleOptionFrame()
        self.initStyleOption(option)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self)
        inside = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)
        inside.adjust(_INSIDE, 0, -_INSIDE, 0)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, inside.width())
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~_KEYPAD:
            event.accept()
            self.keep()
            self.finished.emit(True)
        elif event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.show_text(self._before)
            self.dropped.emit()
            self.finished.emit(True)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _STILL_EDITING:
            self.setCursorPosition(0)
            self.keep()
            self.finished.emit(False)


_KEYPAD = Qt.KeyboardModifier.KeypadModifier
