"""How long segments last when nobody says: torch-free, for tracks proposed before any model is loaded."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from segmo_core.errors import InvalidRequestError
from segmo_core.generation.request import (
    MAX_FRAMES,
    MAX_SECONDS,
    MAX_SEGMENTS,
    MIN_SECONDS,
    MIN_SEGMENT_FRAMES,
    WINDOW_SECONDS,
)
from segmo_core.models.settings import FRAMES_PER_TOKEN, MODEL_FRAME_RATE
from segmo_core.segmentation.segments import SegmentTrack

# Median seconds of such clips in everyday motion capture; the first pattern that matches counts.
_TYPICAL_SECONDS = (
    (r"\b(dance|dances|dancing|exercise|exercises|clean|play|plays)\b", 4.5),
    (r"\b(wav(e|es|ing)|walk|walks|walking|crawl|crawls|sneak|sneaks|step|steps|clap|claps)\b", 3.4),
    (r"\b(sit|sits|stand up|stands up|lie|lies|get up|gets up|kneel|kneels|bow|bows|turn|turns)\b", 2.8),
    (r"\b(run|runs|running|jog|jogs|sprint|sprints|dash|dashes)\b", 2.4),
    (r"\b(rais(e|es|ing)|lift|lifts|punch|punches|kick|kicks|throw|throws|jump|jumps|hop|hops)\b", 2.2),
)
_DEFAULT_SECONDS = 3.0
_WORTH_SHORTENING = 1.35  # a motion this much longer than one window is better a little shorter
_SLOW = re.compile(r"\b(slow|slowly|carefully|elderly|exhausted|tired)\b")
_FAST = re.compile(r"\b(quick|quickly|fast|briefly|rapidly|suddenly)\b")
_TIMES = re.compile(r"\b(twice|two times|three times|several times|multiple times|repeatedly|again and again)\b")


def suggested_seconds(text: str) -> float:
    """A sensible duration of one segment text, in seconds."""
    lowered = text.lower()
    seconds = next((value for pattern, value in _TYPICAL_SECONDS if re.search(pattern, lowered)), _DEFAULT_SECONDS)
    for pattern, factor in ((_SLOW, 1.25), (_FAST, 0.85), (_TIMES, 1.4)):
        if pattern.search(lowered):
            seconds *= factor
    return seconds


def suggest_track(
    texts: Sequence[str], seconds: float | None = None, durations: Sequence[float] | None = None
) -> SegmentTrack:
    """A track of the texts in whole tokens (4 frames at 20 fps).

    durations: seconds of every segment. seconds: the whole length, divided in proportion to the suggested
    durations. Neither: the suggested durations, shortened together where they then fit what the model does at once.
    Raises InvalidRequestError for values that cannot be.
    """
    if not texts:
        raise InvalidRequestError("segments: none given, expected at least one")
    if len(texts) > MAX_SEGMENTS:
        raise InvalidRequestError(f"prompt: {len(texts)} segments, expected at most {MAX_SEGMENTS}")
    if durations is not None:
        return SegmentTrack.from_durations(texts, _given_frames(texts, durations))
    wished = [suggested_seconds(text) for text in texts]
    if seconds is None:
        seconds = sum(wished)
        if seconds <= WINDOW_SECONDS * _WORTH_SHORTENING:
            seconds = min(seconds, WINDOW_SECONDS)
    elif not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise InvalidRequestError(f"seconds: {seconds:g}, expected {MIN_SECONDS:g} to {MAX_SECONDS:g}")
    smallest = MIN_SEGMENT_FRAMES // FRAMES_PER_TOKEN
    tokens = round(seconds * MODEL_FRAME_RATE / FRAMES_PER_TOKEN)
    if tokens < smallest * len(texts):
        raise InvalidRequestError(
            f"seconds: {seconds:g} for {len(texts)} segments, expected at least "
            f"{len(texts) * MIN_SEGMENT_FRAMES / MODEL_FRAME_RATE:g}"
        )
    total, ends, elapsed = sum(wished), [0], 0.0
    for number, part in enumerate(wished, start=1):
        elapsed += part
        earliest = ends[-1] + smallest
        latest = tokens - smallest * (len(texts) - number)
        ends.append(min(max(round(tokens * elapsed / total), earliest), latest))
    frames = [(end - start) * FRAMES_PER_TOKEN for start, end in itertools.pairwise(ends)]
    return SegmentTrack.from_durations(texts, frames)


def _given_frames(texts: Sequence[str], durations: Sequence[float]) -> list[int]:
    if len(durations) != len(texts):
        raise InvalidRequestError(f"durations: {len(durations)} given for {len(texts)} segments, expected one for each")
    shortest = MIN_SEGMENT_FRAMES / MODEL_FRAME_RATE
    for number, value in enumerate(durations, start=1):
        if not shortest <= value <= MAX_SECONDS:
            raise InvalidRequestError(
                f"durations: segment {number} lasts {value:g} s, expected {shortest:g} to {MAX_SECONDS:g}"
            )
    frames = [
        max(round(value * MODEL_FRAME_RATE / FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN, MIN_SEGMENT_FRAMES)
        for value in durations
    ]
    if sum(frames) > MAX_FRAMES:
        raise InvalidRequestError(
            f"durations: {sum(frames) / MODEL_FRAME_RATE:g} s in all, expected at most {MAX_SECONDS:g}"
        )
    return frames
