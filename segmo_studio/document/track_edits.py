"""Pure edits of a segment track that go beyond SegmentTrack's own, and what an edit means for the tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MIN_SEGMENT_FRAMES, token_ends, token_ranges

from segmo_core.errors import InvalidRequestError
from segmo_core.generation.request import GenerationResult
from segmo_core.timeline.segment_track import MotionSegment, SegmentTrack


@dataclass(frozen=True, eq=False)
class KeptTokens:
    """Token ids of an older result laid out on a new track.

    segments: indices of the new track's segments whose tokens are taken over. token_ids: (N, Q), rows of the
    other segments are 0 and to be generated.
    """

    segments: tuple[int, ...]
    token_ids: NDArray[np.integer]


def kept_tokens(result: GenerationResult, track: SegmentTrack) -> KeptTokens:
    """Lay the tokens of ``result`` out on ``track``, which may have other segments, more, fewer or reordered.

    A segment is kept when the result has one of the same text and number of tokens, each used once: the one in
    the same place first, then one from elsewhere, unless all texts are in their old places.
    """
    old_track, old, new = result.track, token_ranges(result.track), token_ranges(track)

    def fits(index: int, candidate: int) -> bool:
        same_text = old_track[candidate].text == track[index].text
        return same_text and old[candidate][1] - old[candidate][0] == new[index][1] - new[index][0]

    origins = {index: index for index in range(min(len(old), len(new))) if fits(index, index)}
    if track.texts != old_track.texts:
        for index in range(len(new)):
            unused = [candidate for candidate in range(len(old)) if candidate not in origins.values()]
            fitting = [candidate for candidate in unused if fits(index, candidate)]
            if index not in origins and fitting:
                origins[index] = min(fitting, key=lambda candidate: abs(candidate - index))
    token_ids = np.zeros((new[-1][1], result.token_ids.shape[1]), dtype=result.token_ids.dtype)
    for index, origin in origins.items():
        token_ids[slice(*new[index])] = result.token_ids[slice(*old[origin])]
    return KeptTokens(tuple(sorted(origins)), token_ids)


def is_shown(track: SegmentTrack, result: GenerationResult) -> bool:
    """Whether the motion of ``result`` is the one ``track`` asks for: same texts on the same tokens."""
    return track.texts == result.track.texts and token_ends(track) == token_ends(result.track)


def relabelled(result: GenerationResult, track: SegmentTrack) -> GenerationResult:
    """The same motion and tokens under a new track of the same length (a split, or a label for a stretch)."""
    durations = [(end - start) * FRAMES_PER_TOKEN for start, end in token_ranges(track)]
    track = SegmentTrack.from_durations(track.texts, durations)
    request = replace(result.request, track=track, kept_segments=(), kept_token_ids=None)
    return replace(result, request=request, track=track)


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
