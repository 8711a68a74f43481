"""TRC files: tables of markers, as OpenSim, OpenCap, Pose2Sim and Motion Analysis write them; read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short, shown
from segmo_core.formats.markers.body_of_markers import motion_of_markers
from segmo_core.formats.reading import files
from segmo_core.motion.motion import Motion

_MAX_BYTES = 128 << 20
_MAX_MARKERS = 1000
_MAX_FRAMES = 500_000
_HEADER_LINES = 5
UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254, "ft": 0.3048}


def read_trc(path: Path) -> Motion:
    """The body in a TRC file, metres, on the joints that its markers give. Raises FileFormatError with the line."""
    path = Path(path)
    raw = files.read_bytes(path, _MAX_BYTES)
    try:
        lines = files.text_lines(path, raw.decode("utf-8-sig"), 2 * _MAX_FRAMES)
    except UnicodeDecodeError:
        lines = files.text_lines(path, raw.decode("latin-1"), 2 * _MAX_FRAMES)
    if len(lines) < _HEADER_LINES or not lines[0].lstrip().startswith("PathFileType"):
        raise FileFormatError(f"{path}: does not begin with PathFileType, expected a TRC file")
    settings = dict(zip(lines[1].split(), lines[2].split(), strict=False))
    rate = _number(path, 3, settings.get("DataRate"), "DataRate")
    unit = settings.get("Units", "mm").strip().lower()
    if unit not in UNITS:
        _fail(path, 3, f"unit {shown(unit)}, expected one of {', '.join(UNITS)}")
    names = [name.strip() for name in lines[3].rstrip("\r\n").split("\t")[2:] if name.strip()]
    if not 0 < len(names) <= _MAX_MARKERS:
        _fail(path, 4, f"{len(names)} markers, expected 1 to {_MAX_MARKERS}")
    rows = [
        (number, line) for number, line in enumerate(lines[_HEADER_LINES:], start=_HEADER_LINES + 1) if line.strip()
    ]
    files.check_size(path, len(rows), len(names))
    if not rows:
        raise FileFormatError(f"{path}: no frames, expected at least one")
    points = np.full((len(rows), len(names), 3), np.nan)
    for place, (number, line) in enumerate(rows):
        points[place] = _row(path, number, line, len(names))
    return motion_of_markers(path, names, points, rate, UNITS[unit])


def _row(path: Path, number: int, line: str, count: int) -> NDArray[np.float64]:
    """(M, 3); NaN where a cell is empty."""
    cells = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
    cells = [cell.strip() for cell in cells[2:]]
    cells = cells[: 3 * count] + [""] * (3 * count - len(cells))
    values = np.full(len(cells), math.nan)
    for place, cell in enumerate(cells):
        if cell:
            try:
                values[place] = float(cell)
            except ValueError:
                _fail(path, number, f"{in_short(cell, 30)}, expected a number")
    values[~np.isfinite(values)] = np.nan
    return values.reshape(count, 3)


def _number(path: Path, line: int, text: str | None, what: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        _fail(path, line, f"{what} {shown(text)}, expected a positive number")
    return value


def _fail(path: Path, line: int, message: str) -> NoReturn:
    raise FileFormatError(f"{path}, line {line}: {message}")
