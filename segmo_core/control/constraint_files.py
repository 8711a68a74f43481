"""Constraints in a JSON file of our own, and of Kimodo's; drawn paths as tables of x and z.

``{"format": "segmo-constraints", "version": 1, "constraints": [{"type": "waypoint", "seconds": 2, "x": 1, "z": 0.5},
...]}``. Types and keys are the fields of ``constraints``; what has a default may be left out.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from segmo_core.control.constraints import (
    MAX_CONSTRAINTS,
    MAX_PATH_POINTS,
    BodyKey,
    Constraint,
    Distance,
    Pin,
    PlantedFoot,
    RootPath,
    RootWaypoint,
    Turn,
)
from segmo_core.control.kimodo_files import constraints_of_kimodo
from segmo_core.errors import ConfigError, FileFormatError, InvalidRequestError, one_of, shown
from segmo_core.serialization import finite_number, from_plain, read_json, read_text, to_plain, write_atomically

FORMAT_NAME = "segmo-constraints"
FORMAT_VERSION = 1
TYPES: dict[str, type] = {
    "waypoint": RootWaypoint, "path": RootPath, "pose": BodyKey, "pin": Pin, "planted_foot": PlantedFoot,
    "distance": Distance, "turn": Turn,
}  # fmt: skip
_NAMES = {kind: name for name, kind in TYPES.items()}
_EXPECTED = "constraints as JSON"


def write_constraints(constraints: Sequence[Constraint], path: Path) -> None:
    """Write our own kind of file, whole or not at all."""
    document = {
        "format": FORMAT_NAME,
        "version": FORMAT_VERSION,
        "constraints": [plain_constraint(constraint) for constraint in constraints],
    }
    text = json.dumps(document, indent=1) + "\n"
    write_atomically(Path(path), lambda temporary: temporary.write_text(text, encoding="ascii"))


def read_constraints(path: Path) -> tuple[Constraint, ...]:
    """The constraints of a file of our own kind or of Kimodo's. FileFormatError says in one sentence what is wrong."""
    path = Path(path)
    document = read_json(path)
    if isinstance(document, list):
        return constraints_of_kimodo(document, str(path))
    if not isinstance(document, dict) or document.get("format") != FORMAT_NAME:
        raise FileFormatError(f'{path}: not {_EXPECTED}, expected "format": "{FORMAT_NAME}" or a list of Kimodo\'s')
    version = document.get("version")
    if version != FORMAT_VERSION:
        raise FileFormatError(f"{path}: version {shown(version)}, expected {FORMAT_VERSION}")
    unknown = sorted(set(document) - {"format", "version", "constraints"})
    if unknown:
        raise FileFormatError(f"{path}: unknown key {shown(unknown[0])}, expected format, version and constraints")
    entries = document.get("constraints")
    if not isinstance(entries, list) or len(entries) > MAX_CONSTRAINTS:
        raise FileFormatError(f"{path}: no list of constraints, expected at most {MAX_CONSTRAINTS}")
    return tuple(constraint_of(entry, f"{path}, constraint {number}") for number, entry in enumerate(entries, start=1))


def plain_constraint(constraint: Constraint) -> dict[str, Any]:
    """A constraint for JSON."""
    plain: dict[str, Any] = to_plain(constraint)
    if isinstance(constraint, BodyKey):
        plain["joints"] = np.round(constraint.joints, 6).tolist()
    return {"type": _NAMES[type(constraint)], **{key: value for key, value in plain.items() if value is not None}}


def constraint_of(entry: Any, where: str) -> Constraint:
    """The constraint of plain data. FileFormatError names the place."""
    if not isinstance(entry, dict):
        raise FileFormatError(f"{where}: found {shown(entry)}, expected an object")
    kind = entry.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        raise FileFormatError(f"{where}: type {shown(kind)}, expected one of {one_of(TYPES, kind or '')}")
    rest = {key: value for key, value in entry.items() if key != "type"}
    try:
        if kind == "pose":
            rest["joints"] = _joints(rest.get("joints"), where)
        made: Constraint = from_plain(TYPES[kind], rest, where)
    except (ConfigError, InvalidRequestError) as error:
        text = str(error)
        raise FileFormatError(text if text.startswith(where) else f"{where}: {text}") from None
    return made


def read_path(path: Path) -> RootPath:
    """A drawn path: lines of ``x,z`` or ``t,x,z`` (seconds, metres), with a header that names the columns or none.

    Also JSON of our own constraints that holds one path. FileFormatError names the line.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        paths = [constraint for constraint in read_constraints(path) if isinstance(constraint, RootPath)]
        if len(paths) != 1:
            raise FileFormatError(f"{path}: holds {len(paths)} paths, expected one")
        return paths[0]
    rows = list(csv.reader(io.StringIO(read_text(path, "lines of x,z or t,x,z"))))
    rows = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    header = [cell.lower() for cell in rows[0]] if rows else []
    names: tuple[str, ...] = ("x", "z") if len(header) == 2 else ("t", "x", "z")
    if set(header) == set(names):
        names, rows = tuple(header), rows[1:]
    if not 2 <= len(rows) <= MAX_PATH_POINTS:
        raise FileFormatError(f"{path}: {len(rows)} points, expected 2 to {MAX_PATH_POINTS} lines of x,z or t,x,z")
    columns: dict[str, list[float]] = {name: [] for name in names}
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise FileFormatError(f"{path}, point {number}: {len(row)} numbers, expected {','.join(names)}")
        for name, cell in zip(names, row, strict=True):
            columns[name].append(_number(cell, f"{path}, point {number}"))
    try:
        return RootPath(
            tuple(zip(columns["x"], columns["z"], strict=True)), tuple(columns["t"]) if "t" in columns else None
        )
    except InvalidRequestError as error:
        raise FileFormatError(f"{path}: {error}") from None


def _number(cell: str, where: str) -> float:
    value = finite_number(cell)
    if value is None:
        raise FileFormatError(f"{where}: {shown(cell)}, expected a number")
    return value


def _joints(plain: Any, where: str) -> Any:
    try:
        joints = np.array(plain, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        joints = np.zeros(0)
    if joints.shape != (22, 3):
        raise FileFormatError(f"{where}.joints: expected 22 times [x, y, z]")
    return joints
