"""The skeleton of an Acclaim motion: .asf files, as CMU's motion capture database has them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from segmo_core.errors import FileFormatError, shown
from segmo_core.formats.reading import files

_MAX_BYTES = 4 << 20
_MAX_LINES = 100_000
_ROOT = "root"
_AXES = {"rx": "X", "ry": "Y", "rz": "Z"}


@dataclass(frozen=True)
class AsfBone:
    """direction: unit, of the bone in the rest pose. axis: angles (degrees) about X, Y and Z that its motion turns in.
    turns: the letters of its degrees of freedom, in the order of the motion's numbers; others of them are passed over.
    """

    name: str
    parent: str
    direction: tuple[float, float, float]
    length: float
    axis: tuple[float, float, float]
    degrees_of_freedom: tuple[str, ...]

    @property
    def offset(self) -> tuple[float, float, float]:
        """From where it begins to where it ends, in the rest pose."""
        x, y, z = self.direction
        return x * self.length, y * self.length, z * self.length


@dataclass(frozen=True)
class AsfSkeleton:
    """root_order: what the root's numbers are ("tx", "rx", ...). root_axis: degrees about X, Y and Z. bones: parents
    first. in_degrees: of all angles.
    """

    root_order: tuple[str, ...]
    root_axis: tuple[float, float, float]
    bones: tuple[AsfBone, ...]
    in_degrees: bool


def read_asf(path: Path) -> AsfSkeleton:
    """Raises FileFormatError with the line number."""
    raw = files.read_bytes(path, _MAX_BYTES)
    lines = files.text_lines(path, raw.decode("latin-1"), _MAX_LINES)
    return _Parser(path, lines).parse()


class _Parser:
    def __init__(self, path: Path, lines: list[str]) -> None:
        self._path = path
        self._rows = [(number, line.split()) for number, line in enumerate(lines, start=1)
                      if line.strip() and not line.lstrip().startswith("#")]  # fmt: skip
        self._line = 1
        self._root_order: tuple[str, ...] = ("tx", "ty", "tz", "rx", "ry", "rz")
        self._root_axis = (0.0, 0.0, 0.0)
        self._in_degrees = True
        self._bones: dict[str, dict[str, tuple[str, ...]]] = {}
        self._parents: dict[str, str] = {}

    def parse(self) -> AsfSkeleton:
        section, bone = "", dict[str, tuple[str, ...]]()
        for number, words in self._rows:
            self._line = number
            key = words[0].lower()
            if key.startswith(":"):
                section = key[1:]
            elif section == "units" and key == "angle":
                self._in_degrees = not (len(words) > 1 and words[1].lower().startswith("rad"))
            elif section == "root":
                self._read_root(key, words[1:])
            elif section == "bonedata":
                if key == "begin":
                    bone = {}
                elif key == "end":
                    self._keep(bone)
                elif not key.startswith("("):
                    bone[key] = tuple(words[1:])
            elif section == "hierarchy" and key not in ("begin", "end"):
                self._parents |= dict.fromkeys(words[1:], words[0])
        return self._skeleton()

    def _read_root(self, key: str, words: list[str]) -> None:
        if key == "order":
            self._root_order = tuple(word.lower() for word in words)
        elif key == "orientation":
            self._root_axis = self._three(words)

    def _keep(self, bone: dict[str, tuple[str, ...]]) -> None:
        name = " ".join(bone.get("name", ()))
        if not name:
            self._fail("a bone without a name, expected one")
        if len(self._bones) >= files.MAX_JOINTS:
            self._fail(f"more than {files.MAX_JOINTS} bones, expected a body")
        self._bones[name] = bone

    def _skeleton(self) -> AsfSkeleton:
        if not self._bones or not self._parents:
            raise FileFormatError(f"{self._path}: no bones or no hierarchy, expected an Acclaim skeleton (.asf)")
        ordered, waiting = list[str](), [_ROOT]
        for parent in waiting:  # grows while it is walked
            below = [name for name, above in self._parents.items() if above == parent and name not in ordered]
            ordered += below
            waiting += below
        lacking = [name for name in ordered if name not in self._bones]
        if lacking:
            raise FileFormatError(f"{self._path}: {shown(lacking[0])} is in the hierarchy and no bone, expected one")
        return AsfSkeleton(
            self._root_order, self._root_axis, tuple(self._bone(name) for name in ordered), self._in_degrees
        )

    def _bone(self, name: str) -> AsfBone:
        told = self._bones[name]
        direction = self._three(list(told.get("direction", ("0", "0", "0"))))
        size = math.hypot(*direction)
        unit = tuple(value / size if size > 0 else 0.0 for value in direction)
        length = self._number((told.get("length") or ("0",))[0])
        turns = tuple(word.lower() for word in told.get("dof", ()))
        return AsfBone(
            name, self._parents[name], (unit[0], unit[1], unit[2]), length,
            self._three(list(told.get("axis", ("0", "0", "0")))[:3]), turns,
        )  # fmt: skip

    def _three(self, words: list[str]) -> tuple[float, float, float]:
        if len(words) < 3:
            self._fail(f"{len(words)} numbers, expected three")
        return self._number(words[0]), self._number(words[1]), self._number(words[2])

    def _number(self, word: str) -> float:
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._fail(f"{shown(word)}, expected a finite number")
        return value

    def _fail(self, message: str) -> NoReturn:
        raise FileFormatError(f"{self._path}, line {self._line}: {message}")


def letter_of(degree: str) -> str | None:
    """ "X", "Y" or "Z" for a turn; None for what is none (a length)."""
    return _AXES.get(degree)
