"""What all readers share: getting at a file, and turning what was read into a Motion, with one sentence when not."""

from __future__ import annotations

from pathlib import Path
from tokenize import TokenError
from typing import IO

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton

FloatArray = NDArray[np.floating]

MAX_FILE_BYTES = 1 << 30
# No coordinate of a person is that large in any unit; beyond it float32 loses the pose.
_MAX_COORDINATE = 1e7
# NumPy parses an array's header as a Python literal; a damaged one fails in any of these ways.
_HEADER_ERRORS = (ValueError, EOFError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError, TokenError)


def check_file(path: Path) -> None:
    """Raise FileFormatError unless ``path`` is a file that is neither empty nor larger than 1 GiB."""
    try:
        if path.is_dir():
            raise FileFormatError(f"{path}: is a folder, expected a motion file")
        size = path.stat().st_size
    except FileNotFoundError:
        raise FileFormatError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path}: cannot be read ({_reason(error)})") from None
    if size == 0:
        raise FileFormatError(f"{path}: is empty, expected a motion")
    if size > MAX_FILE_BYTES:
        raise FileFormatError(f"{path}: {size / 2**30:.1f} GiB, expected at most {MAX_FILE_BYTES // 2**30} GiB")


def read_bytes(path: Path) -> bytes:
    """The whole content of a file; FileFormatError when there is none to read."""
    check_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({_reason(error)})") from None


def build_motion(
    path: Path,
    joint_positions: FloatArray,
    frame_rate: float,
    skeleton: Skeleton,
    local_rotations: FloatArray | None = None,
) -> Motion:
    """A Motion of what ``path`` holds; values that cannot be a motion become a FileFormatError naming it."""
    require_finite(path, joint_positions, "positions")
    largest = float(np.abs(joint_positions).max(initial=0.0))
    if largest > _MAX_COORDINATE:
        raise FileFormatError(f"{path}: a coordinate of {largest:.3g}, expected positions of a body")
    try:
        return Motion(joint_positions, frame_rate, skeleton, local_rotations)
    except InvalidRequestError as error:
        raise FileFormatError(f"{path}: {error}") from None


def require_finite(path: Path, values: FloatArray, what: str) -> None:
    """Raise FileFormatError naming the first frame of ``values`` (T, ...) that holds NaN or infinity."""
    is_finite = np.isfinite(values)
    if not is_finite.all():
        frame = int(np.argwhere(~is_finite)[0][0])
        raise FileFormatError(f"{path}: {what} of frame {frame} hold NaN or infinity, expected finite numbers")


def read_npy_header(path: Path, stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    """Shape and type that an NPY stream declares, without its data: huge claims and pickled objects stop here."""
    try:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"format version {version}")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    except _HEADER_ERRORS:
        raise FileFormatError(f"{path}: not a complete NumPy array") from None
    if dtype.hasobject:
        raise FileFormatError(f"{path}: holds pickled objects, expected plain numbers")
    return shape, dtype


def skeleton_of_positions(joint_positions: FloatArray) -> Skeleton:
    """The 22-joint skeleton of positions (T, 22, 3) that come without one.

    The model's own where its bone lengths are met within 1 mm; else the same rest pose with mean bone lengths.
    """
    parents = np.array(MODEL_SKELETON.parents)
    bones = joint_positions[:, 1:] - joint_positions[:, parents[1:]]
    lengths = np.concatenate([[0.0], np.linalg.norm(bones, axis=-1).mean(axis=0)])
    if np.allclose(lengths, MODEL_SKELETON.bone_lengths, atol=1e-3):
        return MODEL_SKELETON
    scale = lengths / np.where(MODEL_SKELETON.bone_lengths > 0, MODEL_SKELETON.bone_lengths, 1.0)
    return Skeleton(MODEL_SKELETON.joint_names, MODEL_SKELETON.parents, MODEL_SKELETON.rest_offsets * scale[:, None])


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
