"""Background jobs. Each lane is one thread, so jobs of a lane run one after another; signals arrive in the window's."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from enum import Enum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from segmo_core.errors import CancelledError, SegmoError
from segmo_core.progress import CallbackProgress, Progress
from segmo_studio.services.time_left import TimeLeft

ENGINE_LANE = "engine"
EXPORT_LANE = "export"
TEXT_LANE = "text"
PROJECT_LANE = "project"
PULL_LANE = "models"
_BEHIND_THE_WINDOW = 5  # of the 19 steps that nice has
_numbers = itertools.count(1)
T = TypeVar("T")


class JobState(Enum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(QObject, Generic[T]):
    """One piece of work with its progress, which ends in a T. Signals are emitted in the thread that made the job."""

    started = Signal()
    progressed = Signal(float, str)
    previewed = Signal(object)
    finished = Signal(object)
    """The result; ``when_done`` knows its type."""
    failed = Signal(str, str)
    """One sentence for the user, and the details."""
    cancelled = Signal()
    ended = Signal()
    """After finished, failed or cancelled."""
    released = Signal()
    """The lane's thread will not touch the job any more."""

    _reported = Signal(str, object)

    def __init__(self, title: str, work: Callable[[Progress, Job[T]], T], lane: str, quiet: bool = False) -> None:
        super().__init__()
        self.number = next(_numbers)
        self.title = title
        self.lane = lane
        self.quiet = quiet
        self.state = JobState.QUEUED
        self.fraction = 0.0
        self.message = ""
        self._work = work
        self._left = TimeLeft()
        self._cancel_asked = False
        self._progress = CallbackProgress(
            lambda fraction, message: self._reported.emit("progress", (fraction, message))
        )
        # The worker thread speaks through this one queued connection; slots of `job` signals may be any callable.
        self._reported.connect(self._receive, Qt.ConnectionType.QueuedConnection)

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def is_cancelling(self) -> bool:
        return self._cancel_asked and not self.is_over

    @property
    def seconds_left(self) -> float | None:
        """Estimated from the time so far; None while too little is known. Never more than it was before."""
        return self._left.note(time.monotonic(), self.fraction) if self.state is JobState.RUNNING else None

    def when_done(self, take: Callable[[T], object]) -> None:
        """Have ``take`` called with the result, in the thread that made the job; not when it fails or is cancelled."""
        self.finished.connect(take)

    def cancel(self) -> None:
        """Ask the work to stop; a job that still waits is over at once, a running one at its next check."""
        self._cancel_asked = True
        self._progress.cancel()
        if self.state is JobState.QUEUED:
            self._receive("cancelled", None)

    def preview(self, value: object) -> None:
        """Called by the work, from its thread, with something to show before the end."""
        self._reported.emit("preview", value)

    def run(self) -> None:
        """Do the work; called once, by the lane's thread."""
        self._reported.emit("started", None)
        try:
            self._progress.raise_if_cancelled()
            result = self._work(self._progress, self)
            self._progress.raise_if_cancelled()
        except CancelledError:
            self._reported.emit("cancelled", None)
        except SegmoError as error:
            self._reported.emit("failed", (str(error), traceback.format_exc()))
        except Exception as error:
            # The last line of defence: whatever goes wrong in a job must reach the user, not vanish with the thread.
            sentence = f"{self.title} stopped by an unexpected error ({type(error).__name__}: {error})."
            self._reported.emit("failed", (sentence, traceback.format_exc()))
        else:
            self._reported.emit("finished", result)

    def release(self) -> None:
        """The last thing that the lane's thread does with a job."""
        self._reported.emit("released", None)

    def _receive(self, kind: str, value: Any) -> None:
        if kind == "released":
            self.released.emit()
        if self.is_over:
            return
        if kind == "started":
            self.state = JobState.RUNNING
            self._left.note(time.monotonic(), 0.0)
            self.started.emit()
        elif kind == "progress":
            # Parts of a job may count from their own start; as a whole it only goes forwards.
            self.fraction, self.message = max(self.fraction, value[0]), value[1]
            self.progressed.emit(self.fraction, self.message)
        elif kind == "preview":
            self.previewed.emit(value)
        else:
            self._end(kind, value)

    def _end(self, kind: str, value: Any) -> None:
        # A result that was on its way when the user pressed Cancel is dropped: cancelled means nothing happens.
        if kind == "finished" and not self._cancel_asked:
            self.state = JobState.DONE
            self.finished.emit(value)
        elif kind == "failed" and not self._cancel_asked:
            self.state = JobState.FAILED
            self.failed.emit(*value)
        else:
            self.state = JobState.CANCELLED
            self.cancelled.emit()
        self.ended.emit()


def _give_way() -> None:
    """The window comes first: this thread, and those that its work starts, take the processor time that is left.

    On Linux alone, where a priority is a thread's own; elsewhere it would be the whole program's.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            present = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, present + _BEHIND_THE_WINDOW)


class _Lane(threading.Thread):
    def __init__(self, name: str) -> None:
        super().__init__(name=f"{name} lane", daemon=True)
        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()

    def add(self, job: Job[Any] | None) -> None:
        self._jobs.put(job)

    def run(self) -> None:
        _give_way()
        while (job := self._jobs.get()) is not None:
            if not job.is_over:
                job.run()
            job.release()
            # A Qt object must not end in this thread, so no reference may stay here until the next job.
            del job


class JobRunner(QObject):
    """Runs jobs in named lanes, each started at its first job."""

    job_added = Signal(object)
    job_ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[str, _Lane] = {}
        self._jobs: list[Job[Any]] = []

    @property
    def jobs(self) -> tuple[Job[Any], ...]:
        """Jobs that wait or run, oldest first."""
        return tuple(self._jobs)

    def submit(
        self, title: str, work: Callable[[Progress, Job[T]], T], lane: str = ENGINE_LANE, quiet: bool = False
    ) -> Job[T]:
        """Run ``work(progress, job)`` in ``lane``. quiet: failures are not shown to the user."""
        job = Job(title, work, lane, quiet)
        job.ended.connect(lambda: self._forget(job))
        job.released.connect(job.deleteLater)
        self._jobs.append(job)
        if lane not in self._lanes:
            self._lanes[lane] = _Lane(lane)
            self._lanes[lane].start()
        self.job_added.emit(job)
        self._lanes[lane].add(job)
        return job

    def shut_down(self, seconds: float = 5.0) -> None:
        """Cancel everything and wait at most ``seconds`` for the lanes to stop."""
        for job in self.jobs:
            job.cancel()
        for lane in self._lanes.values():
            lane.add(None)
        deadline = time.monotonic() + seconds
        for lane in self._lanes.values():
            lane.join(max(0.0, deadline - time.monotonic()))

    def _forget(self, job: Job[Any]) -> None:
        self._jobs.remove(job)
        self.job_ended.emit(job)
