"""Which segment of the track took over which words of the prompt, however the segments were edited since."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher


def present_segments(proposed: Sequence[str], present: Sequence[str]) -> tuple[int | None, ...]:
    """For every proposed text the index of the segment that stands for it now; None where there is none.

    Texts that are the same belong together, in order first and then wherever they were moved; one that was reworded
    in its place stays its own.
    """
    matched: dict[int, int] = {}
    reworded: list[tuple[int, int]] = []
    for kind, a, b, c, d in SequenceMatcher(None, list(proposed), list(present), autojunk=False).get_opcodes():
        if kind == "equal":
            matched.update(zip(range(a, b), range(c, d), strict=True))
        elif kind == "replace" and b - a == d - c:
            reworded.extend(zip(range(a, b), range(c, d), strict=True))
    free = [index for index in range(len(present)) if index not in matched.values()]
    for index, text in enumerate(proposed):
        moved = next((place for place in free if present[place] == text), None)
        if index not in matched and moved is not None:
            matched[index] = moved
            free.remove(moved)
    for index, place in reworded:
        if index not in matched and place in free:
            matched[index] = place
            free.remove(place)
    return tuple(matched.get(index) for index in range(len(proposed)))
