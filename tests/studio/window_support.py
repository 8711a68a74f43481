"""What several tests of the window need: a prompt, an engine that can be held back, and waiting for jobs."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from segmo_core import motion_files
from segmo_core.bundle_manifest import TokenOrigin
from segmo_core.engine import Engine
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import token_ranges
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
        wait_at(self.open_gate, progress, "Deciding tokens")

    def generate(self, request: Any, progress: Any = None, preview: Any = None) -> Any:
        self._wait(progress)
        return self._engine.generate(request, progress, preview)

    def regenerate(self, plan: Any, seed: Any, progress: Any) -> Any:
        self.regenerated.append(plan.anew)
        self._wait(progress)
        return self._engine.regenerate(plan, seed, progress)


class SlowExports:
    """Motion files are written as ever, except that writing waits at a gate while it is closed; ``error`` is raised
    instead of writing.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open_gate = threading.Event()
        self.open_gate.set()
        self.error: Exception | None = None
        self._write = motion_files.write
        monkeypatch.setattr(motion_files, "write", self._held)

    def _held(self, *values: Any, progress: Any, **named: Any) -> None:
        if self.error is not None:
            raise self.error
        wait_at(self.open_gate, progress, "Writing")
        self._write(*values, progress=progress, **named)


def wait_at(gate: threading.Event, progress: Any, message: str) -> None:
    """Until the gate is open; raises CancelledError when the job is cancelled meanwhile."""
    while not gate.wait(0.01):
        progress.raise_if_cancelled()
        progress.report(0.4, message)


def make_result(track: SegmentTrack, motion: Motion) -> GenerationResult:
    """``motion`` as if it had been generated for ``track``."""
    token_ids = np.zeros((token_ranges(track)[-1][1], 3), dtype=np.int64)
    request = GenerationRequest("a person moves", track, seed=7)
    return GenerationResult(request, motion, track, token_ids, 0.1, TokenOrigin("tiny", "1"))


def wait_until_idle(qtbot: QtBot, window: MainWindow) -> None:
    """Until no job waits or runs (a job may start another one when it ends)."""
    qtbot.waitUntil(lambda: not window.runner.jobs, timeout=90000)  # of a busy machine
