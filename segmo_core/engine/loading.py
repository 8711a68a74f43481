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
from segmo_core.shipped import bundle_folder, shipped_folder

if TYPE_CHECKING:
    from segmo_core.generation.generator import MotionGenerator
    from segmo_core.grounding.aligned_space import AlignedSpace
    from segmo_core.grounding.grounder import Grounder
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

    def __init__(self, bundle: Path | None, device: str, fast: bool) -> None:
        if device not in DEVICES:
            raise InvalidRequestError(f"device: {device!r}, expected one of {', '.join(DEVICES)}")
        self._folder = bundle_folder(bundle) if bundle is not None else starter_bundle_path()
        self._device = device
        self._fast = fast
        self._loaded: _Loaded | None = None
        self._encoder: TextEncoder | None = None
        self._lock = threading.Lock()
        self._encoder_lock = threading.Lock()

    def __reduce__(self) -> tuple[Callable[..., LoadedBundle], tuple[Path, str]]:
        """Pickled, it is the same bundle on the same device, loaded anew where it is needed."""
        return functools.partial(type(self), fast=self._fast), (self._folder, self._device)

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
        config = read_manifest(self._folder).masked_transformer
        return config.grounding_head and config.max_segments > 0

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
        if way == ALIGNED:
            raise InvalidRequestError(f"{self._folder}: this bundle was trained without aligned segments")
        return self._grounder(progress)

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

    from segmo_core.bundle import load_bundle
    from segmo_core.generation.generator import MotionGenerator
    from segmo_core.grounding.aligned_space import AlignedSpace
    from segmo_core.grounding.grounder import Grounder
    from segmo_core.models.devices import usable_device
    from segmo_core.models.trunk.processor import has_bfloat16

    chosen = usable_device(device).type
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
        AlignedSpace(bundle, encoder) if bundle.masked_transformer.aligns_segments else None,
    )
