"""The timeline: what is where in time, and the mouse and keyboard that change it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
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
from segmo_studio.document.comparison import Comparison
from segmo_studio.document.document import Document
from segmo_studio.document.editing.segment_clip import DropPlace
from segmo_studio.document.motion_curves import curves_of
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection
from segmo_studio.services.duration_advice import DurationAdvice
from segmo_studio.services.editing.segment_editor import SegmentEditor
from segmo_studio.services.editing.take_editor import TakeEditor
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.theme.theme import Theme
from segmo_studio.timeline.context_menu import context_menu
from segmo_studio.timeline.mouse.timeline_mouse import TimelineMouse
from segmo_studio.timeline.paint.brush import TimelineContent
from segmo_studio.timeline.paint.painting import TimelinePainter
from segmo_studio.timeline.places import Places
from segmo_studio.timeline.rows import GUTTER, LEAST_HEIGHT, RIGHT_MARGIN
from segmo_studio.timeline.take_content import badges_of, content_of
from segmo_studio.timeline.text_in_place import TextEditing
from segmo_studio.timeline.time_scale import TimeScale
from segmo_studio.timeline.tool_tips import tool_tip

_USUAL_HEIGHT = 220
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Control)


class TimelineView(QWidget):
    """Rows of asked and found segments, a similarity curve, the playhead. Painted by TimelinePainter."""

    track_previewed = Signal(object)
    """A SegmentTrack while a boundary is dragged; None when the drag is over."""

    segments_dragged = Signal(object, QPoint)
    """Indices of segments that are carried outside of their row, none when they are not, and where on the screen."""
    segments_dropped = Signal(object, QPoint)
    scale_changed = Signal(object)
    """Another stretch of time is shown: the TimeScale."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        playback: Playback,
        editor: TrackEditor,
        segments: SegmentEditor,
        takes: TakeEditor,
        comparison: Comparison,
        advice: DurationAdvice,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._advice = advice
        self._document = document
        self._selection = selection
        self._playback = playback
        self._editor = editor
        self._segments = segments
        self._takes = takes
        self._theme = theme
        self._scale = TimeScale(GUTTER, 400.0)
        self._drop: DropPlace | None = None
        self._kept_badges: dict[int, str] | None = None
        self._shows_feet = False
        self._mouse = TimelineMouse(
            document, selection, playback, editor, segments, comparison, lambda: self._places, self
        )
        self._mouse.changed.connect(self._refresh)
        self._mouse.track_previewed.connect(self.track_previewed)
        self._mouse.text_wanted.connect(self.edit_text)
        self._mouse.panned.connect(self._pan)
        for inside, outside in (
            (self._mouse.carried_along, self.segments_dragged),
            (self._mouse.carried_out, self.segments_dropped),
        ):
            inside.connect(lambda indices, at, told=outside: told.emit(indices, self.mapToGlobal(at.toPoint())))
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
        return self._mouse.is_dragging

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

    @property
    def badges(self) -> dict[int, str]:
        """Segments that want mending, each with the figure that says so."""
        if self._kept_badges is None:
            self._kept_badges = badges_of(self._document.current, self._advice)
        return self._kept_badges

    @property
    def shows_feet(self) -> bool:
        return self._shows_feet

    def show_feet(self, shown: bool) -> None:
        """A row that says when each foot stands."""
        self._shows_feet = shown
        self._refresh()

    def boundary_point(self, boundary: int) -> QPointF:
        """Where the end of segment ``boundary`` can be grabbed."""
        return self._places.boundary_point(boundary)

    def edit_text(self, index: int) -> None:
        """Edit the text of a segment in its place: Enter keeps, Escape drops."""
        self._texts.open(self._document.current, index)

    def drop_place(self, point: QPoint) -> DropPlace | None:
        """Where a segment that is let go at ``point`` of the screen would go; None outside of the segments' row."""
        inside = QPointF(self.mapFromGlobal(point))
        return self._places.drop_place(inside) if self.isVisible() and self.rect().contains(inside.toPoint()) else None

    def show_drop(self, point: QPoint | None) -> None:
        """Show where a segment would go that is at ``point`` of the screen; None when there is none any more."""
        place = None if point is None else self.drop_place(point)
        if place != self._drop:
            self._drop = place
            self._refresh()

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
        self._mouse.press(event.position(), event.button(), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        shape = self._mouse.move(event.position(), event.modifiers())
        if shape is None:
            self.unsetCursor()
        else:
            self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release(event.button())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._mouse.double_click(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self._mouse.leave()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point = QPointF(event.pos())
        menu = context_menu(
            point, self._places, self._editor, self._segments, self._takes, self._selection, self.edit_text, self
        )
        if not menu.isEmpty():
            menu.exec(event.globalPos())

    def event(self, event: QEvent) -> bool:
        # While dragging, Escape belongs to the drag, whatever shortcut it may have elsewhere.
        is_override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_override and self._mouse.is_dragging and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text, place = tool_tip(self._places, QPointF(event.pos()), self._advice)
            QToolTip.showText(event.globalPos(), text, self, place)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._mouse.is_dragging:
            self._mouse.cancel()
        elif event.key() in _MODIFIERS:
            self._mouse.change_modifiers(event.modifiers())
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = -1 if event.key() == Qt.Key.Key_Up else 1
            self._select_neighbour(step, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit_text(self._selection.segment)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in _MODIFIERS:
            self._mouse.change_modifiers(event.modifiers())
        else:
            super().keyReleaseEvent(event)

    def _refresh(self) -> None:
        """Something other than the playhead has changed."""
        self._picture = self._kept_badges = None
        self._texts.place()
        self.update()
        self.scale_changed.emit(self._scale)

    def _show_playhead(self, _moment: float) -> None:
        shown = self._scale.paged_to(self._playback.seconds, self._content_seconds())
        if shown != self._scale:
            self._scale = shown
            self._refresh()
        self.update()

    def _pan(self, pixels: float) -> None:
        self._is_fitted = False
        self._scale = self._scale.panned(pixels).held_inside(self._content_seconds())
        self._refresh()

    def _on_take_switched(self, _take: Take) -> None:
        self._mouse.cancel()
        self._texts.keep()
        self.fit()

    def _on_take_edited(self, before: Take, after: Take) -> None:
        if before.track != after.track:
            # What is dragged started from a track that is no longer there.
            self._mouse.cancel()
        self._texts.follow(after.track)
        if self._is_fitted or before.num_frames == 0:
            self.fit()
        self._refresh()

    def _select_neighbour(self, step: int, extends: bool) -> None:
        track, selection = self._document.current.track, self._selection
        if track is not None and extends and selection.segments:
            far = selection.segments[-1 if selection.segments[0] == selection.segment else 0]
            selection.extend_to(far + step)
        elif track is not None:
            self._selection.select_segment(max(0, min(self._selection.segment + step, len(track) - 1)))

    @property
    def _places(self) -> Places:
        take, can_move_end = self._document.current, self._editor.can_ripple
        has_feet = self._shows_feet and take.motion is not None
        return Places.of(take, self._scale, self.width(), self.height(), can_move_end, self.badges, has_feet)

    def _content_seconds(self) -> float:
        take = self._document.current
        return take.num_frames / take.frame_rate if take.num_frames else 5.0

    def _content(self) -> TimelineContent:
        take, playback, mouse = self._document.current, self._playback, self._mouse
        preview = mouse.preview
        return replace(
            content_of(take),
            selected_segment=self._selection.segment,
            selected_grounding=self._selection.grounding,
            playhead=playback.moment,
            loop_range=playback.loop_range if playback.has_loop_range else None,
            preview=preview,
            hovered_boundary=mouse.grip,
            selected=self._selection.segments,
            badges=self.badges,
            carried=mouse.carried,
            contacts=curves_of(take.motion).contacts if take.motion is not None and self._shows_feet else None,
            can_append=self._editor.can_append,
            drop=self._drop,
            short=self._advice.short_segments(take, take.track if preview is None else preview.track),
        )

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(self._theme.colours.colour("text_faint"))
        text = "Segments appear here once there is a prompt or a motion."
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
