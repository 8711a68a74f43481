"""Motion features in .npy files: HumanML3D's (T, 263), written and read; KIT-ML's (T, 251), read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.formats.arrays.npy_array import save_array
from segmo_core.formats.reading import files
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.features import (
    HUMANML3D_LAYOUT,
    KIT_LAYOUT,
    features_from_joints,
    joints_from_features,
    on_floor_facing_forward,
    uniform_skeleton,
)
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.skeleton import HUMANML3D_BONE_LENGTHS, KIT_SKELETON, SMPL_JOINT_NAMES
from segmo_core.progress import Progress
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

HUMANML3D_RATE, KIT_RATE = 20.0, 12.5


def motion_of_features(path: Path, rows: NDArray[np.float64]) -> Motion:
    """Joints of feature rows (T, 263) at 20 fps in metres, or (T, 251) at 12.5 fps in the data's own unit (mm).

    Raises FileFormatError for NaN or rows that describe no body.
    """
    files.require_finite(path, rows, "values")
    if rows.shape[1] == KIT_LAYOUT.dimension:
        return files.build_motion(path, joints_from_features(rows, KIT_LAYOUT), KIT_RATE, KIT_SKELETON)
    joints = joints_from_features(rows, HUMANML3D_LAYOUT)
    return files.build_motion(path, joints, HUMANML3D_RATE, files.skeleton_of_positions(joints))


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
