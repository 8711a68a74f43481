"""The tour: a few steps over the real window, each beside the part that it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import label, push_button, tab_through

_WIDTH, _GAP, _SHADE = 330, 14, 150


@dataclass(frozen=True)
class TourStep:
    """part: what it is about, lit while the rest is dimmed."""

    part: QWidget
    title: str
    text: str


class Tour(QWidget):
    """Lies over ``window`` until it was walked through or skipped; ``ended`` is called once, either way.

    Enter goes on, Shift+Tab and Tab go through the buttons, Escape skips.
    """

    def __init__(self, window: QWidget, theme: Theme, steps: Sequence[TourStep], ended: Callable[[], object]) -> None:
        super().__init__(window)
        self.setAccessibleName("Tour")
        self._theme = theme
        self._steps = tuple(steps)
        self._ended = ended
        self._number = 0
        self._before = window.focusWidget()
        self.card = QFrame(self)
        self.card.setObjectName("toast")
        self.title, self.text, self._count = label("", "subtitle"), label("", wrap=True), label("", "small")
        self.skip, self.back, self.next = push_button("Skip"), push_button("Back"), push_button("Next", "primary")
        self._fill()
        self.skip.clicked.connect(self.end)
        self.back.clicked.connect(lambda: self._go(-1))
        self.next.clicked.connect(lambda: self._go(1))
        for watched in (window, self.skip, self.back, self.next):
            watched.installEventFilter(self)
        self.resize(window.size())
        self.show()
        self.raise_()
        self._show_step()

    @property
    def step(self) -> int:
        """From 0."""
        return self._number

    def end(self) -> None:
        """Go away, and give the focus back."""
        ended, self._ended = self._ended, lambda: None
        self.hide()
        self.deleteLater()
        if self._before is not None:
            self._before.setFocus()
        ended()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # no key is a shortcut of the window while the tour is there
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and watched is not self.window():
            event.accept()
            return True
        if event.type() == QEvent.Type.Resize and watched is self.window():
            self.resize(self.window().size())
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go(1)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self._lit()
        painter.setClipRegion(QRegion(self.rect()).subtracted(QRegion(lit)))
        painter.fillRect(self.rect(), QColor(0, 0, 0, _SHADE))
        painter.setClipping(False)
        painter.setPen(QPen(self._theme.colours.colour("accent"), 2))
        painter.drawRect(lit)

    def _fill(self) -> None:
        column = QVBoxLayout(self.card)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.title)
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.addWidget(self._count, 1)
        for button in (self.skip, self.back, self.next):
            row.addWidget(button)
        column.addLayout(row)
        tab_through([self.skip, self.back, self.next])

    def _go(self, steps: int) -> None:
        self._number += steps
        if self._number >= len(self._steps):
            self.end()
        else:
            self._number = max(self._number, 0)
            self._show_step()

    def _show_step(self) -> None:
        step, last = self._steps[self._number], self._number == len(self._steps) - 1
        self.title.setText(step.title)
        self.text.setText(step.text)
        self.card.setAccessibleName(f"{step.title}. {step.text}")
        self._count.setText(f"{self._number + 1} of {len(self._steps)}")
        self.back.setEnabled(self._number > 0)
        self.next.setText("Done" if last else "Next")
        self._place()
        self.next.setFocus()

    def _lit(self) -> QRect:
        part = self._steps[self._number].part
        if not part.isVisible():
            return QRect(0, 0, 0, 0)
        return QRect(part.mapTo(self.window(), QPoint(0, 0)), part.size()).intersected(self.rect())

    def _place(self) -> None:
        """Beside the part where there is room: to its right, its left, above it, or else in the middle."""
        self.card.setFixedWidth(min(_WIDTH, self.width() - 2 * _GAP))
        self.card.adjustSize()
        size, lit = self.card.size(), self._lit()
        places = (
            QPoint(lit.right() + _GAP, lit.top()),
            QPoint(lit.left() - size.width() - _GAP, lit.top()),
            QPoint(lit.center().x() - size.width() // 2, lit.top() - size.height() - _GAP),
            QPoint(self.rect().center().x() - size.width() // 2, self.rect().center().y() - size.height() // 2),
        )
        room = self.rect().adjusted(_GAP // 2, _GAP // 2, -_GAP // 2, -_GAP // 2)
        fitting = (place for place in places if room.contains(QRect(place, size)))
        self.card.move(next(fitting, QPoint(_GAP, _GAP)))
        self.update()
