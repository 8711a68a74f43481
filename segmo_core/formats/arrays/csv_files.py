"""CSV files of joint positions, for spreadsheets and plots: a time column, then x, y and z of every joint."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short
from segmo_core.formats.reading import files
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.placed_joints import place_joints
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.progress import Progress
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

_MAX_BYTES = 96 << 20
_MAX_FRAMES = files.MAX_JOINT_FRAMES // len(SMPL_JOINT_NAMES)
_MAX_COLUMNS, _MAX_HEADER_LETTERS = 500, 50_000
_NUM_JOINTS = len(SMPL_JOINT_NAMES)
_FRAMES_PER_BLOCK = 500
_ONE_FRAME_RATE = 20.0  # of a file of one frame, whose times tell none
_RATE_TOLERANCE = 5e-4
_UNEVEN = 0.02  # of a frame: by how much times may be off an even spacing


def write_csv(
    motion: Motion, path: Path, options: ExportOptions, track: SegmentTrack | None, progress: Progress
) -> None:
    """Write ``time, joint.x, joint.y, joint.z, ...``: seconds and metres with six decimals, one row a frame."""
    placed = place_joints(motion, options, None, progress)
    names = BONE_NAMES[options.names or "smpl"]
    header = ",".join(["time", *(f"{name}.{axis}" for name in names for axis in "xyz")])
    values = placed.joint_positions.reshape(placed.num_frames, -1).astype(np.float64)
    times = np.arange(placed.num_frames) / placed.frame_rate
    table = np.round(np.concatenate([times[:, None], values], axis=1), 6) + 0.0  # adding zero turns -0.0 into 0.0
    row = ",".join(["%.6f"] * table.shape[1]) + "\n"

    def write(temporary: Path) -> None:
        with temporary.open("w", encoding="ascii", newline="") as stream:
            stream.write(header + "\n")
            for start in range(0, len(table), _FRAMES_PER_BLOCK):
                progress.raise_if_cancelled()
                block = table[start : start + _FRAMES_PER_BLOCK]
                stream.write((row * len(block)) % tuple(block.ravel().tolist()))

    write_atomically(Path(path), write)


def read_csv(path: Path) -> Motion:
    """The motion of a file as ``write_csv`` writes it, in any order of columns. Raises FileFormatError with the line.

    The joints must be the 22 of the model under one of the namings of BONE_NAMES.
    """
    path = Path(path)
    raw = files.read_bytes(path, _MAX_BYTES)
    if not re.match(rb"[^\r\n]{0,%d}([\r\n]|\Z)" % _MAX_HEADER_LETTERS, raw):
        raise FileFormatError(
            f"{path}, line 1: more than {_MAX_HEADER_LETTERS} letters, expected a header of about 70 columns"
        )
    try:
        lines = files.text_lines(path, raw.decode("utf-8-sig"), 3 * _MAX_FRAMES)
    except UnicodeDecodeError:
        raise FileFormatError(f"{path}: not a text file, expected CSV") from None
    columns = [column.strip().strip('"') for column in lines[0].split(",")] if lines else []
    if len(columns) > _MAX_COLUMNS:
        raise FileFormatError(f"{path}, line 1: {len(columns)} columns, expected at most {_MAX_COLUMNS}")
    order = _columns_of_joints(path, columns)
    rows = [(number, line) for number, line in enumerate(lines[1:], start=2) if line.strip()]
    if not rows:
        raise FileFormatError(f"{path}: a header and no frames, expected at least one row of numbers")
    files.check_size(path, len(rows), _NUM_JOINTS)
    wanted = [columns.index("time"), *order]
    table = np.empty((len(rows), len(wanted)))
    for place, (number, line) in enumerate(rows):
        table[place] = _row(path, number, line, len(columns))[wanted]
    positions = table[:, 1:].reshape(len(table), _NUM_JOINTS, 3)
    rate = _frame_rate(path, table[:, 0])
    return files.build_motion(path, positions, rate, files.skeleton_of_positions(positions))


def _columns_of_joints(path: Path, columns: list[str]) -> list[int]:
    """Indices of the 66 columns in SMPL order, x, y, z."""
    if "time" not in columns:
        found = in_short(", ".join(columns[:4]), 60)
        raise FileFormatError(f"{path}, line 1: columns '{found}', expected a header of time, pelvis.x, pelvis.y, ...")
    if len(set(columns)) != len(columns):
        raise FileFormatError(f"{path}, line 1: a column stands there twice, expected each once")
    missing: list[str] = []
    for names in BONE_NAMES.values():
        wanted = [f"{name}.{axis}" for name in names for axis in "xyz"]
        lacking = [name for name in wanted if name not in columns]
        if not lacking:
            return [columns.index(name) for name in wanted]
        missing = missing if missing and len(missing) <= len(lacking) else lacking
    raise FileFormatError(
        f"{path}, line 1: no column {missing[0]!r} ({len(missing)} are missing), expected x, y and z of the "
        f"{_NUM_JOINTS} joints of the model"
    )


def _row(path: Path, number: int, line: str, width: int) -> NDArray[np.float64]:
    cells = line.split(",")
    if len(cells) != width:
        raise FileFormatError(f"{path}, line {number}: {len(cells)} values, expected {width}")
    try:
        values = np.array([float(cell) for cell in cells])
    except ValueError:
        values = np.array([np.nan])
    if not np.isfinite(values).all():
        raise FileFormatError(f"{path}, line {number}: a value that is no finite number, expected numbers")
    return values


def _frame_rate(path: Path, times: NDArray[np.float64]) -> float:
    if len(times) == 1:
        return _ONE_FRAME_RATE
    step = (times[-1] - times[0]) / (len(times) - 1)
    even = times[0] + np.arange(len(times)) * step
    if not step > 1e-5 or np.abs(times - even).max() > max(_UNEVEN * step, 2e-6):
        raise FileFormatError(f"{path}: times that do not rise evenly, expected the same step from row to row")
    rate = 1.0 / step
    nearest = float(round(rate))
    return nearest if nearest > 0 and abs(rate - nearest) <= _RATE_TOLERANCE * rate else float(rate)
