"""Lists of prompts: a text file with one a line, or a CSV table with a column ``prompt``."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from segmo_core.errors import FileFormatError, InvalidRequestError, shown
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.serialization import read_text

MAX_ITEMS = 10_000
COLUMNS = ("prompt", "name", "seed", "seconds", "durations", "segments")
_NAME_WORDS, _NAME_LETTERS = 6, 60
_FORBIDDEN = '/\\:*?"<>|'


@dataclass(frozen=True)
class BatchItem:
    """One motion to make.

    name: of its files, unique in the list. seed: None takes that of the whole batch. seconds: of the whole motion;
    durations: of each segment; None and empty leave it to the words. segments: texts in place of cutting the prompt.
    """

    prompt: str
    name: str
    seed: int | None = None
    seconds: float | None = None
    durations: tuple[float, ...] = ()
    segments: tuple[str, ...] = ()


def read_prompts(path: Path) -> tuple[BatchItem, ...]:
    """The items of a .csv table, or of any other text file, in order; empty lines and lines that begin with # are
    none.

    A table has a column prompt, and may have name, seed, seconds, durations ("2;3.5") and segments ("walks; waves").
    Raises FileFormatError with the line.
    """
    path = Path(path)
    text = read_text(path, "prompts, one a line, or a CSV table with a column prompt")
    rows = _table(path, text) if path.suffix.lower() == ".csv" else _lines(text)
    if not rows:
        raise FileFormatError(f"{path}: no prompt in it, expected one a line")
    if len(rows) > MAX_ITEMS:
        raise FileFormatError(f"{path}: {len(rows)} prompts, expected at most {MAX_ITEMS}")
    items = [_item(path, line, number, len(rows), row) for number, (line, row) in enumerate(rows, start=1)]
    double, times = Counter(item.name.casefold() for item in items).most_common(1)[0]
    if times > 1:
        raise FileFormatError(f"{path}: the name {shown(double)} stands {times} times, expected each once")
    return tuple(items)


def _lines(text: str) -> list[tuple[int, dict[str, str]]]:
    lines = enumerate(text.split("\n"), start=1)
    return [(n, {"prompt": line.strip()}) for n, line in lines if line.strip() and not line.lstrip().startswith("#")]


def _table(path: Path, text: str) -> list[tuple[int, dict[str, str]]]:
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
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise FileFormatError(f"{path}, line {reader.line_num}: expected {len(columns)} values, as in line 1")
            if any(value.strip() for value in row.values()):
                rows.append((reader.line_num, {name: value.strip() for name, value in row.items()}))
    except csv.Error as error:
        raise FileFormatError(f"{path}, line {reader.line_num}: not a table ({error})") from None
    return rows


def _item(path: Path, line: int, number: int, count: int, row: dict[str, str]) -> BatchItem:
    try:
        prompt = row["prompt"]
        check_text(prompt, "prompt")
        if not any(map(str.isalnum, prompt)):
            raise InvalidRequestError("prompt: empty, expected a sentence such as 'a person walks forward'")
        return BatchItem(
            prompt,
            _name(row.get("name", ""), prompt, number, count),
            None if not row.get("seed") else _seed(row["seed"]),
            None if not row.get("seconds") else _number("seconds", row["seconds"]),
            tuple(_number("durations", part) for part in _parts(row.get("durations", ""))),
            tuple(_parts(row.get("segments", ""))),
        )
    except InvalidRequestError as error:
        raise FileFormatError(f"{path}, line {line}: {error}") from None


def _name(given: str, prompt: str, number: int, count: int) -> str:
    """The name given, else the number in the list and the first words of the prompt."""
    if not given:
        words = ("".join(letter for letter in word if letter.isalnum()) for word in prompt.lower().split())
        stem = "-".join(filter(None, words)).split("-")[:_NAME_WORDS]
        return f"{number:0{max(3, len(str(count)))}d}-{'-'.join(stem)}"[:_NAME_LETTERS]
    if given.startswith(".") or any(letter in _FORBIDDEN or ord(letter) < 32 for letter in given) or len(given) > 100:
        raise InvalidRequestError(f"name: {shown(given)}, expected one that a file can have, without folders")
    return given


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 2**63):
        raise InvalidRequestError(f"seed: {shown(text)}, expected 0 to 2^63 - 1")
    return int(text)


def _number(what: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidRequestError(f"{what}: {shown(text)}, expected seconds such as 3.5")
    return value


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("|", ";").split(";") if part.strip()]
