"""A bundle on a device: loaded when something needs it, once."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core import catalog
from segmo_core.bundle_manifest import MODEL_CARD_NAME, BundleManifest, read_manifest
from segmo_core.errors import InvalidRequestError
from segmo_core.grounding.grounding_result import ALIGNED, HEAD
from segmo_core.progress import Progress, SilentProgress
from segmo_core.runtimes.choice import AUTO, ONNX, chosen_runtime, load_models
from segmo_core.shipped import bundle_folder, shipped_folder

if TYPE_CHECKING:
    from segmo_core.generation.generator import MotionGenerator
    from segmo_core.grounding.aligned_space import AlignedSpace
    from segmo_core.grounding.grounder import Grounder
    from segmo_core.runtimes.motion_models import MotionModels
    from segmo_core.text_encoders.text_encoder import TextEncoder

DEVICES = ("auto", "cpu", "cuda")


def starter_bundle_path() -> Path:
    """The bundle that ships with the project.

    Returns:
        Its folder. Raises nothing: whoever reads the bundle says when it is not there.

    Example:
        >>> starter_bundle_path().name
        'starter'
    """
    return shipped_folder("bundles/starter")


@dataclass(frozen=True)
class BundleInfo:
    """A bundle's manifest, where it lies, and the text of its model card (empty when it has none)."""

    folder: Path
    manifest: BundleManifest
    model_card: str


@dataclass(frozen=True)
class _Loaded:
    generator: MotionGenerator
    grounder: Grounder | None
    aligned: AlignedSpace | None


class LoadedBundle:
    """The bundle of an engine, its text encoder and its models, each read when it is needed first."""

    def __init__(self, bundle: Path | None, device: str, fast: bool, runtime: str = AUTO) -> None:
        if device not in DEVICES:
            raise InvalidRequestError(f"device: {device!r}, expected one of {', '.join(DEVICES)}")
        self._folder = bundle_folder(bundle) if bundle is not None else starter_bundle_path()
        self._device = device
        self._fast = fast
        self._runtime = chosen_runtime(runtime, device)
        self._loaded: _Loaded | None = None
        self._encoder: TextEncoder | None = None
        self._lock = threading.Lock()
        self._encoder_lock = threading.Lock()

    def __reduce__(self) -> tuple[Callable[..., LoadedBundle], tuple[Path, str]]:
        """Pickled, it is the same bundle on the same device, loaded anew where it is needed."""
        return functools.partial(type(self), fast=self._fast, runtime=self._runtime), (self._folder, self._device)

    @property
    def folder(self) -> Path:
        """Where the bundle lies."""
        return self._folder

    @property
    def is_loaded(self) -> bool:
        """Whether the models are in memory."""
        return self._loaded is not None

    @property
    def can_ground(self) -> bool:
        """Whether the bundle can find text in motion, and so check what it generated."""
        return read_manifest(self._folder).can_ground

    def load(self, progress: Progress | None = None) -> None:
        """Read the bundle and its text encoder now; otherwise the first call that needs them does.

        Args:
            progress: told what is read.

        Raises:
            BundleError: a file of the bundle is missing, altered or of a foreign kind.
            MissingDependencyError: its text encoder is not installed; the sentence has the line that installs it.
            InvalidRequestError: no such device here, or no bfloat16 for ``fast``.

        Example:
            >>> engine.load()
            >>> engine.is_loaded
            True
        """
        self._models(progress)

    def describe_bundle(self) -> BundleInfo:
        """What the bundle says about itself, without loading it.

        Returns:
            Manifest, folder and model card.

        Raises:
            BundleError: the folder is no bundle.

        Example:
            >>> engine.describe_bundle().manifest.licence
            'CC BY-NC 4.0'
        """
        manifest = read_manifest(self._folder)
        card = self._folder / MODEL_CARD_NAME
        return BundleInfo(self._folder, manifest, card.read_text(encoding="utf-8") if card.is_file() else "")

    def _grounder(self, progress: Progress | None) -> Grounder:
        grounder = self._models(progress).grounder
        if grounder is None:
            raise InvalidRequestError(f"{self._folder}: this bundle has no grounding head, so it cannot find text")
        return grounder

    def finding_way(self, way: str | None = None, progress: Progress | None = None) -> str:
        """What looks for text in motion when ``way`` is asked for.

        Args:
            way: "head", "aligned" or None, as of ``ground``.
            progress: told while the models are read.

        Returns:
            "head" or "aligned".

        Raises:
            InvalidRequestError: the bundle has no such way.

        Example:
            >>> engine.finding_way(), engine.finding_way("aligned")
            ('head', 'aligned')
        """
        return self._finder(way, progress).way

    def _finder(self, way: str | None, progress: Progress | None) -> Grounder | AlignedSpace:
        """What looks for text: by ``way``, or by the grounding head where there is one, else in the aligned space."""
        if way not in (None, HEAD, ALIGNED):
            raise InvalidRequestError(f"way: {way!r}, expected {HEAD!r} or {ALIGNED!r}")
        models = self._models(progress)
        aligned = None if way == HEAD else models.aligned
        if aligned is not None and (way == ALIGNED or models.grounder is None):
            return aligned
        if way == ALIGNED and self._runtime == ONNX:
            raise InvalidRequestError(f"way: {ALIGNED!r} needs the runtime torch, expected {HEAD!r} with {ONNX}")
        if way == ALIGNED:
            raise InvalidRequestError(f"{self._folder}: this bundle was trained without aligned segments")
        return self._grounder(progress)

    def _models(self, progress: Progress | None) -> _Loaded:
        with self._lock:
            if self._loaded is None:
                progress = progress or SilentProgress()
                self._loaded = self._load(progress)
            return self._loaded

    def _load(self, progress: Progress) -> _Loaded:
        manifest = read_manifest(self._folder)  # first, so that a wrong folder is refused at once
        progress.report(0.0, "Starting the engine")

        from segmo_core.generation.generator import MotionGenerator
        from segmo_core.grounding.grounder import Grounder

        # First the encoder, which may have to be installed or fetched.
        encoder = self._text_encoder(manifest.text_encoder)
        models = load_models(self._folder, self._runtime, self._device, fast=self._fast, progress=progress)
        return _Loaded(
            MotionGenerator(models, encoder),
            Grounder(models, encoder) if manifest.can_ground else None,
            _aligned(models, encoder),
        )

    def _text_encoder(self, name: str) -> TextEncoder:
        """The encoder of the bundle's texts, one for all that need it."""
        with self._encoder_lock:
            if self._encoder is None:
                self._encoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", name)()
            return self._encoder


def _aligned(models: MotionModels, encoder: TextEncoder) -> AlignedSpace | None:
    """The paper's way of finding text, where a bundle has it and torch computes it."""
    bundle = getattr(models, "bundle", None)
    if bundle is None or not bundle.masked_transformer.aligns_segments:
        return None
    from segmo_core.grounding.aligned_space import AlignedSpace

    return AlignedSpace(bundle, encoder)
