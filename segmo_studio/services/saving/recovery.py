"""Unsaved work of this run, kept in a file of its own, and that of runs which ended without a word.

Each run holds a lock beside its file. The lock of a run that died is stale: whoever can take it owns the work.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from PySide6.QtCore import QLockFile

from segmo_core.project.project_file import PROJECT_EXTENSION

_LOCK = ".lock"


class Recovery:
    """The folder ``folder`` of unsaved projects. Nothing in it is touched before ``file`` is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = uuid.uuid4().hex
        self._lock: QLockFile | None = None

    @property
    def file(self) -> Path:
        """Where this run keeps its unsaved work; locked from now on. OSError where there is no room for it."""
        if self._lock is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = QLockFile(str(self._folder / f"{self._name}{_LOCK}"))
            self._lock.setStaleLockTime(0)
            if not self._lock.tryLock(0):
                self._lock = None
                raise OSError(f"{self._folder}: cannot be written")
        return self._folder / f"{self._name}{PROJECT_EXTENSION}"

    def left_over(self) -> list[Path]:
        """Work that runs left behind when they ended without a word, the newest first."""
        found = [path for path in self._folder.glob(f"[!.]*{PROJECT_EXTENSION}") if path.stem != self._name]
        left = [path for path in found if _is_abandoned(path)]
        return sorted(left, key=lambda path: path.stat().st_mtime, reverse=True)

    def discard(self) -> None:
        """Forget the unsaved work of this run: it was saved, or nobody wants it."""
        if self._lock is not None:
            (self._folder / f"{self._name}{PROJECT_EXTENSION}").unlink(missing_ok=True)

    def close(self) -> None:
        """This run ends as it should."""
        self.discard()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None


def _is_abandoned(path: Path) -> bool:
    lock = QLockFile(str(path.with_suffix(_LOCK)))
    lock.setStaleLockTime(0)
    if not lock.tryLock(0):
        return False
    lock.unlock()
    return True
