"""C3D files: markers over time, the exchange format of motion capture laboratories (c3d.org); read.

The header says where the parameters lie, and these which points there are; each frame holds four numbers a point, as
integers to be scaled or as floats. Processors of three kinds wrote them: Intel, DEC and SGI/MIPS.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError
from segmo_core.formats.markers.body_of_markers import motion_of_markers
from segmo_core.formats.markers.trc_files import UNITS
from segmo_core.formats.reading import files
from segmo_core.motion.motion import Motion

_MAX_BYTES = 512 << 20
_BLOCK = 512
_INTEL, _DEC, _MIPS = 84, 85, 86
_MAX_PARAMETERS = 10_000
_MAX_POINTS = 2000


def read_c3d(path: Path) -> Motion:
    """The body in a C3D file, metres, on the joints that its markers give. Raises FileFormatError."""
    path = Path(path)
    raw = files.read_bytes(path, _MAX_BYTES)
    try:
        return _read(path, raw)
    except (struct.error, IndexError, ValueError, OverflowError):
        _fail(path, "is damaged, expected a complete C3D file")


def _fail(path: Path, message: str) -> NoReturn:
    raise FileFormatError(f"{path}: {message}")


@dataclass
class _Parameters:
    """groups: number to name. values: (group, name) to what it holds."""

    groups: dict[int, str] = field(default_factory=dict)
    values: dict[tuple[int, str], Any] = field(default_factory=dict)

    def get(self, group: str, name: str) -> Any:
        return next((value for (number, own), value in self.values.items()
                     if own == name and self.groups.get(number) == group), None)  # fmt: skip


def _read(path: Path, raw: bytes) -> Motion:
    if len(raw) < 2 * _BLOCK or raw[1] != 0x50:
        _fail(path, "does not begin as a C3D file, expected one")
    start = (raw[0] - 1) * _BLOCK
    if not 0 < start <= len(raw) - 4:
        _fail(path, "its parameters lie outside of it, expected a complete C3D file")
    processor = raw[start + 3]
    if processor not in (_INTEL, _DEC, _MIPS):
        _fail(path, f"is of processor {processor}, expected 84, 85 or 86")
    order = ">" if processor == _MIPS else "<"
    parameters = _parameters(path, raw, start, order, processor)
    num_points, analog, first, last, _gap, scale, data_block, _per_frame = struct.unpack_from(
        order + "HHHHHfHH", raw, 2
    )
    scale, rate = (_real(raw, at, processor) for at in (12, 20))
    rate = float(_one(parameters.get("POINT", "RATE"), rate))
    scale = float(_one(parameters.get("POINT", "SCALE"), scale))
    if not 0 < num_points <= _MAX_POINTS:
        _fail(path, f"{num_points} points, expected 1 to {_MAX_POINTS}")
    is_real = scale < 0
    width = 4 if is_real else 2
    frame_bytes = (4 * num_points + analog) * width
    begin = (int(_one(parameters.get("POINT", "DATA_START"), data_block)) - 1) * _BLOCK
    there = (len(raw) - begin) // frame_bytes
    declared = int(_one(parameters.get("POINT", "FRAMES"), last - first + 1))
    declared = declared if declared > 0 else last - first + 1
    count = min(there, max(declared, last - first + 1) if last >= first else declared)
    if begin < _BLOCK or count < 1:
        _fail(path, "no frames lie where it says, expected a complete C3D file")
    if there < 0.9 * declared:
        _fail(path, f"{there} frames, expected the {declared} that it declares")
    files.check_size(path, count, num_points)
    table = np.frombuffer(raw, f"{order}i2" if not is_real else f"{order}u4", count * frame_bytes // width, begin)
    cells = table.reshape(count, -1)[:, : 4 * num_points].reshape(count, num_points, 4)
    if is_real:
        numbers = _reals(cells, processor)
        points, residual = numbers[..., :3], numbers[..., 3]
    else:
        numbers = cells.astype(np.float32)
        points, residual = numbers[..., :3] * np.float32(scale), numbers[..., 3]
    seen = np.where((residual < 0)[..., None], np.nan, points.astype(np.float64))
    names = [str(name) for name in parameters.get("POINT", "LABELS") or ()]
    names += [str(name) for name in parameters.get("POINT", "LABELS2") or ()]
    names = [name.strip() for name in names[:num_points]] + [f"point {n}" for n in range(len(names), num_points)]
    units = parameters.get("POINT", "UNITS")
    unit = str(units[0] if isinstance(units, list) and units else units or "mm").strip().lower()
    return motion_of_markers(path, names, seen, rate, UNITS.get(unit, 0.001))


def _one(value: Any, usual: Any) -> Any:
    value = value[0] if isinstance(value, (list, np.ndarray)) and len(value) else value
    return usual if value is None or isinstance(value, (list, str, np.ndarray)) else value


def _parameters(path: Path, raw: bytes, start: int, order: str, processor: int) -> _Parameters:
    """Groups and parameters: each begins with the length of its name, its group and how far the next one is."""
    found = _Parameters()
    place = start + 4
    for _ in range(_MAX_PARAMETERS):
        if place + 2 > len(raw):
            break
        length, group = struct.unpack_from("bb", raw, place)
        length = abs(length)
        if length == 0 or group == 0:
            break
        name = raw[place + 2 : place + 2 + length].decode("latin-1").strip().upper()
        at = place + 2 + length
        (step,) = struct.unpack_from(order + "H", raw, at)
        if group < 0:
            found.groups[-group] = name
        else:
            found.values.setdefault((group, name), _value(raw, at + 2, order, processor))
        if step == 0:
            break
        place = at + step
    if not found.groups:
        _fail(path, "no parameters, expected those of points")
    return found


def _value(raw: bytes, at: int, order: str, processor: int) -> Any:
    """A number, an array of numbers, a text or a list of texts."""
    kind, rank = struct.unpack_from("bB", raw, at)
    shape = list(raw[at + 2 : at + 2 + rank])
    size = int(np.prod(shape)) if shape else 1
    begin = at + 2 + rank
    data = raw[begin : begin + abs(kind) * size]
    if kind == -1:
        width = shape[0] if shape else 1
        texts = [data[i : i + width].decode("latin-1").strip("\0 ") for i in range(0, len(data), max(width, 1))]
        return texts if rank > 1 else (texts[0] if texts else "")
    if kind == 1:
        values = np.frombuffer(data, "i1")
    elif kind == 2:
        values = np.frombuffer(data[: len(data) // 2 * 2], f"{order}u2")
    elif kind == 4:
        values = _reals(np.frombuffer(data[: len(data) // 4 * 4], f"{order}u4"), processor)
    else:
        return None
    return values if rank else (values[0].item() if len(values) else None)


def _real(raw: bytes, at: int, processor: int) -> float:
    order = ">" if processor == _MIPS else "<"
    return float(_reals(np.frombuffer(raw[at : at + 4], f"{order}u4"), processor)[0])


def _reals(words: NDArray[Any], processor: int) -> NDArray[np.float32]:
    """Floats of 32-bit words; DEC's have their halves exchanged and an exponent that is larger by two."""
    words = words.astype(np.uint32)
    if processor != _DEC:
        return words.view(np.float32)
    swapped = (words >> 16) | (words << 16)
    return np.asarray(swapped.astype(np.uint32).view(np.float32) / 4.0, dtype=np.float32)
