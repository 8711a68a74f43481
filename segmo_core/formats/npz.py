"""NPZ motion files: our own (everything a Motion holds, with its segments) and AMASS (SMPL-H, SMPL-X, SMPL) files."""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats import files
from segmo_core.formats.export_options import ExportOptions
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton
from segmo_core.progress import Progress
from segmo_core.segmentation.segments import MotionSegment, SegmentTrack
from segmo_core.serialization import write_atomically

Arrays = dict[str, NDArray[np.generic]]

_REQUIRED = ("joint_positions", "frame_rate", "joint_names", "parents", "rest_offsets")
_TRACK = ("segment_texts", "segment_starts", "segment_ends")
_AMASS_RATES = ("mocap_framerate", "mocap_frame_rate")
# Nothing else is read: AMASS files carry arrays we have no use for, some of them pickled.
_READ = (*_REQUIRED, "local_rotations", *_TRACK, "poses", "trans", *_AMASS_RATES)
# The pelvis of SMPL's neutral mean body at rest, metres: AMASS `trans` is the root's position minus it.
_SMPL_REST_PELVIS = np.array([-0.0018, -0.2233, 0.0282])
_Z_UP_TO_Y_UP = rotations.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(-np.pi / 2))


def read_npz(path: Path) -> Motion:
    """The motion of our own .npz, or of an AMASS one put on the model skeleton. Raises FileFormatError."""
    path = Path(path)
    arrays = _load(path)
    if "poses" in arrays and "trans" in arrays:
        return _from_amass(path, arrays)
    for name in _REQUIRED:
        if name not in arrays:
            raise FileFormatError(
                f"{path}: array {name!r} is missing, expected {', '.join(_REQUIRED)}, or AMASS's poses and trans"
            )
    positions = _numbers(path, arrays, "joint_positions")
    names = arrays["joint_names"]
    if names.ndim != 1 or names.dtype.kind != "U":
        raise FileFormatError(f"{path}: joint_names of shape {names.shape}, expected a list of names")
    parents = _numbers(path, arrays, "parents")
    if parents.ndim != 1:
        raise FileFormatError(f"{path}: parents of shape {parents.shape}, expected one index per joint")
    try:
        skeleton = Skeleton(
            tuple(str(name) for name in names),
            tuple(int(parent) for parent in parents),
            _numbers(path, arrays, "rest_offsets"),
        )
    except InvalidRequestError as error:
        raise FileFormatError(f"{path}: {error}") from None
    if skeleton.same_as(MODEL_SKELETON):
        skeleton = MODEL_SKELETON
    local_rotations = _numbers(path, arrays, "local_rotations") if "local_rotations" in arrays else None
    return files.build_motion(path, positions, _frame_rate(path, arrays, ("frame_rate",)), skeleton, local_rotations)


def read_segment_track(path: Path) -> SegmentTrack | None:
    """The segments that our own .npz carries; None when it has none. Raises FileFormatError."""
    path = Path(path)
    arrays = _load(path)
    if any(name not in arrays for name in _TRACK):
        return None
    texts = [str(text) for text in arrays["segment_texts"].ravel()]
    starts, ends = (_numbers(path, arrays, name).ravel().astype(int).tolist() for name in _TRACK[1:])
    if not len(texts) == len(starts) == len(ends):
        raise FileFormatError(f"{path}: {len(texts)} segment texts, {len(starts)} starts and {len(ends)} ends")
    try:
        return SegmentTrack(tuple(MotionSegment(*row) for row in zip(texts, starts, ends, strict=True)))
    except InvalidRequestError as error:
        raise FileFormatError(f"{path}: {error}") from None


