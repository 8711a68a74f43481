"""Pure edits of a segment track that go beyond SegmentTrack's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from segmo_core.errors import InvalidRequestError
from segmo_core.timeline.segment_track import MotionSegment, SegmentTrack
from segmo_core.timeline.token_grid import MIN_SEGMENT_FRAMES


@dataclass(frozen=True)
class TrackLimits:
    """minimum, maximum: frames of a segment and of the whole track. grid: frames a boundary snaps to.

    can_ripple: whether what follows may move.
    """

    minimum: int
    maximum: int
    grid: int
    can_ripple: bool = True


def does_ripple(track: SegmentTrack, index: int, limits: TrackLimits, wanted: bool) -> bool:
    """Whether moving the end of segment ``index`` moves what follows; nobody follows the last one to give way."""
    return limits.can_ripple and (wanted or index == len(track) - 1)


def with_end(track: SegmentTrack, index: int, frame: int, limits: TrackLimits, ripple: bool = False) -> SegmentTrack:
    """The end of segment ``index`` at ``frame``, or as near as the limits let it come.

    The next segment gives way; with ``ripple`` all that follows moves. The last one's end stays where that may not.
    Segments that are shorter than the limits already need not grow.
    """
    segment = track[index]
    if does_ripple(track, index, limits, ripple):
        longest = max(limits.maximum - track.num_frames + segment.num_frames, segment.num_frames)
        shortest = min(limits.minimum, segment.num_frames)
        return track.with_duration(index, max(shortest, min(frame - segment.start, longest)))
    if index == len(track) - 1:
        return track
    minimum = min(limits.minimum, segment.num_frames, track[index + 1].num_frames)
    return track.with_boundary(index, frame, minimum)


def joined_text(first: str, second: str) -> str:
    """The text of two merged segments: 'a person walks' and 'a person waves' give 'a person walks, then waves'."""
    first, second = first.strip().rstrip("."), second.strip().rstrip(".")
    if not first or not second or first.lower() == second.lower():
        return first or second
    first_words, second_words = first.split(), second.split()
    shared = 0
    while (
        shared < min(len(first_words), len(second_words)) - 1
        and shared < 2
        and first_words[shared].lower() == second_words[shared].lower()
    ):
        shared += 1
    rest = second_words if shared < 2 else second_words[2:]
    return f"{first}, then {' '.join(rest)}"


def absorbed(track: SegmentTrack, index: int) -> SegmentTrack:
    """Segment ``index`` removed and its time given to the one before it (the first one's to the next)."""
    if len(track) == 1:
        raise InvalidRequestError("segment track: the only segment cannot be removed")
    if index == 0:
        return track.merge(0, text=track[1].text)
    return track.merge(index - 1)


def appended(track: SegmentTrack | None, text: str, num_frames: int, max_segments: int) -> SegmentTrack:
    """A segment added at the end; InvalidRequestError when there would be more than ``max_segments``."""
    segments = tuple(track) if track is not None else ()
    if len(segments) >= max_segments:
        raise InvalidRequestError(f"segment track: {len(segments)} segments already, expected at most {max_segments}")
    start = segments[-1].end if segments else 0
    return SegmentTrack((*segments, MotionSegment(text, start, start + num_frames)))


def with_segments(
    track: SegmentTrack | None, pieces: Sequence[tuple[str, int]], first: int, last: int, max_segments: int
) -> SegmentTrack:
    """Segments [first, last) replaced by ``pieces`` (text and frames of each); what follows moves.

    InvalidRequestError when there would be more than ``max_segments``, or none.
    """
    old = [(segment.text, segment.num_frames) for segment in track or ()]
    new = [*old[:first], *pieces, *old[last:]]
    if len(new) > max_segments:
        raise InvalidRequestError(f"segment track: {len(new)} segments, expected at most {max_segments}")
    return SegmentTrack.from_durations([text for text, _ in new], [num_frames for _, num_frames in new])


def with_stretch(
    track: SegmentTrack | None, num_frames: int, start: int, end: int, text: str, max_segments: int
) -> SegmentTrack:
    """Frames [start, end) labelled ``text``, whatever was there cut back around them.

    Leftovers shorter than 8 frames join the stretch. Without a track the rest of the ``num_frames`` gets empty text.
    """
    old: Sequence[MotionSegment] = tuple(track) if track is not None else (MotionSegment("", 0, num_frames),)
    start, end = max(0, start), min(old[-1].end, end)
    if end <= start:
        raise InvalidRequestError(f"segment track: frames {start} to {end}, expected a stretch inside the motion")
    left = [replace(s, end=min(s.end, start)) for s in old if s.start < start]
    right = [replace(s, start=max(s.start, end)) for s in old if s.end > end]
    if left and left[-1].num_frames < MIN_SEGMENT_FRAMES:
        start = left.pop().start
    if right and right[0].num_frames < MIN_SEGMENT_FRAMES:
        end = right.pop(0).end
    if len(left) + len(right) + 1 > max_segments:
        raise InvalidRequestError(f"segment track: more than {max_segments} segments, merge two of them first")
    return SegmentTrack((*left, MotionSegment(text, start, end), *right))
