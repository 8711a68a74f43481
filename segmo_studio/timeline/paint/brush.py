"""What the timeline paints with: the content as plain values, the scale, and how text is put down."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.timeline.segment_track import MotionSegment, SegmentTrack
from segmo_studio.document.editing.segment_clip import DropPlace
from segmo_studio.document.found.found_stretches import FoundStretch
from segmo_studio.theme.palette import ThemeColours
from segmo_studio.theme.translation import tr
from segmo_studio.timeline.drags import BoundaryPreview
from segmo_studio.timeline.mouse.carried import CarriedSegments
from segmo_studio.timeline.rows import GUTTER, LANE_HEIGHT, Rows
from segmo_studio.timeline.time_scale import TimeScale


@dataclass(frozen=True, eq=False)
class TimelineContent:
    """What the timeline shows. Frames count at ``frame_rate``; stale: segments whose motion is not made yet;
    flagged: segments that the motion does not show as asked; short: those that are too short for their words;
    locked: those that no edit changes. drop: where a segment that is being dragged here would go.
    selected: all selected segments. badges: the figure on the sign of a segment. carried: segments that are being
    dragged. contacts: frames [start, end) that the left foot stands, and the right one; None where not wanted.
    suggested: what was found, to be used as segments, while there are none. stretches: what the motion shows, whatever
    was asked; they have the first lane, queries those of ``lanes``. colour_of: numbers of colours by query.
    """

    track: SegmentTrack | None = None
    frame_rate: float = 20.0
    num_frames: int = 0
    motion_frames: int = 0
    stale: frozenset[int] = frozenset()
    suggested: SegmentTrack | None = None
    stretches: tuple[FoundStretch, ...] = ()
    groundings: tuple[GroundingResult, ...] = ()
    lanes: tuple[int, ...] = ()
    selected_segment: int = -1
    selected_grounding: int = -1
    playhead: float = 0.0
    loop_range: tuple[int, int] | None = None
    preview: BoundaryPreview | None = None
    hovered_boundary: int = -1
    can_append: bool = False
    flagged: frozenset[int] = frozenset()
    short: frozenset[int] = frozenset()
    colour_of: dict[str, int] = field(default_factory=dict)
    locked: frozenset[int] = frozenset()
    drop: DropPlace | None = None
    selected: tuple[int, ...] = ()
    badges: dict[int, str] = field(default_factory=dict)
    carried: CarriedSegments | None = None
    contacts: tuple[tuple[tuple[int, int], ...], ...] | None = None

    @property
    def num_segments(self) -> int:
        """Segments that have a number; colours beyond it belong to what is none."""
        return len(self.track or self.suggested or ())


class Brush:
    """An open QPainter with everything a part of the timeline needs to be painted."""

    def __init__(
        self, painter: QPainter, content: TimelineContent, scale: TimeScale, rows: Rows, colours: ThemeColours
    ) -> None:
        self._painter = painter
        self._content = content
        self._scale = scale
        self._rows = rows
        self._colours = colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _clip(self) -> None:
        rows = self._rows
        self._painter.setClipRect(QRectF(GUTTER - 7, 0, rows.ruler.width() - GUTTER + 7, rows.curve.bottom() + 8))

    def _x(self, frame: float) -> float:
        return self._scale.x_of(frame / self._content.frame_rate)

    def _in_view(self, place: QRectF) -> QRectF:
        return in_view(self._rows, place)

    def _font(self, pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = QFont(self._painter.font())
        font.setPixelSize(pixels)
        font.setWeight(weight)
        self._painter.setFont(font)
        return font

    def _text(self, rectangle: QRectF, text: str, colour: QColor, alignment: Qt.AlignmentFlag) -> None:
        self._painter.setPen(colour)
        metrics = QFontMetricsF(self._painter.font())
        shown = metrics.elidedText(tr(text), Qt.TextElideMode.ElideRight, rectangle.width())
        self._painter.drawText(rectangle, alignment | Qt.AlignmentFlag.AlignVCenter, shown)


def in_view(rows: Rows, place: QRectF) -> QRectF:
    """The part of ``place`` between the gutter and the right edge: labels stay readable while one scrolls."""
    left, right = max(place.left(), GUTTER), min(place.right(), rows.ruler.right())
    return QRectF(left, place.top(), max(right - left, 0.0), place.height())


def segment_rectangle(rows: Rows, scale: TimeScale, frame_rate: float, segment: MotionSegment) -> QRectF:
    """Where a segment is painted."""
    left, right = scale.x_of(segment.start / frame_rate), scale.x_of(segment.end / frame_rate)
    return QRectF(left + 1, rows.track.top(), right - left - 2, rows.track.height())


def grounding_rectangle(rows: Rows, scale: TimeScale, content: TimelineContent, index: int) -> QRectF:
    """Where a found stretch is painted."""
    grounding = content.groundings[index]
    return found_rectangle(rows, scale, content.frame_rate, grounding.start, grounding.end, content.lanes[index])


def found_rectangle(rows: Rows, scale: TimeScale, frame_rate: float, start: int, end: int, lane: int) -> QRectF:
    """Where frames [start, end) are painted in a lane of the found row."""
    left, right = scale.x_of(start / frame_rate), scale.x_of(end / frame_rate)
    return QRectF(left + 1, rows.lane_top(lane), max(right - left - 2, 3), LANE_HEIGHT)
