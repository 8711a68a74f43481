"""The only door from the Studio to the engine. Every call becomes a job; the engine is made in the job's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core.generation.request import GenerationRequest, GenerationResult, GroundingResult, changed_segments
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, ProgressPart
from segmo_core.segmentation.segments import SegmentTrack
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_studio.document.project import GenerationSettings
from segmo_studio.document.track_edits import kept_tokens
from segmo_studio.services.jobs import EXPORT_LANE, Job, JobRunner
from segmo_studio.services.torch_library import load_torch_library

if TYPE_CHECKING:
    from segmo_core.engine import Engine


@dataclass(frozen=True, eq=False)
class Proposal:
    """Segments for a prompt, with suggested times, and the motion when one was generated from them."""

    segmented: SegmentedText
    track: SegmentTrack
    result: GenerationResult | None = None


def engine_of(bundle: Path | None = None) -> Engine:
    """An engine with a bundle, by default the one that comes with the program. Torch is not imported yet."""
    from segmo_core.engine import Engine

    return Engine(bundle)


class EngineService:
    """Turns requests into jobs. Requests and results are immutable values; no job ever sees the document."""

    def __init__(self, runner: JobRunner, make_engine: Callable[[], Engine] = engine_of) -> None:
        self.runner = runner
        self._make_engine = make_engine
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._engine is not None and self._engine.is_loaded

    def warm_up(self) -> Job:
        """Load the model, so that the first generation does not have to."""
        return self.runner.submit("Loading the model", lambda progress, _job: self._loaded(progress), quiet=True)

    def propose(self, prompt: str, segmenter: str) -> Job:
        """Segments with suggested times. Result: Proposal."""
        return self.runner.submit(
            "Proposing segments", lambda progress, _job: self._propose(prompt, segmenter, progress)
        )

    def compose(self, prompt: str, settings: GenerationSettings) -> Job:
        """Propose segments and generate from them. Result: Proposal with its result."""

        def work(progress: Progress, job: Job) -> Proposal:
            proposal = self._propose(prompt, settings.segmenter, ProgressPart(progress, 0.0, 0.2))
            request = GenerationRequest(prompt, proposal.track, settings.seed, settings.sampling)
            result = self._generate(request, ProgressPart(progress, 0.2, 1.0), job)
            return Proposal(proposal.segmented, proposal.track, result)

        return self.runner.submit("Generating", work)

    def generate(self, request: GenerationRequest) -> Job:
        """Result: GenerationResult; rough motions come earlier through ``previewed``."""
        return self.runner.submit("Generating", lambda progress, job: self._generate(request, progress, job))

    def regenerate(
        self, result: GenerationResult, track: SegmentTrack, changed: Sequence[int], seed: int | None = None
    ) -> Job:
        """Generate the ``changed`` segments of ``track`` anew; the others keep their tokens. GenerationResult."""
        numbers = " and ".join(str(index + 1) for index in changed)
        title = f"Regenerating segment{'s' if len(changed) > 1 else ''} {numbers}" if changed else "Joining segments"

        def work(progress: Progress, job: Job) -> GenerationResult:
            engine = self._loaded(progress)
            by_index = set(range(len(track))) - set(changed)
            if len(track) == len(result.track) and not by_index & set(changed_segments(result.track, track)):
                return engine.regenerate(result, track, changed, seed, progress, job.preview)
            kept = kept_tokens(result, track)
            request = replace(
                result.request,
                track=track,
                seed=result.request.seed if seed is None else seed,
                kept_segments=kept.segments,
                kept_token_ids=kept.token_ids,
            )
            return self._generate(request, progress, job)

        return self.runner.submit(title, work)

    def ground(self, motion: Motion, queries: Sequence[str], title: str, quiet: bool = False) -> Job:
        """Where each query is found in the motion. Result: tuple of GroundingResult."""

        def work(progress: Progress, _job: Job) -> tuple[GroundingResult, ...]:
            return tuple(self._loaded(progress).ground_all(motion, queries, progress))

        return self.runner.submit(title, work, quiet=quiet)

    def open_motion(self, path: Path) -> Job:
        """Read a motion file. Result: Motion."""
        return self.runner.submit(
            f"Opening {path.name}", lambda _progress, _job: self._get_engine().open_motion(path), EXPORT_LANE
        )

    def export(self, motion: Motion, path: Path, track: SegmentTrack | None) -> Job:
        """Write a motion file, by the extension of ``path``. Result: the path."""

        def work(_progress: Progress, _job: Job) -> Path:
            self._get_engine().export(motion, path, track)
            return path

        return self.runner.submit(f"Exporting {path.name}", work, EXPORT_LANE)

    def _propose(self, prompt: str, segmenter: str, progress: Progress) -> Proposal:
        engine = self._get_engine()
        segmented = engine.segment(prompt, segmenter, progress=progress)
        progress.raise_if_cancelled()
        return Proposal(segmented, engine.suggest_track([segment.text for segment in segmented.segments]))

    def _generate(self, request: GenerationRequest, progress: Progress, job: Job) -> GenerationResult:
        return self._loaded(progress).generate(request, progress=progress, preview=job.preview)

    def _get_engine(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._make_engine()
            return self._engine

    def _loaded(self, progress: Progress) -> Engine:
        engine = self._get_engine()
        if not engine.is_loaded:
            progress.report(0.0, "Loading the model")
            engine.describe_bundle()  # a bundle that is missing is reported before the long wait for torch
            load_torch_library()
            engine.load(progress)
        return engine
