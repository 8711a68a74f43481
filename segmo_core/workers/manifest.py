"""What became of every item so far, in a file: so that a run that was stopped, or killed, goes on where it was.

``NAME.json`` holds all items; while a run is on, every item that is finished is a line added to ``NAME.jsonl`` beside
it, which the end of the run, or the next one, takes into the first. So an item costs a line, however many there are,
and a kill at most the line that is being written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from segmo_core.errors import FileFormatError, SegmoError
from segmo_core.serialization import from_plain, read_json, read_text, to_plain, write_atomically

_VERSION = 1


class ItemEntry(Protocol):
    """A frozen dataclass: what became of an item. request: a digest of all that its files depend on. files: names in
    the manifest's folder. problem: one sentence where it failed, else ""."""

    @property
    def request(self) -> str: ...
    @property
    def files(self) -> tuple[str, ...]: ...
    @property
    def problem(self) -> str: ...


Entry = TypeVar("Entry", bound=ItemEntry)


def digest(values: Mapping[str, Any]) -> str:
    """A short name of plain values: equal for equal ones."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


class Manifest(Generic[Entry]):
    """Entries by the name of their item."""

    def __init__(self, folder: Path, name: str, kind: type[Entry]) -> None:
        """Raises FileFormatError for a damaged one; none is an empty one. name: of the file, such as "batch.json"."""
        self._folder, self._path, self._kind = Path(folder), Path(folder) / name, kind
        self._added = self._path.with_suffix(".jsonl")
        self._entries: dict[str, Entry] = dict(self._whole()) | dict(self._lines())

    def is_made(self, name: str, request: str, files: Sequence[str]) -> bool:
        """Whether an item was made from the same request and all its files are there."""
        entry = self._entries.get(name)
        return (
            entry is not None
            and not entry.problem
            and entry.request == request
            and entry.files == tuple(files)
            and all((self._folder / file).is_file() for file in files)
        )

    @contextmanager
    def growing(self) -> Iterator[ManifestEnd[Entry]]:
        """Where finished items are added; at the end, also one by an error, all of them stand in the one file.

        Raises FileFormatError where the folder cannot be written.
        """
        try:
            with self._added.open("a", encoding="utf-8") as stream:
                yield ManifestEnd(self._entries, stream)
        except OSError as error:
            raise FileFormatError(f"{self._added}: cannot be written ({error.strerror})") from None
        finally:
            self._write()

    def _write(self) -> None:
        items = {name: to_plain(entry) for name, entry in self._entries.items()}
        text = json.dumps({"version": _VERSION, "items": items}, indent=1, ensure_ascii=False) + "\n"
        write_atomically(self._path, lambda path: path.write_text(text, encoding="utf-8"))
        self._added.unlink(missing_ok=True)

    def _whole(self) -> Iterator[tuple[str, Entry]]:
        if not self._path.exists():
            return
        values = read_json(self._path)
        try:
            if not isinstance(values, dict) or values.get("version") != _VERSION:
                raise FileFormatError(f"expected version {_VERSION} and items")
            if not isinstance(values.get("items"), dict):
                raise FileFormatError("expected items")
            for name, entry in values["items"].items():
                yield str(name), from_plain(self._kind, entry, name)
        except SegmoError as error:
            raise FileFormatError(
                f"{self._path}: is no manifest of a {self._path.stem} ({error}), expected one or nothing there"
            ) from None

    def _lines(self) -> Iterator[tuple[str, Entry]]:
        """Of a run that was killed; what is no line of ours, as the last one may be, is left out."""
        if not self._added.is_file():
            return
        for line in read_text(self._added, "lines of a manifest").split("\n"):
            try:
                values = json.loads(line)
                entry = from_plain(self._kind, values["entry"])
                yield str(values["name"]), entry
            except (SegmoError, ValueError, KeyError, TypeError, RecursionError):
                continue


class ManifestEnd(Generic[Entry]):
    """The end of a manifest, to which items are added."""

    def __init__(self, entries: dict[str, Entry], stream: Any) -> None:
        self._entries, self._stream = entries, stream

    def add(self, name: str, entry: Entry) -> None:
        """Keep what became of an item, on disk before this returns. OSError where the disk is full."""
        self._entries[name] = entry
        line = json.dumps({"name": name, "entry": to_plain(entry)}, ensure_ascii=False)
        self._stream.write(f"\n{line}")  # a line break first: what a kill left is then a line of its own
        self._stream.flush()
        os.fsync(self._stream.fileno())
