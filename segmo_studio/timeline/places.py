"""Where the parts of a take are on the timeline, and which of them is under a point."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF

from segmo_core.project.project import Take
from segmo_studio.document.editing.segment_clip import DropPlace
from segmo_studio.document.found.found_stretches import FoundStretch, found_stretches
from segmo_studio.timeline.paint.brush import found_rectangle, in_view, segment_rectangle
from segmo_studio.timeline.paint.marks import badge_place
from segmo_studio.timeline.paint.painting import append_hint
from segmo_studio.timeline.rows import GUTTER, LOOP_HEIGHT, Rows, lanes_of
from segmo_studio.timeline.time_scale import TimeScale

GRAB_PIXELS = 6.0
_EDGE_SHARE = 0.25  # of a segment, on both sides, that means its edge to what is dropped there
_TEXT_WIDTH = 180.0
_TEXT_HEIGHT = 30


@dataclass(frozen=True)
class Places:
    """A take laid out on a scale and in rows. Points are in pixels of the timeline, frames are the take's own.

    can_move_end: whether the end of the last segment can be grabbed too. badges: segments with a sign that can be
    clicked. stretches: of the found row's first lane. lanes: of the queries, by index.
    """

    take: Take
    scale: TimeScale
    rows: Rows
    can_move_end: bool
    badges: frozenset[int] = frozenset()
    stretches: tuple[FoundStretch, ...] = ()
    lanes: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        take: Take,
        scale: TimeScale,
        width: float,
        height: float,
        can_move_end: bool,
        badges: Collection[int] = (),
        has_feet: bool = False,
    ) -> Places:
        """The places in a timeline of ``width`` and ``height`` pixels. has_feet: with a row of standing feet."""
        stretches = found_stretches(take)
        lanes = tuple(lanes_of(take.groundings, 1 if stretches else 0))
        rows = Rows.of(width, height, max(lanes, default=0) + 1, has_feet)
        return cls(take, scale, rows, can_move_end, frozenset(badges), stretches, lanes)

    @property
    def frames_per_pixel(self) -> float:
        return self.take.frame_rate / self.scale.pixels_per_second

    def is_over_time(self, point: QPointF) -> bool:
        """Whether ``point`` is right of the names of the rows."""
        return point.x() >= GUTTER - GRAB_PIXELS

    def badge_at(self, point: QPointF) -> int:
        """The segment whose sign is under ``point``; -1 for none."""
        index, track = self.segment_at(point), self.take.track
        if index not in self.badges or track is None:
            return -1
        block = in_view(self.rows, segment_rectangle(self.rows, self.scale, self.take.frame_rate, track[index]))
        return index if badge_place(block).adjusted(-2, -4, 4, 4).contains(point) else -1

    def insertion_at(self, x: float) -> int:
        """Before which segment something goes that is let go at ``x``; the number of segments for the end."""
        middles = [(segment.start + segment.end) / 2 for segment in self.take.track or ()]
        return sum(self.x_of(middle) < x for middle in middles)

    def loop_part_at(self, point: QPointF, loop: tuple[int, int] | None) -> str:
        """ "start", "end" or "whole" for the part of the played range under ``point``; "" for none."""
        band = self.rows.ruler.bottom() - LOOP_HEIGHT
        if loop is None or not band - 2 <= point.y() <= self.rows.ruler.bottom() + 2:
            return ""
        start, end = (self.x_of(frame) for frame in loop)
        near = sorted((abs(point.x() - x), name) for x, name in ((start, "start"), (end, "end")))
        if near[0][0] <= GRAB_PIXELS:
            return near[0][1]
        return "whole" if start < point.x() < end else ""

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

    def drop_place(self, point: QPointF) -> DropPlace | None:
        """Where a segment dropped at ``point`` goes: on a body in its place, near an edge between; None elsewhere."""
        track = self.take.track
        if self.rows.row_at(point) != "track" or point.x() < GUTTER:
            return None
        if track is None:
            return DropPlace(0, False)
        edges = (0, *track.ends)
        reaches = [_EDGE_SHARE * (self.x_of(segment.end) - self.x_of(segment.start)) for segment in track]
        for number, edge in enumerate(edges):
            beside = [reaches[index] for index in (number - 1, number) if 0 <= index < len(track)]
            if abs(self.x_of(edge) - point.x()) <= max(min(beside), GRAB_PIXELS):
                return DropPlace(number, False)
        index = self.segment_at(point)
        return DropPlace(index, True) if index >= 0 else DropPlace(len(track), False)

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
