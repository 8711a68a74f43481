"""SegMo's engine: text to 3D human motion, segment by segment.

What ``__all__`` names is the public API. Importing this package costs nothing: a name is looked up when it is used
first, and torch is loaded by the first call that needs a model.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

# How threads of torch's OpenMP wait for each other. Read when the library loads, so it is set before torch is imported.
# A generation is thousands of products of a few hundred microseconds, and waking a thread for each takes a quarter of
# the time. Spinning without end is worse on a machine that does anything else: half a second became sixteen. So they
# spin for about a third of a millisecond (GNU's library counts turns), then sleep; other libraries sleep at once.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if TYPE_CHECKING:
    from segmo_core import motion_files
    from segmo_core.control.constraints import BodyKey, Distance, Pin, PlantedFoot, RootPath, RootWaypoint, Turn
    from segmo_core.durations.segment_duration import SegmentDuration
    from segmo_core.engine import BundleInfo, Engine, starter_bundle_path
    from segmo_core.errors import (
        BundleError,
        CancelledError,
        ConfigError,
        DataError,
        DownloadError,
        FileFormatError,
        InvalidRequestError,
        MissingDependencyError,
        SegmenterError,
        SegmoError,
    )
    from segmo_core.formats.scene.export_options import ExportOptions
    from segmo_core.generation.kept_tokens import TokenPlan
    from segmo_core.generation.request import GenerationRequest, GenerationResult
    from segmo_core.grounding.candidates import Candidate
    from segmo_core.grounding.described_stretch import DescribedStretch
    from segmo_core.grounding.grounding_result import GroundingResult
    from segmo_core.grounding.known_words import UnknownWord
    from segmo_core.grounding.segment_check import SegmentCheck, TrackAlignment
    from segmo_core.library.indexing import IndexingReport
    from segmo_core.library.search import LibraryHit
    from segmo_core.models.sampling_settings import SamplingOverrides, SamplingSettings
    from segmo_core.motion.motion import Motion
    from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton
    from segmo_core.motion_files import MotionFile
    from segmo_core.progress import CallbackProgress, Progress, SilentProgress
    from segmo_core.retargeting.joint_map import JointMap
    from segmo_core.retargeting.to_model_skeleton import RetargetResult
    from segmo_core.segmentation.text_segmenter import SegmentedText
    from segmo_core.timeline.segment_track import MotionSegment, SegmentTrack, TextSegment
    from segmo_core.workers.places import Workers
    from segmo_core.workers.work import Outcome

_HOMES = {
    "segmo_core.engine": ("BundleInfo", "Engine", "starter_bundle_path"),
    "segmo_core.errors": (
        "BundleError", "CancelledError", "ConfigError", "DataError", "DownloadError", "FileFormatError",
        "InvalidRequestError", "MissingDependencyError", "SegmenterError", "SegmoError",
    ),
    "segmo_core.control.constraints": (
        "BodyKey", "Distance", "Pin", "PlantedFoot", "RootPath", "RootWaypoint", "Turn",
    ),
    "segmo_core.formats.scene.export_options": ("ExportOptions",),
    "segmo_core.retargeting.joint_map": ("JointMap",),
    "segmo_core.retargeting.to_model_skeleton": ("RetargetResult",),
    "segmo_core.generation.kept_tokens": ("TokenPlan",),
    "segmo_core.generation.request": ("GenerationRequest", "GenerationResult"),
    "segmo_core.durations.segment_duration": ("SegmentDuration",),
    "segmo_core.grounding.candidates": ("Candidate",),
    "segmo_core.grounding.described_stretch": ("DescribedStretch",),
    "segmo_core.grounding.grounding_result": ("GroundingResult",),
    "segmo_core.grounding.known_words": ("UnknownWord",),
    "segmo_core.grounding.segment_check": ("SegmentCheck", "TrackAlignment"),
    "segmo_core.library.indexing": ("IndexingReport",),
    "segmo_core.library.search": ("LibraryHit",),
    "segmo_core.models.sampling_settings": ("SamplingOverrides", "SamplingSettings"),
    "segmo_core.motion.motion": ("Motion",),
    "segmo_core.motion.skeleton": ("MODEL_SKELETON", "Skeleton"),
    "segmo_core.motion_files": ("MotionFile",),
    "segmo_core.progress": ("CallbackProgress", "Progress", "SilentProgress"),
    "segmo_core.timeline.segment_track": ("MotionSegment", "SegmentTrack", "TextSegment"),
    "segmo_core.segmentation.text_segmenter": ("SegmentedText",),
    "segmo_core.workers.places": ("Workers",),
    "segmo_core.workers.work": ("Outcome",),
}  # fmt: skip
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "MODEL_SKELETON", "BodyKey", "BundleError", "BundleInfo", "CallbackProgress", "CancelledError", "Candidate",
    "ConfigError", "DataError", "DescribedStretch", "Distance", "DownloadError", "Engine", "ExportOptions",
    "FileFormatError", "GenerationRequest", "GenerationResult", "GroundingResult", "IndexingReport",
    "InvalidRequestError", "JointMap", "LibraryHit", "MissingDependencyError", "Motion", "MotionFile", "MotionSegment",
    "Outcome", "Pin", "PlantedFoot", "Progress", "RetargetResult", "RootPath", "RootWaypoint", "SamplingOverrides",
    "SamplingSettings", "SegmentCheck", "SegmentDuration", "SegmentTrack", "SegmentedText", "SegmenterError",
    "SegmoError", "SilentProgress", "Skeleton", "TextSegment", "TokenPlan", "TrackAlignment", "Turn", "UnknownWord",
    "Workers", "motion_files", "starter_bundle_path",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
