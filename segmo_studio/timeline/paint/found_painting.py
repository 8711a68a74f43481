"""Paints what is found in the motion: a bar for each stretch and query, and the curve of the selected query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainterPath, QPen, QPolygonF

from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.rendering.colours import segment_colour
from segmo_studio.document.findings import found_words, in_sentence, percent
from segmo_studio.document.short_words import without_subject
from segmo_studio.document.sightings import is_likely
from segmo_studio.timeline.paint.brush import Brush, found_rectangle, grounding_rectangle
from segmo_studio.timeline.rows import GUTTER, LANE_HEIGHT


@dataclass(frozen=True)
class FoundWords:
    """What a bar says. number: of a segment, "" for none. missing: said where it is probably not there."""

    text: str
    confidence: float
    number: str
    missing: str


class FoundPainter(Brush):
    """What is probably not in the motion is muted, wherever it is named."""

    def paint(self) -> None:
        content = self._content
        if not self._rows.num_lanes:
            return
        if not content.groundings and not content.stretches:
            place = QRectF(GUTTER + 8, self._rows.found.top(), 520, LANE_HEIGHT)
            self._font(12)
            hint = "Type what to look for and press Find" if content.motion_frames else "Comes with the motion"
            self._text(place, hint, self._colours.colour("text_faint"), Qt.AlignmentFlag.AlignLeft)
        for stretch in content.stretches:
            place = found_rectangle(self._rows, self._scale, content.frame_rate, stretch.start, stretch.end, 0)
            words = FoundWords(stretch.text, stretch.confidence, self._number(stretch.colour), stretch.text)
            self._paint_bar(place, words, self._colour(stretch.colour), stretch.colour is not None, False)
        order = [index for index in range(len(content.groundings)) if index != content.selected_grounding]
        if 0 <= content.selected_grounding < len(content.groundings):
            order.append(content.selected_grounding)
        for index in order:
            if content.lanes[index] >= self._rows.num_lanes:
                continue
            found = content.groundings[index]
            place = grounding_rectangle(self._rows, self._scale, content, index)
            missing = f"{in_sentence(found.query)}: probably not in this motion"
            words = FoundWords(found.query, found.confidence, self._number(self._colour_number(found)), missing)
            colour, is_selected = self._colour(self._colour_number(found)), index == content.selected_grounding
            self._paint_bar(place, words, colour, is_likely(found), is_selected)
        if order and order[-1] == content.selected_grounding and self._rows.curve.height():
            self._paint_curve(content.groundings[order[-1]])

    def _colour_number(self, found: GroundingResult) -> int | None:
        return self._content.colour_of.get(found.query) if is_likely(found) else None

    def _colour(self, number: int | None) -> QColor:
        return self._colours.colour("text_faint") if number is None else QColor(segment_colour(number))

    def _number(self, colour: int | None) -> str:
        return f"{colour + 1}" if colour is not None and colour < self._content.num_segments else ""

    def _paint_bar(self, place: QRectF, words: FoundWords, colour: QColor, is_found: bool, is_selected: bool) -> None:
        painter, soft = self._painter, QColor(colour)
        soft.setAlpha((120 if is_selected else 70) if is_found else 22)
        path = QPainterPath()
        path.addRoundedRect(place, 5, 5)
        # Where two share a lane, the label below must not shine through the one above.
        painter.fillPath(path, self._colours.colour("surface"))
        painter.fillPath(path, soft)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = Qt.PenStyle.SolidLine if is_found else Qt.PenStyle.DashLine
        edge = self._colours.colour("text" if is_found else "text_muted") if is_selected else colour
        painter.setPen(QPen(edge, 1.5 if is_selected else 1, line))
        painter.drawPath(path)
        self._label_bar(words, is_found, self._in_view(place).adjusted(7, 0, -7, 0))

    def _label_bar(self, words: FoundWords, is_found: bool, room: QRectF) -> None:
        """As much as there is room for: text and confidence, or the number of the segment."""
        self._font(12, QFont.Weight.Medium if is_found else QFont.Weight.Normal)
        ink = self._colours.colour("text" if is_found else "text_muted")
        metrics = QFontMetricsF(self._painter.font())
        sure = percent(words.confidence)
        left = room.adjusted(0, 0, -metrics.horizontalAdvance(sure) - 8, 0)
        if left.width() < metrics.horizontalAdvance("waves…"):
            for shown in (f"{words.number}  {sure}".strip(), words.number):
                if metrics.horizontalAdvance(shown) <= room.width() + 8:
                    self._text(room.adjusted(-4, 0, 4, 0), shown, ink, Qt.AlignmentFlag.AlignHCenter)
                    break
            return
        text = words.text
        if metrics.horizontalAdvance(text) > left.width():
            text = without_subject(text)
        self._text(left, text if is_found else words.missing, ink, Qt.AlignmentFlag.AlignLeft)
        self._text(room, sure, ink, Qt.AlignmentFlag.AlignRight)

    def _paint_curve(self, grounding: GroundingResult) -> None:
        curve = np.asarray(grounding.curve, dtype=float)
        if len(curve) < 2:
            return
        low, high = min(float(curve.min()), 0.0), max(float(curve.max()), 0.1)
        area = self._rows.curve.adjusted(0, 16, 0, -2)
        colour = self._colour(self._colour_number(grounding))
        if is_likely(grounding):
            left, right = self._x(grounding.start), self._x(grounding.end)
            band = QColor(colour)
            band.setAlpha(28)
            self._painter.fillRect(QRectF(left, self._rows.curve.top(), right - left, self._rows.curve.height()), band)
        values = area.bottom() - (curve - low) / (high - low) * area.height()
        points = [QPointF(self._x(frame + 0.5), y) for frame, y in enumerate(values)]
        line = QPolygonF([QPointF(self._x(0), values[0]), *points, QPointF(self._x(len(curve)), values[-1])])
        self._paint_area(line, area, colour)
        pen = QPen(colour if self._colours.is_dark else colour.darker(125), 1.8)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPolyline(line)
        best = points[int(curve.argmax())]
        self._painter.setBrush(self._colours.colour("surface"))
        self._painter.drawEllipse(best, 3.5, 3.5)
        self._name_peak(grounding, best)

    def _paint_area(self, line: QPolygonF, area: QRectF, colour: QColor) -> None:
        shape = QPainterPath()
        shape.addPolygon(line)
        shape.lineTo(line.last().x(), area.bottom())
        shape.lineTo(line.first().x(), area.bottom())
        fade = QLinearGradient(0, area.top(), 0, area.bottom())
        upper, lower = QColor(colour), QColor(colour)
        upper.setAlpha(110)
        lower.setAlpha(10)
        fade.setColorAt(0, upper)
        fade.setColorAt(1, lower)
        self._painter.fillPath(shape, fade)

    def _name_peak(self, grounding: GroundingResult, peak: QPointF) -> None:
        """Say at the highest point what is looked for and how sure it is, however narrow its bar may be."""
        self._font(11, QFont.Weight.Medium)
        words = found_words(grounding)
        width = QFontMetricsF(self._painter.font()).horizontalAdvance(words) + 2
        is_room_right = peak.x() + 8 + width < self._rows.ruler.right()
        left = peak.x() + 8 if is_room_right else peak.x() - 8 - width
        place = QRectF(left, self._rows.curve.top() - 1, width, 16)
        ink = self._colours.colour("text" if is_likely(grounding) else "text_muted")
        self._text(place, words, ink, Qt.AlignmentFlag.AlignLeft)
