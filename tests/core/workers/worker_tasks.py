"""Small works for workers to do: importable, since only their names and values are pickled."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from segmo_core.errors import InvalidRequestError
from segmo_core.progress import Progress


@dataclass(frozen=True)
class Squares:
    """Item -> its square and the process that found it; 13 is refused, 17 is a fault of the program."""

    start_log: Path | None = None
    seconds: float = 0.0

    def start(self, progress: Progress) -> Callable[[int, Progress], tuple[int, int]]:
        if self.start_log is not None:
            with self.start_log.open("a") as stream:
                stream.write(f"{os.getpid()}\n")
        return self.square

    def square(self, item: int, progress: Progress) -> tuple[int, int]:
        print("this is no answer")  # noqa: T201
        time.sleep(self.seconds)
        if item == 13:
            raise InvalidRequestError("number: 13, expected another one")
        if item == 17:
            raise ZeroDivisionError("seventeen")
        return item * item, os.getpid()


@dataclass(frozen=True)
class KilledOnce:
    """Item 3 kills its worker as often as there are files to unlink in ``folder``."""

    folder: Path

    def start(self, progress: Progress) -> Callable[[int, Progress], int]:
        return self.work

    def work(self, item: int, progress: Progress) -> int:
        for left in sorted(self.folder.iterdir()) if item == 3 else ():
            left.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return item


@dataclass(frozen=True)
class NoStart:
    """Cannot start: refused, or killed each time."""

    is_killed: bool = False

    def start(self, progress: Progress) -> Callable[[int, Progress], int]:
        if self.is_killed:
            os.kill(os.getpid(), signal.SIGKILL)
        raise InvalidRequestError("bundle: none, expected one")


@dataclass(frozen=True)
class Threads:
    """Item -> the threads that numeric libraries are told to use."""

    def start(self, progress: Progress) -> Callable[[int, Progress], str]:
        return lambda item, progress: os.environ["OMP_NUM_THREADS"]
