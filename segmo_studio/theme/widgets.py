"""Small building blocks that every panel uses, so that they look and behave alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from segmo_studio.theme.theme import Theme


def label(text: str = "", role: str = "", wrap: bool = False) -> QLabel:
    """A label in one of the roles of the style sheet: muted, faint, small, note, heading, title, warning, danger."""
    result = QLabel(text)
    if role:
        result.setProperty("role", role)
    result.setWordWrap(wrap)
    return result


def set_role(shown: QLabel, role: str) -> None:
    """Give a label another role, and the look of it."""
    shown.setProperty("role", role)
    shown.style().polish(shown)


def shortened(text: str, length: int = 70) -> str:
    """``text`` with its middle left out where it is longer than ``length``: names and paths know no line breaks."""
    if len(text) <= length:
        return text
    return f"{text[: length // 3]}…{text[len(text) - (length - length // 3 - 1) :]}"


def push_button(text: str, kind: str = "", tip: str = "") -> QPushButton:
    """A button of one of the kinds of the style sheet: primary, quiet, example."""
    result = QPushButton(text)
    if kind:
        result.setProperty("kind", kind)
    if tip:
        result.setToolTip(tip)
    # Clicking must not move the focus: Space keeps meaning "play" afterwards.
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return result


class TextButton(QPushButton):
    """A button for a whole sentence: the text wraps, and the height follows the width."""

    def __init__(self, text: str, accessible_name: str) -> None:
        super().__init__()
        self.setProperty("kind", "example")
        self.setAccessibleName(accessible_name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        inside = label(text, wrap=True)
        inside.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.addWidget(inside)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else super().heightForWidth(width)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        return layout.minimumSize() if layout is not None else super().minimumSizeHint()


def pad_text(field: QSpinBox | QDoubleSpinBox) -> None:
    """Room before the number: style sheets cannot give padding to the line edit inside a spin box."""
    field.lineEdit().setTextMargins(7, 0, 0, 0)


class _ColumnScroll(QScrollArea):
    """Never narrower than its content with the scroll bar beside it, as there is no scrolling to the side."""

    def minimumSizeHint(self) -> QSize:
        content, size = self.widget(), super().minimumSizeHint()
        if content is not None:
            size.setWidth(content.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width())
        return size

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


def scrolling_column(panel: QWidget) -> QVBoxLayout:
    """Give a panel a body that scrolls vertically; returns the column that its content goes into."""
    body = QWidget()
    body.setObjectName("panelBody")
    column = QVBoxLayout(body)
    column.setContentsMargins(14, 4, 14, 14)
    scroll = _ColumnScroll()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(body)
    outer = QVBoxLayout(panel)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(scroll)
    return column


def separator() -> QFrame:
    """A horizontal hairline."""
    result = QFrame()
    result.setObjectName("separator")
    return result


def tab_through(widgets: Sequence[QWidget]) -> None:
    """Tab goes from one to the next in this order."""
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


def stretch_widget() -> QWidget:
    """Takes all free width."""
    result = QWidget()
    result.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return result


class IconButton(QToolButton):
    """A button with an icon of the theme; follows theme changes. Shows and triggers ``action`` when given."""

    def __init__(
        self, theme: Theme, icon_name: str, tip: str, action: QAction | None = None, role: str = "text_muted"
    ) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon_name
        self._role = role
        self._action = action
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(18, 18))
        self.setToolTip(action.toolTip() if action is not None else tip)
        self.setAccessibleName(tip)
        if action is not None:
            self.setCheckable(action.isCheckable())
            self.clicked.connect(action.trigger)
            action.changed.connect(self._follow_action)
            self._follow_action()
        theme.changed.connect(self._draw)
        self._draw()

    def set_icon(self, icon_name: str) -> None:
        if icon_name != self._icon_name:
            self._icon_name = icon_name
            self._draw()

    def _follow_action(self) -> None:
        if self._action is not None:
            self.setEnabled(self._action.isEnabled())
            self.setChecked(self._action.isChecked())

    def _draw(self) -> None:
        self.setIcon(self._theme.icon(self._icon_name, self._role))
