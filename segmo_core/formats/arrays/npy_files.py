"""NPY files: joint positions (T, 22, 3) float32, metres, Y up, 20 fps, written; those of other programs read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from segmo_core.formats.arrays.features_files import motion_of_features
from segmo_core.formats.arrays.joint_arrays import joint_clips, motion_of_joints, refuse_shape
from segmo_core.formats.arrays.npy_array import load_npy, save_array
from segmo_core.formats.arrays.pickled_tree import read_pickle_file
from segmo_core.formats.arrays.records import motion_of_record
from segmo_core.formats.arrays.smpl_poses import MOTION_X_WIDTH, motion_of_poses, motion_x_poses
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.placed_joints import place_joints
from segmo_core.motion.features import HUMANML3D_LAYOUT, KIT_LAYOUT
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.segment_track import SegmentTrack

NPY_FRAME_RATE = 20.0
_FEATURES = (HUMANML3D_LAYOUT.dimension, KIT_LAYOUT.dimension)


def read_npy(path: Path, choices: ReadingChoices = PLAIN_READING) -> Motion:
    """The motion of joints (T, 22, 3) or HumanML3D features (T, 263), at 20 fps, or of KIT-ML features (T, 251).

    Also joints in the other shapes that text-to-motion tools write (``joint_arrays``), Motion-X's rows (T, 322), and
    dictionaries of such arrays that were pickled, of which nothing is run. KIT-ML's features become its own 21 joints
    at 12.5 fps, in the unit of the data. Raises FileFormatError for another shape, values that are no numbers, NaN, a
    truncated or foreign file.
    """
    path = Path(path)
    values = load_npy(path)
    if not isinstance(values, np.ndarray):
        return motion_of_record(path, values, choices)
    values = values.astype(np.float64)
    if values.ndim == 3 and values.shape[0] == 1 and values.shape[2] in _FEATURES:
        values = values[0]
    if values.ndim == 2 and len(values) and values.shape[1] in _FEATURES:
        files.check_size(path, len(values), len(SMPL_JOINT_NAMES))
        return motion_of_features(path, values, choices)
    if values.ndim == 2 and len(values) and values.shape[1] == MOTION_X_WIDTH:
        return motion_of_poses(path, motion_x_poses(path, values), choices)
    clips = joint_clips(values)
    if clips is None:
        raise refuse_shape(path, values.shape, ", (T, 263) or (T, 251) features or Motion-X's (T, 322)")
    return motion_of_joints(path, clips, NPY_FRAME_RATE, choices)


def read_pkl(path: Path, choices: ReadingChoices = PLAIN_READING) -> Motion:
    """The motion in a pickled dictionary of arrays, as of AIST++ and WHAM; nothing in it is run. FileFormatError."""
    path = Path(path)
    return motion_of_record(path, read_pickle_file(path), choices)


def write_npy(
    motion: Motion,
    path: Path,
    options: ExportOptions | None = None,
    track: SegmentTrack | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the joint positions in SMPL order at 20 fps, or at the frame rate that is asked for.

    A motion with other joints is put on the model skeleton first.
    """
    positions = place_joints(motion, options or ExportOptions(), NPY_FRAME_RATE, progress or SilentProgress())
    save_array(path, positions.joint_positions)
