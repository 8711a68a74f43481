"""The timeline: what is where in time, and the mouse and keyboard that change it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.document import Document
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection
from segmo_studio.services.duration_advice import DurationAdvice
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.theme.theme import Theme
from segmo_studio.timeline.context_menu import context_menu
from segmo_studio.timeline.drags import BoundaryDrag
from segmo_studio.timeline.paint.brush import TimelineContent
from segmo_studio.timeline.paint.painting import TimelinePainter
from segmo_studio.timeline.places import GRAB_PIXELS, Places
from segmo_studio.timeline.rows import GUTTER, LEAST_HEIGHT, RIGHT_MARGIN
from segmo_studio.timeline.snapping import snap_targets
from segmo_studio.timeline.take_content import content_of
from segmo_studio.timeline.text_in_place import TextEditing
from segmo_studio.timeline.time_scale import TimeScale
from segmo_studio.timeline.tool_tips import tool_tip

_USUAL_HEIGHT = 220
_SCRUB, _PAN = "scrub", "pan"


class TimelineView(QWidget):
    """Rows of asked and found segments, a similarity curve, the playhead. Painted by TimelinePainter."""

    track_previewed = Signal(object)
    """A SegmentTrack while a boundary is dragged; None when the drag is over."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        playback: Playback,
        editor: TrackEditor,
        advice: DurationAdvice,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._advice = advice
        self._document = document
        self._selection = selection
        self._playback = playback
        self._editor = editor
        self._theme = theme
        self._scale = TimeScale(GUTTER, 400.0)
        self._drag: BoundaryDrag | None = None
        self._mouse_mode = ""
        self._last_point = QPointF()
        self._hovered_boundary = -1
        self._is_fitted = True
        self._texts = TextEditing(self, editor, lambda index: self._places.text_rectangle(index))
        self._picture: QPixmap | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(int(LEAST_HEIGHT))
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("Segments in time. Drag a boundary to move it; S splits, M merges, F fits.")
        document.take_switched.connect(self._on_take_switched)
        document.take_edited.connect(self._on_take_edited)
        for signal in (
            selection.segment_selected,
            selection.grounding_selected,
            playback.loop_changed,
            theme.changed,
            editor.limits_changed,
            advice.changed,
        ):
            signal.connect(self._refresh)
        playback.moment_changed.connect(self._show_playhead)

    @property
    def is_dragging(self) -> bool:
        return self._drag is not None

    @property
    def scale(self) -> TimeScale:
        return self._scale

    def sizeHint(self) -> QSize:
        return QSize(900, _USUAL_HEIGHT)

    def fit(self) -> None:
        """Show the whole take."""
        self._is_fitted = True
        self._scale = self._scale.fitted(self._content_seconds())
        self._refresh()

    def boundary_point(self, boundary: int) -> QPointF:
        """Where the end of segment ``boundary`` can be grabbed."""
        return self._places.boundary_point(boundary)

    def edit_text(self, index: int) -> None:
        """Edit the text of a segment in its place: Enter keeps, Escape drops."""
        self._texts.open(self._document.current, index)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        content = self._content()
        if content.num_frames == 0:
            self._paint_empty(painter)
            return
        if self._picture is None:
            # All but the playhead, so that playing paints one line a frame and not the whole timeline.
            self._picture = QPixmap(self.size() * self.devicePixelRatioF())
            self._picture.setDevicePixelRatio(self.devicePixelRatioF())
            self._picture.fill(self._theme.colours.colour("surface"))
            below = QPainter(self._picture)
            below.setFont(self.font())
            TimelinePainter(below, content, self._scale, self._places.rows, self._theme.colours).paint_rows()
            if self.hasFocus():
                below.setPen(QPen(self._theme.colours.colour("accent"), 2))
                below.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
            below.end()
        painter.drawPixmap(0, 0, self._picture)
        TimelinePainter(painter, content, self._scale, self._places.rows, self._theme.colours).paint_playhead()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._refresh()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._refresh()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._scale = self._scale.resized(GUTTER, self.width() - GUTTER - RIGHT_MARGIN)
        self._refresh()
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        self._is_fitted = False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y()):
            self._scale = self._scale.panned(float(delta.x() or delta.y()))
        else:
            self._scale = self._scale.zoomed(1.0015 ** delta.y(), event.position().x())
        self._scale = self._scale.held_inside(self._content_seconds())
        event.accept()
        self._refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        self._last_point = event.position()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._mouse_mode = _PAN
        elif event.button() == Qt.MouseButton.LeftButton and event.position().x() >= GUTTER - GRAB_PIXELS:
            self._press(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._drag is not None:
            self._move_drag(point, event.modifiers())
        elif self._mouse_mode == _SCRUB:
            self._playback.set_frame(round(self._places.frame_at(point.x())))
        elif self._mouse_mode == _PAN:
            self._is_fitted = False
            moved = self._scale.panned(point.x() - self._last_point.x())
            self._scale = moved.held_inside(self._content_seconds())
            self._refresh()
        else:
            self._hover(point)
        self._last_point = point

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse_mode = ""
        if self._drag is not None and event.button() == Qt.MouseButton.LeftButton:
            drag, preview = self._drag, self._drag.preview
            self._end_drag()
            if preview is not None:
                self._editor.move_end(drag.boundary, preview.snap.frame, preview.ripple)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        places = self._places
        row = places.rows.row_at(event.position())
        if row == "track" and places.boundary_at(event.position()) < 0:
            if self._document.current.track is None:
                self._editor.use_all_found()
            else:
                self.edit_text(places.segment_at(event.position()))
        elif row == "found":
            stretch = places.stretch_at(event.position())
            if stretch is not None and stretch.colour is not None:
                self._editor.use_stretch(stretch.start, stretch.end, stretch.text)
            self._editor.use_grounding(places.grounding_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered_boundary = -1
        self._refresh()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point = QPointF(event.pos())
        menu = context_menu(point, self._places, self._editor, self._selection, self.edit_text, self)
        if not menu.isEmpty():
            menu.exec(event.globalPos())

    def event(self, event: QEvent) -> bool:
        # While dragging, Escape belongs to the drag, whatever shortcut it may have elsewhere.
        is_override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_override and self._drag is not None and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text, place = tool_tip(self._places, QPointF(event.pos()), self._advice)
            QToolTip.showText(event.globalPos(), text, self, place)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._drag is not None:
            self._end_drag()
        elif event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Alt) and self._drag is not None:
            self._move_drag(self._last_point, event.modifiers())
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._select_neighbour(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit_text(self._selection.segment)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Shift, Qt.Key.Key_Alt) and self._drag is not None:
            self._move_drag(self._last_point, event.modifiers())
        else:
            super().keyReleaseEvent(event)

    def _refresh(self) -> None:
        """Something other than the playhead has changed."""
        self._picture = None
        self._texts.place()
        self.update()

    def _show_playhead(self, _moment: float) -> None:
        shown = self._scale.paged_to(self._playback.seconds, self._content_seconds())
        if shown != self._scale:
            self._scale = shown
            self._refresh()
        self.update()

    def _press(self, point: QPointF) -> None:
        places, track = self._places, self._document.current.track
        row, boundary = places.rows.row_at(point), places.boundary_at(point)
        if row == "track" and track is not None:
            if boundary >= 0:
                self._begin_drag(track, boundary, point)
            elif self._editor.can_append and places.is_append_hint_at(point):
                self._editor.append()
                self.edit_text(self._selection.segment)
            else:
                self._selection.select_segment(places.segment_at(point))
        elif row == "found" and places.grounding_at(point) >= 0:
            self._selection.select_grounding(places.grounding_at(point))
        else:
            self._mouse_mode = _SCRUB
            self._playback.set_frame(round(places.frame_at(point.x())))

    def _begin_drag(self, track: SegmentTrack, boundary: int, point: QPointF) -> None:
        take = self._document.current
        targets = snap_targets(take, self._playback.frame)
        offset = self._places.frame_at(point.x()) - track[boundary].end
        self._drag = BoundaryDrag(track, boundary, self._editor.limits, targets, offset)
        self._selection.select_segment(boundary)

    def _move_drag(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if self._drag is None:
            return
        frames_per_pixel = self._document.current.frame_rate / self._scale.pixels_per_second
        preview = self._drag.move_to(self._places.frame_at(point.x()), frames_per_pixel, modifiers)
        self.track_previewed.emit(None if preview is None else preview.track)
        self._refresh()

    def _end_drag(self) -> None:
        self._drag = None
        self.track_previewed.emit(None)
        self._refresh()

    def _hover(self, point: QPointF) -> None:
        places = self._places
        boundary = places.boundary_at(point)
        if boundary != self._hovered_boundary:
            self._hovered_boundary = boundary
            self._refresh()
        row = places.rows.row_at(point)
        if boundary >= 0:
            self.setCursor(Qt.CursorShape.SplitHCursor)
        elif row == "found" and (places.grounding_at(point) >= 0 or places.stretch_at(point) is not None):
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()

    def _on_take_switched(self, _take: Take) -> None:
        self._end_drag()
        self._texts.keep()
        self.fit()

    def _on_take_edited(self, before: Take, after: Take) -> None:
        if before.track != after.track:
            # The drag started from a track that is no longer there.
            self._end_drag()
        self._texts.follow(after.track)
        if self._is_fitted or before.num_frames == 0:
            self.fit()
        self._refresh()

    def _select_neighbour(self, step: int) -> None:
        track = self._document.current.track
        if track is not None:
            self._selection.select_segment(max(0, min(self._selection.segment + step, len(track) - 1)))

    @property
    def _places(self) -> Places:
        take, can_move_end = self._document.current, self._editor.can_ripple
        return Places.of(take, self._scale, self.width(), self.height(), can_move_end)

    def _content_seconds(self) -> float:
        take = self._document.current
        return take.num_frames / take.frame_rate if take.num_frames else 5.0

    def _content(self) -> TimelineContent:
        take, playback, drag = self._document.current, self._playback, self._drag
        preview = drag.preview if drag is not None else None
        return replace(
            content_of(take),
            selected_segment=self._selection.segment,
            selected_grounding=self._selection.grounding,
            playhead=playback.moment,
            loop_range=playback.loop_range if playback.has_loop_range else None,
            preview=preview,
            hovered_boundary=drag.boundary if drag is not None else self._hovered_boundary,
            can_append=self._editor.can_append,
            short=self._advice.short_segments(take, take.track if preview is None else preview.track),
        )

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(self._theme.colours.colour("text_faint"))
        text = "Segments appear here once there is a prompt or a motion."
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
