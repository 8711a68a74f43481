"""What all readers share: getting at a file, and turning what was read into a Motion, with one sentence when not."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from tokenize import TokenError
from typing import IO

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError, in_short, shown
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton
from segmo_core.retargeting.joint_tree import with_unique_names

FloatArray = NDArray[np.floating]

MAX_FILE_BYTES = 1 << 30
MAX_JOINTS = 2000
MAX_JOINT_FRAMES = 2_000_000
"""A quarter of an hour of 22 joints at 100 frames a second; readers need about 300 bytes for each."""

_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # those of str.splitlines
_SLOWEST_RATE, _FASTEST_RATE = 0.01, 10_000.0
_MAX_SECONDS = 4 * 3600.0
_UNIT_TOLERANCE = 1e-3
# No coordinate of a person is that large in any unit; beyond it float32 loses the pose.
_MAX_COORDINATE = 1e7
_MAX_NUMBER = 1e100  # of whatever a file says; what is computed from it must stay finite
# NumPy parses an array's header as a Python literal; a damaged one fails in any of these ways.
_HEADER_ERRORS = (ValueError, EOFError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError, TokenError)


def check_file(path: Path, most_bytes: int = MAX_FILE_BYTES, expected: str = "a motion") -> None:
    """Raise FileFormatError unless ``path`` is a file that is neither empty nor larger than ``most_bytes``.

    Pipes and devices, which may never come to an end, are refused without being opened.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        raise FileFormatError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path}: cannot be read ({_reason(error)})") from None
    if stat.S_ISDIR(found.st_mode):
        raise FileFormatError(f"{path}: is a folder, expected {expected} file")
    if not stat.S_ISREG(found.st_mode):
        raise FileFormatError(f"{path}: is a pipe or a device, expected {expected} file")
    if not os.access(path, os.R_OK):
        raise FileFormatError(f"{path}: cannot be read (Permission denied)")
    size = found.st_size
    if size == 0:
        raise FileFormatError(f"{path}: is empty, expected {expected}")
    if size > most_bytes:
        raise FileFormatError(f"{path}: {size >> 20} MiB, expected at most {most_bytes >> 20} MiB")


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """The whole content of a file; FileFormatError when there is none to read, or too much."""
    check_file(path, most_bytes)
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({_reason(error)})") from None


def check_size(path: Path, num_frames: int, num_joints: int) -> None:
    """Raise FileFormatError before memory is spent on a body of too many joints or frames."""
    if num_joints > MAX_JOINTS:
        raise FileFormatError(f"{path}: {num_joints} joints, expected at most {MAX_JOINTS}")
    if num_frames * num_joints > MAX_JOINT_FRAMES:
        raise FileFormatError(
            f"{path}: {shown(num_frames)} frames of {num_joints} joints, "
            f"expected at most {MAX_JOINT_FRAMES // num_joints}"
        )


def text_lines(path: Path, text: str, most: int) -> list[str]:
    """The lines of ``text``; FileFormatError when there are more than ``most``, before a list is made of them."""
    if sum(text.count(end) for end in _LINE_ENDS) > most:
        raise FileFormatError(f"{path}: more than {most} lines, expected a shorter file")
    return text.splitlines()


def build_motion(
    path: Path,
    joint_positions: FloatArray,
    frame_rate: float,
    skeleton: Skeleton,
    local_rotations: FloatArray | None = None,
    hands: HandPoses | None = None,
) -> Motion:
    """A Motion of what ``path`` holds; values that cannot be a motion become a FileFormatError naming it.

    Joint names come out printable, short and no two alike.
    """
    if joint_positions.ndim != 3:
        shape = in_short(joint_positions.shape, 60)
        raise FileFormatError(f"{path}: positions of shape {shape}, expected (T, {skeleton.num_joints}, 3)")
    require_finite(path, joint_positions, "positions")
    ends = skeleton.end_offsets if skeleton.end_offsets is not None else np.zeros(0)
    measures = (joint_positions, skeleton.rest_offsets, ends)
    largest = float(np.max([np.abs(values).max(initial=0.0) for values in measures]))  # NaN where one is
    if not largest <= _MAX_COORDINATE:
        raise FileFormatError(f"{path}: a coordinate of {largest:.3g}, expected positions of a body")
    if local_rotations is not None:
        require_finite(path, local_rotations, "rotations")
    if not _SLOWEST_RATE <= frame_rate <= _FASTEST_RATE:
        raise FileFormatError(
            f"{path}: {frame_rate:.6g} frames per second, expected {_SLOWEST_RATE:g} to {_FASTEST_RATE:g}"
        )
    if len(joint_positions) > _MAX_SECONDS * frame_rate:
        raise FileFormatError(
            f"{path}: lasts {len(joint_positions) / frame_rate:.0f} s, expected at most {_MAX_SECONDS:.0f} s"
        )
    try:
        motion = Motion(joint_positions, frame_rate, with_unique_names(skeleton), local_rotations, hands=hands)
    except InvalidRequestError as error:
        raise FileFormatError(f"{path}: {error}") from None
    for turns in (motion.local_rotations, None if hands is None else hands.local_rotations):
        if turns is None:
            continue
        lengths = np.linalg.norm(turns.clip(-2.0, 2.0), axis=-1)  # of huge ones it would overflow
        off = np.abs(lengths - 1.0).max()
        if off > _UNIT_TOLERANCE:
            raise FileFormatError(f"{path}: rotations of another length than 1, expected unit quaternions")
    return motion


def require_finite(path: Path, values: FloatArray, what: str) -> None:
    """Raise FileFormatError naming the first frame of ``values`` (T, ...) that holds NaN, infinity or a number whose
    square is next to it.
    """
    sizes = np.abs(values)
    largest = float(np.finfo(sizes.dtype).max) if sizes.dtype.kind == "f" else _MAX_NUMBER
    is_sound = sizes <= min(_MAX_NUMBER, largest)  # False for NaN
    if not is_sound.all():
        place = tuple(np.argwhere(~is_sound)[0])
        found = f"{sizes[place]:.3g}" if np.isfinite(sizes[place]) else "NaN or infinity"
        raise FileFormatError(f"{path}: {what} of frame {place[0]} hold {found}, expected finite numbers of a body")


def read_npy_header(
    path: Path, stream: IO[bytes], *, with_objects: bool = False
) -> tuple[tuple[int, ...], np.dtype[np.generic]]:
    """Shape and type that an NPY stream declares, without its data: huge claims stop here, and so do pickled objects
    unless they are let through to a reader that runs none.
    """
    try:
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"format version {version}")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    except _HEADER_ERRORS:
        raise FileFormatError(f"{path}: not a complete NumPy array") from None
    if any(type(length) is not int or length < 0 for length in shape):
        raise FileFormatError(f"{path}: a shape of {in_short(shape, 60)}, expected lengths")
    if dtype.hasobject and not (with_objects and dtype.kind == "O"):
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
    return in_short((error.strerror if isinstance(error, OSError) else None) or error)
