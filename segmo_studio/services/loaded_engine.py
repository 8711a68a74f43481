"""The engine in memory: made and loaded in the thread of the job that first wants it, and exchanged with its bundle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segmo_core.bundle_manifest import TokenOrigin
from segmo_core.generation.request import GenerationResult
from segmo_core.progress import Progress, ProgressPart
from segmo_studio.services.file_service import FileService
from segmo_studio.services.jobs import Job, JobRunner
from segmo_studio.services.torch_loading import load_torch_library

if TYPE_CHECKING:
    from segmo_core.engine import Engine

_LOADING = 0.5  # of a job that has to load the model first


@dataclass(frozen=True)
class BundleInUse:
    """A bundle whose model is in memory."""

    folder: Path
    name: str
    origin: TokenOrigin
    can_ground: bool


@dataclass(frozen=True)
class Compute:
    """What models run on: "auto", "cpu" or "cuda"; is_fast: tokens are decided in bfloat16."""

    device: str = "auto"
    is_fast: bool = False


def engine_of(bundle: Path | None = None, compute: Compute | None = None) -> Engine:
    """An engine with a bundle, by default the one that comes with the program. Torch is not imported yet."""
    from segmo_core.engine import Engine

    compute = compute or Compute()
    return Engine(bundle, compute.device, fast=compute.is_fast)


class LoadedEngine(FileService):
    """Which bundle is in use, and the engine that has it. Every call becomes a job."""

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
