"""Tokens in time: frames a token, the limits of segments and motions, boundaries rounded to whole tokens."""

from __future__ import annotations

from segmo_core.timeline.segment_track import SegmentTrack

FRAMES_PER_TOKEN = 4
MODEL_FRAME_RATE = 20.0
WINDOW_TOKENS = 49  # the longest motion a model is trained on: 196 frames
WINDOW_SECONDS = WINDOW_TOKENS * FRAMES_PER_TOKEN / MODEL_FRAME_RATE

# Longer motions are made window by window, so these only stop mistakes: ten minutes.
MAX_SEGMENTS = 200
MIN_SEGMENT_FRAMES = 8
MAX_FRAMES = 12_000
MIN_SECONDS = 0.8
MAX_SECONDS = MAX_FRAMES / MODEL_FRAME_RATE


def token_ends(track: SegmentTrack) -> tuple[int, ...]:
    """End of each segment of ``track`` in whole tokens (4 frames); every segment keeps at least one."""
    ends: list[int] = []
    previous = 0
    for segment in track:
        previous = max(previous + 1, round(segment.end / FRAMES_PER_TOKEN))
        ends.append(previous)
    return tuple(ends)


def token_ranges(track: SegmentTrack) -> tuple[tuple[int, int], ...]:
    """Half-open range of every segment of ``track`` in whole tokens."""
    ends = token_ends(track)
    return tuple(zip((0, *ends[:-1]), ends, strict=True))
