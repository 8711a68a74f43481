"""Trainings and evaluations: commands of ``segmo`` as processes of their own, which go on when the window closes."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from segmo_core.bundle_manifest import MANIFEST_NAME
from segmo_core.cli.watching.run_folder import RunFolder, RunState
from segmo_core.errors import FileFormatError, in_short

TRAINING, EVALUATION = "training", "evaluation"
_COMMANDS = {"train": TRAINING, "finetune": TRAINING, "evaluate": EVALUATION}
_LOOK_MS = 700
_LIVING = (RunState.RUNNING, RunState.STOPPING)


@dataclass(frozen=True)
class Run:
    """One run, as its folder is called; ``state`` is what it was when it was last looked at."""

    folder: RunFolder
    arguments: tuple[str, ...]
    state: RunState
    began: datetime

    @property
    def kind(self) -> str:
        """TRAINING or EVALUATION; empty for what is neither."""
        return _COMMANDS.get(self.arguments[0], "") if self.arguments else ""

    @property
    def title(self) -> str:
        """What it does, and when it was asked for."""
        words = [word for word in self.arguments[:2] if not word.startswith("-") and "/" not in word]
        return f"{' '.join(words)}, {self.began:%d %b %H:%M}"

    @property
    def out(self) -> Path | None:
        """The folder that a training writes into."""
        following = dict(zip(self.arguments, self.arguments[1:], strict=False))
        return Path(following["-o"]) if "-o" in following else None

    @property
    def bundle(self) -> Path | None:
        """The bundle that it made; None while there is none."""
        made = None if self.out is None else self.out / "bundle"
        return made if made is not None and self.state is RunState.DONE and (made / MANIFEST_NAME).is_file() else None

    @property
    def is_alive(self) -> bool:
        return self.state in _LIVING

    @property
    def can_resume(self) -> bool:
        """Whether it can be gone on with: a training from its last checkpoint, anything else from the start."""
        return not self.is_alive and self.state is not RunState.DONE and bool(self.arguments)


class Runs(QObject):
    """All runs that the folder knows, whoever started them. Nothing is looked at before somebody asks."""

    changed = Signal()
    """A run began, ended, or is in another state."""
    ended = Signal(object)
    """A Run that was alive and is not any more."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._runs: dict[Path, Run] = {}
        self._started: dict[Path, subprocess.Popen[bytes]] = {}
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def of_kind(self, kind: str) -> list[Run]:
        """TRAINING or EVALUATION, the newest first."""
        found = [run for run in self._runs.values() if run.kind == kind]
        return sorted(found, key=lambda run: run.began, reverse=True)

    @property
    def alive(self) -> list[Run]:
        """Those whose process lives."""
        return [run for run in self._runs.values() if run.is_alive]

    def look(self) -> None:
        """Look at all folders anew, and go on looking while a run lives."""
        found = {folder: self._looked_at(folder) for folder in self._folder.glob("*/") if folder.is_dir()}
        before, self._runs = self._runs, found
        if found != before:
            self.changed.emit()
        for folder, run in found.items():
            if not run.is_alive and folder in before and before[folder].is_alive:
                self.ended.emit(run)
        if self.alive and not self._timer.isActive():
            self._timer.start()
        elif not self.alive:
            self._timer.stop()

    def start(self, arguments: Sequence[str]) -> Run:
        """Start ``segmo ARGUMENTS``. Raises FileFormatError where it cannot be written or started."""
        folder = self._folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
        try:
            return self._go(RunFolder.made(folder, tuple(arguments)))
        except OSError as error:
            raise FileFormatError(f"{folder}: the run cannot be started ({in_short(error)})") from None

    def resume(self, run: Run) -> Run:
        """Go on with one that ended before its time. Raises FileFormatError where it cannot be started."""
        more = ["--resume"] if run.kind == TRAINING and "--resume" not in run.arguments else []
        try:
            return self._go(run.folder, *more)
        except OSError as error:
            raise FileFormatError(f"{run.folder.folder}: the run cannot be started ({in_short(error)})") from None

    def stop(self, run: Run) -> None:
        """Ask it to end at its next step; asked twice, it ends at once."""
        run.folder.stop()
        self.look()

    def _go(self, folder: RunFolder, *more: str) -> Run:
        self._started[folder.folder] = folder.start(*more)
        self.look()
        return self._runs[folder.folder]

    def _looked_at(self, folder: Path) -> Run:
        process = self._started.get(folder)
        run = RunFolder(folder)
        began = folder.stat().st_ctime if folder not in self._runs else self._runs[folder].began.timestamp()
        state = run.state(process is not None and process.poll() is None)
        return Run(run, run.arguments, state, datetime.fromtimestamp(began))
