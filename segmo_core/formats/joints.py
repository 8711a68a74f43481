"""NPY files: joint positions (T, 22, 3) float32, metres, Y up, 20 fps; 263-d features (T, 263) are read too."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError
from segmo_core.formats import files
from segmo_core.formats.export_options import ExportOptions
from segmo_core.formats.retarget import to_model_skeleton
from segmo_core.motion.features import HUMANML3D_LAYOUT, joints_from_features
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_positions
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.progress import Progress
from segmo_core.segmentation.segments import SegmentTrack
from segmo_core.serialization import write_atomically

NPY_FRAME_RATE = 20.0


def read_npy(path: Path) -> Motion:
    """The motion of joint positions (T, 22, 3) or of HumanML3D features (T, 263), at 20 fps.

    Raises FileFormatError for another shape, values that are no numbers, NaN, a truncated or foreign file.
    """
    path = Path(path)
    values = _load(path)
    is_features = values.ndim == 2 and values.shape[1] == HUMANML3D_LAYOUT.dimension
    if (not is_features and (values.ndim != 3 or values.shape[1:] != (len(SMPL_JOINT_NAMES), 3))) or len(values) == 0:
        raise FileFormatError(f"{path}: array of shape {values.shape}, expected (T, 22, 3) joints or (T, 263) features")
    files.require_finite(path, values, "values")
    positions = joints_from_features(values) if is_features else values
    return files.build_motion(path, positions, NPY_FRAME_RATE, files.skeleton_of_positions(positions))


def write_npy(
    motion: Motion,
    path: Path,
    options: ExportOptions | None = None,
    track: SegmentTrack | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the joint positions in SMPL order at 20 fps.

    A motion of another rate is interpolated between its frames; one with other joints is put on the model
    skeleton first.
    """
    if motion.skeleton.joint_names != SMPL_JOINT_NAMES:
        motion = to_model_skeleton(motion).motion
    positions = resample_positions(motion.joint_positions, motion.frame_rate, NPY_FRAME_RATE).astype(np.float32)

    def write(temporary: Path) -> None:
        with temporary.open("wb") as stream:  # given a name, NumPy would append its own extension to others
            np.save(stream, positions, allow_pickle=False)

    write_atomically(Path(path), write)


def _load(path: Path) -> NDArray[np.float64]:
    files.check_file(path)
    try:
        with path.open("rb") as stream:
            shape, dtype = files.read_npy_header(path, stream)
            size = math.prod(shape) * dtype.itemsize
            found = path.stat().st_size - stream.tell()
        if found != size:
            raise FileFormatError(f"{path}: {found} bytes of data, expected {size} for shape {shape}")
        if dtype.kind not in "fiu":
            raise FileFormatError(f"{path}: holds {dtype}, expected numbers")
        return np.load(path, allow_pickle=False).astype(np.float64)
    except (OSError, ValueError, EOFError) as error:
        raise FileFormatError(f"{path}: cannot be read as .npy ({error})") from None
