"""Starts the jobs of a take and puts their outcome into the document, as one undo step each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from segmo_core.errors import InvalidRequestError
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.generation.kept_tokens import relabelled
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.motion.motion import Motion
from segmo_core.project.project import Take
from segmo_studio.document.commands import ProjectEdit
from segmo_studio.document.document import Document
from segmo_studio.document.findings import flagged_segments, in_sentence, is_likely, numbers, percent
from segmo_studio.document.read_motion import Fitting, ReadMotion
from segmo_studio.document.selection import Selection
from segmo_studio.services.engine_service import EngineService, Proposal
from segmo_studio.services.jobs import Job
from segmo_studio.services.notifications import Notifications, as_sentence
from segmo_studio.services.self_check import SelfCheck

if TYPE_CHECKING:
    from segmo_core.grounding.candidates import Candidate
    from segmo_core.retargeting.to_model_skeleton import RetargetResult


class TakeJobs(QObject):
    """Propose, generate, regenerate, ground, open, export: always in the background, always cancellable."""

    motion_previewed = Signal(object)
    """A rough Motion of the current take while it is being generated; None when there is no more to come."""
    generated = Signal()
    """A new motion is in the current take."""
    exported = Signal(object)
    """The Path of a file that was written."""
    opened = Signal(object)
    """The Take with the motion of a file."""
    doubted = Signal(object)
    """A ReadMotion that a person should look at before it becomes a take."""

    def __init__(
        self, document: Document, selection: Selection, engine: EngineService, notifications: Notifications
    ) -> None:
        super().__init__(document)
        self._document = document
        self._selection = selection
        self._engine = engine
        self._notifications = notifications
        self._generation: tuple[Job, Take] | None = None
        self._regeneration: tuple[Job, Take] | None = None
        self._self_check = SelfCheck(document, engine)
        document.takes_changed.connect(self._drop_outdated_regeneration)

    def propose(self, prompt: str) -> Job | None:
        """Segments for ``prompt``: into the current take while it has no motion, else into a new one."""
        if not self._check_prompt(prompt):
            return None
        take = self._document.current
        job = self._watch(self._engine.propose(prompt, self._document.settings.segmenter))
        job.finished.connect(lambda proposal: self._put_proposal("Propose segments", take, prompt, proposal))
        return job

    def compose(self, prompt: str) -> Job | None:
        """Segments and a motion for ``prompt`` in one step."""
        if not self._check_prompt(prompt):
            return None
        take = self._document.current
        job = self._watch_generation(self._engine.compose(prompt, self._document.settings), take)
        job.finished.connect(lambda proposal: self._put_proposal("Generate", take, prompt, proposal))
        return job

    def generate(self, prompt: str) -> Job | None:
        """A motion for the segments as they stand; proposes them first when there are none or the prompt is new."""
        take = self._document.current
        if take.track is None or take.opened is not None or prompt.strip() != take.prompt.strip():
            return self.compose(prompt)
        settings = self._document.settings
        if take.result is not None and self._would_repeat(take, take.result):
            # The same request gives the same motion; asking again means another variation.
            settings = replace(settings, seed=settings.seed + settings.candidates)
        try:
            request = GenerationRequest(take.prompt, take.track, settings.seed, settings.sampling)
        except InvalidRequestError as error:
            self._notifications.error(error)
            return None
        job = self._watch_generation(self._engine.generate(request, settings.candidates), take)
        job.finished.connect(lambda results: self._put_outcome("Generate", take, take, results, settings.seed))
        return job

    def regenerate(self, command: ProjectEdit | None = None, reroll: int | None = None) -> Job | None:
        """Bring the motion of the current take up to its track, by generating only what changed.

        command: the edit that made it necessary; the new motion becomes part of its undo step. reroll: a
        segment to generate anew with another seed although it did not change.
        """
        take = self._document.current
        plan = take.plan
        if plan is None:
            return None
        if plan.is_shown and reroll is None:
            self._put_regenerated(command, take, relabelled(plan.result, plan.track))
            return None
        if not self._check_tokens(take, plan.result):
            return None
        seed = None
        if reroll is not None:
            plan, seed = replace(plan, again=(reroll,)), plan.result.request.seed + 1
        try:
            plan.request(seed)
        except InvalidRequestError as error:
            self._notifications.warning(as_sentence(str(error)) + " The motion stays as it was until then.")
            return None
        job = self._watch_generation(self._engine.regenerate(plan, seed), take)
        self._regeneration = (job, take)
        job.finished.connect(lambda new: self._put_regenerated(command, take, new))
        return job

    def repair(self) -> Job | None:
        """Generate those segments of the current take anew that its motion does not show; the others stay."""
        take, flagged = self._document.current, flagged_segments(self._document.current)
        if take.result is None or take.alignment is None or take.is_outdated or not flagged:
            return None
        if not self._check_tokens(take, take.result):
            return None
        title = f"Repairing {numbers(flagged)}"
        job = self._watch_generation(self._engine.repair(take.result, take.alignment, title), take)
        self._regeneration = (job, take)
        job.finished.connect(lambda candidate: self._put_repaired(take, candidate))
        return job

    def find(self, query: str) -> Job | None:
        """Ground ``query`` in the current motion."""
        take = self._document.current
        query = query.strip()
        if take.motion is None or not query:
            return None
        job = self._watch(self._engine.ground(take.motion, [query], f"Finding “{query}”"))
        job.finished.connect(lambda found: self._put_found(take, found[0]))
        return job

    def open_motion(self, path: Path) -> Job:
        """Open a motion file as a take of its own. One that had to be guessed at waits for ``doubted``'s listener."""
        job = self.read(path)

        def put(read: ReadMotion) -> None:
            if read.result is None or read.is_doubtful:
                self.doubted.emit(read)
            else:
                self.put_opened(read, read.result)

        job.finished.connect(put)
        return job

    def read(self, path: Path) -> Job:
        """Read a motion file without opening it. Result: ReadMotion."""
        return self._watch(self._engine.open_motion(path))

    def fit(self, read: ReadMotion, fitting: Fitting) -> Job:
        """A file on the model's skeleton, for looking at it. Result: RetargetResult."""
        return self._engine.retarget(read, fitting)

    def put_opened(self, read: ReadMotion, result: RetargetResult, take: Take | None = None) -> None:
        """The motion of a file as a new take, or in the place of the one that ``take`` had from its file.

        result: what the source of ``read`` became in the end.
        """
        path, num_frames = read.path, result.motion.num_frames
        if take is None:
            current = self._document.current
            take = current if current.is_empty else self._document.project.next_take()
            take = replace(take, name=path.stem, source=path, track=read.track)
        if take.track is not None and take.track.num_frames != num_frames:
            take = replace(take, track=None)
        opened = replace(take, opened=result.motion, read_as=result, groundings=())
        self._document.push_take(f"Open {path.name}", opened)
        self.opened.emit(opened)

    def export(self, path: Path, options: ExportOptions | None = None, format_name: str | None = None) -> Job | None:
        """Write the current motion to ``path``, in the named format or that of the extension."""
        take = self._document.current
        if take.motion is None:
            return None
        job = self._watch(self._engine.export(take.motion, path, take.shown_track, options, format_name))
        job.finished.connect(self.exported)
        return job

    def _check_prompt(self, prompt: str) -> bool:
        if prompt.strip():
            return True
        self._notifications.warning("Prompt: empty, expected a sentence such as “a person walks forward”.")
        return False

    def _check_tokens(self, take: Take, result: GenerationResult) -> bool:
        if self._engine.can_keep_tokens_of(result):
            return True
        self._notifications.warning(
            f"{take.name} was made with another bundle (“{result.origin.bundle}”): open that one to regenerate its "
            "segments, or press Generate for a new take."
        )
        return False

    def _would_repeat(self, take: Take, result: GenerationResult) -> bool:
        settings, request = self._document.settings, result.request
        is_same = (settings.sampling, take.track) == (request.sampling, result.track)
        has_seed = settings.seed <= request.seed < settings.seed + settings.candidates
        return is_same and has_seed and self._engine.can_keep_tokens_of(result)

    def _watch(self, job: Job) -> Job:
        if not job.quiet:
            job.failed.connect(self._notifications.error)
        return job

    def _watch_generation(self, job: Job, take: Take) -> Job:
        def show(motion: Motion) -> None:
            if self._document.current.take_id == take.take_id:
                self.motion_previewed.emit(motion)

        if self._generation is not None and self._generation[1].take_id == take.take_id:
            # Asking again replaces what is still under way for the same take.
            self._generation[0].cancel()
        self._generation = (job, take)
        self._self_check.hold_while(job)
        job.previewed.connect(show)
        job.ended.connect(lambda: self.motion_previewed.emit(None))
        return self._watch(job)

    def _put_proposal(self, text: str, take: Take, prompt: str, proposal: Proposal) -> None:
        outcome = replace(
            take,
            prompt=prompt,
            segmented=proposal.segmented,
            track=proposal.track,
            result=None,
            opened=None,
            source=None,
            read_as=None,
        )
        self._put_outcome(text, take, outcome, proposal.results, None)

    def _put_outcome(
        self, text: str, before: Take, outcome: Take, results: Sequence[GenerationResult], seed: int | None
    ) -> None:
        """Into the take it was made for while that is unchanged and has no motion, else into a new take.

        results: the motions of ``outcome``, the best first; each further one becomes a take of its own.
        """
        project = self._document.project
        unchanged = before.is_same_work_as(project.find(before.take_id))
        outcome = replace(outcome, groundings=(), alignment=None)
        if results:
            outcome = replace(outcome, track=results[0].track, result=results[0])
        if not unchanged or before.motion is not None:
            fresh = project.next_take()
            outcome = replace(outcome, take_id=fresh.take_id, name=fresh.name)
        after = project.with_take(outcome)
        for rank, result in enumerate(results[1:], start=2):
            number = after.next_take().take_id
            name = f"{outcome.name} · rank {rank}"
            after = after.with_take(replace(outcome, take_id=number, name=name, track=result.track, result=result))
        after = replace(after, current_id=outcome.take_id)
        if seed is not None:
            after = replace(after, settings=replace(after.settings, seed=seed))
        self._document.push(text, after)
        if not unchanged:
            self._notifications.info(f"{before.name} changed while the job ran, so the result is {outcome.name}.")
        self._selection.select_segment(0)
        if outcome.motion is not None:
            self.generated.emit()

    def _put_regenerated(self, command: ProjectEdit | None, take: Take, result: GenerationResult) -> None:
        now = self._document.project.find(take.take_id)
        if now is None or not now.is_same_work_as(take):
            return
        outcome = replace(now, result=result, groundings=(), alignment=None)
        if command is None or not self._document.amend(command, now, outcome):
            self._document.push_take("Regenerate", outcome)

    def _put_repaired(self, take: Take, candidate: Candidate) -> None:
        now, before = self._document.project.find(take.take_id), flagged_segments(take)
        if now is None or not now.is_same_work_as(take):
            return
        if candidate.result is take.result:
            self._notifications.info(
                f"No better motion was found for {numbers(before)}; other words or more time for it may help."
            )
            return
        self._document.push_take(
            "Repair segments", replace(now, result=candidate.result, groundings=(), alignment=None)
        )
        left = candidate.alignment.flagged
        self._notifications.info(
            f"Repaired; {numbers(left)} still to be improved." if left else f"Repaired {numbers(before)}."
        )

    def _put_found(self, take: Take, found: GroundingResult) -> None:
        now = self._document.project.find(take.take_id)
        if now is None or now.motion is not take.motion:
            self._notifications.info(f"{take.name} changed meanwhile, so “{found.query}” was not marked in it.")
            return
        kept = tuple(grounding for grounding in now.groundings if grounding.query != found.query)
        self._document.push_take(f"Find “{found.query}”", replace(now, groundings=(*kept, found)))
        self._selection.select_grounding(len(kept))
        if not is_likely(found):
            sure = percent(found.confidence)
            self._notifications.info(
                f"“{in_sentence(found.query)}” is probably not in this motion ({sure} sure that it is)."
            )

    def _drop_outdated_regeneration(self) -> None:
        if self._regeneration is None:
            return
        job, take = self._regeneration
        if job.is_over:
            self._regeneration = None
        elif not take.is_same_work_as(self._document.project.find(take.take_id)):
            job.cancel()
            self._regeneration = None
