"""The real engine, except that a test says what the self-check finds."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from window_support import HeldEngine

from segmo_core.engine import Engine
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.grounding.candidates import Candidate
from segmo_core.grounding.segment_check import TrackAlignment


class CheckedEngine(HeldEngine):
    """findings: finding and other index by segment, for all motions that were not repaired; all else is fine.

    ``repair`` and ``generate_candidates`` wait at the gate of ``generate``, ``check`` at one of its own.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.findings: dict[int, tuple[Any, int | None]] = {}
        self.can_ground = True
        self.can_repair = True
        self.open_check = threading.Event()
        self.open_check.set()
        self.num_checks = 0
        self._repaired: list[Any] = []

    def check(self, motion: Any, track: Any, progress: Any = None) -> TrackAlignment:
        self.num_checks += 1
        while not self.open_check.wait(0.01):
            progress.raise_if_cancelled()
        findings = {} if any(motion is known for known in self._repaired) else self.findings
        return self._scripted(self._engine.check(motion, track, progress), findings)

    def repair(self, candidate: Candidate, progress: Any = None, keep: Any = ()) -> Candidate:
        self._wait(progress)
        if not self.can_repair:
            return candidate
        result, flagged = candidate.result, candidate.alignment.flagged
        flagged = tuple(index for index in flagged if index not in keep)
        new = self._engine.regenerate(TokenPlan(result, result.track, flagged), result.request.seed + 1, progress)
        self._repaired.append(new.motion)
        return Candidate(new, self._scripted(candidate.alignment, {}))

    def generate_candidates(self, request: Any, count: int, progress: Any = None) -> Any:
        self._wait(progress)
        return self._engine.generate_candidates(request, count, progress)

    def _scripted(self, alignment: TrackAlignment, findings: dict[int, tuple[Any, int | None]]) -> TrackAlignment:
        checks = []
        for index, check in enumerate(alignment.segments):
            finding, other = findings.get(index, (None, None))
            confidence = 0.93 if finding is None else 0.38
            checks.append(replace(check, confidence=confidence, finding=finding, other=other))
        return TrackAlignment(tuple(checks), alignment.score)
