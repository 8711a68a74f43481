"""The only door from the Studio to the engine. Every call becomes a job; the engine is made in the job's thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.errors import InvalidRequestError
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.grounding.described_stretch import DescribedStretch
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, ProgressPart
from segmo_core.project.project import GenerationSettings
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.findings import numbers
from segmo_studio.services.jobs import TEXT_LANE, Job
from segmo_studio.services.loaded_engine import LoadedEngine
from segmo_studio.services.torch_loading import load_torch_library

if TYPE_CHECKING:
    from segmo_core.batch.prompt_list import BatchItem
    from segmo_core.batch.run_batch import BatchReport
    from segmo_core.grounding.candidates import Candidate
    from segmo_core.grounding.segment_check import TrackAlignment
    from segmo_core.library.indexing import IndexingReport
    from segmo_core.library.search import LibraryHit


@dataclass(frozen=True, eq=False)
class Proposal:
    """Segments for a prompt, with suggested times, and the motions generated from them, the best first."""

    segmented: SegmentedText
    track: SegmentTrack
    results: tuple[GenerationResult, ...] = ()


@dataclass(frozen=True, eq=False)
class Examination:
    """What is found out about a generated motion: where queries are in it, whether it shows its own segments, and what
    it shows, whatever was asked.
    """

    groundings: tuple[GroundingResult, ...]
    alignment: TrackAlignment
    described: tuple[DescribedStretch, ...]


class EngineService(LoadedEngine):
    """Turns requests into jobs. Requests and results are immutable values; no job ever sees the document."""

    def propose(self, prompt: str, settings: GenerationSettings) -> Job[Proposal]:
        """Segments with suggested times. Result: Proposal."""
        return self.runner.submit(
            "Proposing segments", lambda progress, _job: self._propose(prompt, settings, progress)
        )

    def usual_durations(self, texts: Sequence[str]) -> Job[list[SegmentDuration]]:
        """How long segments of these texts usually take. Result: list of SegmentDuration."""

        def work(progress: Progress, _job: Job[Any]) -> list[SegmentDuration]:
            load_torch_library()
            return self._get_engine().usual_durations(texts, progress)

        return self.runner.submit("Reading the segments", work, TEXT_LANE, quiet=True)

    def compose(self, prompt: str, settings: GenerationSettings) -> Job[Proposal]:
        """Propose segments and generate from them. With its result; the segments come through
        ``previewed`` before that, and rough motions.
        """

        def work(progress: Progress, job: Job[Any]) -> Proposal:
            proposal = self._propose(prompt, settings, ProgressPart(progress, 0.0, 0.2))
            job.preview(proposal)
            request = GenerationRequest(prompt, proposal.track, settings.seed, settings.sampling)
            results = self._generate(request, settings.candidates, ProgressPart(progress, 0.2, 1.0), job)
            return Proposal(proposal.segmented, proposal.track, results)

        return self.runner.submit(_generating(settings.candidates), work)

    def generate(self, request: GenerationRequest, candidates: int = 1) -> Job[tuple[GenerationResult, ...]]:
        """The motions of a request, the best first; of a single one, rough motions come through
        ``previewed``."""
        return self.runner.submit(
            _generating(candidates), lambda progress, job: self._generate(request, candidates, progress, job)
        )

    def vary(self, wanted: GenerationRequest | TokenPlan, seeds: Sequence[int]) -> Job[tuple[GenerationResult, ...]]:
        """One motion for each of the seeds; of a plan, what that keeps stays in all of them."""

        def work(progress: Progress, _job: Job[Any]) -> tuple[GenerationResult, ...]:
            engine, progress = self._ready(progress)
            made = []
            for number, seed in enumerate(seeds):
                part = ProgressPart(progress, number / len(seeds), (number + 1) / len(seeds))
                if isinstance(wanted, TokenPlan):
                    made.append(engine.regenerate(wanted, seed, part))
                else:
                    made.append(engine.generate(replace(wanted, seed=seed), part))
            return tuple(made)

        title = "Generating" if len(seeds) == 1 else f"Making {len(seeds)} variations"
        return self.runner.submit(title, work)

    def regenerate(self, plan: TokenPlan, seed: int | None = None) -> Job[GenerationResult]:
        """Bring a motion up to the track of ``plan``; what that keeps stays as it is. Result: GenerationResult."""
        title = f"Regenerating {numbers(plan.anew)}" if plan.anew else "Joining segments"

        def work(progress: Progress, _job: Job[Any]) -> GenerationResult:
            engine, progress = self._ready(progress)
            return engine.regenerate(plan, seed, progress)

        return self.runner.submit(title, work)

    def repair(
        self, result: GenerationResult, alignment: TrackAlignment, title: str, keep: tuple[int, ...] = ()
    ) -> Job[Candidate]:
        """Generate the flagged segments anew, the others and those of ``keep`` kept. Of ``result`` itself if none is
        better.
        """

        def work(progress: Progress, _job: Job[Any]) -> Candidate:
            engine, progress = self._ready(progress)
            from segmo_core.grounding.candidates import Candidate

            return engine.repair(Candidate(result, alignment), progress, keep=keep)

        return self.runner.submit(title, work)

    def examine(self, result: GenerationResult, queries: Sequence[str]) -> Job[Examination]:
        """Where the queries are in a generated motion, whether that shows its segments, and what it shows. Result:
        Examination.
        """

        def work(progress: Progress, _job: Job[Any]) -> Examination:
            engine, progress = self._ready(progress)
            motion, track = result.motion, result.track
            found = engine.ground_all(motion, queries, ProgressPart(progress, 0.0, 0.4))
            alignment = engine.check(motion, track, ProgressPart(progress, 0.4, 0.7))
            described = engine.describe_motion(motion, None, ProgressPart(progress, 0.7, 1.0), asked=track.texts)
            return Examination(tuple(found), alignment, described)

        return self.runner.submit("Checking the segments", work, quiet=True)

    def ground(
        self, motion: Motion, queries: Sequence[str], title: str, quiet: bool = False
    ) -> Job[tuple[GroundingResult, ...]]:
        """Where each query is found in the motion. Result: tuple of GroundingResult."""

        def work(progress: Progress, _job: Job[Any]) -> tuple[GroundingResult, ...]:
            engine, progress = self._ready(progress)
            return tuple(engine.ground_all(motion, queries, progress))

        return self.runner.submit(title, work, quiet=quiet)

    def describe(self, motion: Motion, name: str) -> Job[tuple[DescribedStretch, ...]]:
        """What happens in a motion. Result: stretches that tile it; none with a bundle that cannot tell."""

        def work(progress: Progress, _job: Job[Any]) -> tuple[DescribedStretch, ...]:
            engine, progress = self._ready(progress)
            return engine.describe_motion(motion, progress=progress) if engine.can_ground else ()

        return self.runner.submit(f"Describing {name}", work)

    def add_to_library(self, library: Path, source: Path) -> Job[IndexingReport]:
        """Index the motion files below a folder; goes on where a run was stopped. Result: IndexingReport."""

        def work(progress: Progress, _job: Job[Any]) -> IndexingReport:
            engine, progress = self._ready(progress)
            return engine.add_to_library(library, [source], progress)

        return self.runner.submit(f"Indexing {source.name}", work)

    def search_library(self, library: Path, query: str, limit: int) -> Job[tuple[LibraryHit, ...]]:
        """The stretches of a library that fit a sentence best. Result: LibraryHits, the best first."""

        def work(progress: Progress, _job: Job[Any]) -> tuple[LibraryHit, ...]:
            engine, progress = self._ready(progress)
            return engine.search_library(library, query, limit, progress)

        return self.runner.submit(f"Searching for “{query}”", work)

    def make_batch(
        self, items: Sequence[BatchItem], folder: Path, extension: str, seed: int, settings: GenerationSettings
    ) -> Job[BatchReport]:
        """Generate a list of prompts into a folder, after what waits already. Result: BatchReport."""

        def work(progress: Progress, _job: Job[Any]) -> BatchReport:
            engine, progress = self._ready(progress)
            from segmo_core.batch.run_batch import BatchSettings, run_batch

            chosen = BatchSettings(
                (extension,),
                seed,
                settings.segmenter,
                language_model=settings.asked_model,
                ollama_url=settings.asked_url,
            )
            return run_batch(engine, items, folder, chosen, progress)

        return self.runner.submit(f"Making {len(items)} motions", work)

    def _propose(self, prompt: str, settings: GenerationSettings, progress: Progress) -> Proposal:
        engine = self._get_engine()
        segmented = engine.segment(
            prompt, settings.segmenter, progress, model=settings.asked_model, url=settings.asked_url
        )
        progress.raise_if_cancelled()
        load_torch_library()  # the bundle's duration model needs it
        texts = [segment.text for segment in segmented.segments]
        said = [segmented.notice, *(word.sentence for word in engine.unknown_words(texts))]
        segmented = replace(segmented, notice=" ".join(sentence for sentence in said if sentence))
        return Proposal(segmented, engine.suggest_track(texts, progress=progress))

    def _generate(
        self, request: GenerationRequest, candidates: int, progress: Progress, job: Job[Any]
    ) -> tuple[GenerationResult, ...]:
        engine, progress = self._ready(progress)
        if candidates == 1:
            return (engine.generate(request, progress, job.preview),)
        if not engine.can_ground:
            raise InvalidRequestError(
                f"candidates: {candidates}, expected 1 with this bundle, which cannot find text in motion to rank them"
            )
        ranked = engine.generate_candidates(request, candidates, progress)
        return tuple(candidate.result for candidate in ranked)


def _generating(candidates: int) -> str:
    return "Generating" if candidates == 1 else f"Generating {candidates} candidates"
