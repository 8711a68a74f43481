"""Where the rows of the timeline are, and which part of it is under a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from segmo_core.grounding.grounding_result import GroundingResult

GUTTER = 92.0
RIGHT_MARGIN = 18.0
RULER_HEIGHT = 33.0
TRACK_HEIGHT = 50.0
LANE_HEIGHT = 22.0
LANE_GAP = 3.0
FEET_HEIGHT = 20.0
LOOP_HEIGHT = 7.0
ROW_GAP = 10.0
MAXIMUM_LANES = 4
LEAST_HEIGHT = RULER_HEIGHT + 6.0 + TRACK_HEIGHT + 8.0
_LOWEST_CURVE = 24.0
_FULL = 1 << 40  # a frame that no motion has


@dataclass(frozen=True)
class Rows:
    """Rectangles of the rows over the whole width; lanes: the ``found`` row divided.

    In a low timeline the lower rows give way: the curve first, then lane by lane, then the feet; segments always have
    their row.
    """

    ruler: QRectF
    track: QRectF
    found: QRectF
    feet: QRectF
    curve: QRectF
    num_lanes: int

    @classmethod
    def of(cls, width: float, height: float, num_lanes: int, has_feet: bool = False) -> Rows:
        track_top = RULER_HEIGHT + 6.0
        found_top = track_top + TRACK_HEIGHT + ROW_GAP
        bottom = height - 8.0
        has_feet = has_feet and bottom - found_top >= FEET_HEIGHT
        below = FEET_HEIGHT + ROW_GAP if has_feet else 0.0
        room = int((bottom - below - found_top + LANE_GAP) // (LANE_HEIGHT + LANE_GAP))
        num_lanes = max(min(max(num_lanes, 1), MAXIMUM_LANES, room), 0)
        found_height = num_lanes * LANE_HEIGHT + max(num_lanes - 1, 0) * LANE_GAP
        feet_top = found_top + (found_height + ROW_GAP if num_lanes else 0.0)
        curve_top = feet_top + below
        curve_height = bottom - curve_top if bottom - curve_top >= _LOWEST_CURVE else 0.0
        return cls(
            ruler=QRectF(0, 0, width, RULER_HEIGHT),
            track=QRectF(0, track_top, width, TRACK_HEIGHT),
            found=QRectF(0, found_top, width, found_height),
            feet=QRectF(0, feet_top, width, FEET_HEIGHT if has_feet else 0.0),
            curve=QRectF(0, bottom - curve_height, width, curve_height),
            num_lanes=num_lanes,
        )

    def lane_top(self, lane: int) -> float:
        return self.found.top() + lane * (LANE_HEIGHT + LANE_GAP)

    def row_at(self, point: QPointF) -> str:
        """ "ruler", "track", "found", "feet", "curve" or "" between them."""
        for name in ("ruler", "track", "found", "feet", "curve"):
            rectangle: QRectF = getattr(self, name)
            if rectangle.contains(point):
                return name
        return ""


def lanes_of(groundings: Sequence[GroundingResult], first: int = 0) -> list[int]:
    """A lane for every grounding, so that those that overlap in time lie below each other.

    first: lanes above it are taken.
    """
    free_from: list[int] = [_FULL] * first
    lanes = [0] * len(groundings)
    for index in sorted(range(len(groundings)), key=lambda position: groundings[position].start):
        grounding = groundings[index]
        lane = next((number for number, end in enumerate(free_from) if end <= grounding.start), len(free_from))
        if lane == MAXIMUM_LANES:
            lane = free_from.index(min(free_from))  # where they overlap least
        if lane == len(free_from):
            free_from.append(0)
        free_from[lane] = max(free_from[lane], grounding.end)
        lanes[index] = lane
    return lanes
