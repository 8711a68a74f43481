"""The facade: everything the command line and the Studio ask of a model. What needs none is in ``motion_files``.

Torch is imported by the first call that needs a model, not by importing this module.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core import catalog, motion_files
from segmo_core.bundle_manifest import MODEL_CARD_NAME, BundleManifest, read_manifest
from segmo_core.durations import suggested_track as segment_durations
from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.durations.usual_durations import UsualDurations
from segmo_core.errors import InvalidRequestError
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_core.shipped import shipped_folder
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import MAX_SECONDS, MIN_SECONDS, MIN_SEGMENT_FRAMES, MODEL_FRAME_RATE

if TYPE_CHECKING:
    from segmo_core.generation.generator import MotionGenerator
    from segmo_core.grounding.candidates import Candidate
    from segmo_core.grounding.description import DescribedStretch
    from segmo_core.grounding.grounder import Grounder
    from segmo_core.grounding.segment_check import TrackAlignment
    from segmo_core.library.indexing import IndexingReport
    from segmo_core.library.search import LibraryHit, LibrarySearch
    from segmo_core.text_encoders.text_encoder import TextEncoder

DEVICES = ("auto", "cpu", "cuda")


def starter_bundle_path() -> Path:
    """The bundle that ships with the project."""
    return shipped_folder("bundles/starter")


@dataclass(frozen=True)
class BundleInfo:
    """A bundle's manifest, where it lies, and the text of its model card (empty when it has none)."""

    folder: Path
    manifest: BundleManifest
    model_card: str


MAX_CANDIDATES = 64


@dataclass(frozen=True)
class _Loaded:
    generator: MotionGenerator
    grounder: Grounder | None


