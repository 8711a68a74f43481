"""What the mouse does on the timeline: from a press to a release, and what lies under it meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtWidgets import QApplication

from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.comparison import Comparison
from segmo_studio.document.document import Document
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection
from segmo_studio.services.editing.segment_editor import SegmentEditor
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.timeline.drags import BoundaryDrag, BoundaryPreview
from segmo_studio.timeline.mouse.body_drag import BodyDrag
from segmo_studio.timeline.mouse.carried import CarriedSegments
from segmo_studio.timeline.mouse.loop_drag import END, NEW, START, WHOLE, LoopDrag
from segmo_studio.timeline.places import Places
from segmo_studio.timeline.snapping import loop_targets, snap_targets

_SCRUB, _PAN = "scrub", "pan"
_CURSORS = {
    "boundary": Qt.CursorShape.SplitHCursor,
    "found": Qt.CursorShape.PointingHandCursor,
    "badge": Qt.CursorShape.PointingHandCursor,
    "loop": Qt.CursorShape.SizeHorCursor,
}


class TimelineMouse(QObject):
    """One gesture at a time: a boundary, bodies of segments, the loop, the playhead, or the whole row of time."""

    changed = Signal()
    """Something looks different."""
    track_previewed = Signal(object)
    """A SegmentTrack while a boundary is dragged; None when the drag is over."""
    text_wanted = Signal(int)
    """The text of a segment is to be edited."""
    panned = Signal(float)
    """Pixels that the content is to move to the right."""

    carried_along = Signal(object, QPointF)
    """Indices of segments that are on their way outside of their row, none when they are not, and where."""
    carried_out = Signal(object, QPointF)
    """Indices of segments that were let go outside of their row, and where."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        playback: Playback,
        editor: TrackEditor,
        segments: SegmentEditor,
        comparison: Comparison,
        places: Callable[[], Places],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._selection = selection
        self._playback = playback
        self._editor = editor
        self._segments = segments
        self._comparison = comparison
        self._get_places = places
        self._boundary: BoundaryDrag | None = None
        self._body: BodyDrag | None = None
        self._loop: LoopDrag | None = None
        self._mode = ""
        self._last_point = QPointF()
        self._hovered_boundary = self._clicked = -1

    @property
    def is_dragging(self) -> bool:
        """Whether something is on its way that Escape would put back."""
        return self._boundary is not None or self.carried is not None or self._loop is not None

    @property
    def preview(self) -> BoundaryPreview | None:
        return self._boundary.preview if self._boundary is not None else None

    @property
    def carried(self) -> CarriedSegments | None:
        return self._body.carried if self._body is not None else None

    @property
    def grip(self) -> int:
        """The boundary that is held or could be; -1 for none."""
        return self._boundary.boundary if self._boundary is not None else self._hovered_boundary

    def press(self, point: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
        """A button goes down at ``point``."""
        self._last_point = point
        if button == Qt.MouseButton.MiddleButton:
            self._mode = _PAN
        elif button == Qt.MouseButton.LeftButton and self._get_places().is_over_time(point):
            self._press_left(point, modifiers)

    def move(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> Qt.CursorShape | None:
        """The mouse is at ``point`` now; the shape it should have there, None for the usual one."""
        places = self._get_places()
        before, self._last_point = self._last_point, point
        if self._mode == _PAN:
            self.panned.emit(point.x() - before.x())
        elif self._mode == _SCRUB:
            self._playback.set_frame(round(places.frame_at(point.x())))
        elif self._boundary is not None or self._body is not None or self._loop is not None:
            self._drag_on(point, modifiers)
            return Qt.CursorShape.ClosedHandCursor if self.carried is not None else None
        else:
            return self._hover(point)
        return None

    def change_modifiers(self, modifiers: Qt.KeyboardModifier) -> None:
        """Shift, Alt or Ctrl went down or up under a mouse that stands still."""
        if self.is_dragging:
            self._drag_on(self._last_point, modifiers)

    def release(self, button: Qt.MouseButton) -> None:
        """A button goes up: what was dragged stays where it is."""
        self._mode = ""
        if button != Qt.MouseButton.LeftButton:
            return
        boundary, body = self._boundary, self._body
        self._end()
        if boundary is not None and boundary.preview is not None:
            preview = boundary.preview
            self._editor.move_end(boundary.boundary, preview.snap.frame, preview.ripple)
        elif body is not None and body.moves and body.carried is not None and body.carried.place is not None:
            carried = body.carried
            self._segments.move(carried.indices, body.carried.place, copies=carried.copies)
        elif body is not None and body.carried is not None and body.carried.place is None:
            self.carried_out.emit(body.carried.indices, self._last_point)
        elif body is not None and body.carried is None and self._clicked >= 0:
            self._selection.select_segment(self._clicked)

    def double_click(self, point: QPointF) -> None:
        """On a segment its text, on a found stretch its use."""
        places = self._get_places()
        row = places.rows.row_at(point)
        if row == "track" and places.boundary_at(point) < 0 and places.badge_at(point) < 0:
            if self._document.current.track is None:
                self._editor.use_all_found()
            else:
                self.text_wanted.emit(places.segment_at(point))
        elif row == "found":
            stretch = places.stretch_at(point)
            if stretch is not None and stretch.colour is not None:
                self._editor.use_stretch(stretch.start, stretch.end, stretch.text)
            self._editor.use_grounding(places.grounding_at(point))

    def leave(self) -> None:
        """The mouse is elsewhere."""
        self._hovered_boundary = -1
        self.changed.emit()

    def cancel(self) -> None:
        """Everything that is on its way goes back to where it was."""
        if self._loop is not None:
            self._loop.cancel()
        self._end()

    def _press_left(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        places, track = self._get_places(), self._document.current.track
        row, boundary, badge = places.rows.row_at(point), places.boundary_at(point), places.badge_at(point)
        if row == "track" and track is not None:
            if badge >= 0:
                self._selection.select_segment(badge)
                self._segments.mend(badge)
            elif boundary >= 0:
                self._begin_boundary(track, boundary, point)
            elif self._editor.can_append and places.is_append_hint_at(point):
                self._editor.append()
                self.text_wanted.emit(self._selection.segment)
            else:
                self._press_body(places.segment_at(point), point, modifiers)
        elif row == "found" and places.grounding_at(point) >= 0:
            self._selection.select_grounding(places.grounding_at(point))
        elif row == "ruler" and self._begin_loop(point, modifiers):
            return
        else:
            self._mode = _SCRUB
            self._playback.set_frame(round(places.frame_at(point.x())))

    def _press_body(self, segment: int, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if segment < 0:
            self._selection.select_segment(-1)
            return
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._selection.extend_to(segment)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._selection.toggle(segment)
        elif segment not in self._selection.segments:
            self._selection.select_segment(segment)
        # A click on one of several, which a drag would take along, means that one.
        self._clicked = segment if modifiers == Qt.KeyboardModifier.NoModifier else -1
        if segment in self._selection.segments and self._editor.can_ripple:
            self._body = BodyDrag(self._selection.segments, point, QApplication.startDragDistance())

    def _begin_boundary(self, track: SegmentTrack, boundary: int, point: QPointF) -> None:
        targets = snap_targets(self._document.current, self._playback, self._comparison.others)
        offset = self._get_places().frame_at(point.x()) - track[boundary].end
        self._boundary = BoundaryDrag(track, boundary, self._editor.limits, targets, offset)
        self._selection.select_segment(boundary)

    def _begin_loop(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        places, playback = self._get_places(), self._playback
        part = places.loop_part_at(point, playback.loop_range if playback.has_loop_range else None)
        if modifiers & Qt.KeyboardModifier.ShiftModifier and playback.num_frames:
            part = NEW
        if part:
            targets = loop_targets(self._document.current, playback.frame)
            self._loop = LoopDrag(part, playback, places.frame_at(point.x()), targets)
        return bool(part)

    def _drag_on(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        places = self._get_places()
        frame, per_pixel = places.frame_at(point.x()), places.frames_per_pixel
        if self._boundary is not None:
            preview = self._boundary.move_to(frame, per_pixel, modifiers)
            self.track_previewed.emit(None if preview is None else preview.track)
        elif self._body is not None:
            carried = self._body.move_to(point, places, modifiers)
            if carried is not None:
                self.carried_along.emit(carried.indices if carried.place is None else (), point)
        elif self._loop is not None:
            self._loop.move_to(frame, per_pixel, not modifiers & Qt.KeyboardModifier.AltModifier)
        self.changed.emit()

    def _hover(self, point: QPointF) -> Qt.CursorShape | None:
        places, playback = self._get_places(), self._playback
        boundary = -1 if places.badge_at(point) >= 0 else places.boundary_at(point)
        if boundary != self._hovered_boundary:
            self._hovered_boundary = boundary
            self.changed.emit()
        part = places.loop_part_at(point, playback.loop_range if playback.has_loop_range else None)
        over = {
            "boundary": boundary >= 0,
            "badge": places.badge_at(point) >= 0,
            "found": places.grounding_at(point) >= 0 or places.stretch_at(point) is not None,
            "loop": part in (START, END, WHOLE),
        }
        return next((_CURSORS[name] for name, holds in over.items() if holds), None)

    def _end(self) -> None:
        was_boundary = self._boundary is not None
        if self.carried is not None:
            self.carried_along.emit((), self._last_point)
        self._boundary = self._body = self._loop = None
        if was_boundary:
            self.track_previewed.emit(None)
        self.changed.emit()
