"""What several tests of the window need: a prompt, an engine that can be held back, and waiting for jobs."""

from __future__ import annotations

import threading
from typing import Any

from pytestqt.qtbot import QtBot

from segmo_core.engine import Engine
from segmo_studio.main_window import MainWindow

PROMPT = "a person walks forward, then waves with the right hand, then turns around"


class HeldEngine:
    """The real engine, except that ``generate`` and ``regenerate`` wait at a gate while it is closed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.open_gate = threading.Event()
        self.open_gate.set()
        self.regenerated: list[tuple[int, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def _wait(self, progress: Any) -> None:
        while not self.open_gate.wait(0.01):
            progress.raise_if_cancelled()
            progress.report(0.4, "Deciding tokens")

    def generate(self, request: Any, progress: Any = None, preview: Any = None) -> Any:
        self._wait(progress)
        return self._engine.generate(request, progress, preview)

    def regenerate(self, plan: Any, seed: Any, progress: Any, preview: Any) -> Any:
        self.regenerated.append(plan.anew)
        self._wait(progress)
        return self._engine.regenerate(plan, seed, progress, preview)


class SlowExports(HeldEngine):
    """Exports wait at the gate too; ``export_error`` is raised instead of writing."""

    export_error: Exception | None = None

    def export(self, motion: Any, path: Any, *rest: Any, progress: Any = None, **named: Any) -> None:
        if self.export_error is not None:
            raise self.export_error
        self._wait(progress)
        self._engine.export(motion, path, *rest, progress=progress, **named)


def wait_until_idle(qtbot: QtBot, window: MainWindow) -> None:
    """Until no job waits or runs (a job may start another one when it ends)."""
    qtbot.waitUntil(lambda: not window.runner.jobs, timeout=20000)
