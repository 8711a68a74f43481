"""Names over the 3D image: metres along the floor, the joint under the mouse."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from segmo_studio.viewport.camera import OrbitCamera
from segmo_studio.viewport.painting.overlay import SMALL, to_colour
from segmo_studio.viewport.palette import ViewPalette

_METRES_SHOWN = 4  # metres from what is looked at that are labelled, to each side


def paint_metres(
    painter: QPainter, area: QRectF, palette: ViewPalette, camera: OrbitCamera, floor_height: float
) -> None:
    """Metres at the crossings of the grid along both axes, near what is looked at."""
    if area.height() < SMALL:
        return
    middle = np.round(camera.target[[0, 2]])
    steps = np.arange(-_METRES_SHOWN, _METRES_SHOWN + 1)
    rows = [(f"{x:g} m", (x, floor_height, 0.0)) for x in middle[0] + steps]
    rows += [(f"{z:g} m", (0.0, floor_height, z)) for z in middle[1] + steps if z != 0]
    points = np.array([point for _, point in rows])
    in_front = camera.is_parallel | ((points - camera.eye) @ camera.direction < -0.3)
    spots = camera.project(points, area.width(), area.height())
    font = QFont(painter.font())
    font.setPixelSize(10)
    painter.setFont(font)
    taken: list[QRectF] = []
    nearest = np.argsort(np.linalg.norm(points - camera.target, axis=1), kind="stable")
    for index in nearest:
        text, (x, y) = rows[index][0], spots[index]
        place = QRectF(x + 3, y - 12, 34, 12)
        if not in_front[index] or not area.contains(place) or any(place.intersects(other) for other in taken):
            continue
        taken.append(place)
        painter.setPen(to_colour(palette.text, 0.75))
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def paint_joint_name(painter: QPainter, area: QRectF, palette: ViewPalette, spot: QPointF, name: str) -> None:
    """A ring around a joint at ``spot``, and its name beside it."""
    painter.setPen(QPen(to_colour(palette.text), 2.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(spot, 6.0, 6.0)
    metrics = QFontMetricsF(painter.font())
    text = name.replace("_", " ")
    size = QRectF(0, 0, metrics.horizontalAdvance(text) + 16.0, metrics.height() + 6.0)
    place = QRectF(spot.x() + 12.0, spot.y() - size.height() / 2, size.width(), size.height())
    if place.right() > area.right() - 4.0:
        place.moveRight(spot.x() - 12.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(to_colour(palette.panel, 0.86))
    painter.drawRoundedRect(place, 6.0, 6.0)
    painter.setPen(to_colour(palette.text))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
