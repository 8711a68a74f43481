"""What is painted over the 3D image with Qt: the current segment, the axes, a message."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPen

from segmo_core.rendering.colours import text_on
from segmo_studio.viewport.camera import OrbitCamera
from segmo_studio.viewport.palette import Rgb, ViewPalette

_MARGIN = 12.0
SMALL = 180.0  # pixels of height below which only the body is shown
_AXES = (("X", (1.0, 0.0, 0.0), "#d9534f"), ("Y", (0.0, 1.0, 0.0), "#4caf6d"), ("Z", (0.0, 0.0, 1.0), "#4a90d9"))


def to_colour(rgb: Rgb, alpha: float = 1.0) -> QColor:
    return QColor.fromRgbF(*rgb, alpha)


def paint_background(painter: QPainter, area: QRectF, palette: ViewPalette) -> None:
    """The same gradient that the scene draws, for the moment before it exists."""
    gradient = QLinearGradient(area.topLeft(), area.bottomLeft())
    gradient.setColorAt(0.0, to_colour(palette.background_top))
    gradient.setColorAt(1.0, to_colour(palette.background_bottom))
    painter.fillRect(area, gradient)


def paint_segment_label(
    painter: QPainter, area: QRectF, palette: ViewPalette, number: int, text: str, colour: str
) -> None:
    """A pill at the top left of ``area``, which nothing else lies on: the segment's colour and number, and its text."""
    font = QFont(painter.font())
    font.setPointSizeF(max(font.pointSizeF(), 9.0))
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    height = metrics.height() + 12.0
    chip = height - 8.0
    # A view too small for a label shows the body alone.
    available = min(area.width() - _MARGIN - chip - 22.0, 460.0)
    if available < 60.0 or area.height() < SMALL:
        return
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, available)
    pill = QRectF(area.left() + _MARGIN, area.top() + _MARGIN, chip + metrics.horizontalAdvance(shown) + 22.0, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(to_colour(palette.panel, 0.82))
    painter.drawRoundedRect(pill, height / 2, height / 2)
    disc = QRectF(pill.left() + 4.0, pill.top() + 4.0, chip, chip)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(disc)
    painter.setPen(QColor(text_on(colour)))
    painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(number))
    painter.setPen(to_colour(palette.text))
    label = QRectF(disc.right() + 7.0, pill.top(), pill.width(), height)
    painter.drawText(label, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def paint_axes(painter: QPainter, area: QRectF, camera: OrbitCamera) -> None:
    """The world's axes at the bottom left, the ones that point away fainter."""
    if area.height() < SMALL:
        return
    centre = QPointF(area.left() + 34.0, area.bottom() - 34.0)
    length = 20.0
    rows = []
    right, up, direction = camera.right, camera.up, camera.direction
    for name, axis, colour in _AXES:
        x = float(right @ axis) * length
        y = -float(up @ axis) * length
        rows.append((float(direction @ axis), name, QPointF(centre.x() + x, centre.y() + y), colour))
    font = QFont(painter.font())
    font.setPixelSize(10)
    painter.setFont(font)
    for towards, name, tip, colour in sorted(rows):
        shade = QColor(colour)
        shade.setAlphaF(0.95 if towards > -0.15 else 0.45)
        painter.setPen(QPen(shade, 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(centre, tip)
        beyond = centre + (tip - centre) * 1.42
        painter.drawText(QRectF(beyond.x() - 8, beyond.y() - 8, 16, 16), Qt.AlignmentFlag.AlignCenter, name)


def paint_focus(painter: QPainter, area: QRectF, palette: ViewPalette) -> None:
    """A thin frame that says that keys go to the view."""
    painter.setPen(QPen(to_colour(palette.text, 0.45), 2.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area.adjusted(2, 2, -2, -2), 4.0, 4.0)


def paint_message(painter: QPainter, area: QRectF, palette: ViewPalette, message: str) -> None:
    painter.setPen(to_colour(palette.text))
    flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
    painter.drawText(area.adjusted(40, 20, -40, -20), flags, message)
