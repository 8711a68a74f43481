"""Motion features in .npy files: HumanML3D's (T, 263), written and read; KIT-ML's (T, 251), read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.arrays.npy_array import load_npy, save_array
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import (
    HUMANML3D_LAYOUT,
    KIT_LAYOUT,
    FeatureLayout,
    features_from_joints,
    joints_from_features,
    on_floor_facing_forward,
    uniform_skeleton,
)
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import Provenance
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.skeleton import HUMANML3D_BONE_LENGTHS, KIT_SKELETON, MODEL_SKELETON, SMPL_JOINT_NAMES
from segmo_core.progress import Progress
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

HUMANML3D_RATE, KIT_RATE = 20.0, 12.5
_MOST_STRETCH = 0.5  # of their length that bones of a body may change


def motion_of_features(path: Path, rows: NDArray[np.float64], choices: ReadingChoices = PLAIN_READING) -> Motion:
    """Joints of feature rows (T, 263) at 20 fps in metres, or (T, 251) at 12.5 fps in the data's own unit (mm).

    Rows that are still normalised are restored by the statistics of ``choices``. Raises FileFormatError for them where
    there are none, for NaN, and for rows that describe no body.
    """
    files.require_finite(path, rows, "values")
    layout = KIT_LAYOUT if rows.shape[1] == KIT_LAYOUT.dimension else HUMANML3D_LAYOUT
    joints, told = joints_from_features(rows, layout), Provenance()
    if choices.statistics is not None and _stretch(joints, layout) > _MOST_STRETCH:
        joints = joints_from_features(_statistics(choices.statistics, rows.shape[1]).restored(rows), layout)
        told = Provenance(repairs=("The features were normalised, and were restored by the statistics given.",))
    if len(rows) > 1 and _stretch(joints, layout) > _MOST_STRETCH:
        raise FileFormatError(
            f"{path}: features that make no body (bones change by {_stretch(joints, layout):.0%}): they are still "
            "normalised by a mean and a standard deviation, expected them restored, or Mean.npy and Std.npy beside"
        )
    if layout is KIT_LAYOUT:
        return replace(files.build_motion(path, joints, KIT_RATE, KIT_SKELETON), provenance=told)
    return replace(
        files.build_motion(path, joints, HUMANML3D_RATE, files.skeleton_of_positions(joints)), provenance=told
    )


def _stretch(joints: FloatArray, layout: FeatureLayout) -> float:
    """Median over the bones of how much of their length they change."""
    parents = KIT_SKELETON.parents if layout is KIT_LAYOUT else MODEL_SKELETON.parents
    lengths = np.linalg.norm(joints[:, 1:] - joints[:, list(parents[1:])], axis=-1)
    low, middle, high = np.percentile(lengths, (5, 50, 95), axis=0)
    return float(np.median((high - low) / np.maximum(middle, 1e-9)))


def _statistics(folder: Path, width: int) -> FeatureStatistics:
    """Mean.npy and Std.npy of a folder. Raises FileFormatError."""
    rows = []
    for name in ("Mean.npy", "Std.npy"):
        values = load_npy(folder / name)
        if not isinstance(values, np.ndarray) or values.shape != (width,) or not np.isfinite(values).all():
            raise FileFormatError(f"{folder / name}: expected {width} finite numbers")
        rows.append(values.astype(np.float32))
    return FeatureStatistics(rows[0], rows[1])


def write_features(
    motion: Motion, path: Path, options: ExportOptions, track: SegmentTrack | None, progress: Progress
) -> None:
    """Write HumanML3D's features (T - 1, 263) float32 of ``motion`` at 20 fps, by its published steps.

    Bones of the reference skeleton, lowest point on the floor, first frame at the origin facing +Z. Raises
    InvalidRequestError for a motion of fewer than two frames at 20 fps.
    """
    if motion.skeleton.joint_names != SMPL_JOINT_NAMES:
        motion = to_model_skeleton(motion).motion
    progress.raise_if_cancelled()
    joints: FloatArray = resample_motion(motion, HUMANML3D_RATE).joint_positions.astype(np.float64)
    if len(joints) < 2:
        raise InvalidRequestError(f"{path}: {len(joints)} frame at 20 fps, expected at least 2 to describe movement")
    joints = uniform_skeleton(joints, HUMANML3D_BONE_LENGTHS, HUMANML3D_LAYOUT)
    progress.raise_if_cancelled()
    save_array(path, features_from_joints(on_floor_facing_forward(joints, HUMANML3D_LAYOUT)))
