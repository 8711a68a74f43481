"""The process of a run folder: ``python -m segmo_core.cli.watching.child FOLDER [MORE ARGUMENTS]``."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path

from segmo_core.cli import main as run_command
from segmo_core.cli.output import follow_progress
from segmo_core.cli.watching.run_folder import ALIVE, ENDED, PROGRESS, STOP, RunFolder, take_lock
from segmo_core.serialization import write_atomically

_SHORTEST, _LONGEST, _LINES = 0.5, 10.0, 1000  # seconds between two lines: so that hours give some thousand
_SECONDS_BETWEEN_LOOKS = 0.2
_BEHIND_OTHERS = 5  # of the 19 steps that nice has
_TAKEN = 3


class _Reporting:
    """Writes reports into the folder, and looks there whether to stop; neither oftener than is worth it."""

    def __init__(self, folder: Path) -> None:
        self._progress, self._stop = folder / PROGRESS, folder / STOP
        self._began = time.monotonic()
        self._written = self._looked = float("-inf")
        self._is_asked = False

    def report(self, fraction: float, message: str) -> None:
        now = time.monotonic()
        least = min(max((now - self._began) / _LINES, _SHORTEST), _LONGEST)
        if now - self._written < least and fraction < 1.0:
            return
        self._written = now
        row = {"seconds": round(now - self._began, 1), "fraction": round(fraction, 4), "message": message}
        with contextlib.suppress(OSError), self._progress.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")  # a full disk stops no training: its checkpoints say so themselves

    def is_to_stop(self) -> bool:
        now = time.monotonic()
        if now - self._looked >= _SECONDS_BETWEEN_LOOKS:
            self._looked, self._is_asked = now, self._stop.exists()
        return self._is_asked


def main(folder: Path, more: list[str]) -> int:
    """Run the command of ``folder``; how it ended is written there, unless the process is killed."""
    run = RunFolder(folder)
    with (folder / ALIVE).open("ab") as alive:
        if not take_lock(alive):
            return _TAKEN
        (folder / "pid").write_text(str(os.getpid()), encoding="ascii")
        if hasattr(os, "nice"):
            os.nice(_BEHIND_OTHERS)  # whoever works at this machine comes first
        reporting = _Reporting(folder)
        code = 1
        try:
            with follow_progress(reporting.report, reporting.is_to_stop):
                code = run_command([*run.arguments, *more])
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else 1
            raise
        finally:
            sys.stdout.flush()
            ended = json.dumps({"code": code})
            write_atomically(folder / ENDED, lambda path: path.write_text(ended, encoding="ascii"))
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
