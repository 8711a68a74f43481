"""A command of ``segmo`` that runs as a process of its own, and the folder through which others follow and stop it.

The process belongs to nobody: whoever started it may end, and whoever comes later reads the folder. Its files: the
command, progress as lines of JSON, what the command printed, how it ended, and a lock that the process holds while it
lives, so that one that was killed is never taken for one that runs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Any

from segmo_core.errors import SegmoError
from segmo_core.serialization import read_json, write_json

COMMAND, PROGRESS, PRINTED, SAID, ENDED, STOP, ALIVE = (
    "command.json", "progress.jsonl", "printed.txt", "said.txt", "ended.json", "stop", "alive",
)  # fmt: skip
_OF_A_TRY = (PROGRESS, PRINTED, SAID, ENDED, STOP)
_MAX_TEXT = 4 << 20
INTERRUPTED = 130


class RunState(Enum):
    """Of a run, as its folder tells."""

    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    LOST = "lost"
    """It ended without a word: killed, or the machine went off."""


@dataclass(frozen=True)
class ProgressLine:
    """seconds: since the start. fraction: of the work at hand, 0 to 1."""

    seconds: float
    fraction: float
    message: str


@dataclass(frozen=True)
class RunFolder:
    """One run. ``folder`` holds the files above."""

    folder: Path

    @staticmethod
    def made(folder: Path, arguments: tuple[str, ...]) -> RunFolder:
        """A new one for ``segmo ARGUMENTS``. OSError where it cannot be written."""
        folder.mkdir(parents=True)
        write_json(folder / COMMAND, list(arguments))
        return RunFolder(folder)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Of ``segmo``; none where the folder is damaged."""
        try:
            found = read_json(self.folder / COMMAND)
        except (SegmoError, OSError):
            return ()
        return tuple(map(str, found)) if isinstance(found, list) else ()

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        """Start it as a process that goes on when this one ends, anew: what an earlier try left is dropped.

        more: arguments besides, such as "--resume". Raises OSError.
        """
        for name in _OF_A_TRY:
            (self.folder / name).unlink(missing_ok=True)
        command = [sys.executable, "-P", "-m", "segmo_core.cli.watching.child", str(self.folder), *more]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONIOENCODING": "utf-8",
            "PYTHONUNBUFFERED": "1",
        }
        with (self.folder / PRINTED).open("wb") as printed, (self.folder / SAID).open("wb") as said:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=printed, stderr=said, env=environment, **_of_its_own()
            )

    def stop(self) -> None:
        """Ask it to end at its next step; a training keeps a checkpoint then. Asked twice, it ends at once."""
        if (self.folder / STOP).exists():
            self._end_at_once()
        else:
            (self.folder / STOP).touch()

    def state(self, is_starting: bool = False) -> RunState:
        """is_starting: its process is known to live, though it holds no lock yet."""
        if is_starting or self.is_alive():
            return RunState.STOPPING if (self.folder / STOP).exists() else RunState.RUNNING
        code = self.exit_code()
        if code is None:
            return RunState.LOST
        if code == 0:
            return RunState.DONE
        return RunState.STOPPED if code in (INTERRUPTED, 128 + signal.SIGTERM) else RunState.FAILED

    def is_alive(self) -> bool:
        """Whether its process lives: nobody else can take the lock then."""
        try:
            with (self.folder / ALIVE).open("r+b") as stream:
                return not take_lock(stream)
        except OSError:
            return False

    def exit_code(self) -> int | None:
        """None while it runs, and where it ended without a word."""
        try:
            return int(json.loads((self.folder / ENDED).read_text(encoding="ascii"))["code"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def progress(self) -> list[ProgressLine]:
        """All reports so far, the oldest first."""
        found = []
        for line in self._text(PROGRESS).splitlines():
            with suppress(ValueError, KeyError, TypeError):  # the last line may be half written
                row = json.loads(line)
                found.append(ProgressLine(float(row["seconds"]), float(row["fraction"]), str(row["message"])))
        return found

    @property
    def printed(self) -> str:
        """What the command printed."""
        return self._text(PRINTED)

    @property
    def said(self) -> str:
        """What the command said beside its output: notices, and the sentence of an error."""
        return self._text(SAID)

    def _text(self, name: str) -> str:
        try:
            with (self.folder / name).open("rb") as stream:
                return stream.read(_MAX_TEXT).decode("utf-8", "replace")
        except OSError:
            return ""

    def _end_at_once(self) -> None:
        if self.is_alive():  # else the number may be another process's by now
            with suppress(OSError, ValueError):
                os.kill(int((self.folder / "pid").read_text(encoding="ascii")), signal.SIGTERM)


def take_lock(stream: IO[bytes]) -> bool:
    """Take the lock of an open file, which goes with the process; False where another has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _of_its_own() -> dict[str, Any]:
    """Neither Ctrl+C nor the end of a terminal reaches it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
