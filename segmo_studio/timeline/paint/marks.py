"""The small sign on a segment that the motion does not show as asked, or that is too short for its words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

MARK_ROOM = 17.0
_SIZE = 13.0


def mark_place(block: QRectF) -> QRectF:
    """Where the sign is on a segment painted at ``block``: top right, or in the middle of one that is narrow."""
    left = block.right() - _SIZE - 6 if block.width() > 2 * _SIZE else block.center().x() - _SIZE / 2
    return QRectF(left, block.top() + 6, _SIZE, _SIZE)


def paint_warning_mark(painter: QPainter, block: QRectF, ink: QColor, behind: QColor) -> None:
    """A triangle in ``ink`` with an exclamation mark in the colour of the segment, ``behind``."""
    if block.width() < 6:
        return
    place = mark_place(block)
    painter.save()
    painter.setPen(QPen(ink, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(ink)
    top = QPointF(place.center().x(), place.top() + 1)
    painter.drawPolygon(QPolygonF([top, QPointF(place.right(), place.bottom() - 1),
                                   QPointF(place.left(), place.bottom() - 1)]))  # fmt: skip
    painter.setPen(QPen(behind, 1.7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    x = place.center().x()
    painter.drawLine(QPointF(x, place.top() + 5), QPointF(x, place.top() + 8))
    painter.drawPoint(QPointF(x, place.top() + 10.5))
    painter.restore()
