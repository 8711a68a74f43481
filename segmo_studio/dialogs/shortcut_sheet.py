"""All keyboard shortcuts on one sheet, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from segmo_studio.theme.widgets import label

_MOUSE = (
    ("Drag a boundary", "neighbours share the time"),
    ("Shift while dragging", "what follows moves"),
    ("Alt while dragging", "no snapping"),
    ("Wheel, Shift+wheel", "zoom, pan the timeline"),
    ("Double-click a segment", "edit its text"),
)
_NUM_COLUMNS, _TITLE_ROWS = 4, 2


_MOST = QSize(1240, 660)  # what a screen of 1280 x 720 leaves a dialog


class ShortcutSheet(QDialog):
    """Read-only; Escape closes it."""

    def __init__(self, tables: dict[str, list[tuple[str, str]]], parent: QWidget | None = None) -> None:
        """tables: keys and what they do, by the title of the menu."""
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        tables = {**tables, "Mouse": list(_MOUSE)}
        for most in range(_NUM_COLUMNS, 0, -1):
            body = _sheet(tables, most)
            if body.sizeHint().width() + 2 <= _MOST.width():
                break
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self._body, self._scroll = body, scroll

    def sizeHint(self) -> QSize:
        """All of it where a screen of 1280 x 720 has room; what is more is scrolled to."""
        return (self._body.sizeHint() + QSize(2, 2)).boundedTo(_MOST)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 40, Qt.Key.Key_Up: -40, Qt.Key.Key_PageDown: 400, Qt.Key.Key_PageUp: -400}
        if event.key() in steps:
            bar = self._scroll.verticalScrollBar()
            bar.setValue(bar.value() + steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


def _sheet(tables: dict[str, list[tuple[str, str]]], most: int) -> QWidget:
    """All tables, in at most ``most`` columns."""
    body = QWidget()
    body.setObjectName("panelBody")
    columns = QHBoxLayout(body)
    columns.setContentsMargins(18, 16, 18, 16)
    columns.setSpacing(18)
    for group in _columns({title: len(rows) + _TITLE_ROWS for title, rows in tables.items()}, most):
        column = QVBoxLayout()
        column.setSpacing(6)
        for title in group:
            column.addWidget(label(title, "subtitle"))
            column.addLayout(_table(tables[title]))
            column.addSpacing(10)
        column.addStretch(1)
        columns.addLayout(column)
    return body


def _columns(heights: dict[str, int], most: int) -> list[list[str]]:
    """Titles in as few rows as their order lets them be, in at most ``most`` columns."""
    for highest in range(max(heights.values()), sum(heights.values()) + 1):
        columns: list[list[str]] = [[]]
        for title, height in heights.items():
            if sum(heights[other] for other in columns[-1]) + height > highest:
                columns.append([])
            columns[-1].append(title)
        if len(columns) <= most:
            return columns
    return [list(heights)]


def _table(rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(9)
    grid.setVerticalSpacing(4)
    for row, (keys, meaning) in enumerate(rows):
        grid.addWidget(label(keys, "small"), row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label(meaning, "note"), row, 1)
    grid.setColumnStretch(1, 1)
    return grid