class Engine:
    """One bundle on one device. Methods that use the model load it when needed; safe to call from one thread, but for
    ``usual_durations``, which may be called from others meanwhile.

    fast: decide tokens in bfloat16, on processors that have it: less time, other tokens where two are about as likely
    (docs/performance.md says how many). InvalidRequestError on loading where the device does not have it.
    """

    def __init__(self, bundle: Path | None = None, device: str = "auto", *, fast: bool = False) -> None:
        if device not in DEVICES:
            raise InvalidRequestError(f"device: {device!r}, expected one of {', '.join(DEVICES)}")
        self._folder = Path(bundle) if bundle is not None else starter_bundle_path()
        self._device = device
        self._fast = fast
        self._loaded: _Loaded | None = None
        self._encoder: TextEncoder | None = None
        self._usual_durations = UsualDurations(self._folder, self._text_encoder)
        self._searches: dict[Path, LibrarySearch] = {}
        self._lock = threading.Lock()
        self._encoder_lock = threading.Lock()

    @property
    def folder(self) -> Path:
        """Where the bundle lies."""
        return self._folder

    @property
    def is_loaded(self) -> bool:
        return self._loaded is not None

    def load(self, progress: Progress | None = None) -> None:
        """Read the bundle and its text encoder; BundleError or MissingDependencyError says what is wrong."""
        self._models(progress)

    def segment(self, prompt: str, segmenter: str = "rules", progress: Progress | None = None) -> SegmentedText:
        """The ordered segments of a prompt, by the built-in rules or by a local LLM ("ollama")."""
        segmenter_class = catalog.load(catalog.TEXT_SEGMENTERS, "segmenter", segmenter)
        segmented: SegmentedText = segmenter_class().segment(prompt, progress)
        return segmented

    def suggest_track(
        self,
        texts: Sequence[str],
        seconds: float | None = None,
        durations: Sequence[float] | None = None,
        progress: Progress | None = None,
    ) -> SegmentTrack:
        """A timed track of segment texts, which last as ``usual_durations`` says unless ``durations`` are given; see
        generation.durations.suggest_track.
        """
        usual = self.usual_durations(texts, progress) if durations is None else None
        return segment_durations.suggest_track(texts, seconds, durations, usual)

    def usual_durations(self, texts: Sequence[str], progress: Progress | None = None) -> list[SegmentDuration]:
        """How long each text naturally takes, by the bundle's duration model, or by rules when it has none.

        Needs the text encoder alone, not the other models. May be called from any thread.
        """
        return self._usual_durations.of(texts, progress or SilentProgress())

    def estimate_seconds(self, prompt: str, num_segments: int = 1, progress: Progress | None = None) -> float | None:
        """How long a motion of ``prompt`` is likely to be, within what can be asked for; None when the bundle has
        no length estimator."""
        if read_manifest(self._folder).length_estimator is None:
            return None
        seconds = self._models(progress).generator.estimated_seconds(prompt)
        shortest = max(MIN_SECONDS, num_segments * MIN_SEGMENT_FRAMES / MODEL_FRAME_RATE)
        return None if seconds is None else min(max(seconds, shortest), MAX_SECONDS)

    def generate(
        self,
        request: GenerationRequest,
        progress: Progress | None = None,
        preview: Callable[[Motion], None] | None = None,
    ) -> GenerationResult:
        """The motion of a request; the same request gives the same motion."""
        return self._models(progress).generator.generate(request, progress, preview)

    def regenerate(
        self,
        plan: TokenPlan,
        seed: int | None = None,
        progress: Progress | None = None,
        preview: Callable[[Motion], None] | None = None,
    ) -> GenerationResult:
        """A result on an edited track: only the segments that the plan does not keep get new tokens."""
        return self._models(progress).generator.regenerate(plan, seed, progress, preview)

    def ground(self, motion: Motion, query: str, progress: Progress | None = None) -> GroundingResult:
        """Where ``query`` happens in ``motion``, in the motion's own frames."""
        return self.ground_all(motion, [query], progress)[0]

    def ground_all(
        self, motion: Motion, queries: Sequence[str], progress: Progress | None = None
    ) -> list[GroundingResult]:
        """As ``ground`` for several queries; the motion is read once."""
        return self._grounder(progress).ground_all(to_model_skeleton(motion).motion, list(queries), progress)

    def describe_motion(
        self, motion: Motion, candidates: Sequence[str] | None = None, progress: Progress | None = None
    ) -> tuple[DescribedStretch, ...]:
        """What happens in ``motion``: stretches that tile its frames, each with its best texts.

        candidates: the sentences to choose from; None takes the built-in ones.
        """
        from segmo_core.grounding import description

        texts = description.vocabulary() if candidates is None else candidates
        return description.describe(self._grounder(progress), to_model_skeleton(motion).motion, texts, progress)

    def describe_stretch(
        self,
        motion: Motion,
        start: int,
        end: int,
        candidates: Sequence[str] | None = None,
        progress: Progress | None = None,
    ) -> DescribedStretch:
        """The texts that fit frames [start, end) of ``motion`` best; candidates as for ``describe_motion``."""
        from segmo_core.grounding import description

        texts = description.vocabulary() if candidates is None else candidates
        placed = to_model_skeleton(motion).motion
        return description.describe_stretch(self._grounder(progress), placed, start, end, texts, progress)

    def add_to_library(
        self, library: Path, sources: Sequence[Path], progress: Progress | None = None
    ) -> IndexingReport:
        """Index motion files, and those in folders, for ``search_library``; makes the library where there is none.

        A run that was stopped is continued by calling this again.
        """
        from segmo_core.library.embedding_space import EmbeddingSpace
        from segmo_core.library.index import MotionIndex
        from segmo_core.library.indexing import add_files, find_motion_files

        find_motion_files(sources)  # a wrong path is refused before anything is loaded or made
        grounder = self._grounder(progress)
        index = MotionIndex(library)
        index.create(EmbeddingSpace.of(read_manifest(self._folder)))
        return add_files(index, grounder, motion_files.open_motion, sources, progress)

    def search_library(
        self, library: Path, query: str, limit: int = 10, progress: Progress | None = None
    ) -> tuple[LibraryHit, ...]:
        """The stretches of a library's motions that fit ``query`` best; its vectors are kept for the next search.

        InvalidRequestError when the library was made with a bundle whose vectors mean something else.
        """
        from segmo_core.library.embedding_space import EmbeddingSpace
        from segmo_core.library.index import MotionIndex

        folder = Path(library).absolute()
        index = MotionIndex(folder)
        index.check_space(EmbeddingSpace.of(read_manifest(self._folder)))
        grounder = self._grounder(progress)
        if folder not in self._searches:
            from segmo_core.library.search import LibrarySearch

            self._searches[folder] = LibrarySearch(index)
        return self._searches[folder].find(grounder, query, limit, progress)

    def check(self, motion: Motion, track: SegmentTrack, progress: Progress | None = None) -> TrackAlignment:
        """Whether ``motion`` shows the segments of ``track`` in order and at their places."""
        from segmo_core.grounding.track_alignment import align_track

        return align_track(self._grounder(progress), to_model_skeleton(motion).motion, track)

    def generate_candidates(
        self, request: GenerationRequest, count: int, progress: Progress | None = None
    ) -> tuple[Candidate, ...]:
        """``count`` motions of seeds that follow the request's, ranked by how well they do what was asked."""
        from segmo_core.grounding import candidates

        if not 1 <= count <= MAX_CANDIDATES:
            raise InvalidRequestError(f"candidates: {count}, expected 1 to {MAX_CANDIDATES}")
        grounder = self._grounder(progress)
        return candidates.generate_candidates(self._models(progress).generator, grounder, request, count, progress)

    def repair(self, candidate: Candidate, progress: Progress | None = None) -> Candidate:
        """``candidate`` with the segments that its check flags generated anew, the others kept."""
        from segmo_core.grounding import candidates

        return candidates.repair(self._models(progress).generator, self._grounder(progress), candidate, progress)

    @property
    def can_ground(self) -> bool:
        """Whether the bundle can find text in motion, and so check what it generated."""
        config = read_manifest(self._folder).masked_transformer
        return bool(config.get("grounding_head")) and config.get("max_segments", 1) > 0

    def describe_bundle(self) -> BundleInfo:
        """What the bundle says about itself, without loading it."""
        manifest = read_manifest(self._folder)
        card = self._folder / MODEL_CARD_NAME
        return BundleInfo(self._folder, manifest, card.read_text(encoding="utf-8") if card.is_file() else "")

    def _grounder(self, progress: Progress | None) -> Grounder:
        grounder = self._models(progress).grounder
        if grounder is None:
            raise InvalidRequestError(f"{self._folder}: this bundle has no grounding head, so it cannot find text")
        return grounder

    def _models(self, progress: Progress | None) -> _Loaded:
        with self._lock:
            if self._loaded is None:
                progress = progress or SilentProgress()
                self._loaded = _load(self._folder, self._device, self._fast, self._text_encoder, progress)
            return self._loaded

    def _text_encoder(self, name: str) -> TextEncoder:
        """The encoder of the bundle's texts, one for all that need it."""
        with self._encoder_lock:
            if self._encoder is None:
                self._encoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", name)()
            return self._encoder


