"""The rows of a list of prompts, by line: of a text file, a CSV table or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

from segmo_core.errors import FileFormatError, one_of, shown

COLUMNS = ("prompt", "name", "seed", "seconds", "durations", "segments", "formats", "options")

Row = Mapping[str, str | list[str]]
"""By column; a list where JSON has one. Columns that are left out are as empty ones."""


def rows_of(path: Path, text: str) -> list[tuple[int, Row]]:
    """Line and row, in order; the kind by the file's ending. FileFormatError with the line for what is no row."""
    kind = path.suffix.lower()
    if kind == ".csv":
        return _table(path, text)
    return _objects(path, text) if kind == ".jsonl" else _lines(text)


def _lines(text: str) -> list[tuple[int, Row]]:
    lines = enumerate(text.split("\n"), start=1)
    return [(n, {"prompt": line.strip()}) for n, line in lines if line.strip() and not line.lstrip().startswith("#")]


def _table(path: Path, text: str) -> list[tuple[int, Row]]:
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)  # spreadsheets of many countries write semicolons
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        columns = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        unknown = [name for name in columns if name not in COLUMNS]
        if "prompt" not in columns or unknown or len(set(columns)) < len(columns):
            found = ", ".join(map(shown, columns[:10])) or "nothing"
            raise FileFormatError(
                f"{path}, line 1: columns {found}, expected prompt and any of {', '.join(COLUMNS[1:])}"
            )
        reader.fieldnames = columns
        rows: list[tuple[int, Row]] = []
        for row in reader:
            if None in row or None in row.values():
                raise FileFormatError(f"{path}, line {reader.line_num}: expected {len(columns)} values, as in line 1")
            if any(value.strip() for value in row.values()):
                rows.append((reader.line_num, {name: value.strip() for name, value in row.items()}))
    except csv.Error as error:
        raise FileFormatError(f"{path}, line {reader.line_num}: not a table ({error})") from None
    return rows


def _objects(path: Path, text: str) -> list[tuple[int, Row]]:
    rows: list[tuple[int, Row]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict) or "prompt" not in values:
            raise FileFormatError(f'{where}: no row, expected a JSON object such as {{"prompt": "a person walks"}}')
        unknown = [name for name in values if name not in COLUMNS]
        if unknown:
            raise FileFormatError(f"{where}: key {shown(unknown[0])}, expected {one_of(COLUMNS, unknown[0])}")
        rows.append((number, {name: _value(where, name, value) for name, value in values.items()}))
    return rows


def _value(where: str, name: str, value: object) -> str | list[str]:
    """A value as it would stand in a table, lists left lists."""
    if isinstance(value, dict) and name == "options":
        given = {key: _text(where, name, each) for key, each in value.items() if each is not False}
        value = [f"{key}={text}" if text else key for key, text in given.items()]
    if isinstance(value, list) and name in ("durations", "segments", "formats", "options"):
        return [_text(where, name, each).strip() for each in value]
    return "" if value is None else _text(where, name, value).strip()


def _text(where: str, name: str, value: object) -> str:
    if value is True:
        return ""  # a switch
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise FileFormatError(f"{where}: {name}: {shown(value)}, expected a text or a number")
    return str(value)
