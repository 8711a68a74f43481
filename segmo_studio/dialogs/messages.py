"""Everything that the window has told, to be read again and copied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from segmo_studio.services.notifications import Notification
from segmo_studio.theme.widgets import push_button

_SIZE = (680, 420)


class Messages(QDialog):
    """Read-only, newest last; Escape closes it."""

    def __init__(self, told: Sequence[tuple[datetime, Notification]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Messages")
        self.resize(*_SIZE)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Messages")
        self.text.setPlainText(as_text(told) or "Nothing was told yet.")
        copy = push_button("Copy all")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text.toPlainText()))
        close = push_button("Close", "primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(copy)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.addWidget(self.text)
        column.addLayout(buttons)


def as_text(told: Sequence[tuple[datetime, Notification]]) -> str:
    """One paragraph for each notification: time, level, sentence, and details where there are some."""
    parts = []
    for moment, notification in told:
        parts.append(f"{moment:%H:%M:%S}  {notification.level}: {notification.sentence}")
        if notification.details:
            parts.append(notification.details.rstrip())
    return "\n".join(parts)
