"""Motions longer than the model: overlapping windows, each told the last tokens of the one before.

The model decides at most 49 tokens (9.8 s) at once. A window keeps what was decided before it as its beginning, reads
a few tokens into the segment that follows so that it does not come to rest at its end, and gives up those again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmo_core.timeline.token_grid import WINDOW_TOKENS

CONTEXT_TOKENS = 10  # 2 s
LEAST_CONTEXT_TOKENS = 4
LOOKAHEAD_TOKENS = 4


@dataclass(frozen=True)
class Window:
    """Tokens [start, stop) of the motion, seen by the model at once; [begin, end) of them are decided for good.

    segments: half-open range of the segments it touches. segment_ends: where each of those ends, counted from
    ``start`` and cut off at ``stop``.
    """

    start: int
    begin: int
    end: int
    stop: int
    segments: tuple[int, int]
    segment_ends: tuple[int, ...]


def plan_windows(ends: Sequence[int], max_segments: int, max_tokens: int = WINDOW_TOKENS) -> tuple[Window, ...]:
    """Windows that decide all tokens of segments with these ends, in order; one where everything fits.

    max_segments: of one window, 0 where the model is told none. Windows end where segments end, except inside segments
    that are longer than a window.
    """
    most = max_segments if max_segments > 0 else len(ends)
    total = ends[-1]
    if total <= max_tokens and len(ends) <= most:
        return (_window(ends, 0, 0, total, total),)
    windows: list[Window] = []
    begin = 0
    while begin < total:
        start = begin - _context(ends, begin, most, max_tokens)
        end = _end_of_window(ends, start, begin, most, max_tokens)
        stop = end
        if end < total and _segment_at(ends, end) - _segment_at(ends, start) < most:
            stop = min(end + LOOKAHEAD_TOKENS, start + max_tokens, ends[_segment_at(ends, end)])
        windows.append(_window(ends, start, begin, end, stop))
        begin = end
    return tuple(windows)


def _context(ends: Sequence[int], begin: int, most: int, max_tokens: int) -> int:
    """How many tokens before ``begin`` are told: of one segment, fewer where the next one then fits whole."""
    if begin == 0:
        return 0
    before, current = _segment_at(ends, begin - 1), _segment_at(ends, begin)
    if before != current and most == 1:
        return 0
    told = min(CONTEXT_TOKENS, begin - (ends[before - 1] if before > 0 else 0))
    return max(min(told, max_tokens - (ends[current] - begin)), min(told, LEAST_CONTEXT_TOKENS))


def _end_of_window(ends: Sequence[int], start: int, begin: int, most: int, max_tokens: int) -> int:
    """The last segment end that fits; inside a segment that is too long, an even part of what is left of it."""
    limit = start + max_tokens
    first = _segment_at(ends, start)
    fitting = [end for end in ends[first : first + most] if begin < end <= limit]
    if fitting:
        return fitting[-1]
    left = ends[_segment_at(ends, begin)] - begin
    parts = -(-left // (limit - begin))
    return begin + -(-left // parts)


def _segment_at(ends: Sequence[int], token: int) -> int:
    return next(index for index, end in enumerate(ends) if token < end)


def _window(ends: Sequence[int], start: int, begin: int, end: int, stop: int) -> Window:
    first, last = _segment_at(ends, start), _segment_at(ends, stop - 1)
    inside = tuple(min(value, stop) - start for value in ends[first : last + 1])
    return Window(start, begin, end, stop, (first, last + 1), inside)
