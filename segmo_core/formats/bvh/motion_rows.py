"""The MOTION part of a BVH file: its rate, and one row of values for every frame."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, shown
from segmo_core.formats.reading import files

_MAX_VALUES = 6_000_000
_MAX_FRAME_RATE = 10_000.0
# Frame times are written with few digits (0.033333, .0083333): rates this near to a whole number are that number.
# NTSC rates (29.97, 59.94) are 1e-3 away.
_RATE_TOLERANCE = 5e-4
_LONGEST_FRAME = 5.0  # seconds: longer "frame times" are rates, or milliseconds
_FASTEST_USUAL = 500.0
_USUAL_RATES = (23.976, 24.0, 25.0, 29.97, 30.0, 48.0, 50.0, 59.94, 60.0, 90.0, 100.0, 120.0, 240.0)
_LEAST_SHARE, _FEW = 0.9, 2  # of the declared frames: a file with fewer is cut off
_HINT = "(the source rate can be chosen)"

Row = tuple[int, list[str]]
"""Line number and tokens."""


@dataclass(frozen=True, eq=False)
class MotionRows:
    """frame_rate: Hz. doubt: why it may be another, "" where nothing is odd. values: (T, W)."""

    frame_rate: float
    doubt: str
    values: NDArray[np.float64]
    has_commas: bool


def read_rows(
    path: Path, lines: list[str], first_line: int, width: int, num_joints: int, chosen_rate: float | None
) -> tuple[MotionRows, tuple[str, ...]]:
    """The rows of ``width`` values in ``lines``, which begin at line ``first_line``, and what was put right of them.

    chosen_rate: frames per second that count whatever the file says. Raises FileFormatError with the line number.
    """
    rows = [(number, line) for number, line in enumerate(lines, start=first_line) if line.strip()]
    last_line = first_line + max(len(lines) - 1, 0)
    declared = _header_value(path, rows[:1], r"Frames\s*:", "Frames: N", last_line)
    frame_time = _header_value(path, rows[1:2], r"Frame\s+Time\s*:", "Frame Time: SECONDS", last_line)
    if declared < 0 or declared != int(declared):
        _fail(path, rows[0][0], f"{declared:g} frames, expected a whole number")
    rate, doubt = (chosen_rate, "") if chosen_rate is not None else _rate(path, rows[1][0], frame_time)
    body = [(number, line.split()) for number, line in rows[2:]]
    num_frames = -(-sum(len(tokens) for _, tokens in body) // width)
    if num_frames * width > _MAX_VALUES:
        raise FileFormatError(f"{path}: {num_frames} frames of {width} values, expected at most {_MAX_VALUES // width}")
    files.check_size(path, num_frames, num_joints)
    whole, repairs = _whole_rows(path, body, width, int(declared))
    if not whole:
        raise FileFormatError(f"{path}: ends at line {last_line} without a frame, expected at least one")
    values, has_commas = _values(path, whole, width)
    if len(values) < len(whole):
        repairs.append(f"The last row (line {whole[-1][0]}) ends in what is no number and was left out.")
    if len(values) < _LEAST_SHARE * declared - _FEW:
        raise FileFormatError(f"{path}: {len(values)} frames, expected the {declared:.15g} that it declares")
    if len(values) != declared:
        repairs.append(f"Declares {int(declared)} frames and holds {len(values)}: those were read.")
    return MotionRows(rate, doubt, values, has_commas), tuple(repairs)


def to_float(token: str) -> float | None:
    """The finite number a token stands for; None when it is none (Python's own ``1_0`` included)."""
    try:
        value = float(token)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in token else None


def _whole_rows(path: Path, body: list[Row], width: int, declared: int) -> tuple[list[Row], list[str]]:
    """Rows of ``width`` tokens, lines that were wrapped put together, and without a last one that is cut off."""
    if all(len(tokens) == width for _, tokens in body):
        return body, []
    repairs, whole, pending = [], list[Row](), list[str]()
    wrapped = False
    for place, (number, tokens) in enumerate(body):
        if pending and len(pending) + len(tokens) > width:
            return _reflowed(path, body, width, declared, number, len(pending))
        if len(tokens) > width:
            return _reflowed(path, body, width, declared, number, len(tokens))
        pending += tokens
        if len(pending) == width:
            whole.append((number, pending))
            pending = []
        elif place < len(body) - 1:
            wrapped = True
    if wrapped and whole:
        repairs.append("Rows are wrapped over several lines.")
    if pending:
        number = body[-1][0]
        if not whole or (wrapped and len(whole) < declared - 1):
            _fail(path, number, f"{len(pending)} values, expected {width}")
        repairs.append(f"The last row (line {number}) is cut off, {len(pending)} of {width} values, and was left out.")
    return whole, repairs


def _reflowed(
    path: Path, body: list[Row], width: int, declared: int, number: int, found: int
) -> tuple[list[Row], list[str]]:
    """Rows that begin anywhere in a line; refused unless the declared number of them comes out exactly."""
    tokens = [(line, token) for line, row in body for token in row]
    if len(tokens) != declared * width:
        _fail(path, number, f"{found} values, expected {width}")
    rows = [
        (tokens[start][0], [token for _, token in tokens[start : start + width]])
        for start in range(0, len(tokens), width)
    ]
    return rows, ["Rows are wrapped over several lines."]


def _values(path: Path, rows: list[Row], width: int) -> tuple[NDArray[np.float64], bool]:
    """(T, width), without a last row that holds what is no number; and whether numbers have decimal commas."""
    table = np.empty((len(rows), width))
    with_comma = next((number for number, tokens in rows if any("," in token for token in tokens)), None)
    commas = with_comma is not None
    if with_comma is not None and any("." in token for _, tokens in rows for token in tokens):
        _fail(path, with_comma, "numbers with commas and with points, expected points alone")
    for place, (number, tokens) in enumerate(rows):
        texts = [token.replace(",", ".", 1) for token in tokens] if commas else tokens
        try:
            table[place] = list(map(float, texts))
            is_sound = bool(np.isfinite(table[place]).all()) and not any("_" in text for text in texts)
        except ValueError:
            is_sound = False
        if not is_sound:
            wrong = next(token for token, text in zip(tokens, texts, strict=True) if to_float(text) is None)
            if (
                place == len(rows) - 1
                and place > 0
                and wrong is tokens[-1]
                and wrong.lower() not in ("nan", "inf", "-inf")
            ):
                return table[:place], commas
            _fail(path, number, f"{shown(wrong)}, expected a finite number")
    return table, commas


def _rate(path: Path, line: int, frame_time: float) -> tuple[float, str]:
    """Frames per second, and why it may be another."""
    if not 1.0 / _MAX_FRAME_RATE <= frame_time <= 1e6:
        _fail(path, line, f"a frame time of {frame_time:g} s, expected seconds per frame such as 0.05")
    if _LONGEST_FRAME <= frame_time <= _FASTEST_USUAL:
        of_milliseconds = 1000.0 / frame_time
        nearest = min(_USUAL_RATES, key=lambda usual: abs(usual - of_milliseconds))
        if frame_time != round(frame_time) and abs(nearest - of_milliseconds) < _RATE_TOLERANCE * nearest:
            return (
                nearest,
                f"A frame time of {frame_time:g} was taken for milliseconds: {nearest:g} frames a second {_HINT}.",
            )
        return frame_time, f"A frame time of {frame_time:g} s was taken for {frame_time:g} frames a second {_HINT}."
    rate = 1.0 / frame_time
    nearest = float(round(rate))
    return (nearest if nearest > 0 and abs(rate - nearest) <= _RATE_TOLERANCE * rate else rate), ""


def _header_value(path: Path, row: list[tuple[int, str]], pattern: str, example: str, last_line: int) -> float:
    if not row:
        raise FileFormatError(f"{path}: ends at line {last_line}, expected '{example}'")
    number, line = row[0]
    match = re.fullmatch(rf"\s*{pattern}\s*(\S+)\s*", line, re.IGNORECASE)
    value = None if match is None else to_float(match[1].replace(",", ".", 1))
    if value is None:
        _fail(path, number, f"{shown(line.strip())}, expected '{example}'")
    return value


def _fail(path: Path, line: int, message: str) -> NoReturn:
    raise FileFormatError(f"{path}, line {line}: {message}")
