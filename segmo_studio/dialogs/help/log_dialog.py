"""A text to read and copy: the log, or diagnostics."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QTextCursor
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from segmo_studio.theme.widgets import label, push_button

_SIZE = (760, 480)


class LogDialog(QDialog):
    """Read-only, the end in sight; Escape closes it."""

    def __init__(self, title: str, text: str, file: Path | None = None, parent: QWidget | None = None) -> None:
        """file: where the text comes from, whose folder can be opened."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(*_SIZE)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(title)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setPlainText(text)
        self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.copy = push_button("Copy all")
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text.toPlainText()))
        close = push_button("Close", "primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        if file is not None:
            buttons.addWidget(label(str(file), "small", wrap=True), 1)
            folder = push_button("Open folder")
            folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent))))
            buttons.addWidget(folder)
        else:
            buttons.addStretch(1)
        buttons.addWidget(self.copy)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 18)
        column.addWidget(self.text)
        column.addLayout(buttons)
