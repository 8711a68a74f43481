"""The only door from the Studio to the engine. Every call becomes a job; the engine is made in the job's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segmo_core.bundle_manifest import TokenOrigin
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
from segmo_studio.services.file_service import FileService
from segmo_studio.services.jobs import TEXT_LANE, Job, JobRunner
from segmo_studio.services.torch_loading import load_torch_library

if TYPE_CHECKING:
    from segmo_core.batch.prompt_list import BatchItem
    from segmo_core.batch.run_batch import BatchReport
    from segmo_core.engine import Engine
    from segmo_core.grounding.candidates import Candidate
    from segmo_core.grounding.segment_check import TrackAlignment
    from segmo_core.library.indexing import IndexingReport
    from segmo_core.library.search import LibraryHit

_LOADING = 0.5  # of a job that has to load the model first


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


@dataclass(frozen=True)
class Compute:
    """What models run on: "auto", "cpu" or "cuda"; is_fast: tokens are decided in bfloat16."""

    device: str = "auto"
    is_fast: bool = False


@dataclass(frozen=True)
class BundleInUse:
    """A bundle whose model is in memory."""

    folder: Path
    name: str
    origin: TokenOrigin
    can_ground: bool


def engine_of(bundle: Path | None = None, compute: Compute | None = None) -> Engine:
    """An engine with a bundle, by default the one that comes with the program. Torch is not imported yet."""
    from segmo_core.engine import Engine

    compute = compute or Compute()
    return Engine(bundle, compute.device, fast=compute.is_fast)


class EngineService(FileService):
    """Turns requests into jobs. Requests and results are immutable values; no job ever sees the document."""

    def __init__(self, runner: JobRunner, make_engine: Callable[[Path | None], Engine] | None = None) -> None:
        """make_engine: given the folder of a bundle, or None for the starter bundle; None: on what ``compute`` says."""
        super().__init__(runner)
        self._make_engine = make_engine
        self.compute = Compute()
        """What the next engine runs on, unless it is asked for something else."""
        self._engine: Engine | None = None
        self._bundle: BundleInUse | None = None
        self._lock = threading.Lock()

    @property
    def bundle(self) -> BundleInUse | None:
        """The bundle whose model is in memory; None before the first one is loaded."""
        return self._bundle

    @property
    def can_ground(self) -> bool:
        """Whether the bundle in memory finds text in motion, and so can check and rank what it generates."""
        return self._bundle is not None and self._bundle.can_ground

    def can_keep_tokens_of(self, result: GenerationResult) -> bool:
        """Whether its token ids mean the same to the bundle in use, as far as is known before that is loaded."""
        return self._bundle is None or self._bundle.origin.means_the_same_as(result.origin)

    def warm_up(self) -> Job[Engine]:
        """Load the model, so that the first generation does not have to."""
        return self.runner.submit("Loading the model", lambda progress, _job: self._loaded(progress), quiet=True)

    def use_bundle(self, folder: Path | None, compute: Compute | None = None) -> Job[BundleInUse]:
        """Load another bundle (None: the starter) and use it for all jobs that follow. Result: BundleInUse.

        compute: what it and all others run on from now on; None for what they do. When that fails or is cancelled, the
        present bundle stays in use, as it is.
        """
        wanted = compute or self.compute
        title = f"Opening the bundle {folder.name}" if folder is not None else "Opening the starter bundle"
        former: list[tuple[Engine | None, BundleInUse | None, Compute]] = []

        def work(progress: Progress, _job: Job[Any]) -> BundleInUse:
            engine = self._made_engine(folder, wanted)
            bundle = _load(engine, progress)
            progress.raise_if_cancelled()
            with self._lock:
                former.append((self._engine, self._bundle, self.compute))
                self._engine, self._bundle, self.compute = engine, bundle, wanted
            return bundle

        def take_back() -> None:
            # Cancelled while the news of its success was on the way.
            if former:
                with self._lock:
                    self._engine, self._bundle, self.compute = former[0]

        job = self.runner.submit(title, work)
        job.cancelled.connect(take_back)
        return job

    def propose(self, prompt: str, segmenter: str) -> Job[Proposal]:
        """Segments with suggested times. Result: Proposal."""
        return self.runner.submit(
            "Proposing segments", lambda progress, _job: self._propose(prompt, segmenter, progress)
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
            proposal = self._propose(prompt, settings.segmenter, ProgressPart(progress, 0.0, 0.2))
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
        self, items: Sequence[BatchItem], folder: Path, extension: str, seed: int, segmenter: str
    ) -> Job[BatchReport]:
        """Generate a list of prompts into a folder, after what waits already. Result: BatchReport."""

        def work(progress: Progress, _job: Job[Any]) -> BatchReport:
            engine, progress = self._ready(progress)
            from segmo_core.batch.run_batch import BatchSettings, run_batch

            return run_batch(engine, items, folder, BatchSettings((extension,), seed, segmenter), progress)

        return self.runner.submit(f"Making {len(items)} motions", work)

    def _propose(self, prompt: str, segmenter: str, progress: Progress) -> Proposal:
        engine = self._get_engine()
        segmented = engine.segment(prompt, segmenter, progress=progress)
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

    def _get_engine(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._made_engine(None, self.compute)
            return self._engine

    def _made_engine(self, folder: Path | None, compute: Compute) -> Engine:
        return engine_of(folder, compute) if self._make_engine is None else self._make_engine(folder)

    def _ready(self, progress: Progress) -> tuple[Engine, Progress]:
        """The loaded engine, and the part of ``progress`` that is left for what it is wanted for."""
        if self._bundle is not None:
            return self._get_engine(), progress
        return self._loaded(ProgressPart(progress, 0.0, _LOADING)), ProgressPart(progress, _LOADING, 1.0)

    def _loaded(self, progress: Progress) -> Engine:
        engine = self._get_engine()
        if self._bundle is None:
            bundle = _load(engine, progress)
            with self._lock:
                self._engine, self._bundle = engine, bundle
        return engine


def _load(engine: Engine, progress: Progress) -> BundleInUse:
    progress.report(0.0, "Loading the model")
    manifest = engine.describe_bundle().manifest  # a missing bundle is reported before the long wait for torch
    if not engine.is_loaded:
        load_torch_library()
        engine.load(progress)
    return BundleInUse(engine.folder, manifest.name, manifest.token_origin, engine.can_ground)


def _generating(candidates: int) -> str:
    return "Generating" if candidates == 1 else f"Generating {candidates} candidates"
