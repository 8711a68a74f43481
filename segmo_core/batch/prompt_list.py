"""Lists of prompts: a text file with one a line, a CSV table with a column ``prompt``, or JSON lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from segmo_core.batch.prompt_rows import Row, rows_of
from segmo_core.batch.row_options import with_row_options
from segmo_core.errors import FileFormatError, InvalidRequestError, SegmoError, shown
from segmo_core.formats.registry import check_export
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.serialization import finite_number, read_text

MAX_ITEMS = 100_000
_NAME_WORDS, _NAME_LETTERS = 6, 60
_FORBIDDEN = '/\\:*?"<>|'


@dataclass(frozen=True)
class BatchItem:
    """One motion to make.

    name: of its files, unique in the list. seed: None takes that of the whole batch. seconds: of the whole motion;
    durations: of each segment; None and empty leave it to the words. segments: texts in place of cutting the prompt.
    formats: endings of its files, such as ".fbx"; empty takes those of the whole batch. options: of its files, as
    row_options.with_row_options reads them, before those of the whole batch.
    """

    prompt: str
    name: str
    seed: int | None = None
    seconds: float | None = None
    durations: tuple[float, ...] = ()
    segments: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def read_prompts(path: Path) -> tuple[BatchItem, ...]:
    """The items of a .csv table, of .jsonl, or of any other text file, in order; empty lines are none, and in a text
    file those that begin with #.

    A table has a column prompt, and may have name, seed, seconds, durations ("2;3.5"), segments ("walks; waves"),
    formats ("fbx;npz") and options ("fps=30; in-place"); lines of JSON have keys of these names. Raises FileFormatError
    with the line.
    """
    path = Path(path)
    text = read_text(path, "prompts, one a line, or a CSV table with a column prompt")
    rows = rows_of(path, text)
    if not rows:
        raise FileFormatError(f"{path}: no prompt in it, expected one a line")
    if len(rows) > MAX_ITEMS:
        raise FileFormatError(f"{path}: {len(rows)} prompts, expected at most {MAX_ITEMS}")
    items = [_item(path, line, number, len(rows), row) for number, (line, row) in enumerate(rows, start=1)]
    double, times = Counter(item.name.casefold() for item in items).most_common(1)[0]
    if times > 1:
        raise FileFormatError(f"{path}: the name {shown(double)} stands {times} times, expected each once")
    return tuple(items)


def _item(path: Path, line: int, number: int, count: int, row: Row) -> BatchItem:
    try:
        prompt = _one(row, "prompt")
        check_text(prompt, "prompt")
        if not any(map(str.isalnum, prompt)):
            raise InvalidRequestError("prompt: empty, expected a sentence such as 'a person walks forward'")
        seed, seconds = _one(row, "seed"), _one(row, "seconds")
        item = BatchItem(
            prompt,
            _name(_one(row, "name"), prompt, number, count),
            _seed(seed) if seed else None,
            _number("seconds", seconds) if seconds else None,
            tuple(_number("durations", part) for part in _several(row, "durations")),
            tuple(_several(row, "segments")),
            extensions_of(_several(row, "formats")),
            tuple(_several(row, "options")),
        )
        options = with_row_options(ExportOptions(), item.options)
        for extension in item.formats:
            check_export(Path(f"motion{extension}"), options)
    except SegmoError as error:
        raise FileFormatError(f"{path}, line {line}: {error}") from None
    return item


def extensions_of(endings: Iterable[str]) -> tuple[str, ...]:
    """Endings such as "FBX" as they stand in names of files, ".fbx", each once."""
    return tuple(dict.fromkeys(f".{ending.strip().lower().lstrip('.')}" for ending in endings))


def _one(row: Row, column: str) -> str:
    value = row.get(column, "")
    if not isinstance(value, str):
        raise InvalidRequestError(f"{column}: a list, expected one value")
    return value


def _several(row: Row, column: str) -> list[str]:
    value = row.get(column, "")
    parts = value.replace("|", ";").split(";") if isinstance(value, str) else value
    return [part.strip() for part in parts if part.strip()]


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
    value = finite_number(text)
    if value is None:
        raise InvalidRequestError(f"{what}: {shown(text)}, expected seconds such as 3.5")
    return value
