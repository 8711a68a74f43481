"""All keyboard shortcuts on one sheet, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from segmo_studio.theme.widgets import label

_MOUSE = (
    ("Drag a boundary", "neighbours share the time"),
    ("Shift while dragging", "what follows moves"),
    ("Alt while dragging", "no snapping"),
    ("Wheel, Shift+wheel", "zoom, pan the timeline"),
    ("Double-click a segment", "edit its text"),
)


class ShortcutSheet(QDialog):
    """Read-only; Escape closes it."""

    def __init__(self, tables: dict[str, list[tuple[str, str]]], parent: QWidget | None = None) -> None:
        """tables: keys and what they do, by the title of the menu."""
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        columns = QHBoxLayout(self)
        columns.setContentsMargins(26, 22, 26, 22)
        columns.setSpacing(40)
        tables = {**tables, "Mouse": list(_MOUSE)}
        for group in (("File", "Edit"), ("Motion", "View", "Help"), ("Playback", "Mouse")):
            column = QVBoxLayout()
            column.setSpacing(8)
            for title in group:
                column.addWidget(label(title, "title"))
                column.addLayout(_table(tables[title]))
                column.addSpacing(12)
            column.addStretch(1)
            columns.addLayout(column)


def _table(rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    for row, (keys, meaning) in enumerate(rows):
        grid.addWidget(label(keys, "muted"), row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label(meaning), row, 1)
    grid.setColumnStretch(1, 1)
    return grid
