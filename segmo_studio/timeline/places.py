"""Where the parts of a take are on the timeline, and which of them is under a point."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF

from segmo_core.project.project import Take
from segmo_studio.document.found_stretches import FoundStretch, found_stretches
from segmo_studio.timeline.paint.brush import found_rectangle
from segmo_studio.timeline.paint.painting import append_hint
from segmo_studio.timeline.rows import GUTTER, Rows, lanes_of
from segmo_studio.timeline.time_scale import TimeScale

GRAB_PIXELS = 6.0
_TEXT_WIDTH = 180.0
_TEXT_HEIGHT = 30


@dataclass(frozen=True)
class Places:
    """A take laid out on a scale and in rows. Points are in pixels of the timeline, frames are the take's own.

    can_move_end: whether the end of the last segment can be grabbed too. stretches: of the found row's first lane.
    lanes: of the queries, by index.
    """

    take: Take
    scale: TimeScale
    rows: Rows
    can_move_end: bool
    stretches: tuple[FoundStretch, ...]
    lanes: tuple[int, ...]

    @classmethod
    def of(cls, take: Take, scale: TimeScale, width: float, height: float, can_move_end: bool) -> Places:
        """The places in a timeline of ``width`` and ``height`` pixels."""
        stretches = found_stretches(take)
        lanes = tuple(lanes_of(take.groundings, 1 if stretches else 0))
        rows = Rows.of(width, height, max(lanes, default=0) + 1)
        return cls(take, scale, rows, can_move_end, stretches, lanes)

    def x_of(self, frame: float) -> float:
        return self.scale.x_of(frame / self.take.frame_rate)

    def frame_at(self, x: float) -> float:
        return self.scale.seconds_at(x) * self.take.frame_rate

    def boundary_point(self, boundary: int) -> QPointF:
        """Where the end of segment ``boundary`` can be grabbed."""
        if self.take.track is None:
            return QPointF()
        return QPointF(self.x_of(self.take.track[boundary].end), self.rows.track.center().y())

    def text_rectangle(self, index: int) -> QRect:
        """Where the text of segment ``index`` is edited: over the segment, and wide enough to type in."""
        if self.take.track is None:
            return QRect()
        segment, row = self.take.track[index], self.rows.track
        left, right = max(self.x_of(segment.start), GUTTER), min(self.x_of(segment.end), row.width())
        width = max(right - left - 8, _TEXT_WIDTH)
        left = min(left + 4, row.width() - width - 4)
        return QRectF(left, row.center().y() - _TEXT_HEIGHT / 2, width, _TEXT_HEIGHT).toRect()

    def boundary_at(self, point: QPointF) -> int:
        """The segment whose end is near enough to be grabbed; -1 for none."""
        track = self.take.track
        if track is None or self.rows.row_at(point) != "track":
            return -1
        ends = track.ends if self.can_move_end else track.boundaries
        if not ends:
            return -1
        distances = [abs(self.x_of(end) - point.x()) for end in ends]
        nearest = min(range(len(distances)), key=distances.__getitem__)
        return nearest if distances[nearest] <= GRAB_PIXELS else -1

    def segment_at(self, point: QPointF) -> int:
        """The segment at the time of ``point``; -1 for none."""
        track = self.take.track
        if track is None:
            return -1
        frame = self.frame_at(point.x())
        return track.index_at(int(frame)) if 0 <= frame < track.num_frames else -1

    def grounding_at(self, point: QPointF) -> int:
        """The found stretch under ``point``, the one painted last where two overlap; -1 for none."""
        for index in reversed(range(len(self.take.groundings))):
            if self.grounding_place(index).contains(point):
                return index
        return -1

    def grounding_place(self, index: int) -> QRectF:
        """Where a found stretch is painted."""
        found = self.take.groundings[index]
        return found_rectangle(self.rows, self.scale, self.take.frame_rate, found.start, found.end, self.lanes[index])

    def stretch_at(self, point: QPointF) -> FoundStretch | None:
        """The stretch of the motion's description under ``point``."""
        return next((stretch for stretch in self.stretches if self.stretch_place(stretch).contains(point)), None)

    def stretch_place(self, stretch: FoundStretch) -> QRectF:
        """Where a stretch of the motion's description is painted."""
        return found_rectangle(self.rows, self.scale, self.take.frame_rate, stretch.start, stretch.end, 0)

    def is_append_hint_at(self, point: QPointF) -> bool:
        """Whether ``point`` is on the place behind the last segment where another one can be added."""
        track = self.take.track
        return track is not None and append_hint(self.rows, self.x_of(track.num_frames)).contains(point)
