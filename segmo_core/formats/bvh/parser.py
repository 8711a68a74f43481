"""The text of a BVH file as plain values: what is unclear is refused with its line, what is odd is told."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from segmo_core.errors import FileFormatError, shown
from segmo_core.formats.bvh.motion_rows import MotionRows, read_rows, to_float
from segmo_core.formats.reading import files

_MAX_JOINTS = 2000
# Beyond these a file would take more than 1 GB of memory: 100 joints at 120 frames a second for nearly 3 minutes.
MAX_BYTES = 128 << 20
_MAX_HIERARCHY_BYTES = 16 << 20
_MAX_LINES = 2_000_000
_MAX_PREFACE = 65536
# Without going back (++), and line end by line end: otherwise a file of blank lines takes for ever.
_PREFACE = rb"(?:\xef\xbb\xbf)?(?:[ \t]*+(?:(?:#|//|;)[^\r\n]*+)?[\r\n])*+[ \t]*+(HIERARCHY\b)"
_COMMENT = ("#", "//")
_DECIMAL_COMMAS = "Numbers are written with decimal commas."


@dataclass(frozen=True)
class BvhJoint:
    """A ROOT or JOINT. offset: file units. channels: ("position" | "rotation", "X" | "Y" | "Z") in file order.

    end: the OFFSET of its End Site, zero where it has none; the longest where it has several.
    """

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[tuple[str, str], ...]
    end: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class BvhContent:
    """joints: of all people, parents first. roots: index of the first joint of each person. timing: the rows' rate and
    values (T, channels of all joints), angles in degrees. repairs: what was put right, a sentence each.
    """

    joints: tuple[BvhJoint, ...]
    roots: tuple[int, ...]
    timing: MotionRows
    repairs: tuple[str, ...]


def parse(path: Path, raw: bytes, frame_rate: float | None = None) -> BvhContent:
    """Parse the bytes of a BVH file; ``path`` is for the messages. frame_rate: chosen by the user. FileFormatError."""
    raw, repairs = _as_utf8(raw)
    start = _hierarchy_start(raw)
    if b"\0" in raw[:4096] or start is None:
        raise FileFormatError(f"{path}: does not begin with HIERARCHY, expected a BVH file")
    if raw[:start].strip(b"\xef\xbb\xbf \t\r\n"):
        repairs.append("Lines before HIERARCHY were passed over.")
    motion = re.search(rb"[\r\n][ \t]*MOTION[ \t]*(?=[\r\n]|\Z)", raw[:_MAX_HIERARCHY_BYTES], re.IGNORECASE)
    if motion is None and len(raw) > _MAX_HIERARCHY_BYTES:
        raise FileFormatError(f"{path}: no MOTION in the first {_MAX_HIERARCHY_BYTES >> 20} MiB, expected frames")
    head_end = len(raw) if motion is None else motion.end()
    head = raw[:head_end].decode("utf-8-sig", errors="replace").splitlines()
    passed = len(raw[:start].decode("utf-8-sig", errors="replace").splitlines()) if start else 0
    hierarchy = ["" if line.lstrip().startswith(_COMMENT) else line for line in head]
    hierarchy[:passed] = [""] * passed
    parser = _HierarchyParser(path, hierarchy if motion is None else hierarchy[:-1])
    joints, roots = parser.parse()
    if motion is None:
        raise FileFormatError(f"{path}: ends at line {len(head)} without MOTION, expected frames")
    # Numbers are ASCII; as Latin-1 other bytes take no more memory than they have.
    lines = files.text_lines(path, raw[head_end:].decode("latin-1"), _MAX_LINES)
    width = sum(len(joint.channels) for joint in joints)
    timing, more = read_rows(path, lines, len(head), width, len(joints), frame_rate)
    commas = [_DECIMAL_COMMAS] if parser.has_commas or timing.has_commas else []
    return BvhContent(joints, roots, timing, (*repairs, *commas, *more))


def _as_utf8(raw: bytes) -> tuple[bytes, list[str]]:
    """``raw`` in UTF-8, and what had to be done for it."""
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if raw.startswith(mark):
            return raw[2:].decode(name, errors="replace").encode("utf-8"), ["The text is written in UTF-16."]
    return raw, []


def _hierarchy_start(raw: bytes) -> int | None:
    """Where HIERARCHY begins, after blank lines and comments; None where something else comes first."""
    found = re.match(_PREFACE, raw[:_MAX_PREFACE], re.IGNORECASE)
    return found.start(1) if found else None


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
        self.has_commas = False

    def parse(self) -> tuple[tuple[BvhJoint, ...], tuple[int, ...]]:
        """The joints of all people, and where each begins."""
        self._expect("HIERARCHY")
        self._expect("ROOT")
        roots = [0]
        self._read_body()
        for token, line in self._tokens:
            self._line = line
            if token.upper() != "ROOT":
                self._fail(f"{shown(token)} after the root joint, expected another ROOT or MOTION")
            roots.append(len(self._joints))
            self._read_body()
        if not any(joint.channels for joint in self._joints):
            raise FileFormatError(f"{self._path}: no joint has channels, expected some that move")
        return tuple(self._joints), tuple(roots)

    def _read_body(self) -> None:
        stack = [len(self._joints)]
        self._read_joint(parent=-1)
        while stack:
            token = self._next("JOINT, End Site or }")
            if token == "}":
                stack.pop()
            elif token.upper() == "JOINT":
                self._read_joint(parent=stack[-1])
                stack.append(len(self._joints) - 1)
            elif token.upper() in ("END", "ENDSITE"):
                self._read_name(required=False)
                self._expect("OFFSET")
                end = (self._number(), self._number(), self._number())
                if math.hypot(*end) > math.hypot(*self._joints[stack[-1]].end):
                    self._joints[stack[-1]] = replace(self._joints[stack[-1]], end=end)
                self._expect("}")
            else:
                self._fail(f"{shown(token)}, expected JOINT, End Site or }}")

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

    def _read_name(self, *, required: bool = True) -> str:
        words = []
        while (token := self._next("a name and {")) != "{":
            words.append(token)
        if not words and required:
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
        value = to_float(token)
        if value is None and (value := to_float(token.replace(",", ".", 1))) is not None:
            self.has_commas = True
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
