"""The text files of HumanML3D and KIT-ML: ``caption#word/POS word/POS ...#start#end``, one caption a line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from segmo_core.data.captioned_folders.captioned_motion import Caption
from segmo_core.serialization import read_text


@dataclass(frozen=True)
class CaptionLine:
    """A caption of the whole motion, or of the stretch from start to end (seconds; None, None for the whole)."""

    caption: Caption
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True)
class CaptionFile:
    """lines: the usable captions. problems: (line number from 1, reason) of the others. num_lines: all, blank too."""

    lines: tuple[CaptionLine, ...]
    problems: tuple[tuple[int, str], ...]
    num_lines: int


def read_caption_file(path: Path) -> CaptionFile:
    """Parse a text file. As published, a start or end that is not a number (nan) counts as 0, and 0 to 0 is the
    whole motion. FileFormatError when the file is missing or no text.
    """
    lines, problems = [], []
    rows = read_text(path, "captions").removesuffix("\n").split("\n")
    for index, row in enumerate(rows):
        if not row.strip():
            continue
        found = _parse(row.strip(), index)
        if isinstance(found, str):
            problems.append((index + 1, found))
        else:
            lines.append(found)
    return CaptionFile(tuple(lines), tuple(problems), len(rows))


def read_captions_only(path: Path) -> list[str]:
    """The caption of every line of a text file, empty where the line is blank."""
    return [row.split("#")[0].strip() for row in read_text(path, "captions").removesuffix("\n").split("\n")]


def _parse(row: str, index: int) -> CaptionLine | str:
    """The caption of a line, or the reason why it has none."""
    fields = row.split("#")
    if len(fields) != 4:
        return f"{len(fields)} fields, expected caption#tags#start#end"
    text = fields[0].strip()
    if not any(letter.isalnum() for letter in text):
        return "no caption"
    try:
        start, end = (_seconds(value) for value in fields[2:])
    except ValueError:
        return f"start {fields[2]!r} and end {fields[3]!r}, expected seconds"
    caption = Caption(text, tuple(fields[1].split()), index)
    if start == 0.0 and end == 0.0:
        return CaptionLine(caption)
    if end <= start or start < 0:
        return f"from {start:g} to {end:g} s, expected a stretch of the motion"
    return CaptionLine(caption, start, end)


def _seconds(value: str) -> float:
    number = float(value)
    return 0.0 if math.isnan(number) else number
