"""Where things are on the timeline: 100 pixels a second from x = 92 on, 20 frames a second, so 5 pixels a frame."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.timeline.places import Places
from segmo_studio.timeline.time_scale import TimeScale

FOUND = tuple(GroundingResult(query, start, end, 0.5, 0.9, np.zeros(80)) for query, start, end in
              (("walk", 0, 40), ("wave", 30, 60)))  # fmt: skip
TAKE = Take(1, "Take 1", track=SegmentTrack.from_durations(["walk", "wave"], [40, 40]), groundings=FOUND)


def places(can_move_end: bool = True) -> Places:
    return Places.of(TAKE, TimeScale(92.0, 600.0, 0.0, 6.0), 800.0, 300.0, can_move_end)


def test_frames_and_pixels_go_back_and_forth() -> None:
    place = places()
    assert place.x_of(40) == pytest.approx(292.0)
    assert place.frame_at(292.0) == pytest.approx(40.0)


def test_the_end_of_the_motion_is_grabbed_only_where_it_can_move() -> None:
    end = places().boundary_point(1)
    assert places().boundary_at(end) == 1
    assert places(can_move_end=False).boundary_at(end) == -1
    assert places(can_move_end=False).boundary_at(places().boundary_point(0) + QPointF(5, 0)) == 0
    assert places().boundary_at(places().boundary_point(0) + QPointF(7, 0)) == -1
    assert places().boundary_at(QPointF(end.x(), 10.0)) == -1, "the ruler has no boundaries"


def test_stretches_that_overlap_lie_in_two_lanes() -> None:
    place, x = places(), places().x_of(35)
    first, second = place.rows.lane_top(0) + 5, place.rows.lane_top(1) + 5
    assert [place.grounding_at(QPointF(x, y)) for y in (first, second, 10.0)] == [0, 1, -1]


def test_text_is_edited_over_its_segment_and_inside_the_timeline() -> None:
    narrow = Take(1, "Take 1", track=SegmentTrack.from_durations(["walk", "wave"], [112, 8]))
    place = Places.of(narrow, places().scale, 800.0, 300.0, True)
    field = place.text_rectangle(1)
    assert field.width() == pytest.approx(180, abs=1)
    assert field.right() <= 800
    assert place.segment_at(QPointF(place.x_of(115), 0)) == 1
    assert place.segment_at(QPointF(place.x_of(121), 0)) == -1
