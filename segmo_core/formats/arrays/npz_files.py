"""NPZ motion files: our own (everything a Motion holds, with its segments) and AMASS (SMPL-H, SMPL-X, SMPL) files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from segmo_core.errors import FileFormatError, InvalidRequestError, in_short
from segmo_core.formats.arrays import records
from segmo_core.formats.arrays.npz_arrays import Arrays, frame_rate, load_arrays, load_record, numbers, strings
from segmo_core.formats.arrays.records import motion_of_record
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.hands.hand_shape import FINGER_JOINTS
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton
from segmo_core.progress import Progress
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import MotionSegment, SegmentTrack

_REQUIRED = ("joint_positions", "frame_rate", "joint_names", "parents", "rest_offsets")
_TRACK = ("segment_texts", "segment_starts", "segment_ends")
_MAX_SEGMENTS, _MAX_FRAMES = 10_000, 1e9
_HANDS = ("hand_rotations", "hand_joints_found")
_READ = (*_REQUIRED, "local_rotations", *_HANDS, *_TRACK)


def read_npz(path: Path, choices: ReadingChoices = PLAIN_READING) -> Motion:
    """The motion of our own .npz, or of one of other programs: poses of an SMPL body, or joints. Raises
    FileFormatError.
    """
    path = Path(path)
    arrays = load_arrays(path, _READ)
    if not {"joint_positions", "rest_offsets"} & arrays.keys():
        return motion_of_record(path, load_record(path, records.NAMES), choices)
    for name in _REQUIRED:
        if name not in arrays:
            raise FileFormatError(f"{path}: array {name!r} is missing, expected {', '.join(_REQUIRED)}")
    positions = numbers(path, arrays, "joint_positions")
    names = strings(path, arrays, "joint_names", files.MAX_JOINTS)
    files.check_size(path, len(positions) if positions.ndim else 0, len(names))
    parents = numbers(path, arrays, "parents")
    if parents.shape != (len(names),):
        raise FileFormatError(
            f"{path}: parents of shape {in_short(parents.shape, 60)}, expected one index for each of the "
            f"{len(names)} joints"
        )
    offsets = numbers(path, arrays, "rest_offsets")
    local_rotations = numbers(path, arrays, "local_rotations") if "local_rotations" in arrays else None
    for name, values in (("parents", parents), ("rest_offsets", offsets), ("local_rotations", local_rotations)):
        if values is not None and not np.isfinite(values).all():
            raise FileFormatError(f"{path}: {name} holds NaN or infinity, expected finite numbers")
    try:
        skeleton = Skeleton(
            tuple(names),
            tuple(int(parent) for parent in np.clip(parents, -1, len(names))),
            offsets,
        )
    except InvalidRequestError as error:
        raise FileFormatError(f"{path}: {error}") from None
    if skeleton.same_as(MODEL_SKELETON):
        skeleton = MODEL_SKELETON
    rate, hands = frame_rate(path, arrays, ("frame_rate",)), _hands(path, arrays)
    return files.build_motion(path, positions, rate, skeleton, local_rotations, hands)


def _hands(path: Path, arrays: Arrays) -> HandPoses | None:
    """What fingers do, where the file tells it: turns (T, 30, 4), and of how many joints they are known."""
    if _HANDS[0] not in arrays:
        return None
    count = numbers(path, arrays, _HANDS[1]) if _HANDS[1] in arrays else np.array(len(FINGER_JOINTS), dtype=np.float64)
    if count.size != 1 or not 1 <= count.item() <= len(FINGER_JOINTS):
        raise FileFormatError(f"{path}: {_HANDS[1]} is no number from 1 to {len(FINGER_JOINTS)}")
    try:
        return HandPoses(numbers(path, arrays, _HANDS[0]), int(count.item()))
    except InvalidRequestError as error:
        raise FileFormatError(f"{path}: {error}") from None


def read_segment_track(path: Path) -> SegmentTrack | None:
    """The segments that our own .npz carries; None when it has none. Raises FileFormatError."""
    path = Path(path)
    arrays = load_arrays(path, _TRACK)
    if any(name not in arrays for name in _TRACK):
        return None
    texts = [_on_one_line(text) for text in strings(path, arrays, "segment_texts", _MAX_SEGMENTS)]
    bounds = [numbers(path, arrays, name).ravel() for name in _TRACK[1:]]
    if not all((np.abs(values) < _MAX_FRAMES).all() for values in bounds):  # not so of NaN either
        raise FileFormatError(f"{path}: segments begin or end at NaN or infinity, expected frame numbers")
    starts, ends = (values.astype(int).tolist() for values in bounds)
    if not len(texts) == len(starts) == len(ends):
        raise FileFormatError(f"{path}: {len(texts)} segment texts, {len(starts)} starts and {len(ends)} ends")
    try:
        return SegmentTrack(tuple(MotionSegment(*row) for row in zip(texts, starts, ends, strict=True)))
    except InvalidRequestError as error:
        raise FileFormatError(f"{path}: {error}") from None


def _on_one_line(text: str) -> str:
    """``text`` without what would move a terminal's cursor or cannot be written as UTF-8."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


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
    if motion.hands is not None:
        arrays["hand_rotations"] = motion.hands.local_rotations
        arrays["hand_joints_found"] = np.array(motion.hands.num_found, dtype=np.int64)
    if track is not None:
        arrays["segment_texts"] = np.array(track.texts)
        arrays["segment_starts"] = np.array([segment.start for segment in track], dtype=np.int64)
        arrays["segment_ends"] = np.array(track.ends, dtype=np.int64)

    def write(temporary: Path) -> None:
        with temporary.open("wb") as stream:  # given a name, NumPy would append its own extension to others
            np.savez_compressed(stream, allow_pickle=False, **arrays)

    write_atomically(Path(path), write)
