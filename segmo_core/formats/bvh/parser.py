"""The text of a BVH file as plain values, strictly: what does not fit is refused with its line number."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, shown
from segmo_core.formats.reading import files

_MAX_JOINTS = 2000
_MAX_FRAME_RATE = 10_000.0
# Beyond these a file would take more than 1 GB of memory: 100 joints at 120 frames a second for nearly 3 minutes.
MAX_BYTES = 128 << 20
_MAX_VALUES = 6_000_000
_MAX_HIERARCHY_BYTES = 16 << 20
_MAX_LINES = 2_000_000


@dataclass(frozen=True)
class BvhJoint:
    """A ROOT or JOINT. offset: file units. channels: ("position" | "rotation", "X" | "Y" | "Z") in file order."""

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class BvhContent:
    """joints: parents first. frame_time: seconds. values: (T, channels of all joints) float64, angles in degrees."""

    joints: tuple[BvhJoint, ...]
    frame_time: float
    values: NDArray[np.float64]


def parse(path: Path, raw: bytes) -> BvhContent:
    """Parse the bytes of a BVH file; ``path`` is for the messages. Raises FileFormatError."""
    if b"\0" in raw[:4096] or not re.match(rb"(\xef\xbb\xbf)?\s*HIERARCHY\b", raw[:4096], re.IGNORECASE):
        raise FileFormatError(f"{path}: does not begin with HIERARCHY, expected a BVH file")
    motion = re.search(rb"[\r\n][ \t]*MOTION[ \t]*(?=[\r\n]|\Z)", raw[:_MAX_HIERARCHY_BYTES], re.IGNORECASE)
    if motion is None and len(raw) > _MAX_HIERARCHY_BYTES:
        raise FileFormatError(f"{path}: no MOTION in the first {_MAX_HIERARCHY_BYTES >> 20} MiB, expected frames")
    head_end = len(raw) if motion is None else motion.end()
    head = raw[:head_end].decode("utf-8-sig", errors="replace").splitlines()
    joints = _HierarchyParser(path, head if motion is None else head[:-1]).parse()
    if motion is None:
        raise FileFormatError(f"{path}: ends at line {len(head)} without MOTION, expected frames")
    # Numbers are ASCII; as Latin-1 other bytes take no more memory than they have.
    lines = files.text_lines(path, raw[head_end:].decode("latin-1"), _MAX_LINES)
    return _parse_motion(path, lines, len(head), joints)


def _fail(path: Path, line: int, message: str) -> NoReturn:
    raise FileFormatError(f"{path}, line {line}: {message}")


class _HierarchyParser:
    """Reads the HIERARCHY part token by token; a stack instead of recursion, so depth is no danger."""

    def __init__(self, path: Path, lines: list[str]) -> None:
        self._path = path
        self._tokens: Iterator[tuple[str, int]] = (
            (token, number)
            for number, line in enumerate(lines, start=1)
            for token in re.sub(r"([{}])", r" \1 ", line).split()
        )
        self._line = 1
        self._last_line = len(lines)
        self._joints: list[BvhJoint] = []

    def parse(self) -> tuple[BvhJoint, ...]:
        self._expect("HIERARCHY")
        self._expect("ROOT")
        self._read_joint(parent=-1)
        stack = [0]
        while stack:
            token = self._next("JOINT, End Site or }")
            if token == "}":
                stack.pop()
            elif token.upper() == "JOINT":
                self._read_joint(parent=stack[-1])
                stack.append(len(self._joints) - 1)
            elif token.upper() == "END":
                self._read_name()
                self._expect("OFFSET")
                for _ in range(3):
                    self._number()
                self._expect("}")
            else:
                self._fail(f"{shown(token)}, expected JOINT, End Site or }}")
        for token, line in self._tokens:
            self._line = line
            self._fail(f"{shown(token)} after the root joint, expected one body and then MOTION")
        if not any(joint.channels for joint in self._joints):
            raise FileFormatError(f"{self._path}: no joint has channels, expected some that move")
        return tuple(self._joints)

    def _read_joint(self, parent: int) -> None:
        if len(self._joints) >= _MAX_JOINTS:
            self._fail(f"more than {_MAX_JOINTS} joints, expected a body")
        name = self._read_name()
        self._expect("OFFSET")
        offset = (self._number(), self._number(), self._number())
        self._expect("CHANNELS")
        count = self._number()
        if count not in range(7):
            self._fail(f"{count:g} channels, expected 0 to 6")
        channels = tuple(self._channel() for _ in range(int(count)))
        self._joints.append(BvhJoint(name, parent, offset, channels))

    def _read_name(self) -> str:
        words = []
        while (token := self._next("a name and {")) != "{":
            words.append(token)
        if not words:
            self._fail("a joint without a name, expected one")
        return " ".join(words)

    def _channel(self) -> tuple[str, str]:
        token = self._next("a channel")
        match = re.fullmatch(r"([XYZ])(position|rotation)", token, re.IGNORECASE)
        if match is None:
            self._fail(f"channel {shown(token)}, expected Xposition ... Zrotation")
        return match[2].lower(), match[1].upper()

    def _number(self) -> float:
        token = self._next("a number")
        value = _to_float(token)
        if value is None:
            self._fail(f"{shown(token)}, expected a finite number")
        return value

    def _expect(self, word: str) -> None:
        token = self._next(word)
        if token.upper() != word:
            self._fail(f"{shown(token)}, expected {word}")

    def _next(self, expected: str) -> str:
        for token, line in self._tokens:
            self._line = line
            return token
        raise FileFormatError(f"{self._path}: the hierarchy ends at line {self._last_line}, expected {expected}")

    def _fail(self, message: str) -> NoReturn:
        _fail(self._path, self._line, message)


def _to_float(token: str) -> float | None:
    """The finite number a token stands for; None when it is none (Python's own ``1_0`` included)."""
    try:
        value = float(token)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in token else None


def _parse_motion(path: Path, lines: list[str], motion_line: int, joints: tuple[BvhJoint, ...]) -> BvhContent:
    rows = [(number, line) for number, line in enumerate(lines, start=motion_line) if line.strip()]
    last_line = motion_line + max(len(lines) - 1, 0)
    declared = _header_value(path, rows[:1], r"Frames\s*:", "Frames: N", last_line)
    frame_time = _header_value(path, rows[1:2], r"Frame\s+Time\s*:", "Frame Time: SECONDS", last_line)
    if declared < 1 or declared != int(declared):
        _fail(path, rows[0][0], f"{declared:g} frames, expected a whole number of at least 1")
    if not 1.0 / _MAX_FRAME_RATE <= frame_time <= 1e6:
        _fail(path, rows[1][0], f"a frame time of {frame_time:g} s, expected seconds per frame such as 0.05")
    rows = rows[2:]
    width = sum(len(joint.channels) for joint in joints)
    if len(rows) * width > _MAX_VALUES:
        raise FileFormatError(f"{path}: {len(rows)} frames of {width} values, expected at most {_MAX_VALUES // width}")
    files.check_size(path, len(rows), len(joints))
    table = np.empty((len(rows), width))
    for place, (number, line) in enumerate(rows):
        table[place] = _frame_values(path, number, line, width)
    if len(rows) != declared:
        raise FileFormatError(f"{path}: {len(rows)} frames, expected the {declared:.15g} that it declares")
    return BvhContent(joints, frame_time, table)


def _frame_values(path: Path, number: int, line: str, width: int) -> NDArray[np.float64]:
    tokens = line.split()
    if len(tokens) != width:
        _fail(path, number, f"{len(tokens)} values, expected {width}")
    try:
        values = np.array(list(map(float, tokens)))
    except ValueError:
        values = np.array([np.nan])
    if not np.isfinite(values).all() or "_" in line:
        wrong = next(token for token in tokens if _to_float(token) is None)
        _fail(path, number, f"{shown(wrong)}, expected a finite number")
    return values


def _header_value(path: Path, row: list[tuple[int, str]], pattern: str, example: str, last_line: int) -> float:
    if not row:
        raise FileFormatError(f"{path}: ends at line {last_line}, expected '{example}'")
    number, line = row[0]
    match = re.fullmatch(rf"\s*{pattern}\s*(\S+)\s*", line, re.IGNORECASE)
    value = None if match is None else _to_float(match[1])
    if value is None:
        _fail(path, number, f"{shown(line.strip())}, expected '{example}'")
    return value
