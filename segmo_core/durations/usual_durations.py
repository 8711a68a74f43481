"""Natural durations of texts by what there is: a bundle's duration model, or rules. A runtime comes with the model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core.bundle_manifest import read_manifest
from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.durations.suggested_track import durations_by_rules
from segmo_core.errors import BundleError
from segmo_core.progress import Progress
from segmo_core.runtimes.choice import AUTO, load_seconds_of_texts

if TYPE_CHECKING:
    from segmo_core.durations.duration_estimator import DurationEstimator
    from segmo_core.text_encoders.text_encoder import TextEncoder


class UsualDurations:
    """Of the bundle in ``folder``, whose model is loaded when it is first needed. May be asked from any thread."""

    def __init__(self, folder: Path, encoder_of: Callable[[str], TextEncoder], runtime: str = AUTO) -> None:
        """encoder_of: the text encoder of a name in the catalog. runtime: of the model."""
        self._folder = folder
        self._runtime = runtime
        self._encoder_of = encoder_of
        self._estimator: DurationEstimator | None = None
        self._lock = threading.Lock()

    def of(self, texts: Sequence[str], progress: Progress) -> list[SegmentDuration]:
        """The natural duration of every text, in their order."""
        with self._lock:
            if self._estimator is None and self._has_model():
                progress.report(0.0, "Starting the engine")
                self._estimator = self._load()
            if self._estimator is None:
                return durations_by_rules(texts)
            return self._estimator.durations(texts)

    def _has_model(self) -> bool:
        """False also where there is no bundle: segments can be proposed before one is chosen."""
        try:
            return read_manifest(self._folder).duration_model is not None
        except BundleError:
            return False

    def _load(self) -> DurationEstimator | None:
        from segmo_core.durations.duration_estimator import DurationEstimator

        seconds_of, manifest = load_seconds_of_texts(self._folder, self._runtime), read_manifest(self._folder)
        return None if seconds_of is None else DurationEstimator(seconds_of, self._encoder_of(manifest.text_encoder))