def _load(
    folder: Path, device: str, fast: bool, encoder_of: Callable[[str], TextEncoder], progress: Progress
) -> _Loaded:
    manifest = read_manifest(folder)  # before torch is imported, so that a wrong folder is refused at once
    progress.report(0.0, "Starting the engine")
    import torch

    from segmo_core.bundle import load_bundle
    from segmo_core.generation.generator import MotionGenerator
    from segmo_core.grounding.grounder import Grounder
    from segmo_core.models.trunk.processor import has_bfloat16

    if device == "cuda" and not torch.cuda.is_available():
        raise InvalidRequestError("device: 'cuda' is not available here, expected 'cpu' or 'auto'")
    chosen = "cuda" if device != "cpu" and torch.cuda.is_available() else "cpu"
    if fast and (chosen != "cpu" or not has_bfloat16()):
        raise InvalidRequestError("fast: expected a processor with bfloat16 arithmetic (AVX512-BF16 or AMX), not found")
    # First the encoder, which may have to be installed or fetched.
    encoder = encoder_of(manifest.text_encoder)
    bundle = load_bundle(folder, chosen, progress)
    if fast:
        for model in (bundle.masked_transformer, bundle.residual_transformer):
            model.trunk.use_bfloat16()
    has_grounding = bundle.masked_transformer.grounding is not None
    return _Loaded(
        MotionGenerator(bundle, encoder),
        Grounder(bundle, encoder) if has_grounding else None,
    )
