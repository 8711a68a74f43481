"""Colours of the 3D view in every theme, as red, green, blue from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass

from segmo_core.rendering.colours import to_rgb
from segmo_studio.theme.palette import ThemeName as ThemeName

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class ViewPalette:
    """background_top/bottom: the gradient. floor: the disc of light under the body. line: the metre grid.
    body: the mannequin before its tint. neutral: a body without a segment. neutral_line: its bones and path.
    sky, bounce: light from above and from the floor. ambient: how strong both are. shadow: alpha of the contact
    shadow. line_strength: alpha of the grid. text: labels drawn over the view. panel: behind those labels.
    """

    background_top: Rgb
    background_bottom: Rgb
    floor: Rgb
    line: Rgb
    body: Rgb
    neutral: Rgb
    neutral_line: Rgb
    sky: Rgb
    bounce: Rgb
    ambient: float
    shadow: float
    line_strength: float
    text: Rgb
    panel: Rgb


_PALETTES: dict[str, ViewPalette] = {
    "light": ViewPalette(
        background_top=to_rgb("#e3e8ee"),
        background_bottom=to_rgb("#f6f7f9"),
        floor=to_rgb("#ffffff"),
        line=to_rgb("#5d6b7c"),
        body=to_rgb("#e9e6e1"),
        neutral=to_rgb("#c3cad3"),
        neutral_line=to_rgb("#71808f"),
        sky=to_rgb("#f4f7ff"),
        bounce=to_rgb("#c9c2ba"),
        ambient=0.60,
        shadow=0.34,
        line_strength=0.42,
        text=to_rgb("#1c242e"),
        panel=to_rgb("#ffffff"),
    ),
    "dark": ViewPalette(
        background_top=to_rgb("#1a1f27"),
        background_bottom=to_rgb("#2b323d"),
        floor=to_rgb("#3d4755"),
        line=to_rgb("#9fb0c4"),
        body=to_rgb("#dcd9d4"),
        neutral=to_rgb("#b4bdc9"),
        neutral_line=to_rgb("#a9b6c6"),
        sky=to_rgb("#dfe8f7"),
        bounce=to_rgb("#7b8190"),
        ambient=0.64,
        shadow=0.62,
        line_strength=0.34,
        text=to_rgb("#e6ebf2"),
        panel=to_rgb("#12161c"),
    ),
    "contrast": ViewPalette(
        background_top=to_rgb("#000000"),
        background_bottom=to_rgb("#000000"),
        floor=to_rgb("#26262a"),
        line=to_rgb("#ffffff"),
        body=to_rgb("#ffffff"),
        neutral=to_rgb("#f2f2f2"),
        neutral_line=to_rgb("#ffffff"),
        sky=to_rgb("#ffffff"),
        bounce=to_rgb("#9a9aa4"),
        ambient=0.72,
        shadow=0.5,
        line_strength=0.6,
        text=to_rgb("#ffffff"),
        panel=to_rgb("#000000"),
    ),
}


def palette(theme: ThemeName) -> ViewPalette:
    return _PALETTES[theme]


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """``share`` 0 gives a, 1 gives b."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)
