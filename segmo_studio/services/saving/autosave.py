"""Keeps unsaved work on disk a few seconds after each edit, so that a crash costs no more than these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from segmo_core.project.project_file import ProjectFile
from segmo_studio.document.document import Document
from segmo_studio.services.jobs import Job
from segmo_studio.services.saving.project_store import ProjectStore
from segmo_studio.services.saving.recovery import Recovery

DELAY_MS = 4000
"""From the first edit that is not on disk to the next writing, which itself takes well under a second."""


class Autosave(QObject):
    """Writes what ``snapshot`` gives into the recovery file while there is anything that nobody saved."""

    failed = Signal(str)
    """Unsaved work cannot be kept: one sentence, told once until it works again."""

    def __init__(
        self, document: Document, store: ProjectStore, recovery: Recovery, snapshot: Callable[[], ProjectFile]
    ) -> None:
        super().__init__(document)
        self._document = document
        self._store = store
        self._recovery = recovery
        self._snapshot = snapshot
        self._is_failing = False
        self._job: Job[Any] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.keep)
        document.undo_stack.indexChanged.connect(lambda _index: self.touch())
        document.takes_changed.connect(self.touch)

    def touch(self) -> None:
        """Something changed: it will be on disk within seconds, however many changes follow."""
        if not self._timer.isActive():
            self._timer.start()

    def keep(self) -> None:
        """Write now what is not saved; nothing to do where everything is."""
        self._timer.stop()
        content = self._snapshot()
        if not self._document.is_modified and not content.drafts:
            return
        try:
            path = self._recovery.file
        except OSError as error:
            self._fail(str(error))
            return
        if self._job is not None:
            self._job.cancel()
        self._job = job = self._store.write(content, path, quiet=True)
        job.when_done(lambda _path: self._succeed())
        job.failed.connect(lambda sentence, _details: self._fail(sentence))
        job.ended.connect(lambda: self._forget(job))

    def forget(self) -> None:
        """Everything is saved, or given up: the recovery file goes."""
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()
        self._recovery.discard()

    def _succeed(self) -> None:
        self._is_failing = False

    def _fail(self, sentence: str) -> None:
        if not self._is_failing:
            self._is_failing = True
            self.failed.emit(f"Unsaved work cannot be kept safe ({sentence.rstrip('.')}): save the project elsewhere.")

    def _forget(self, job: Job[Any]) -> None:
        if self._job is job:
            self._job = None
