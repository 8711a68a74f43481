"""Looks at every generated motion once it is on screen: where its segments are, and whether they are there at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject

from segmo_core.generation.request import GenerationResult
from segmo_core.project.project import Take
from segmo_studio.document.document import Document
from segmo_studio.services.engine_service import EngineService, Examination
from segmo_studio.services.jobs import Job
from segmo_studio.services.notifications import Notifications


class SelfCheck(QObject):
    """Keeps what is known of the current take's generated motion up to it, by quiet jobs in the engine's lane.

    It follows the document, so whatever brings a motion (generating, editing, undo) is looked at the same way, and
    what it finds is no edit. The take on screen comes first, then the others, so that each has its score in the list. A
    check gives way to the next generation.
    """

    def __init__(self, document: Document, engine: EngineService, notifications: Notifications) -> None:
        super().__init__(document)
        self._document = document
        self._engine = engine
        self._notifications = notifications
        self._job: Job[Any] | None = None
        self._subject: GenerationResult | None = None
        self._queries: dict[int, list[str]] = {}
        self._num_holds = 0
        self._unreadable: list[GenerationResult] = []
        document.take_switched.connect(self._follow)
        document.take_edited.connect(self._on_take_edited)

    def hold_while(self, job: Job[Any]) -> None:
        """Let a generation go first; what it does not replace is checked afterwards."""
        self._num_holds += 1
        self._stop()
        job.ended.connect(self._release)

    def _release(self) -> None:
        self._num_holds -= 1
        self._follow()

    def _on_take_edited(self, before: Take, after: Take) -> None:
        if before.motion is not after.motion and before.take_id == after.take_id:
            # What the segments said before is no query of the user's.
            former = before.result.track.texts if before.result is not None else ()
            queries = [found.query for found in before.groundings if found.query not in former]
            self._queries.setdefault(after.take_id, []).extend(queries)
        self._follow()

    def _follow(self) -> None:
        current = self._document.current
        if self._job is not None and self._subject is not current.result and self._wants_check(current):
            self._stop()
        if self._job is not None or self._num_holds or not self._engine.can_ground:
            return
        take = next(filter(self._wants_check, (current, *self._document.project.takes)), None)
        if take is None or take.result is None:
            return
        result = take.result
        queries = list(dict.fromkeys([*result.track.texts, *self._queries.get(take.take_id, ())]))
        self._subject = result
        job = self._job = self._engine.examine(result, queries)
        job.when_done(lambda found: self._put(take.take_id, result, found))
        job.failed.connect(lambda sentence, details: self._give_up(result, sentence, details))
        job.ended.connect(lambda: self._forget(job))

    def _wants_check(self, take: Take) -> bool:
        result = take.result
        return result is not None and take.alignment is None and not any(result is known for known in self._unreadable)

    def _put(self, take_id: int, result: GenerationResult, found: Examination) -> None:
        def informed(take: Take) -> Take:
            if take.result is not result:
                return take
            asked = {grounding.query for grounding in found.groundings}
            more = (grounding for grounding in take.groundings if grounding.query not in asked)
            groundings = (*found.groundings, *more)
            return replace(take, groundings=groundings, alignment=found.alignment, described=found.described)

        self._queries.pop(take_id, None)
        self._document.learn(informed)

    def _give_up(self, result: GenerationResult, sentence: str, details: str) -> None:
        """Say once why a motion is not checked; it would fail again in the same way."""
        self._unreadable.append(result)
        self._notifications.error(sentence, details)

    def _forget(self, job: Job[Any]) -> None:
        # A stopped one may end after its successor began.
        if job is self._job:
            self._job = self._subject = None
            self._document.when_settled(self._follow)

    def _stop(self) -> None:
        job, self._job, self._subject = self._job, None, None
        if job is not None:
            job.cancel()
