"""Paints when the feet stand: the left one above, the right one below."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont

from segmo_studio.timeline.paint.brush import Brush
from segmo_studio.timeline.rows import GUTTER

_NAMES = ("L", "R")


class FeetPainter(Brush):
    """A bar for every contact. Nothing while the row is switched off or has no room."""

    def paint(self) -> None:
        content, row = self._content, self._rows.feet
        if content.contacts is None or not row.height():
            return
        height = row.height() / 2 - 1
        self._painter.setPen(Qt.PenStyle.NoPen)
        for side, contacts in enumerate(content.contacts):
            top = row.top() + side * (height + 2)
            self._painter.setBrush(self._colours.colour("success" if side == 0 else "warning", 190))
            for start, end in contacts:
                left, right = self._x(start), self._x(end)
                self._painter.drawRoundedRect(QRectF(left, top, max(right - left - 1, 1.0), height), 2, 2)

    def paint_names(self) -> None:
        """Which bar is of which foot, beside the row."""
        row = self._rows.feet
        if self._content.contacts is None or not row.height():
            return
        height = row.height() / 2 - 1
        self._font(9, QFont.Weight.DemiBold)
        for side, name in enumerate(_NAMES):
            place = QRectF(GUTTER - 14, row.top() + side * (height + 2), 10, height)
            self._text(place, name, self._colours.colour("text_muted"), Qt.AlignmentFlag.AlignLeft)
