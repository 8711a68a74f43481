"""Starts the jobs of a take and puts their outcome into the document, as one undo step each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal

from segmo_core.errors import InvalidRequestError
from segmo_core.generation.kept_tokens import TokenPlan, relabelled
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.motion.motion import Motion
from segmo_core.project.project import GenerationSettings, Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.commands import ProjectEdit
from segmo_studio.document.document import Document
from segmo_studio.document.editing.outcomes import NameOf, by_rank, by_seed, proposed, with_outcome
from segmo_studio.document.editing.segment_marks import plan_but_locked
from segmo_studio.document.findings import flagged_segments, in_sentence, numbers, percent
from segmo_studio.document.selection import Selection
from segmo_studio.document.sightings import is_likely
from segmo_studio.services.engine_service import EngineService, Proposal
from segmo_studio.services.jobs import Job
from segmo_studio.services.making.asked_generations import AskedGeneration, AskedGenerations
from segmo_studio.services.making.regenerations import Regenerations
from segmo_studio.services.making.reproposal import Reproposal
from segmo_studio.services.notifications import Notifications, as_sentence
from segmo_studio.services.self_check import SelfCheck

if TYPE_CHECKING:
    from segmo_core.grounding.candidates import Candidate

T = TypeVar("T")


class TakeJobs(QObject):
    """Propose, generate, regenerate, repair, find: always in the background, always cancellable.

    Asking for a motion while another one is being made waits for its turn; nothing that was asked for is dropped
    without a word.
    """

    motion_previewed = Signal(object)
    """A rough Motion of the current take while it is being generated; None when there is no more to come."""
    reproposed = Signal(object)
    """Segments were proposed over ones that were edited: a Reproposal, to be answered by ``answer``."""
    generated = Signal()
    """A new motion is in the current take."""

    def __init__(
        self, document: Document, selection: Selection, engine: EngineService, notifications: Notifications
    ) -> None:
        super().__init__(document)
        self._document = document
        self._selection = selection
        self._engine = engine
        self._notifications = notifications
        self._asked = AskedGenerations()
        self._waiting: Reproposal | None = None
        self._as_proposed: set[SegmentTrack] = set()
        self._regenerations = Regenerations(document, notifications, lambda index: self.regenerate(reroll=index))
        self._self_check = SelfCheck(document, engine, notifications)

    def is_generating(self, take_id: int) -> bool:
        """Whether segments or a motion for a prompt of this take are under way, or wait for an answer."""
        is_waiting = self._waiting is not None and self._waiting.take.take_id == take_id
        return is_waiting or self._asked.is_for(take_id)

    def propose(self, prompt: str, generates: bool = False) -> Job[Proposal] | None:
        """Segments for ``prompt``: into the current take while it has no motion, else into a new one. Over segments
        that were edited nothing is put: ``reproposed`` says what would change. generates: a motion of them next.
        """
        if not self._check_prompt(prompt):
            return None
        take, settings = self._document.current, self._document.settings
        job = self._watch(self._engine.propose(prompt, settings))
        asked = self._asked.add(job, take, prompt, None, settings, self._document.settings)
        job.when_done(lambda proposal: self._put_or_ask(asked, prompt, proposal, generates))
        return job

    def answer(self, reproposal: Reproposal, track: SegmentTrack | None) -> None:
        """What a person wants of a proposal over edited segments: ``track``, or None to keep their own for the new
        prompt. One undo step; a motion comes next where one was asked for.
        """
        self.dismiss()
        asked, prompt = reproposal.asked, reproposal.prompt
        if track is not None:
            outcome = proposed(asked.take, prompt, reproposal.proposal.segmented, track)
            self._put_outcome("Use proposed segments", asked, outcome, ())
        elif asked.take.motion is None and asked.take.prompt != prompt:
            self._document.push_take("Edit prompt", replace(asked.take, prompt=prompt))
        if reproposal.generates:
            self.generate(prompt)

    def dismiss(self) -> None:
        """The proposal that waits for an answer gets none: all stays as it is."""
        self._waiting = None

    def compose(self, prompt: str) -> Job[Proposal] | None:
        """Segments and a motion for ``prompt`` in one step."""
        if not self._check_prompt(prompt):
            return None
        take = self._document.current
        if take.motion is None and self._is_edited(take):
            return self.propose(prompt, generates=True)
        settings = self._asked.with_new_seed(prompt, None, self._document.settings)
        job = self._watch_generation(self._engine.compose(prompt, settings), take)
        asked = self._asked.add(job, take, prompt, None, settings, self._document.settings)
        self._say_when_queued(asked)
        job.previewed.connect(lambda news: self._put_segments(asked, prompt, news))
        job.when_done(lambda proposal: self._put_proposal("Generate", asked, prompt, proposal))
        return job

    def generate(self, prompt: str) -> Job[Any] | None:
        """A motion for the segments as they stand; proposes them first when there are none or the prompt is new."""
        take = self._document.current
        if take.track is None or take.opened is not None or prompt.strip() != take.prompt.strip():
            return self.compose(prompt)
        settings = self._document.settings
        if take.result is not None and self._would_repeat(take, take.result):
            # The same request gives the same motion; asking again means another variation.
            settings = replace(settings, seed=settings.seed + settings.candidates)
        settings = self._asked.with_new_seed(take.prompt, take.track, settings)
        if take.locked:
            return self._make_takes("Generate", take, settings, settings.candidates)
        try:
            request = GenerationRequest(take.prompt, take.track, settings.seed, settings.sampling)
        except InvalidRequestError as error:
            self._notifications.error(error)
            return None
        job = self._watch_generation(self._engine.generate(request, settings.candidates), take)
        asked = self._asked.add(job, take, take.prompt, take.track, settings, self._document.settings)
        self._say_when_queued(asked)
        job.when_done(lambda results: self._put_outcome("Generate", asked, take, results))
        return job

    def vary(self, count: int) -> Job[Any] | None:
        """``count`` motions for the segments as they stand, each of a seed that no take has yet, as takes; locked
        segments are the same in all.
        """
        take = self._document.current
        if take.track is None or take.opened is not None:
            self._notifications.warning("Variations need segments to be made of: write a prompt and propose them.")
            return None
        used = [other.result.request.seed for other in self._document.project.takes if other.result is not None]
        settings = self._document.settings
        seed = max([settings.seed, *(seed + 1 for seed in used)])
        settings = self._asked.with_new_seed(take.prompt, take.track, replace(settings, seed=seed, candidates=count))
        return self._make_takes(f"Make {count} variations", take, settings, count)

    def regenerate(self, command: ProjectEdit | None = None, reroll: int | None = None) -> Job[GenerationResult] | None:
        """Bring the motion of the current take up to its track, by generating only what changed.

        command: the edit that made it necessary; the new motion becomes part of its undo step. reroll: a
        segment to generate anew with another seed although it did not change; one after the other.
        """
        take = self._document.current
        plan = take.plan
        if plan is None or (reroll is not None and reroll in take.locked):
            return None
        if reroll is not None and self._regenerations.queue(reroll, take):
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
        wanted = "" if reroll is None else f"The variation of segment {reroll + 1}"
        self._regenerations.follow(job, take, wanted)
        job.when_done(lambda new: self._put_regenerated(command, take, new))
        return job

    def repair(self, only: int | None = None) -> Job[Candidate] | None:
        """Generate those segments of the current take anew that its motion does not show; the others stay, and all but
        segment ``only`` where that is given.
        """
        take = self._document.current
        flagged = _repaired(take, only)
        if take.result is None or take.alignment is None or take.is_outdated or not flagged:
            return None
        if not self._check_tokens(take, take.result):
            return None
        title = f"Repairing {numbers(flagged)}"
        others = (index for index in range(len(take.result.track)) if index != only)
        kept = take.locked if only is None else tuple(others)
        job = self._watch_generation(self._engine.repair(take.result, take.alignment, title, kept), take)
        self._regenerations.follow(job, take, "The repair")
        job.when_done(lambda candidate: self._put_repaired(take, flagged, candidate))
        return job

    def find(self, query: str) -> Job[tuple[GroundingResult, ...]] | None:
        """Ground ``query`` in the current motion."""
        take = self._document.current
        query = query.strip()
        if take.motion is None or not query:
            return None
        job = self._watch(self._engine.ground(take.motion, [query], f"Finding “{query}”"))
        job.when_done(lambda found: self._put_found(take, found[0]))
        return job

    def _make_takes(self, text: str, take: Take, settings: GenerationSettings, count: int) -> Job[Any] | None:
        """Motions of ``count`` seeds in a row, locked segments kept, each a take named by its seed."""
        if take.track is None:
            return None
        try:
            wanted: GenerationRequest | TokenPlan = GenerationRequest(
                take.prompt, take.track, settings.seed, settings.sampling
            )
        except InvalidRequestError as error:
            self._notifications.error(error)
            return None
        if take.locked and take.result is not None:
            if not self._check_tokens(take, take.result):
                return None
            wanted = plan_but_locked(take, settings.sampling) or wanted
        seeds = range(settings.seed, settings.seed + count)
        job = self._watch_generation(self._engine.vary(wanted, seeds), take)
        asked = self._asked.add(job, take, take.prompt, take.track, settings, self._document.settings)
        self._say_when_queued(asked)
        job.when_done(lambda results: self._put_outcome(text, asked, take, results, by_seed))
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

    def _watch(self, job: Job[T]) -> Job[T]:
        if not job.quiet:
            job.failed.connect(self._notifications.error)
        return job

    def _watch_generation(self, job: Job[T], take: Take) -> Job[T]:
        def show(news: object) -> None:
            current = self._document.current
            # A motion that is there plays on until the new one is whole.
            if isinstance(news, Motion) and current.take_id == take.take_id and current.motion is None:
                self.motion_previewed.emit(news)

        self._self_check.hold_while(job)
        job.previewed.connect(show)
        job.ended.connect(lambda: self.motion_previewed.emit(None))
        return self._watch(job)

    def _say_when_queued(self, asked: AskedGeneration) -> None:
        if asked.is_queued:
            self._notifications.info("Queued: it starts when the one before is done, and becomes a take of its own.")

    def _put_segments(self, asked: AskedGeneration, prompt: str, news: object) -> None:
        """The segments of a first motion as soon as they are known, so that they can be read while it is made."""
        take, project = asked.take, self._document.project
        if not isinstance(news, Proposal) or take.motion is not None or asked.job.is_cancelling:
            return
        if take.is_same_work_as(project.find(take.take_id)):
            self._as_proposed.add(news.track)
            asked.take, asked.track = proposed(take, prompt, news.segmented, news.track), news.track
            after = replace(project.with_take(asked.take), current_id=project.current_id)
            asked.command = self._document.push("Propose segments", after)
            self._selection.select_segment(0)

    def _is_edited(self, take: Take) -> bool:
        """Whether its segments are other than any that were proposed since the program started."""
        return take.track is not None and take.opened is None and take.track not in self._as_proposed

    def _put_or_ask(self, asked: AskedGeneration, prompt: str, proposal: Proposal, generates: bool) -> None:
        is_there = asked.take.is_same_work_as(self._document.project.find(asked.take.take_id))
        if is_there and self._is_edited(asked.take):
            self._waiting = Reproposal.over(asked, proposal, generates)
            if self._waiting is not None:
                self.reproposed.emit(self._waiting)
                return
        self._put_proposal("Propose segments", asked, prompt, proposal)
        if generates:
            self.generate(prompt)

    def _put_proposal(self, text: str, asked: AskedGeneration, prompt: str, proposal: Proposal) -> None:
        self._as_proposed.add(proposal.track)
        outcome = proposed(asked.take, prompt, proposal.segmented, proposal.track)
        self._put_outcome(text, asked, outcome, proposal.results)

    def _put_outcome(
        self,
        text: str,
        asked: AskedGeneration,
        outcome: Take,
        results: Sequence[GenerationResult],
        name_of: NameOf = by_rank,
    ) -> None:
        """Into the take it was made for while that is unchanged and has no motion, else into a new take."""
        project, before = self._document.project, asked.take
        unchanged = before.is_same_work_as(project.find(before.take_id))
        after, outcome = with_outcome(project, before, outcome, results, name_of)
        settings = asked.settings_after(after.settings) if results else after.settings
        after = replace(after, settings=settings)
        if asked.command is None or not self._document.amend_all(asked.command, before, after, text):
            self._document.push(text, after)
        if not unchanged and not asked.is_queued:
            self._notifications.info(f"{before.name} changed while the job ran, so the result is {outcome.name}.")
        self._selection.select_segment(0)
        if outcome.motion is not None:
            self.generated.emit()

    def _put_regenerated(self, command: ProjectEdit | None, take: Take, result: GenerationResult) -> None:
        now = self._document.project.find(take.take_id)
        if now is None or not now.asks_the_same_as(take):
            return
        outcome = replace(now, result=result, groundings=(), alignment=None, described=(), given=())
        if command is None or not self._document.amend(command, now, outcome):
            self._document.push_take("Regenerate", outcome)

    def _put_repaired(self, take: Take, before: tuple[int, ...], candidate: Candidate) -> None:
        now = self._document.project.find(take.take_id)
        if now is None or not now.asks_the_same_as(take):
            return
        if candidate.result is take.result:
            self._notifications.info(
                f"No better motion was found for {numbers(before)}; other words or more time for it may help."
            )
            return
        self._document.push_take(
            "Repair segments", replace(now, result=candidate.result, groundings=(), alignment=None, described=())
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


def _repaired(take: Take, only: int | None) -> tuple[int, ...]:
    """Flagged segments that a repair may change."""
    wanted = (index for index in flagged_segments(take) if only is None or index == only)
    return tuple(index for index in wanted if index not in take.locked)
