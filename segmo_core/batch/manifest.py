"""``batch.json``: what a batch has made so far, so that it can go on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segmo_core.errors import FileFormatError, SegmoError
from segmo_core.serialization import from_plain, read_json, to_plain, write_atomically

MANIFEST_NAME = "batch.json"
_VERSION = 1


@dataclass(frozen=True)
class BatchEntry:
    """What became of one item. request: a digest of all that its motion depends on. files: names in the folder.
    problem: one sentence where it failed, else "".
    """

    prompt: str
    seed: int
    request: str
    files: tuple[str, ...] = ()
    problem: str = ""


def digest(values: Mapping[str, Any]) -> str:
    """A short name of plain values: equal for equal ones."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def read_manifest(folder: Path) -> dict[str, BatchEntry]:
    """Entries by the name of their item; none where there is no manifest. Raises FileFormatError for a damaged one."""
    path = Path(folder) / MANIFEST_NAME
    if not path.exists():
        return {}
    values = read_json(path)
    try:
        if not isinstance(values, dict) or values.get("version") != _VERSION or not isinstance(values["items"], dict):
            raise FileFormatError(f"expected version {_VERSION} and items")
        return {str(name): from_plain(BatchEntry, entry, name) for name, entry in values["items"].items()}
    except (SegmoError, KeyError) as error:
        raise FileFormatError(f"{path}: is no manifest of a batch ({error}), expected one or nothing there") from None


def write_manifest(folder: Path, entries: Mapping[str, BatchEntry]) -> None:
    """Raises FileFormatError where the folder cannot be written."""
    items = {name: to_plain(asdict(entry)) for name, entry in entries.items()}
    text = json.dumps({"version": _VERSION, "items": items}, indent=1, ensure_ascii=False) + "\n"
    write_atomically(Path(folder) / MANIFEST_NAME, lambda path: path.write_text(text, encoding="utf-8"))


def is_made(folder: Path, entry: BatchEntry | None, request: str, files: Sequence[str]) -> bool:
    """Whether an item was made from the same request and all its files are there."""
    return (
        entry is not None
        and not entry.problem
        and entry.request == request
        and entry.files == tuple(files)
        and all((Path(folder) / name).is_file() for name in files)
    )
