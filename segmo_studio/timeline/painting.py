"""Paints the timeline: pure output, every value comes in through TimelineContent."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPainterPath, QPen, QPolygonF

from segmo_core.generation.request import GroundingResult
from segmo_core.rendering.colours import segment_colour, text_on
from segmo_core.segmentation.segments import SegmentTrack
from segmo_studio.document.findings import is_likely, percent
from segmo_studio.theme.palette import ThemeColours
from segmo_studio.timeline.drags import BoundaryPreview
from segmo_studio.timeline.marks import MARK_ROOM, paint_warning_mark
from segmo_studio.timeline.rows import GUTTER, LANE_HEIGHT, Rows
from segmo_studio.timeline.time_scale import TimeScale


@dataclass(frozen=True, eq=False)
class TimelineContent:
    """What the timeline shows. Frames count at ``frame_rate``; stale: segments whose motion is not made yet;
    flagged: segments that the motion does not show as asked.
    """

    track: SegmentTrack | None = None
    frame_rate: float = 20.0
    num_frames: int = 0
    motion_frames: int = 0
    stale: frozenset[int] = frozenset()
    groundings: tuple[GroundingResult, ...] = ()
    lanes: tuple[int, ...] = ()
    selected_segment: int = -1
    selected_grounding: int = -1
    playhead: int = 0
    loop_range: tuple[int, int] | None = None
    preview: BoundaryPreview | None = None
    hovered_boundary: int = -1
    can_append: bool = False
    flagged: frozenset[int] = frozenset()
    colour_of: dict[str, int] = field(default_factory=dict)


class TimelinePainter:
    """One pass over the timeline with an open QPainter."""

    def __init__(
        self, painter: QPainter, content: TimelineContent, scale: TimeScale, rows: Rows, colours: ThemeColours
    ) -> None:
        self._painter = painter
        self._content = content
        self._scale = scale
        self._rows = rows
        self._colours = colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def paint_rows(self) -> None:
        """Everything but the playhead."""
        self._painter.save()
        self._clip()
        self._paint_grid()
        self._paint_track()
        self._paint_found()
        self._paint_curve()
        self._painter.restore()
        self._paint_gutter()

    def paint_playhead(self) -> None:
        """The current frame, and where a dragged boundary stands, over the rows."""
        self._painter.save()
        self._clip()
        self._paint_playhead()
        self._paint_guides()
        self._painter.restore()

    def _clip(self) -> None:
        rows = self._rows
        self._painter.setClipRect(QRectF(GUTTER - 7, 0, rows.ruler.width() - GUTTER + 7, rows.curve.bottom() + 8))

    def _x(self, frame: float) -> float:
        return self._scale.x_of(frame / self._content.frame_rate)

    def _font(self, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = QFont(self._painter.font())
        font.setPixelSize(pixels)
        font.setWeight(weight)
        self._painter.setFont(font)
        return font

    def _text(self, rectangle: QRectF, text: str, colour: QColor, alignment: Qt.AlignmentFlag) -> None:
        self._painter.setPen(colour)
        metrics = QFontMetricsF(self._painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rectangle.width())
        self._painter.drawText(rectangle, alignment | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_gutter(self) -> None:
        rows = self._rows
        self._font(12, QFont.Weight.Medium)
        muted = self._colours.colour("text_muted")
        for rectangle, label in ((rows.track, "Segments"), (rows.found, "Found"), (rows.curve, "Similarity")):
            place = QRectF(14, rectangle.top(), GUTTER - 22, min(rectangle.height(), LANE_HEIGHT))
            if rectangle is rows.track:
                place.setHeight(rectangle.height())
            self._text(place, label, muted, Qt.AlignmentFlag.AlignLeft)

    def _paint_grid(self) -> None:
        painter, scale, rows = self._painter, self._scale, self._rows
        self._paint_loop_range()
        major = scale.tick_step(84)
        minor = major / (4 if round(major * self._content.frame_rate) % 4 == 0 else 5)
        first = max(0, int(scale.start / minor))
        line = self._colours.colour("border")
        for number in range(first, int((scale.start + scale.seconds) / minor) + 2):
            seconds = number * minor
            x = scale.x_of(seconds)
            is_major = abs(seconds / major - round(seconds / major)) < 1e-6
            painter.setPen(QPen(self._colours.colour("border_strong") if is_major else line, 1))
            painter.drawLine(QPointF(x, rows.ruler.bottom() - (8 if is_major else 4)), QPointF(x, rows.ruler.bottom()))
            if is_major:
                painter.setPen(QPen(line, 1))
                painter.drawLine(QPointF(x, rows.ruler.bottom()), QPointF(x, rows.curve.bottom()))
                decimals = 2 if major < 0.1 else 1 if major < 1 else 0
                label = f"{seconds:.{decimals}f} s"
                self._font(11, QFont.Weight.Medium)
                width = QFontMetricsF(painter.font()).horizontalAdvance(label)
                top = rows.ruler.top() + 2
                self._text(QRectF(x + 4, top, 60, 16), label, self._colours.colour("text"), Qt.AlignmentFlag.AlignLeft)
                self._font(10)
                frame = f"{round(seconds * self._content.frame_rate)}"
                faint = self._colours.colour("text_faint")
                self._text(QRectF(x + 10 + width, top, 40, 16), frame, faint, Qt.AlignmentFlag.AlignLeft)
        painter.setPen(QPen(line, 1))
        painter.drawLine(QPointF(GUTTER, rows.ruler.bottom()), QPointF(rows.ruler.right(), rows.ruler.bottom()))
        if self._content.num_frames:
            end = self._x(self._content.num_frames)
            beyond = QRectF(end, rows.ruler.bottom() + 1, rows.ruler.right() - end, rows.curve.bottom())
            painter.fillRect(beyond, self._colours.colour("window", 110))

    def _paint_loop_range(self) -> None:
        if self._content.loop_range is None:
            return
        start, end = (self._x(frame) for frame in self._content.loop_range)
        band = QRectF(start, self._rows.ruler.bottom() - 4, end - start, 4)
        self._painter.fillRect(band, self._colours.colour("accent", 150))

    def _paint_track(self) -> None:
        content = self._content
        track = content.preview.track if content.preview is not None else content.track
        if track is None:
            return
        for index, segment in enumerate(track):
            block = QRectF(QPointF(self._x(segment.start) + 1, self._rows.track.top()),
                           QPointF(self._x(segment.end) - 1, self._rows.track.bottom()))  # fmt: skip
            self._paint_segment(index, segment.text, segment.num_frames / content.frame_rate, block)
        if content.can_append and content.preview is None:
            self._paint_append_hint(self._x(track.num_frames))
        boundary = content.preview.boundary if content.preview is not None else content.hovered_boundary
        if 0 <= boundary < len(track):
            x = self._x(track[boundary].end)
            grip = QRectF(x - 2, self._rows.track.top() - 3, 4, self._rows.track.height() + 6)
            self._painter.setPen(Qt.PenStyle.NoPen)
            self._painter.setBrush(self._colours.colour("text"))
            self._painter.drawRoundedRect(grip, 2, 2)

    def _paint_segment(self, index: int, text: str, seconds: float, block: QRectF) -> None:
        painter = self._painter
        colour = QColor(segment_colour(index)) if text else self._colours.colour("border_strong")
        ink = QColor(text_on(colour.name()))
        path = QPainterPath()
        path.addRoundedRect(block, 6, 6)
        painter.fillPath(path, colour)
        if index in self._content.stale:
            painter.fillPath(path, self._colours.colour("surface", 110))
            hatch = QColor(ink)
            hatch.setAlpha(70)
            painter.fillPath(path, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
            ink = self._colours.colour("text")
        if index == self._content.selected_segment:
            painter.setPen(QPen(self._colours.colour("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(block.adjusted(0, 0, 0, 0), 6, 6)
        inside = block.adjusted(10, 5, -8, -5)
        if index in self._content.flagged:
            paint_warning_mark(painter, block, ink, colour)
            inside.setRight(inside.right() - MARK_ROOM)
        if inside.width() < 14:
            return
        upper = QRectF(inside.left(), inside.top(), inside.width(), inside.height() / 2)
        lower = QRectF(inside.left(), inside.center().y(), inside.width(), inside.height() / 2)
        self._paint_chip(QRectF(upper.left() - 2, upper.center().y() - 9, 18, 18), index + 1, ink)
        self._font(13, QFont.Weight.DemiBold)
        self._text(upper.adjusted(24, 0, 0, 0), text or "no text yet", ink, Qt.AlignmentFlag.AlignLeft)
        self._font(11, QFont.Weight.Medium)
        lower.adjust(24, 0, 0, 0)
        soft = QColor(ink)
        soft.setAlpha(205)
        state = "   not generated yet" if index in self._content.stale else ""
        self._text(lower, f"{seconds:.2f} s{state}", soft, Qt.AlignmentFlag.AlignLeft)

    def _paint_chip(self, place: QRectF, number: int, ink: QColor) -> None:
        shade = QColor(ink)
        shade.setAlpha(38)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(shade)
        self._painter.drawRoundedRect(place, 5, 5)
        self._font(12, QFont.Weight.DemiBold)
        self._text(place, str(number), ink, Qt.AlignmentFlag.AlignHCenter)

    def _paint_append_hint(self, x: float) -> None:
        place = append_hint(self._rows, x)
        painter = self._painter
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._colours.colour("border_strong"), 1.2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(place, 6, 6)
        self._font(18)
        self._text(place, "+", self._colours.colour("text_muted"), Qt.AlignmentFlag.AlignHCenter)

    def _grounding_colour(self, index: int) -> QColor:
        if not is_likely(self._content.groundings[index]):
            return self._colours.colour("text_faint")
        segment = self._content.colour_of.get(self._content.groundings[index].query)
        return self._colours.colour("accent") if segment is None else QColor(segment_colour(segment))

    def _paint_found(self) -> None:
        content, painter = self._content, self._painter
        if not content.groundings:
            place = QRectF(GUTTER + 8, self._rows.found.top(), 520, LANE_HEIGHT)
            self._font(12)
            hint = "Type what to look for and press Find" if content.motion_frames else "Comes with the motion"
            self._text(place, hint, self._colours.colour("text_faint"), Qt.AlignmentFlag.AlignLeft)
        for index, grounding in enumerate(content.groundings):
            place = grounding_rectangle(self._rows, self._scale, content, index)
            colour = self._grounding_colour(index)
            soft = QColor(colour)
            is_selected = index == content.selected_grounding
            is_found = is_likely(grounding)
            soft.setAlpha((120 if is_selected else 70) if is_found else 22)
            path = QPainterPath()
            path.addRoundedRect(place, 5, 5)
            painter.fillPath(path, soft)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            line = Qt.PenStyle.SolidLine if is_found else Qt.PenStyle.DashLine
            edge = self._colours.colour("text" if is_found else "text_muted") if is_selected else colour
            painter.setPen(QPen(edge, 1.5 if is_selected else 1, line))
            painter.drawPath(path)
            self._font(12, QFont.Weight.Medium if is_found else QFont.Weight.Normal)
            sure = percent(grounding.confidence)
            sure_width = QFontMetricsF(painter.font()).horizontalAdvance(sure) + 8
            ink = self._colours.colour("text" if is_found else "text_muted")
            inside = place.adjusted(8, 0, -8 - sure_width, 0)
            words = grounding.query if is_found else f"{grounding.query}: probably not in this motion"
            self._text(inside, words, ink, Qt.AlignmentFlag.AlignLeft)
            if place.width() > sure_width + 12:
                self._text(place.adjusted(8, 0, -8, 0), sure, ink, Qt.AlignmentFlag.AlignRight)

    def _paint_curve(self) -> None:
        content, rows = self._content, self._rows
        if not 0 <= content.selected_grounding < len(content.groundings):
            return
        grounding = content.groundings[content.selected_grounding]
        curve = np.asarray(grounding.curve, dtype=float)
        if len(curve) < 2:
            return
        low, high = min(float(curve.min()), 0.0), max(float(curve.max()), 0.1)
        area = rows.curve.adjusted(0, 16, 0, -2)
        colour = self._grounding_colour(content.selected_grounding)
        left, right = self._x(grounding.start), self._x(grounding.end)
        band = QColor(colour)
        band.setAlpha(28 if is_likely(grounding) else 0)
        self._painter.fillRect(QRectF(left, rows.curve.top(), right - left, rows.curve.height()), band)
        values = area.bottom() - (curve - low) / (high - low) * area.height()
        points = [QPointF(self._x(frame + 0.5), y) for frame, y in enumerate(values)]
        line = QPolygonF([QPointF(self._x(0), values[0]), *points, QPointF(self._x(len(curve)), values[-1])])
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
        pen = QPen(colour if self._colours.is_dark else colour.darker(125), 1.8)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPolyline(line)
        best = int(curve.argmax())
        self._painter.setBrush(self._colours.colour("surface"))
        self._painter.drawEllipse(points[best], 3.5, 3.5)
        self._font(11, QFont.Weight.Medium)
        place = QRectF(points[best].x() + 7, points[best].y() - 17, 60, 16)
        self._text(place, f"{curve[best]:.2f}", self._colours.colour("text"), Qt.AlignmentFlag.AlignLeft)

    def _paint_guides(self) -> None:
        preview, rows = self._content.preview, self._rows
        if preview is None:
            return
        x = self._x(preview.snap.frame)
        if preview.snap.target is not None:
            self._painter.setPen(QPen(self._colours.colour("accent"), 1.5, Qt.PenStyle.DashLine))
            self._painter.drawLine(QPointF(x, rows.ruler.bottom()), QPointF(x, rows.curve.bottom()))
        frame, rate = preview.snap.frame, self._content.frame_rate
        words = [f"{frame / rate:.2f} s", f"frame {frame}"]
        if preview.ripple:
            words.append("what follows moves")
        if preview.snap.target is not None:
            words.append(f"at {preview.snap.target.name}")
        self._paint_bubble(x, rows.track.bottom() + 4, "   ".join(words))

    def _paint_bubble(self, x: float, top: float, text: str) -> None:
        self._font(12, QFont.Weight.DemiBold)
        width = QFontMetricsF(self._painter.font()).horizontalAdvance(text) + 20
        left = min(max(x - width / 2, GUTTER + 2), self._rows.ruler.right() - width - 4)
        place = QRectF(left, top, width, 24)
        path = QPainterPath()
        path.addRoundedRect(place, 6, 6)
        self._painter.fillPath(path, self._colours.colour("text"))
        self._text(place, text, self._colours.colour("surface"), Qt.AlignmentFlag.AlignHCenter)

    def _paint_playhead(self) -> None:
        if not self._content.motion_frames:
            return
        x, rows = self._x(self._content.playhead), self._rows
        self._painter.setPen(QPen(self._colours.colour("accent"), 1.6))
        self._painter.drawLine(QPointF(x, rows.ruler.bottom() - 8), QPointF(x, rows.curve.bottom()))
        top = rows.ruler.bottom() - 14
        head = QPolygonF([QPointF(x - 6, top), QPointF(x + 6, top), QPointF(x + 6, top + 7), QPointF(x, top + 14),
                          QPointF(x - 6, top + 7)])  # fmt: skip
        self._painter.setPen(QPen(self._colours.colour("surface"), 1))
        self._painter.setBrush(self._colours.colour("accent"))
        self._painter.drawPolygon(head)


def append_hint(rows: Rows, end_x: float) -> QRectF:
    """Where the "+" for one more segment is, right of the last one."""
    return QRectF(end_x + 8, rows.track.top(), 34, rows.track.height())


def grounding_rectangle(rows: Rows, scale: TimeScale, content: TimelineContent, index: int) -> QRectF:
    """Where a found stretch is painted."""
    grounding = content.groundings[index]
    left = scale.x_of(grounding.start / content.frame_rate)
    right = scale.x_of(grounding.end / content.frame_rate)
    return QRectF(left + 1, rows.lane_top(content.lanes[index]), max(right - left - 2, 3), LANE_HEIGHT)
