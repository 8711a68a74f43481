"""Colours and light of pictures: the Studio's light theme, as red, green, blue from 0 to 255."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.rendering.colours import to_rgb

FloatArray = NDArray[np.floating]


def rgb(colour: str) -> FloatArray:
    """(3,) float32, 0 to 255, of ``#rrggbb``."""
    return np.array(to_rgb(colour), dtype=np.float32) * 255.0


BACKGROUND_TOP = rgb("#dfe5ec")
BACKGROUND_BOTTOM = rgb("#f4f6f8")
FLOOR_LIGHT = rgb("#ffffff")
GRID_LINE = rgb("#5d6b7c")
SHADOW = rgb("#1d2530")
INK = rgb("#1c242e")
NEUTRAL_BODY = rgb("#aeb8c4")
NEUTRAL_SEGMENT = "#56636f"
_SKIN = rgb("#e9e6e1")
_MARK = np.array([20.0, 23.0, 31.0], dtype=np.float32)

BODY_TINT = 0.60  # how much of its segment's colour a body takes
_MARK_SHARE = 0.42
GRID_STRENGTH = 0.40
SHADOW_STRENGTH = 0.50

LIGHT_STEPS = 256
MARK_STEPS = 8
_DARK_TINT = np.array([0.93, 0.97, 1.06], dtype=np.float32)  # shadows are a little cool,
_BRIGHT_TINT = np.array([1.02, 1.0, 0.97], dtype=np.float32)  # lit sides a little warm


def skin_table(segment_colour: str | None) -> FloatArray:
    """Colours (MARK_STEPS * LIGHT_STEPS, 3) float32, 0 to 255, of a body in a segment's colour.

    Row ``mark * LIGHT_STEPS + light``: mark 0 is plain skin, the last one a joint mark; light rises from none to 1.2
    times full.
    """
    skin = NEUTRAL_BODY if segment_colour is None else _SKIN + (rgb(segment_colour) - _SKIN) * BODY_TINT
    share = np.linspace(0.0, _MARK_SHARE, MARK_STEPS, dtype=np.float32)[:, None, None]
    base = skin + (_MARK - skin) * share
    light = np.linspace(0.0, 1.2, LIGHT_STEPS, dtype=np.float32)[:, None]
    tint = _DARK_TINT + (_BRIGHT_TINT - _DARK_TINT) * np.minimum(light, 1.0)
    return (base * (light * tint)).reshape(-1, 3).astype(np.float32)
