"""NPY files: joint positions (T, 22, 3) float32, metres, Y up, 20 fps; 263-d and 251-d features are read too."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short, shown
from segmo_core.formats.arrays import features_files
from segmo_core.formats.arrays.npy_array import save_array
from segmo_core.formats.reading import files
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.placed_joints import place_joints
from segmo_core.motion.features import HUMANML3D_LAYOUT, KIT_LAYOUT
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.segment_track import SegmentTrack

NPY_FRAME_RATE = 20.0
_MAX_VALUES = 20_000_000  # an hour of features at 20 fps; readers need a few copies of them


def read_npy(path: Path) -> Motion:
    """The motion of joint positions (T, 22, 3) or HumanML3D features (T, 263), at 20 fps, or of KIT-ML features.

    Features (T, 251) become KIT-ML's own 21 joints at 12.5 fps, in the unit of the data. Raises FileFormatError for
    another shape, values that are no numbers, NaN, a truncated or foreign file.
    """
    path = Path(path)
    values = _load(path)
    if values.ndim == 2 and values.shape[1] in (HUMANML3D_LAYOUT.dimension, KIT_LAYOUT.dimension) and len(values):
        files.check_size(path, len(values), len(SMPL_JOINT_NAMES))
        return features_files.motion_of_features(path, values)
    if values.ndim != 3 or values.shape[1:] != (len(SMPL_JOINT_NAMES), 3) or len(values) == 0:
        raise FileFormatError(
            f"{path}: array of shape {in_short(values.shape, 60)}, "
            "expected (T, 22, 3) joints or (T, 263) or (T, 251) features"
        )
    files.check_size(path, len(values), len(SMPL_JOINT_NAMES))
    files.require_finite(path, values, "values")
    return files.build_motion(path, values, NPY_FRAME_RATE, files.skeleton_of_positions(values))


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


def _load(path: Path) -> NDArray[np.float64]:
    files.check_file(path)
    try:
        with path.open("rb") as stream:
            shape, dtype = files.read_npy_header(path, stream)
            size = math.prod(shape) * dtype.itemsize
            found = path.stat().st_size - stream.tell()
        if found != size:
            raise FileFormatError(
                f"{path}: {found} bytes of data, expected {shown(size)} for shape {in_short(shape, 60)}"
            )
        if math.prod(shape) > _MAX_VALUES:
            raise FileFormatError(f"{path}: {math.prod(shape)} values, expected at most {_MAX_VALUES}")
        if dtype.kind not in "fiu":
            raise FileFormatError(f"{path}: holds {in_short(dtype, 40)}, expected numbers")
        values: NDArray[np.float64] = np.load(path, allow_pickle=False).astype(np.float64)
        return values
    except (OSError, ValueError, EOFError) as error:
        raise FileFormatError(f"{path}: cannot be read as .npy ({in_short(error)})") from None
