"""Where the words of a segment are seen in the motion: one answer from what was found and what the check says.

A confidence is always how sure it is that the motion shows the words; it is the same number wherever it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from segmo_core.grounding.described_stretch import DescribedStretch
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import MotionSegment, SegmentTrack

if TYPE_CHECKING:
    from segmo_core.grounding.segment_check import SegmentCheck

LIKELY = 0.5

Place = Literal["here", "in part", "elsewhere", "nowhere"]


@dataclass(frozen=True)
class Sighting:
    """place: against the segment's own. start, end: frames. confidence: that the motion shows the words at all."""

    place: Place
    start: int
    end: int
    confidence: float


def checks_of(take: Take) -> dict[int, SegmentCheck]:
    """The check of every segment of ``take.track`` by index; without those whose motion is not made yet.

    A kept segment keeps its check, but where it moved there is nothing to say of its order among the others.
    """
    if take.alignment is None or take.plan is None:
        return {}
    checks = {index: take.alignment.segments[origin] for index, origin in take.plan.origins.items()}
    stayed = {index for index, origin in take.plan.origins.items() if index == origin}
    return {index: check for index, check in checks.items() if check.other is None or {index, check.other} <= stayed}


def sighting(take: Take, index: int) -> Sighting | None:
    """Where segment ``index`` is seen; None where nobody has looked, or its motion is not made yet."""
    shown, check = _shown_segment(take, index), checks_of(take).get(index)
    track = take.shown_track
    if shown is None or track is None:
        return None
    found = next((grounding for grounding in take.groundings if grounding.query == shown.text), None)
    is_missing = check is not None and check.finding in ("missing", "unknown words")
    if found is not None and is_likely(found) and _overlap(found, shown) >= (found.end - found.start) / 2:
        return Sighting("in part" if is_missing else "here", found.start, found.end, found.confidence)
    if check is not None and not is_missing:
        return Sighting("here", check.start, check.end, check.confidence)
    described = None if take.is_generated else _described(take, shown)
    if found is None and described is not None:
        return Sighting("here", described.start, described.end, described.matches[0].confidence)
    if found is None:
        return None if check is None else Sighting("nowhere", check.start, check.end, check.confidence)
    # With repeated words the best place belongs to another segment, and says nothing about this one.
    if is_likely(found) and track.texts.count(shown.text) == 1:
        return Sighting("elsewhere", found.start, found.end, found.confidence)
    confidence = found.confidence if check is None or not is_likely(found) else check.confidence
    return Sighting("nowhere", found.start, found.end, confidence)


def segments_of_queries(track: SegmentTrack | None, groundings: tuple[GroundingResult, ...]) -> dict[str, int]:
    """For every query that is the text of a segment, the segment where it was found, or else the first one."""
    segments: dict[str, int] = {}
    for found in groundings:
        same = [index for index, segment in enumerate(track or ()) if segment.text == found.query]
        if track is not None and same:
            segments[found.query] = max(same, key=lambda index: _overlap(found, track[index]))
    return segments


def is_likely(found: GroundingResult) -> bool:
    """Whether the motion rather shows the query than not."""
    return found.confidence >= LIKELY


def _shown_segment(take: Take, index: int) -> MotionSegment | None:
    """The segment as the motion shows it."""
    if take.track is None or not 0 <= index < len(take.track):
        return None
    if take.plan is None:
        return take.track[index]
    origin = take.plan.origins.get(index)
    return None if origin is None else take.plan.result.track[origin]


def _described(take: Take, segment: MotionSegment) -> DescribedStretch | None:
    """The stretch that shows the text of a segment and mostly lies in it."""
    same = (one for one in take.described if one.is_known and one.text == segment.text)
    return next((one for one in same if _overlap(one, segment) >= (one.end - one.start) / 2), None)


def _overlap(found: GroundingResult | DescribedStretch, segment: MotionSegment) -> int:
    return max(0, min(found.end, segment.end) - max(found.start, segment.start))
