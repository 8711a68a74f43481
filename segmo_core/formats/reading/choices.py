"""What can be chosen about how a file is read, before anything is known of the body in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segmo_core.errors import InvalidRequestError, in_short, shown

_SOME = 12


@dataclass(frozen=True)
class ReadingChoices:
    """clip: name or number (from 1) of an animation, take or person; None takes the longest, or the first of equals.
    frame_rate: Hz, whatever the file says; None takes the file's. statistics: a folder with Mean.npy and Std.npy, by
    which normalised features are read.
    """

    clip: str | None = None
    frame_rate: float | None = None
    statistics: Path | None = None

    def __post_init__(self) -> None:
        if self.frame_rate is not None and not 0.01 <= self.frame_rate <= 10_000.0:  # NaN neither
            raise InvalidRequestError(f"source rate: {self.frame_rate:g}, expected 0.01 to 10000 frames per second")


PLAIN_READING = ReadingChoices()


def clip_names(names: Sequence[object], kind: str = "clip") -> tuple[str, ...]:
    """Names that people can choose by: short, printable, none empty, no two alike; ``kind`` and a number where there
    is no name.
    """
    found: list[str] = []
    counts = Counter[str]()
    for number, raw in enumerate(names, start=1):
        name = in_short(raw, 60).strip() if isinstance(raw, str) else ""
        name = name or f"{kind} {number}"
        counts[name] += 1
        unique = name if counts[name] == 1 else f"{name} ({counts[name]})"
        while unique in found:
            counts[name] += 1
            unique = f"{name} ({counts[name]})"
        found.append(unique)
    return tuple(found)


def chosen_clip(path: Path, clips: Sequence[str], wanted: str | None, usual: int = 0) -> int:
    """Index of what is called or numbered ``wanted``; ``usual`` where None. InvalidRequestError says what there is."""
    if wanted is None:
        return usual
    if wanted in clips:
        return clips.index(wanted)
    alike = [index for index, name in enumerate(clips) if name.lower() == wanted.strip().lower()]
    if len(alike) == 1:
        return alike[0]
    if wanted.strip().isdecimal() and 1 <= int(wanted) <= max(len(clips), 1):
        return int(wanted) - 1
    some = ", ".join(clips[:_SOME]) + (f" and {len(clips) - _SOME} more" if len(clips) > _SOME else "")
    expected = f"one of {some}, or its number" if clips else "none, as the file holds one motion"
    raise InvalidRequestError(f"{path}: no clip {shown(wanted)}, expected {expected}")
