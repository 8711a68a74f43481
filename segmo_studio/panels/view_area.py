"""The middle of the window: the 3D view, its buttons, and what to do first while there is nothing to see."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from segmo_studio.theme.widgets import IconButton, label

_MARGIN = 12


class ViewArea(QWidget):
    """Lays a tool bar and a hint over the 3D view ``view``."""

    def __init__(self, view: QWidget, button_groups: list[list[IconButton]]) -> None:
        super().__init__()
        self.setObjectName("central")
        self.view = view
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(view)
        self._tools = QFrame(self)
        self._tools.setObjectName("viewToolbar")
        row = QHBoxLayout(self._tools)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(2)
        for number, group in enumerate(button_groups):
            if number:
                row.addSpacing(8)
            for button in group:
                row.addWidget(button)
        self._hint = QFrame(self)
        self._hint.setObjectName("emptyState")
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        hint = QVBoxLayout(self._hint)
        hint.setContentsMargins(0, 0, 0, 0)
        hint.setSpacing(6)
        hint.addWidget(label("Describe a motion to begin", "title"))
        hint.addWidget(label("Type a sentence on the left and press Ctrl+Enter,", "muted"))
        hint.addWidget(label("or drop a .bvh, .npz or .npy file here.", "muted"))
        self._badge = label("Rough preview while generating…", "badge")
        self._badge.setParent(self)
        self._badge.hide()

    def show_hint(self, visible: bool) -> None:
        self._hint.setVisible(visible)
        self._place()

    def show_badge(self, visible: bool) -> None:
        """Say that the figure is still a rough preview."""
        self._badge.setVisible(visible)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        tools = self._tools.sizeHint()
        self._tools.setGeometry(self.width() - tools.width() - _MARGIN, _MARGIN, tools.width(), tools.height())
        self._tools.raise_()
        self._hint.setGeometry(QRect(QPoint(2 * _MARGIN, 2 * _MARGIN), self._hint.sizeHint()))
        self._hint.raise_()
        badge = self._badge.sizeHint()
        self._badge.setGeometry((self.width() - badge.width()) // 2, _MARGIN, badge.width(), badge.height())
        self._badge.raise_()
