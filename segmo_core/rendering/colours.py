"""Segment colours: Okabe and Ito's palette, readable with every common kind of colour vision, in fixed order."""

from __future__ import annotations

SEGMENT_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")


def segment_colour(index: int) -> str:
    """``#rrggbb`` of the segment at ``index`` (from 0); repeats after the last colour."""
    return SEGMENT_COLOURS[index % len(SEGMENT_COLOURS)]


def to_rgb(colour: str) -> tuple[float, float, float]:
    """Red, green, blue from 0 to 1 of ``#rrggbb``."""
    return (int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255)


def text_on(colour: str) -> str:
    """The text colour, near-black or white, with the higher contrast on ``colour`` (WCAG 2 contrast ratio)."""
    return "#101418" if _luminance(colour) > 0.179 else "#ffffff"


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
