"""Small signs on segments: not as asked or too short for its words, locked; and where something is dropped."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

MARK_ROOM = 17.0
BADGE_ROOM = 62.0
FIGURE_WIDTH = 110.0
"""Pixels that a segment needs to have a figure beside its sign."""
_SIZE = 13.0


def mark_place(block: QRectF) -> QRectF:
    """Where the sign is on a segment painted at ``block``: top right, or in the middle of one that is narrow."""
    left = block.right() - _SIZE - 6 if block.width() > 2 * _SIZE else block.center().x() - _SIZE / 2
    return QRectF(left, block.top() + 6, _SIZE, _SIZE)


def badge_place(block: QRectF) -> QRectF:
    """Where the sign and its figure are: what is clicked to mend the segment."""
    sign = mark_place(block)
    if block.width() < FIGURE_WIDTH:
        return sign
    return QRectF(block.right() - BADGE_ROOM, sign.top() - 3, BADGE_ROOM - 3, _SIZE + 6)


def paint_badge(painter: QPainter, block: QRectF, figure: str, ink: QColor, behind: QColor) -> None:
    """A pill with a warning sign and a figure; the sign alone where there is no room for both."""
    if block.width() < FIGURE_WIDTH or not figure:
        paint_warning_mark(painter, block, ink, behind)
        return
    place = badge_place(block)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRoundedRect(place, place.height() / 2, place.height() / 2)
    font = QFont(painter.font())
    font.setPixelSize(11)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(behind)
    words = place.adjusted(22, 0, -4, 0)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, figure)
    sign = QRectF(place.left() + 6, place.top() + 3, _SIZE, _SIZE)
    paint_warning_mark(painter, QRectF(sign.left() - 100, sign.top() - 6, 100 + _SIZE + 6, 40), behind, ink)
    painter.restore()


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


def paint_lock(painter: QPainter, place: QRectF, ink: QColor) -> None:
    """A closed padlock inside ``place``."""
    painter.save()
    width = place.width() * 0.62
    body = QRectF(place.center().x() - width / 2, place.center().y() - 1, width, place.height() * 0.42)
    painter.setPen(QPen(ink, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    bow = QRectF(body.left() + width * 0.18, body.top() - width * 0.55, width * 0.64, width * 0.9)
    painter.drawArc(bow, 0, 180 * 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRoundedRect(body, 1.5, 1.5)
    painter.restore()


def paint_drop(painter: QPainter, place: QRectF, replaces: bool, colour: QColor) -> None:
    """``place``: of the segment that is replaced, or a line between two."""
    painter.save()
    painter.setPen(QPen(colour, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    if replaces:
        soft = QColor(colour)
        soft.setAlpha(60)
        painter.setBrush(soft)
        painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 6, 6)
    else:
        x = place.center().x()
        painter.drawLine(QPointF(x, place.top() - 4), QPointF(x, place.bottom() + 4))
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(x - 5, place.top() - 8), QPointF(x + 5, place.top() - 8),
                                       QPointF(x, place.top() - 1)]))  # fmt: skip
    painter.restore()
