"""Says of every opened motion what happens in it, in the background; what it finds is no edit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject

from segmo_core.grounding.described_stretch import DescribedStretch
from segmo_core.motion.motion import Motion
from segmo_core.project.project import Take
from segmo_studio.document.document import Document
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.jobs import ENGINE_LANE, Job
from segmo_studio.services.notifications import Notifications


class MotionDescription(QObject):
    """Describes the current take's motion once, as soon as it is opened. Gives way to every other job of the engine,
    and goes on after it; one that a person cancelled is only done again when asked for.
    """

    def __init__(self, document: Document, engine: EngineService, notifications: Notifications) -> None:
        super().__init__(document)
        self._document = document
        self._engine = engine
        self._notifications = notifications
        self._job: Job[Any] | None = None
        self._motion: Motion | None = None
        self._settled: dict[int, Motion] = {}
        document.take_switched.connect(self._follow)
        document.take_edited.connect(self._follow)
        engine.runner.job_added.connect(self._give_way)
        engine.runner.job_ended.connect(self._follow)

    def describe_anew(self) -> None:
        """Describe the current take's motion, whatever is known of it already."""
        motion = self._document.current.motion
        if motion is not None:
            self._start(self._document.current, motion)

    def _follow(self) -> None:
        take = self._document.current
        if self._job is not None and self._motion is not take.motion:
            self._stop()
        if take.opened is None or take.described or self._job is not None or self._is_busy():
            return
        if self._settled.get(take.take_id) is not take.opened:
            self._start(take, take.opened)

    def _start(self, take: Take, motion: Motion) -> None:
        self._stop()
        self._settled.pop(take.take_id, None)
        self._motion = motion
        job = self._engine.describe(motion, take.name)
        self._job = job
        job.failed.connect(self._notifications.error)
        job.when_done(lambda described: self._put(motion, described))
        job.ended.connect(lambda: self._settle(job, take, motion))

    def _put(self, motion: Motion, described: tuple[DescribedStretch, ...]) -> None:
        self._document.learn(
            lambda take: replace(take, described=described) if described and take.motion is motion else take
        )

    def _settle(self, job: Job[Any], take: Take, motion: Motion) -> None:
        """Done, failed, or cancelled by a person; what gave way is forgotten before it ends."""
        if job is self._job:
            self._job = self._motion = None
            self._settled[take.take_id] = motion

    def _give_way(self, other: Job[Any]) -> None:
        if self._job is not None and other is not self._job and other.lane == ENGINE_LANE:
            self._stop()

    def _is_busy(self) -> bool:
        return any(job.lane == ENGINE_LANE for job in self._engine.runner.jobs)

    def _stop(self) -> None:
        job, self._job, self._motion = self._job, None, None
        if job is not None:
            job.cancel()
