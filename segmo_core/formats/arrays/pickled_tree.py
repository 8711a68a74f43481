"""Dictionaries and arrays that other programs pickled into .npy, .npz and .pkl files, read without running anything."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import IO, Any

import numpy as np

from segmo_core.body.restricted_pickle import DAMAGED, ArraysOnly, PickledArray, key_text
from segmo_core.errors import FileFormatError, in_short
from segmo_core.formats.reading import files

MAX_BYTES = 256 << 20
_MAX_DEPTH, _MAX_NODES = 8, 200_000


def read_tree(path: Path, stream: IO[bytes]) -> Any:
    """What the pickle at ``stream`` holds: dictionaries, lists, arrays, texts and numbers; None for all else.

    Raises FileFormatError for a pickle that asks for anything but arrays.
    """
    try:
        return _Plain().of(ArraysOnly(stream, path).load())
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({in_short(error.strerror or error)})") from None
    except DAMAGED as error:
        reason = f" ({in_short(error)})" if isinstance(error, pickle.UnpicklingError) else ""
        raise FileFormatError(f"{path}: not a complete pickle of arrays{reason}") from None


def read_pickle_file(path: Path) -> Any:
    """As ``read_tree``, of a whole file."""
    files.check_file(path, MAX_BYTES)
    with path.open("rb") as stream:
        return read_tree(path, stream)


class _Plain:
    """Makes the stubs of a pickle plain; a tree of too many nodes is refused."""

    def __init__(self) -> None:
        self._nodes = 0

    def of(self, value: object, depth: int = 0) -> Any:
        self._nodes += 1
        if depth > _MAX_DEPTH or self._nodes > _MAX_NODES:
            raise pickle.UnpicklingError("more in one another than a motion has")
        if isinstance(value, PickledArray):
            if value.items is None:
                return value.value
            items = [self.of(item, depth + 1) for item in value.items]
            return items[0] if len(items) == 1 else items
        if isinstance(value, dict):
            return {key_text(key): self.of(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(item, depth + 1) for item in value]
        return value if isinstance(value, (str, bool, int, float, np.number)) else None
