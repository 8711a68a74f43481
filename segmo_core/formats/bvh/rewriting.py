"""Some frames of a BVH file written anew; its hierarchy and every other line stay as they are, byte for byte."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError
from segmo_core.formats.bvh import parser
from segmo_core.formats.bvh.parser import BvhContent
from segmo_core.formats.reading import files
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]

_LEAST_DECIMALS, _MOST_DECIMALS = 4, 10
_INSTEAD = "expected one frame a line, as segmo export --keep-skeleton writes"


@dataclass(frozen=True, eq=False)
class BvhLines:
    """A file by its lines. head: all before the rows, the count of frames as FRAMES marks it. rows: a line each."""

    content: BvhContent
    head: bytes
    rows: tuple[bytes, ...]
    line_end: bytes
    decimals: int


def read_lines(path: Path) -> BvhLines:
    """Raises FileFormatError for files whose frames cannot be told apart line by line, or turn by fewer angles."""
    raw = files.read_bytes(path, parser.MAX_BYTES)
    content = parser.parse(path, raw)
    if len(content.roots) > 1:
        raise FileFormatError(f"{path}: holds {len(content.roots)} people, expected one to edit")
    if content.timing.has_commas:
        raise FileFormatError(f"{path}: numbers with decimal commas, expected points to keep its lines")
    for joint in content.joints:
        axes = [axis for kind, axis in joint.channels if kind == "rotation"]
        if axes and len(set(axes)) != 3:
            found = "".join(axes)
            raise FileFormatError(f"{path}: {joint.name} turns about {found} alone, expected three axes to edit")
    found_head = re.search(rb"[\r\n][ \t]*Frame[ \t]+Time[ \t]*:[^\r\n]*(\r\n|\r|\n)", raw, re.IGNORECASE)
    if found_head is None:
        raise FileFormatError(f"{path}: no line of its own for Frame Time, {_INSTEAD}")
    lines = [line for line in raw[found_head.end() :].splitlines(keepends=True) if line.strip()]
    count = len(content.timing.values)
    width = content.timing.values.shape[1]
    if len(lines) < count or any(len(line.split()) != width for line in lines[:count]):
        raise FileFormatError(f"{path}: rows wrapped over several lines, {_INSTEAD}")
    lines = lines[:count]
    decimals = max(len(token.partition(b".")[2].split(b"e")[0]) for token in lines[0].split())
    line_end = found_head[1]
    lines = [line if line.endswith((b"\n", b"\r")) else line + line_end for line in lines]
    decimals = min(max(decimals, _LEAST_DECIMALS), _MOST_DECIMALS)
    return BvhLines(content, raw[: found_head.end()], tuple(lines), line_end, decimals)


def rewritten(path: Path, lines: BvhLines, motion: Motion, kept_before: int, kept_after: int) -> bytes:
    """The file with ``motion`` (its own skeleton, unit and axes) in place of the rows between those that are kept."""
    content, count = lines.content, motion.num_frames
    if motion.skeleton.num_joints != len(content.joints) or motion.local_rotations is None:
        raise FileFormatError(
            f"{path}: a bone that carries the body, or bones that change their length, expected a plain skeleton"
        )
    end = count - kept_after
    old_before = content.timing.values[kept_before - 1] if kept_before else content.timing.values[-kept_after]
    old_after = content.timing.values[len(lines.rows) - kept_after] if kept_after else old_before
    values = _values(content, motion.frames(kept_before, end), old_before, old_after)
    rounded = np.round(values, lines.decimals) + 0.0  # adding zero turns -0.0 into 0.0
    separator = b"\t" if b"\t" in lines.rows[0].strip() else b" "
    new = [
        separator.join(f"{value:.{lines.decimals}f}".encode() for value in row) + lines.line_end
        for row in rounded.tolist()
    ]
    head = re.sub(
        rb"([\r\n][ \t]*Frames[ \t]*:[ \t]*)[^\s]+",
        lambda match: match[1] + str(count).encode(),
        lines.head,
        count=1,
        flags=re.IGNORECASE,
    ) if count != len(lines.rows) else lines.head  # fmt: skip
    kept = lines.rows[len(lines.rows) - kept_after :] if kept_after else ()
    return head + b"".join((*lines.rows[:kept_before], *new, *kept))


def _values(content: BvhContent, motion: Motion, before: FloatArray, after: FloatArray) -> FloatArray:
    """Rows (K, W) of a motion, angles unrolled from the row ``before`` (W,) on.

    The position channels of joints below the root go from what they are in ``before`` to what they are in ``after``.
    """
    assert motion.local_rotations is not None
    count = motion.num_frames
    share = (np.arange(1, count + 1) / (count + 1))[:, None]
    rows = before + share * (after - before)
    column = 0
    for index, joint in enumerate(content.joints):
        columns = range(column, column + len(joint.channels))
        column += len(joint.channels)
        turning = [place for place, (kind, _) in zip(columns, joint.channels, strict=True) if kind == "rotation"]
        if turning:
            order = "".join(axis for kind, axis in joint.channels if kind == "rotation")
            angles = rotations.to_euler(motion.local_rotations[:, index], order)
            angles = np.concatenate([np.radians(before[turning])[None], angles])
            rows[:, turning] = np.degrees(rotations.unroll_euler(angles))[1:]
        if joint.parent < 0:
            for place, (kind, axis) in zip(columns, joint.channels, strict=True):
                if kind == "position":
                    rows[:, place] = motion.joint_positions[:, 0, "XYZ".index(axis)]
    return rows
