"""Parts of a motion that one may want in a file of their own."""

from __future__ import annotations

from segmo_core.project.project import Take
from segmo_studio.document.findings import numbers
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection


def export_ranges(take: Take, selection: Selection, playback: Playback) -> dict[str, tuple[int, int]]:
    """Frames [start, end) by what they are: the loop where one is set, and the selected segments as they are shown."""
    found: dict[str, tuple[int, int]] = {}
    if playback.has_loop_range:
        found["The loop"] = playback.loop_range
    track, chosen = take.shown_track, selection.segments
    if track is not None and chosen and chosen[-1] < len(track) and len(track) > 1:
        name = numbers(tuple(range(chosen[0], chosen[-1] + 1)))
        found[name.capitalize()] = (track[chosen[0]].start, track[chosen[-1]].end)
    return found