def write_npz(
    motion: Motion,
    path: Path,
    options: ExportOptions | None = None,
    track: SegmentTrack | None = None,
    progress: Progress | None = None,
) -> None:
    """Write all of ``motion`` and, when given, its segments; the same bytes every time. There is nothing to choose."""
    arrays: Arrays = {
        "joint_positions": motion.joint_positions,
        "frame_rate": np.array(motion.frame_rate, dtype=np.float64),
        "joint_names": np.array(motion.skeleton.joint_names),
        "parents": np.array(motion.skeleton.parents, dtype=np.int64),
        "rest_offsets": motion.skeleton.rest_offsets,
    }
    if motion.local_rotations is not None:
        arrays["local_rotations"] = motion.local_rotations
    if track is not None:
        arrays["segment_texts"] = np.array(track.texts)
        arrays["segment_starts"] = np.array([segment.start for segment in track], dtype=np.int64)
        arrays["segment_ends"] = np.array(track.ends, dtype=np.int64)

    def write(temporary: Path) -> None:
        with temporary.open("wb") as stream:  # given a name, NumPy would append its own extension to others
            np.savez_compressed(stream, allow_pickle=False, **arrays)

    write_atomically(Path(path), write)


def _from_amass(path: Path, arrays: Arrays) -> Motion:
    """Plain forward kinematics of the first 22 joints on the model skeleton, turned from Z up to Y up."""
    poses, translation = _numbers(path, arrays, "poses"), _numbers(path, arrays, "trans")
    if poses.ndim != 2 or poses.shape[1] < 66 or translation.shape != (len(poses), 3) or len(poses) == 0:
        raise FileFormatError(
            f"{path}: poses of shape {poses.shape} and trans of shape {translation.shape}, "
            "expected (T, 66 or more) and (T, 3)"
        )
    files.require_finite(path, poses, "poses")
    files.require_finite(path, translation, "trans")
    turns = poses[:, :66].reshape(len(poses), 22, 3)
    angles = np.linalg.norm(turns, axis=-1)
    local_rotations = rotations.from_axis_angle(rotations.normalize(turns), angles)
    local_rotations[:, 0] = rotations.multiply(_Z_UP_TO_Y_UP, local_rotations[:, 0])
    root = rotations.rotate(_Z_UP_TO_Y_UP, translation + _SMPL_REST_PELVIS)
    positions = kinematics.forward_kinematics(MODEL_SKELETON, local_rotations, root)
    rate = _frame_rate(path, arrays, _AMASS_RATES)
    return files.build_motion(path, positions, rate, MODEL_SKELETON, rotations.continuous(local_rotations))


def _frame_rate(path: Path, arrays: Arrays, names: tuple[str, ...]) -> float:
    for name in names:
        if name in arrays:
            values = _numbers(path, arrays, name)
            if values.size == 1 and np.isfinite(values).all() and values.item() > 0:
                return float(values.item())
            raise FileFormatError(f"{path}: {name} is not one positive number, expected frames per second")
    raise FileFormatError(f"{path}: array {names[0]!r} is missing, expected frames per second")


def _numbers(path: Path, arrays: Arrays, name: str) -> NDArray[np.float64]:
    values = arrays[name]
    if values.dtype.kind not in "fiu":
        raise FileFormatError(f"{path}: {name} holds {values.dtype}, expected numbers")
    return values.astype(np.float64)


def _load(path: Path) -> Arrays:
    """The arrays we know, after checking that each is as large as it says and none is pickled."""
    files.check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            names = [name for name in _READ if f"{name}.npy" in members]
            total = sum(members[f"{name}.npy"].file_size for name in names)
            if total > files.MAX_FILE_BYTES:
                raise FileFormatError(f"{path}: unpacks to {total} bytes, expected at most {files.MAX_FILE_BYTES}")
            for name in names:
                _check_member(path, archive, members[f"{name}.npy"])
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise FileFormatError(f"{path}: not a complete .npz file ({error})") from None
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path}: cannot be read as .npz ({error})") from None


def _check_member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    with archive.open(member) as stream:
        shape, dtype = files.read_npy_header(path, stream)
        size = math.prod(shape) * dtype.itemsize
        if size != member.file_size - stream.tell():
            raise FileFormatError(f"{path}: {member.filename} is truncated, expected {size} bytes of shape {shape}")
