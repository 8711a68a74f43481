"""The regeneration that runs, the variations that wait for it, and what becomes of it when its take changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from segmo_core.project.project import Take
from segmo_studio.document.document import Document
from segmo_studio.services.jobs import Job, JobState
from segmo_studio.services.notifications import Notifications


@dataclass(frozen=True, eq=False)
class _Regeneration:
    job: Job[Any]
    take: Take
    wanted: str


class Regenerations(QObject):
    """One runs at a time; its outcome would be of no use once the take asks for another motion."""

    def __init__(self, document: Document, notifications: Notifications, vary: Callable[[int], object]) -> None:
        """vary: starts another variation of a segment."""
        super().__init__(document)
        self._document = document
        self._notifications = notifications
        self._vary = vary
        self._running: _Regeneration | None = None
        self._variations: list[int] = []
        document.takes_changed.connect(self._drop_outdated)

    def queue(self, segment: int, take: Take) -> bool:
        """Have a variation of ``segment`` made once that of ``take`` which runs is there; False where none runs."""
        if self._running is None or self._running.take is not take:
            return False
        self._variations.append(segment)
        self._notifications.info(f"Segment {segment + 1} is next: its variation starts when this one is there.")
        return True

    def follow(self, job: Job[Any], take: Take, wanted: str) -> None:
        """wanted: what is told when the take changes before the job is done; empty where the next one includes it."""
        running = self._running = _Regeneration(job, take, wanted)
        job.when_done(lambda _new: self._document.when_settled(self._start_next_variation))
        job.ended.connect(lambda: self._forget(running))

    def _forget(self, regeneration: _Regeneration) -> None:
        if self._running is regeneration:
            self._running = None
        if regeneration.job.state is not JobState.DONE:
            self._variations.clear()

    def _start_next_variation(self) -> None:
        if self._variations and self._running is None:
            self._vary(self._variations.pop(0))

    def _drop_outdated(self) -> None:
        running = self._running
        if running is None or running.job.is_over:
            return
        if not running.take.asks_the_same_as(self._document.project.find(running.take.take_id)):
            self._running = None
            running.job.cancel()
            if running.wanted:
                self._notifications.info(f"{running.wanted} was given up, since the segments changed.")
