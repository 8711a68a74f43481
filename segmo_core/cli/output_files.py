"""Checking output files before the work that fills them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.registry import WRITABLE_EXTENSIONS, format_of


def check_outputs(paths: Sequence[Path]) -> list[Path]:
    """The paths, each once; raises when there is none or one could not be written as a motion."""
    if not paths:
        raise InvalidRequestError(f"output: none given, expected -o FILE with one of {', '.join(WRITABLE_EXTENSIONS)}")
    for path in paths:
        format_of(path)
        check_writable(path)
    return list(dict.fromkeys(paths))


def check_writable(path: Path) -> None:
    """Raise FileFormatError when a file cannot be made at ``path``."""
    folder = path.parent
    if path.is_dir():
        raise FileFormatError(f"{path}: is a folder, expected a file name")
    if not folder.is_dir():
        raise FileFormatError(f"{path}: folder {folder} does not exist")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise FileFormatError(f"{path}: cannot be written, the folder or file is read-only")
