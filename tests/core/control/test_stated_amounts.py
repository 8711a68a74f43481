"""Numbers in words, and what a motion is held to because of them."""

from __future__ import annotations

import pytest

from segmo_core.control.constraints import Distance, Turn
from segmo_core.control.solver import at_origin
from segmo_core.control.stated_amounts import spoken, stated_constraints, stated_degrees, stated_metres
from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack


@pytest.mark.parametrize(
    ("text", "metres", "degrees"),
    [
        ("A person walks 4 m.", 4.0, None),
        ("A person walks two and a half steps.", None, None),
        ("Someone runs ten metres.", 10.0, None),
        ("A person walks half a meter back.", 0.5, None),
        ("A person turns ninety degrees to the left.", None, 90.0),
        ("A person turns 45° right.", None, 45.0),
        ("A person waves.", None, None),
    ],
)
def test_numbers_are_read(text: str, metres: float | None, degrees: float | None) -> None:
    assert stated_metres(spoken(text)) == metres
    assert stated_degrees(spoken(text)) == degrees


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A person walks 3 metres.", Distance(0.0, 2.95, 3.0)),
        ("A person turns 60 degrees right.", Turn(0.0, 2.95, -60.0)),
        ("A person turns 60 degrees counterclockwise.", Turn(0.0, 2.95, 60.0)),
        ("A person walks.", None),
        ("A person turns the head 60 degrees left.", None),
        ("A person walks 90 metres.", None),  # in three seconds
    ],
)
def test_segments_are_held_to_their_numbers(walk: Motion, text: str, expected: Distance | Turn | None) -> None:
    track = SegmentTrack.from_durations([text], [60])
    assert stated_constraints(track, at_origin(walk.frames(0, 61))) == (() if expected is None else (expected,))
