"""Paints the timeline: pure output, every value comes in through TimelineContent."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainterPath, QPen, QPolygonF

from segmo_core.rendering.colours import segment_colour, text_on
from segmo_studio.document.short_words import without_subject
from segmo_studio.timeline.paint.brush import Brush, segment_rectangle
from segmo_studio.timeline.paint.feet_painting import FeetPainter
from segmo_studio.timeline.paint.found_painting import FoundPainter
from segmo_studio.timeline.paint.marks import BADGE_ROOM, MARK_ROOM, paint_badge, paint_drop, paint_lock
from segmo_studio.timeline.rows import GUTTER, LANE_HEIGHT, LOOP_HEIGHT, Rows

_WIDE = 110.0  # pixels that a segment needs for text and duration beside its number
_NARROWEST = 22.0


class TimelinePainter(Brush):
    """One pass over the timeline with an open QPainter."""

    def paint_rows(self) -> None:
        """Everything but the playhead."""
        self._painter.save()
        self._clip()
        self._paint_grid()
        self._paint_track()
        FeetPainter(self._painter, self._content, self._scale, self._rows, self._colours).paint()
        FoundPainter(self._painter, self._content, self._scale, self._rows, self._colours).paint()
        self._painter.restore()
        self._paint_gutter()

    def paint_playhead(self) -> None:
        """The current frame, and where a dragged boundary stands, over the rows."""
        self._painter.save()
        self._clip()
        self._paint_playhead()
        self._paint_guides()
        self._painter.restore()

    def _paint_gutter(self) -> None:
        rows = self._rows
        self._font(12, QFont.Weight.Medium)
        muted = self._colours.colour("text_muted")
        labels = ("Segments", "Found", "Feet", "Similarity")
        for rectangle, label in zip((rows.track, rows.found, rows.feet, rows.curve), labels, strict=True):
            if not rectangle.height():
                continue
            place = QRectF(14, rectangle.top(), GUTTER - 22, min(rectangle.height(), LANE_HEIGHT))
            if rectangle is rows.track:
                place.setHeight(rectangle.height())
            self._text(place, label, muted, Qt.AlignmentFlag.AlignLeft)
        FeetPainter(self._painter, self._content, self._scale, rows, self._colours).paint_names()

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
        top, bottom = self._rows.ruler.bottom() - LOOP_HEIGHT, self._rows.ruler.bottom()
        self._painter.fillRect(QRectF(start, bottom - 4, end - start, 4), self._colours.colour("accent", 150))
        self._painter.fillRect(
            QRectF(start, bottom, end - start, self._rows.curve.bottom() - bottom), self._colours.colour("accent", 18)
        )
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(self._colours.colour("accent"))
        for left in (start, end - 5):  # the handles
            self._painter.drawRoundedRect(QRectF(left, top, 5, LOOP_HEIGHT), 1.5, 1.5)

    def _paint_track(self) -> None:
        content = self._content
        track = content.preview.track if content.preview is not None else content.track
        for index, segment in enumerate(track or content.suggested or ()):
            block = segment_rectangle(self._rows, self._scale, content.frame_rate, segment)
            paint = self._paint_suggestion if track is None else self._paint_segment
            paint(index, segment.text, segment.num_frames / content.frame_rate, block)
        if track is None:
            return
        if content.can_append and content.preview is None:
            self._paint_append_hint(self._x(track.num_frames))
        self._paint_drop_place()
        self._paint_carried()
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
        radius = min(6.0, block.width() / 4)
        path = QPainterPath()
        path.addRoundedRect(block, radius, radius)
        painter.fillPath(path, colour)
        if index in self._content.stale:
            painter.fillPath(path, self._colours.colour("surface", 110))
            hatch = QColor(ink)
            hatch.setAlpha(70)
            painter.fillPath(path, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
            ink = self._colours.colour("text")
        if index == self._content.selected_segment or index in self._content.selected:
            painter.setPen(QPen(self._colours.colour("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(block, radius, radius)
        shown = self._in_view(block)
        is_short = index in self._content.short
        is_flagged = is_short or index in self._content.flagged
        if is_flagged:
            paint_badge(painter, shown, self._content.badges.get(index, ""), ink, colour)
        if index in self._content.locked and shown.width() >= _NARROWEST:
            paint_lock(painter, QRectF(shown.right() - 20, shown.bottom() - 21, 16, 16), ink)
        if shown.width() >= _WIDE:
            state = "too short" if is_short else ""
            if index in self._content.stale:
                state = f"{state}, not generated yet" if state else "not generated yet"
            facts = f"{seconds:.2f} s   {state}".rstrip()
            self._label_wide(index, text or "no text yet", facts, shown.adjusted(10, 5, -8, -5), ink, is_flagged)
        elif shown.width() >= _NARROWEST:
            self._label_narrow(index, text or "no text yet", shown.adjusted(5, 5, -4, -4), ink, is_flagged)

    def _paint_suggestion(self, index: int, text: str, seconds: float, block: QRectF) -> None:
        """What was found and is no segment yet: in its colour, but see-through and with a broken edge."""
        painter, ink = self._painter, self._colours.colour("text")
        colour = QColor(segment_colour(index)) if text else self._colours.colour("border_strong")
        soft = QColor(colour)
        soft.setAlpha(60)
        painter.setBrush(soft)
        painter.setPen(QPen(colour, 1.2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(block, min(6.0, block.width() / 4), min(6.0, block.width() / 4))
        shown, words = self._in_view(block), text or "nothing known"
        if shown.width() >= _WIDE:
            self._label_wide(index, words, f"{seconds:.2f} s   found", shown.adjusted(10, 5, -8, -5), ink, False)
        elif shown.width() >= _NARROWEST:
            self._label_narrow(index, words, shown.adjusted(5, 5, -4, -4), ink, False)

    def _paint_drop_place(self) -> None:
        drop, track, row = self._content.drop, self._content.track, self._rows.track
        if drop is None:
            return
        edges = (0, *track.ends) if track is not None else (0,)
        first, last = edges[drop.index], edges[min(drop.index + drop.replaces, len(edges) - 1)]
        place = QRectF(QPointF(self._x(first), row.top()), QPointF(self._x(last), row.bottom()))
        paint_drop(self._painter, place, drop.replaces, self._colours.colour("text"))

    def _paint_carried(self) -> None:
        """See-through, as far from their place as the mouse has gone, and a line where they would go."""
        carried, track = self._content.carried, self._content.track
        if carried is None or track is None:
            return
        for index in carried.indices:
            block = segment_rectangle(self._rows, self._scale, self._content.frame_rate, track[index])
            colour = QColor(segment_colour(index))
            colour.setAlpha(150)
            path = QPainterPath()
            path.addRoundedRect(block.translated(carried.shift, -6), 6, 6)
            self._painter.fillPath(path, colour)
        if carried.place is None:
            return
        edge = (0, *track.ends)[carried.place]
        row, x = self._rows.track, self._x(edge)
        paint_drop(self._painter, QRectF(x, row.top(), 0, row.height()), False, self._colours.colour("text"))
        words = "Copy here" if carried.copies else "Move here"
        self._paint_bubble(x, row.bottom() + 4, f"{words}   {edge / self._content.frame_rate:.2f} s")

    def _label_wide(self, index: int, text: str, facts: str, inside: QRectF, ink: QColor, is_flagged: bool) -> None:
        room = BADGE_ROOM if is_flagged else 0.0
        upper = QRectF(inside.left(), inside.top(), inside.width() - room, inside.height() / 2)
        lower = QRectF(inside.left(), inside.center().y(), inside.width(), inside.height() / 2)
        self._paint_chip(QRectF(upper.left() - 2, upper.center().y() - 9, 18, 18), index + 1, ink)
        self._font(13, QFont.Weight.DemiBold)
        inside_text = upper.adjusted(24, 0, 0, 0)
        if QFontMetricsF(self._painter.font()).horizontalAdvance(text) > inside_text.width():
            text = without_subject(text)
        self._text(inside_text, text, ink, Qt.AlignmentFlag.AlignLeft)
        self._font(11, QFont.Weight.Medium)
        soft = QColor(ink)
        soft.setAlpha(205)
        self._text(lower.adjusted(24, 0, 0, 0), facts, soft, Qt.AlignmentFlag.AlignLeft)

    def _label_narrow(self, index: int, text: str, inside: QRectF, ink: QColor, is_flagged: bool) -> None:
        """The number above, and below it as much of the text as the whole width holds; a flagged one that has no
        room for number and sign keeps the sign.
        """
        number = f"{index + 1}"
        self._font(12, QFont.Weight.DemiBold)
        metrics = QFontMetricsF(self._painter.font())
        chip = QRectF(inside.left(), inside.top(), max(18.0, metrics.horizontalAdvance(number) + 6), 18)
        if chip.width() + (MARK_ROOM if is_flagged else 0.0) <= inside.width() + 4:
            self._paint_chip(chip, index + 1, ink)
        self._font(11, QFont.Weight.Medium)
        if inside.width() >= QFontMetricsF(self._painter.font()).horizontalAdvance("wav…"):
            lower = QRectF(inside.left(), chip.bottom(), inside.width(), inside.bottom() - chip.bottom())
            self._text(lower, without_subject(text), ink, Qt.AlignmentFlag.AlignLeft)

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
        top = min(top, self._rows.curve.bottom() - 18)  # in a low timeline over the segments
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
