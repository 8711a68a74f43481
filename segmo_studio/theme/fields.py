"""Fields that several dialogs have: a folder or file that is typed or looked for, and a choice among names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from segmo_studio.theme.widgets import push_button


class PathField(QWidget):
    """A folder, typed or looked for; ``folder`` is None where nothing stands there."""

    def __init__(self, name: str, placeholder: str, folder: Path | None, files: str = "") -> None:
        """files: the filter of a file dialog ("Configurations (*.json)") where a file is meant and no folder."""
        super().__init__()
        self._files = files
        self.line = QLineEdit("" if folder is None else str(folder))
        self.line.setAccessibleName(name)
        self.line.setPlaceholderText(placeholder)
        self.browse = push_button("Browse…")
        self.browse.setAccessibleName(f"Browse for {name}")
        self.browse.clicked.connect(self._ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)

    @property
    def folder(self) -> Path | None:
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def _ask(self) -> None:
        start = str(self.folder or Path.home())
        name = self.line.accessibleName()
        if self._files:
            chosen, _ = QFileDialog.getOpenFileName(self, name, start, f"{self._files};;All files (*)")
        else:
            chosen = QFileDialog.getExistingDirectory(self, name, start)
        if chosen:
            self.line.setText(chosen)


def choice(name: str, titles: Mapping[str, str], present: str) -> QComboBox:
    """Values with their titles; ``present`` is chosen, or the first."""
    field = QComboBox()
    field.setAccessibleName(name)
    for value, title in titles.items():
        field.addItem(title, value)
    field.setCurrentIndex(max(field.findData(present), 0))
    return field
