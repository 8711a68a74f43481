"""What can be worked in a window, and what Tab comes to."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from segmo_studio.timeline.timeline_view import TimelineView
from segmo_studio.viewport.motion_view import MotionView

INTERACTIVE = (
    QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QAbstractItemView, TimelineView,
    MotionView,
)  # fmt: skip


def is_part(widget: QWidget) -> bool:
    """Whether it belongs to another control, which is reached instead, as the line edit in a spin box."""
    parent = widget.parentWidget()
    while parent is not None and not parent.isWindow():
        if isinstance(parent, (QAbstractSpinBox, QComboBox, QLineEdit)):
            return True
        parent = parent.parentWidget()
    return type(widget).__module__.startswith("PySide6") and widget.objectName().startswith("qt_")


def controls(top: QWidget) -> list[QWidget]:
    found = [widget for widget in top.findChildren(QWidget) if isinstance(widget, INTERACTIVE)]
    return [widget for widget in found if widget.isVisible() and widget.isEnabled() and not is_part(widget)]


def tabbed(top: QWidget, most: int = 200) -> list[QWidget]:
    """All that Tab comes to, once around."""
    start = QApplication.focusWidget()
    seen: list[QWidget] = []
    for _ in range(most):
        now = QApplication.focusWidget()
        if now is None or (seen and now is seen[0]):
            break
        seen.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    assert start is None or seen
    return seen


def nameless(top: QWidget) -> list[str]:
    """Controls that a screen reader has no name for."""
    return [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in controls(top)
        if not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
    ]


def missed(top: QWidget) -> list[str]:
    """Controls that Tab does not come to, from wherever the focus is."""
    reached = tabbed(top)
    left = [widget for widget in controls(top) if widget not in reached]
    # A list that takes no focus is worked from the field above it; buttons of one group are gone through by arrows.
    left = [widget for widget in left if widget.focusPolicy() != Qt.FocusPolicy.NoFocus]
    return [f"{type(widget).__name__} {widget.accessibleName() or widget.toolTip()}" for widget in left]
