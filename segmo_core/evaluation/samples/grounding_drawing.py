"""Where texts are found in a motion, drawn: similarity over time, what was found, what was asked (paper, figure 5)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.timeline.segment_track import SegmentTrack

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _GAP = 1200, 16, 16, 40, 110, 34
_COLOURS = ("#4477aa", "#bb5566", "#228833", "#aa3377", "#997700")


def draw_grounding(title: str, track: SegmentTrack, found: Sequence[GroundingResult]) -> str:
    """An SVG picture with a row for each segment of ``track`` and what was ``found`` for its text, in its order."""
    height = _TOP + len(found) * (_ROW + _GAP) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" font-family="sans-serif" '
        f'font-size="13"><rect width="100%" height="100%" fill="white"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(title)}</text>',
    ]
    for number, (segment, one) in enumerate(zip(track, found, strict=True)):
        top = _TOP + number * (_ROW + _GAP) + 18
        parts += _row(one, segment.start, segment.end, track.num_frames, top, _COLOURS[number % len(_COLOURS)])
    return "\n".join([*parts, "</svg>"]) + "\n"


def overlap(one: GroundingResult, start: int, end: int) -> float:
    """Intersection over union of what was found and frames [start, end)."""
    shared = max(0, min(one.end, end) - max(one.start, start))
    return shared / (max(one.end, end) - min(one.start, start)) if shared else 0.0


def _row(one: GroundingResult, start: int, end: int, num_frames: int, top: int, colour: str) -> list[str]:
    scale = (_WIDTH - _LEFT - _RIGHT) / num_frames

    def x(frame: float) -> float:
        return _LEFT + frame * scale

    low, high = float(np.min(one.curve)), float(np.max(one.curve))
    span = high - low or 1.0
    points = " ".join(
        f"{x(frame + 0.5):.1f},{top + _ROW - (float(value) - low) / span * (_ROW - 14):.1f}"
        for frame, value in enumerate(one.curve)
    )
    told = f"{one.query} · overlap {overlap(one, start, end):.2f} · similarity {low:.2f} to {high:.2f}"
    return [
        f'<text x="{_LEFT}" y="{top - 5}">{escape(told)}</text>',
        f'<rect x="{_LEFT}" y="{top}" width="{_WIDTH - _LEFT - _RIGHT}" height="{_ROW}" fill="#f6f6f6"/>',
        f'<rect x="{x(start):.1f}" y="{top}" width="{(end - start) * scale:.1f}" height="{_ROW}" fill="{colour}" '
        f'fill-opacity="0.15"/>',
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
        f'<rect x="{x(one.start):.1f}" y="{top}" width="{(one.end - one.start) * scale:.1f}" height="8" '
        f'fill="{colour}"/>',
    ]
