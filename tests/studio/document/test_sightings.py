"""Where a segment is seen: one answer, and the same number wherever it is written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from window_support import make_result

from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.grounding.segment_check import SegmentCheck, TrackAlignment
from segmo_core.motion.motion import Motion
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.findings import check_summary, finding_sentence, sighting_words
from segmo_studio.document.sightings import segments_of_queries, sighting

TRACK = SegmentTrack.from_durations(["walk", "wave", "walk"], [40, 20, 40])


def found(query: str, start: int, end: int, confidence: float) -> GroundingResult:
    return GroundingResult(query, start, end, 0.5, confidence, np.zeros(100))


def checked(finding: str | None, confidence: float, start: int = 40, end: int = 60) -> SegmentCheck:
    return SegmentCheck("", 0.5, confidence, start, end, finding)  # type: ignore[arg-type]


@pytest.fixture
def take(walk: Motion) -> Take:
    fine = (checked(None, 0.9, 0, 38), checked(None, 0.8), checked(None, 0.7, 60, 100))
    groundings = (found("walk", 62, 98, 0.97), found("wave", 41, 60, 0.94))
    result = make_result(TRACK, walk)
    return Take(1, "Take 1", track=TRACK, result=result, groundings=groundings, alignment=TrackAlignment(fine, 1.0))


def with_check(take: Take, index: int, check: SegmentCheck, *groundings: GroundingResult) -> Take:
    checks = list(take.alignment.segments)
    checks[index] = check
    return replace(take, alignment=TrackAlignment(tuple(checks), 0.0), groundings=groundings)


def test_what_is_found_at_its_place_has_the_number_of_its_bar(take: Take) -> None:
    assert sighting_words(take, 1) == "2.05 – 3.00 s, 94 % sure"
    assert check_summary(take, 1) == "as asked"


def test_repeated_words_are_each_seen_at_their_own_place(take: Take) -> None:
    assert sighting_words(take, 0) == "0.00 – 1.90 s, 90 % sure"
    assert sighting_words(take, 2) == "3.10 – 4.90 s, 97 % sure"
    assert segments_of_queries(TRACK, take.groundings) == {"walk": 2, "wave": 1}


def test_nothing_is_found_and_missing_at_once(take: Take) -> None:
    part = with_check(take, 1, checked("missing", 0.13), found("wave", 44, 54, 0.91))
    assert (check_summary(part, 1), sighting_words(part, 1)) == ("seen in part", "2.20 – 2.70 s, 91 % sure")
    assert finding_sentence(part, 1) == "Segment 2, “”, is seen only at 2.2 – 2.7 s of its time."
    away = with_check(take, 1, checked("missing", 0.13), found("wave", 70, 90, 0.91))
    assert (check_summary(away, 1), sighting_words(away, 1)) == ("seen elsewhere", "only at 3.50 – 4.50 s, 91 % sure")
    gone = with_check(take, 1, checked("missing", 0.13), found("wave", 44, 54, 0.3))
    assert (check_summary(gone, 1), sighting_words(gone, 1)) == ("missing", "probably nowhere, 30 % sure")
    assert "(30 % sure that it is there)" in finding_sentence(gone, 1)


def test_nothing_is_said_of_a_segment_whose_motion_is_not_made_yet(take: Take) -> None:
    edited = replace(take, track=TRACK.with_text(1, "bow"))
    assert sighting(edited, 1) is None
    assert sighting(edited, 0) is not None
    moved = replace(take, track=TRACK.without(0))
    assert sighting_words(moved, 0) == "2.05 – 3.00 s, 94 % sure"
