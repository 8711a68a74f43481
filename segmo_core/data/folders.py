"""The folders of data that a command is given: one data set, or several of mocap22's layout side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from segmo_core.errors import DataError
from segmo_core.serialization import real_path

DataFolders: TypeAlias = Path | Sequence[Path]

_CLIPS = "clips.jsonl"
MOCAP22_FILES = ("motions.npz", _CLIPS, "captions.json", "cmu_captions.json")


def folders_of(data: DataFolders) -> tuple[Path, ...]:
    """The folders, each once; DataError for none or one that is named twice."""
    folders = (data,) if isinstance(data, Path) else tuple(data)
    if not folders:
        raise DataError("data: no folder given, expected at least one")
    resolved = [real_path(folder) for folder in folders]
    for number, folder in enumerate(resolved):
        if folder in resolved[:number]:
            raise DataError(f"{folders[number]}: given twice, expected every data folder once")
    return folders


def the_only(data: DataFolders) -> Path:
    """The folder, where only one is possible; DataError for several."""
    folders = folders_of(data)
    if len(folders) > 1:
        other = next(folder for folder in folders if not (folder / _CLIPS).is_file())
        raise DataError(f"{other}: not mocap22 (motions.npz, clips.jsonl), expected it alone or others of that layout")
    return folders[0]


def is_mocap22(data: DataFolders) -> bool:
    """Whether every folder is laid out like mocap22."""
    return all((folder / _CLIPS).is_file() for folder in folders_of(data))


def fingerprint(folder: Path, files: Sequence[str] = MOCAP22_FILES) -> str:
    """16 hex digits of the content of ``files`` in ``folder``, and of which of them are there.

    Changes with every byte of motions, labels, licence flags and captions; not with names of folders or times.
    """
    digest = hashlib.sha256()
    for name in files:
        path = folder / name
        digest.update(f"{name} {path.is_file()}\n".encode())
        if path.is_file():
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]
