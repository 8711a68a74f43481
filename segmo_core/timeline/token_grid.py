"""Tokens in time: frames a token, the limits of segments and motions, boundaries rounded to whole tokens."""

from __future__ import annotations

import math

from segmo_core.errors import InvalidRequestError
from segmo_core.timeline.segment_track import SegmentTrack

FRAMES_PER_TOKEN = 4
MODEL_FRAME_RATE = 20.0
SLOWEST_RATE, FASTEST_RATE = 1.0, 240.0  # frames a second that a model may have been trained on
WINDOW_TOKENS = 49  # the longest motion a model is trained on: 196 frames
WINDOW_SECONDS = WINDOW_TOKENS * FRAMES_PER_TOKEN / MODEL_FRAME_RATE

# Longer motions are made window by window, so these only stop mistakes: ten minutes.
MAX_SEGMENTS = 200
MIN_SEGMENT_FRAMES = 8
MAX_FRAMES = 12_000
MIN_SECONDS = 0.8
MAX_SECONDS = MAX_FRAMES / MODEL_FRAME_RATE


def check_token_rate(frame_rate: float) -> None:
    """Raise InvalidRequestError for a frame rate that no bundle has."""
    if not SLOWEST_RATE <= frame_rate <= FASTEST_RATE:
        raise InvalidRequestError(f"frame rate: {frame_rate:g}, expected {SLOWEST_RATE:g} to {FASTEST_RATE:g}")


def token_ends(track: SegmentTrack, frame_rate: float = MODEL_FRAME_RATE) -> tuple[int, ...]:
    """End of each segment of ``track`` (frames at MODEL_FRAME_RATE) in whole tokens of a bundle at ``frame_rate`` Hz.

    Every segment keeps at least one token. The last end reaches at least as far as the track does in whole tokens of
    MODEL_FRAME_RATE, by which a motion's frames are counted.
    """
    ends: list[int] = []
    previous = 0
    for segment in track:
        previous = max(previous + 1, round(segment.end / FRAMES_PER_TOKEN))
        ends.append(previous)
    if frame_rate == MODEL_FRAME_RATE:
        return tuple(ends)
    scaled: list[int] = []
    for end in ends:
        scaled.append(max((scaled[-1] if scaled else 0) + 1, round(end * frame_rate / MODEL_FRAME_RATE)))
    last_frame = (ends[-1] * FRAMES_PER_TOKEN - 1) / MODEL_FRAME_RATE * frame_rate
    scaled[-1] = max(scaled[-1], math.ceil((last_frame + 1) / FRAMES_PER_TOKEN))
    return tuple(scaled)


def token_ranges(track: SegmentTrack, frame_rate: float = MODEL_FRAME_RATE) -> tuple[tuple[int, int], ...]:
    """Half-open range of every segment of ``track`` in whole tokens, as ``token_ends`` counts them."""
    ends = token_ends(track, frame_rate)
    return tuple(zip((0, *ends[:-1]), ends, strict=True))
