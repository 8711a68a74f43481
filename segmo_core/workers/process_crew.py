"""Workers that are processes of this machine. Each has one item in hand; one that is killed is replaced."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from typing import IO, Any, cast

from segmo_core.errors import SegmoError
from segmo_core.workers.places import THREAD_SETTINGS, Workers
from segmo_core.workers.process_worker import READY, receive, send
from segmo_core.workers.work import Answer, Work

_PARTING_SECONDS = 1.0
_FAILED_STARTS = 3  # one after another, before the whole is given up


class ProcessCrew:
    """A thread for every process hands it items and waits for its answers.

    Not ``multiprocessing``: its pools break as a whole when one process is killed, and its way of starting processes
    runs the user's script again.
    """

    def __init__(self, work: Work[Any, Any], workers: Workers) -> None:
        self._work, self._count = work, workers.count
        self._environment = os.environ | dict.fromkeys(THREAD_SETTINGS, str(workers.threads_of_each))
        self._environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._items: queue.SimpleQueue[tuple[int, Any] | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._is_closed = False
        self._failed_starts = 0
        self._threads = [threading.Thread(target=self._keep_busy, daemon=True) for _ in range(self._count)]
        for thread in self._threads:
            thread.start()

    @property
    def capacity(self) -> int:
        """See Crew. One in hand and one ready for each."""
        return 2 * self._count

    def give(self, number: int, item: Any) -> None:
        """See Crew."""
        self._items.put((number, item))

    def finished(self, seconds: float) -> list[Answer]:
        """See Crew."""
        return waited_for(self._answers, seconds)

    def close(self) -> None:
        """See Crew."""
        with self._lock:
            self._is_closed = True
            for process in self._processes:
                process.kill()
        for _ in self._threads:
            self._items.put(None)
        for thread in self._threads:
            thread.join()

    def _keep_busy(self) -> None:
        process: subprocess.Popen[bytes] | None = None
        while (given := self._items.get()) is not None and not self._is_closed:
            number, item = given
            try:
                process = process or self._started()
                send(_stream(process.stdin), (number, item))
                answer = receive(_stream(process.stdout))
            except SegmoError as error:
                self._answers.put(Answer(number, error=error))
            except (EOFError, OSError):
                how = self._ended(process)
                process = None
                problem = f"its worker ended in the middle ({how}), expected a result"
                self._answers.put(Answer(number, problem=problem, is_lost=True))
            else:
                self._answers.put(answer)
        if process is not None:
            self._ended(process)

    def _started(self) -> subprocess.Popen[bytes]:
        """A process that has the work and is ready. Raises the SegmoError of a work that cannot start."""
        while True:
            process = self._spawned()
            try:
                send(_stream(process.stdin), self._work)
                answer = receive(_stream(process.stdout))
            except (EOFError, OSError):
                how = self._ended(process)
                self._failed_starts += 1
                if self._failed_starts >= _FAILED_STARTS or self._is_closed:
                    sentence = f"workers: ended while they started ({how}), expected room for {self._count} of them"
                    raise SegmoError(sentence) from None
                continue
            if answer.number == READY and answer.error is not None:
                self._ended(process)
                raise answer.error
            self._failed_starts = 0
            return process

    def _spawned(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_closed:
                raise SegmoError("workers: closed while they started")
            process = subprocess.Popen(
                [sys.executable, "-m", "segmo_core.workers.process_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
            )
            self._processes.add(process)
        return process

    def _ended(self, process: subprocess.Popen[bytes] | None) -> str:
        """End a process for good; how it came to its end."""
        if process is None:
            return "it could not be started"
        for stream in (process.stdin, process.stdout):
            try:
                _stream(stream).close()
            except OSError:
                continue
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PARTING_SECONDS)  # without its input it ends by itself, with a code that tells why
        process.kill()
        code = process.wait()
        with self._lock:
            self._processes.discard(process)
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def waited_for(answers: queue.SimpleQueue[Answer], seconds: float) -> list[Answer]:
    """All answers there are; waits up to ``seconds`` for the first."""
    found: list[Answer] = []
    try:
        found.append(answers.get(timeout=seconds))
        while True:
            found.append(answers.get_nowait())
    except queue.Empty:
        return found


def _stream(stream: IO[bytes] | None) -> IO[bytes]:
    return cast("IO[bytes]", stream)  # both are pipes
