"""From folders to figures: opens data set, evaluator and bundle, and runs the protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core import catalog
from segmo_core.bundle import load_bundle
from segmo_core.bundle_manifest import read_manifest
from segmo_core.data.boundary_sources import open_segmenter
from segmo_core.data.captioned_folders.humanml3d import load_humanml3d
from segmo_core.data.composition.sequences import CompositionSettings
from segmo_core.data.folders import DataFolders, is_mocap22, the_only
from segmo_core.data.mocap22 import load_mocap22
from segmo_core.data.pools.feature_clips import FeatureClips
from segmo_core.data.text_motion_set import TextMotionSet, open_text_motions
from segmo_core.errors import ConfigError, MissingDependencyError
from segmo_core.evaluation.judges.feature_extractor import SHIPPED_EVALUATOR, load_features
from segmo_core.evaluation.published_protocol.protocol import evaluate
from segmo_core.evaluation.published_protocol.protocol_figures import EvaluationReport, ProtocolSettings
from segmo_core.evaluation.samples.bundle_sampler import BATCH_SIZE, BundleSampler, Timing
from segmo_core.evaluation.samples.tested_bundle import SamplingChoices
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.segmentation.motion_segmenter import MotionSegmenter
from segmo_core.shipped import shipped_folder

# Another seed than that of training: the test sequences are other joins as well as other clips.
COMPOSED_SEED = 20
COMPOSED_SEQUENCES = 1024


@dataclass(frozen=True)
class EvaluationRequest:
    """What to measure, and with what.

    data: folders of the data set. cache: folder for what is computed once. bundle: what to measure; None, or
    ``real_only``, measures real motions alone.
    evaluator, glove: see ``load_features``; without an evaluator, the bundle's own is taken, and where that has none,
    for mocap22, the one that ships with the project.
    timing, batch_size: see ``BundleSampler``.
    sampling: what differs from the bundle's own settings. segments_model: whose decomposed captions to take (None:
    any).
    segmentations: to report ISC with; None takes "uniform" and "change-point", for mocap22 "clustering" too (its
    primitives are made from the whole train split). composition: how clips are joined to sequences, but for their
    number and seed; None as by default. known_tokens: see ``BundleSampler``.
    """

    data: DataFolders
    cache: Path
    bundle: Path | None = None
    real_only: bool = False
    evaluator: Path | None = None
    glove: Path | None = None
    split: str = "test"
    settings: ProtocolSettings = field(default_factory=ProtocolSettings)
    timing: Timing = "even"
    segments_model: str | None = None
    segmentations: Sequence[str] | None = None
    batch_size: int = BATCH_SIZE
    device: str = "cpu"
    sampling: SamplingChoices = field(default_factory=SamplingChoices)
    composition: CompositionSettings | None = None
    known_tokens: dict[str, NDArray[np.integer]] | None = None


def run_text_to_motion(request: EvaluationRequest, progress: Progress | None = None) -> EvaluationReport:
    """Measure as published; see ``protocol.evaluate``. Raises SegmoError for what is missing."""
    progress = progress or SilentProgress()
    where = _evaluator_folder(request)
    features = load_features(where, request.glove)
    sampler, max_segments = None, 5
    if request.bundle is not None and not request.real_only:
        bundle = load_bundle(request.bundle, request.device, ProgressPart(progress, 0.0, 0.02))
        encoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", bundle.manifest.text_encoder)()
        sampling = request.sampling.applied_to(bundle.sampling)
        sampler = BundleSampler(bundle, encoder, sampling, request.timing, request.batch_size, request.known_tokens)
        max_segments = max(1, bundle.masked_transformer.config.max_segments)
    data = open_text_motions(
        request.data,
        request.split,
        request.cache,
        segments_model=request.segments_model,
        composition=replace(
            request.composition or CompositionSettings(),
            num_sequences=request.settings.limit or COMPOSED_SEQUENCES,
            seed=COMPOSED_SEED,
        ),
        max_segments=max_segments,
        progress=ProgressPart(progress, 0.02, 0.1),
    )
    segmenters, notices = _segmenters(request, data) if sampler is not None else ([], [])
    report = evaluate(
        data, features, sampler, request.settings, segmenters=segmenters, progress=ProgressPart(progress, 0.1, 1.0)
    )
    if where == shipped_folder(SHIPPED_EVALUATOR):
        notices.append("No evaluator was given: measured with the one that ships with the project, see its model card.")
    return replace(report, notices=(*report.notices, *notices))


def _evaluator_folder(request: EvaluationRequest) -> Path:
    """The evaluator to measure with; ConfigError when there is none to take."""
    if request.evaluator is not None:
        return request.evaluator
    if request.bundle is not None and read_manifest(request.bundle).evaluator is not None:
        return request.bundle
    if is_mocap22(request.data):
        return shipped_folder(SHIPPED_EVALUATOR)
    without = "no evaluator given" if request.bundle is None else f"{request.bundle}: this bundle has no evaluator"
    raise ConfigError(f"{without}, expected --evaluator (see segmo train evaluator)")


def _segmenters(request: EvaluationRequest, data: TextMotionSet) -> tuple[list[MotionSegmenter], list[str]]:
    """Those that can be had, and a sentence for each that cannot because a package is missing."""
    names = request.segmentations
    if names is None:
        names = ("uniform", "change-point") if not is_mocap22(request.data) else tuple(catalog.MOTION_SEGMENTERS)
    found, notices = [], []
    for name in names:
        try:
            found.append(_segmenter(name, request, data))
        except MissingDependencyError as error:
            notices.append(str(error))
    return found, notices


def _segmenter(name: str, request: EvaluationRequest, data: TextMotionSet) -> MotionSegmenter:
    kind = catalog.load(catalog.MOTION_SEGMENTERS, "motion segmenter", name)
    if name != "clustering":
        segmenter: MotionSegmenter = kind()
        segmenter.segment(np.arange(8.0)[:, None], 2)  # says now, and not in the middle, that a package is missing
        return segmenter
    clips: FeatureClips[Any]
    if is_mocap22(request.data):
        clips = load_mocap22(request.data, request.cache / "mocap22")
    else:
        clips = load_humanml3d(the_only(request.data), request.cache, ["train"])
    return open_segmenter(name, clips, data.statistics, request.cache)
