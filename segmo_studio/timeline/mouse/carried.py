"""Segments that the mouse carries along the timeline."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CarriedSegments:
    """Segments on their way. shift: pixels from their place. place: the segment they would come before; the number of
    segments for the end, None outside of the row. copies: the originals stay.
    """

    indices: tuple[int, ...]
    shift: float
    place: int | None
    copies: bool
