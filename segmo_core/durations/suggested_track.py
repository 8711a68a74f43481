"""How long segments last when nobody says: tracks in whole tokens, and the rules for texts without a duration model."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from segmo_core.durations.segment_duration import SegmentDuration, with_words
from segmo_core.durations.words import read_duration_words
from segmo_core.errors import InvalidRequestError
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import (
    FRAMES_PER_TOKEN,
    MAX_FRAMES,
    MAX_SECONDS,
    MAX_SEGMENTS,
    MIN_SECONDS,
    MIN_SEGMENT_FRAMES,
    MODEL_FRAME_RATE,
    WINDOW_SECONDS,
    WINDOW_TOKENS,
)

# Seconds of the act once, and 10, 50 and 90 % of such acts in everyday motion capture (data.natural_durations); the
# first pattern that matches counts. For bundles without a duration model.
_KINDS = (
    (r"\b(dance|dances|dancing|exercise|exercises|clean|play|plays)\b", (2.5, 1.7, 5.0, 8.4)),
    (r"\b(wav(e|es|ing)|clap|claps|nod|nods)\b", (1.0, 1.4, 4.0, 7.3)),
    (r"\b(walk|walks|walking|crawl|crawls|sneak|sneaks|step|steps)\b", (1.1, 1.4, 3.3, 6.5)),
    (r"\b(sit|sits|stand up|stands up|lie|lies|get up|gets up|kneel|kneels|bow|bows)\b", (2.6, 1.7, 2.7, 4.5)),
    (r"\b(turn|turns)\b", (1.5, 1.3, 2.6, 5.0)),
    (r"\b(run|runs|running|jog|jogs|sprint|sprints|dash|dashes)\b", (0.8, 0.9, 1.9, 3.2)),
    (r"\b(rais(e|es|ing)|lift|lifts|punch|punches|kick|kicks|throw|throws|jump|jumps|hop|hops)\b",
     (2.0, 1.3, 2.3, 3.8)),
)  # fmt: skip
_UNKNOWN_KIND = (1.8, 1.4, 3.0, 6.0)
_WORTH_SHORTENING = 1.35  # a motion this much longer than one window is better a little shorter
_SECONDS_PER_TOKEN = FRAMES_PER_TOKEN / MODEL_FRAME_RATE
_SMALLEST = MIN_SEGMENT_FRAMES // FRAMES_PER_TOKEN


def durations_by_rules(texts: Sequence[str]) -> list[SegmentDuration]:
    """The natural duration of each text by a table of verbs: for bundles without a duration model, and without one."""
    found = []
    for text in texts:
        words = read_duration_words(text)
        kinds = (values for pattern, values in _KINDS if re.search(pattern, words.rest.lower()))
        once, shortest, typical, longest = next(kinds, _UNKNOWN_KIND)
        found.append(with_words(once, SegmentDuration(shortest, typical, longest), words))
    return found


def suggest_track(
    texts: Sequence[str],
    seconds: float | None = None,
    durations: Sequence[float] | None = None,
    usual: Sequence[SegmentDuration] | None = None,
) -> SegmentTrack:
    """A track of the texts in whole tokens (4 frames at 20 fps).

    durations: seconds of every segment. seconds: the whole length, divided so that each segment has what it usually
    takes, as far as that goes. Neither: the typical durations, shortened together where they then fit what the model
    does at once. usual: the natural duration of every text; None takes that of the rules.
    Raises InvalidRequestError for values that cannot be.
    """
    if not texts:
        raise InvalidRequestError("segments: none given, expected at least one")
    if len(texts) > MAX_SEGMENTS:
        raise InvalidRequestError(f"prompt: {len(texts)} segments, expected at most {MAX_SEGMENTS}")
    if durations is not None:
        return SegmentTrack.from_durations(texts, _given_frames(texts, durations))
    usual = durations_by_rules(texts) if usual is None else usual
    if seconds is None:
        shares = _shares(usual, _suggested_total(usual))
        tokens = None
    elif not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise InvalidRequestError(f"seconds: {seconds:g}, expected {MIN_SECONDS:g} to {MAX_SECONDS:g}")
    else:
        shares = _shares(usual, seconds)
        tokens = round(seconds / _SECONDS_PER_TOKEN)
        if tokens < _SMALLEST * len(texts):
            raise InvalidRequestError(
                f"seconds: {seconds:g} for {len(texts)} segments, expected at least "
                f"{len(texts) * MIN_SEGMENT_FRAMES / MODEL_FRAME_RATE:g}"
            )
    frames = [count * FRAMES_PER_TOKEN for count in _whole_tokens(shares, usual, tokens)]
    return SegmentTrack.from_durations(texts, frames)


def _suggested_total(usual: Sequence[SegmentDuration]) -> float:
    total = sum(duration.typical for duration in usual)
    if total <= WINDOW_SECONDS * _WORTH_SHORTENING:
        total = max(min(total, WINDOW_SECONDS), sum(duration.shortest for duration in usual))
    return min(total, MAX_SECONDS)


def _shares(usual: Sequence[SegmentDuration], total: float) -> list[float]:
    """Seconds of every segment that sum to ``total``: the typical ones, faster or slower together, each within its
    range. Beyond what the ranges allow all are shortened alike, or those lengthened whose words do not say how long.
    """
    shortest, longest = (sum(getattr(duration, name) for duration in usual) for name in ("shortest", "longest"))
    if total <= shortest:
        return [duration.shortest * total / shortest for duration in usual]
    if total >= longest:
        free = sum(duration.longest for duration in usual if not duration.is_said)
        if not free:
            return [duration.longest * total / longest for duration in usual]
        factor = 1.0 + (total - longest) / free
        return [duration.longest * (1.0 if duration.is_said else factor) for duration in usual]

    def at(pace: float) -> list[float]:
        return [min(max(d.typical * pace, d.shortest), d.longest) for d in usual]

    low, high = 1e-3, 1e3
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if sum(at(middle)) < total else (low, middle)
    return at(high)


def _whole_tokens(seconds: Sequence[float], usual: Sequence[SegmentDuration], total: int | None) -> list[int]:
    """Tokens of every segment, those that sum to ``total`` when it is given; what words say is rounded last."""
    exact = [value / _SECONDS_PER_TOKEN for value in seconds]
    counts = [max(round(value), _SMALLEST) for value in exact]
    if total is None and sum(exact) < WINDOW_TOKENS + 0.5 < sum(counts):
        total = WINDOW_TOKENS  # rounding shall not make two windows of one
    missing = 0 if total is None else total - sum(counts)
    step = 1 if missing > 0 else -1
    for _ in range(abs(missing)):
        able = [index for index, count in enumerate(counts) if count + step >= _SMALLEST]
        best = max(able, key=lambda index: (not usual[index].is_said, step * (exact[index] - counts[index])))
        counts[best] += step
    return counts


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
