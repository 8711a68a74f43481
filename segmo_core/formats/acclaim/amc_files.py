"""Acclaim motions, as CMU's database has them: .amc files, whose skeleton is an .asf beside them; read."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, shown
from segmo_core.formats.acclaim.asf_skeleton import AsfSkeleton, letter_of, read_asf
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import Provenance
from segmo_core.motion.skeleton import Skeleton

FloatArray = NDArray[np.floating]

CMU_RATE = 120.0
_MAX_BYTES = 128 << 20
_MAX_LINES = 4_000_000
_ROOT = "root"


def read_amc(path: Path, choices: ReadingChoices = PLAIN_READING) -> Motion:
    """The motion of an .amc on the skeleton of the .asf beside it: its unit, Y up. Raises FileFormatError.

    The skeleton has the same name, or the motion's up to its first "_", or is the only one in the folder. Neither file
    says a rate: 120 frames a second, CMU's, are assumed unless one is chosen.
    """
    path = Path(path)
    skeleton = read_asf(_asf_beside(path))
    raw = files.read_bytes(path, _MAX_BYTES)
    lines = files.text_lines(path, raw.decode("latin-1"), _MAX_LINES)
    root, turns = _values(path, lines, skeleton)
    names = (_ROOT, *(bone.name for bone in skeleton.bones))
    parents = (-1, *(names.index(bone.parent) for bone in skeleton.bones))
    files.check_size(path, len(root), len(names))
    offsets, ends = np.zeros((len(names), 3)), np.zeros((len(names), 3))
    for index, bone in enumerate(skeleton.bones, start=1):
        above = parents[index]
        offsets[index] = skeleton.bones[above - 1].offset if above > 0 else 0.0
        if index not in parents:
            ends[index] = bone.offset
    local = rotations.continuous(np.stack(turns, axis=1))
    body = Skeleton(names, parents, offsets, ends)
    positions = kinematics.forward_kinematics(body, local, root)
    motion = files.build_motion(path, positions, choices.frame_rate or CMU_RATE, body, local)
    return replace(motion, provenance=Provenance(rate_origin="assumed"))


def _asf_beside(path: Path) -> Path:
    files.check_file(path, _MAX_BYTES)
    beside = sorted(each for each in path.parent.iterdir() if each.suffix.lower() == ".asf")
    for stem in (path.stem, path.stem.split("_")[0]):
        found = [each for each in beside if each.stem.lower() == stem.lower()]
        if found:
            return found[0]
    if len(beside) == 1:
        return beside[0]
    raise FileFormatError(f"{path}: no skeleton beside it, expected {path.stem.split('_')[0]}.asf in its folder")


def _values(path: Path, lines: list[str], skeleton: AsfSkeleton) -> tuple[FloatArray, list[FloatArray]]:
    """The root's places (T, 3), and the turns (T, 4) of root and bones since the rest pose, in the body's axes."""
    freedoms = {_ROOT: skeleton.root_order, **{bone.name: bone.degrees_of_freedom for bone in skeleton.bones}}
    frames: list[dict[str, list[float]]] = []
    is_in_degrees = skeleton.in_degrees
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0].startswith(":"):
            is_in_degrees = not words[0].lower().startswith(":rad") and (
                is_in_degrees or words[0].lower() == ":degrees"
            )
        elif len(words) == 1 and words[0].isdecimal():
            frames.append({})
        elif not frames:
            _fail(path, number, f"{shown(words[0])} before the first frame, expected a frame's number")
        else:
            frames[-1][words[0]] = _numbers(path, number, words, freedoms)
    if len(frames) > 1 and len(frames[-1]) < len(frames[-2]):
        frames.pop()  # cut off
    if not frames:
        raise FileFormatError(f"{path}: no frames, expected at least one")
    files.check_size(path, len(frames), len(freedoms))
    factor = np.pi / 180.0 if is_in_degrees else 1.0
    axis_factor = np.pi / 180.0 if skeleton.in_degrees else 1.0
    axes = {_ROOT: skeleton.root_axis, **{bone.name: bone.axis for bone in skeleton.bones}}
    root, turns = np.zeros((len(frames), 3)), []
    for name, order in freedoms.items():
        table = np.array([frame.get(name, [0.0] * len(order)) for frame in frames]).reshape(len(frames), len(order))
        turned = np.broadcast_to(rotations.IDENTITY_QUATERNION, (len(frames), 4))
        for column, degree in enumerate(order):
            letter = letter_of(degree)
            if letter is not None:
                turned = rotations.multiply(
                    rotations.from_euler(table[:, column : column + 1] * factor, letter), turned
                )
            elif name == _ROOT and degree in ("tx", "ty", "tz"):
                root[:, "xyz".index(degree[1])] = table[:, column]
        own = _own_axes(np.array(axes[name]) * axis_factor)
        turns.append(rotations.multiply(rotations.multiply(own, turned), rotations.inverse(own)))
    return root, turns


def _own_axes(angles: FloatArray) -> FloatArray:
    """Rotation (4,) of turns about X, then Y, then Z."""
    return rotations.from_euler(angles[::-1], "ZYX")


def _numbers(path: Path, number: int, words: list[str], freedoms: dict[str, tuple[str, ...]]) -> list[float]:
    if words[0] not in freedoms:
        _fail(path, number, f"{shown(words[0])} is no bone of the skeleton, expected one")
    count = len(freedoms[words[0]])
    try:
        values = [float(word) for word in words[1:]]
    except ValueError:
        values = [math.nan]
    if len(values) != count or not all(map(math.isfinite, values)):
        _fail(path, number, f"{len(words) - 1} values for {shown(words[0])}, expected {count} finite numbers")
    return values


def _fail(path: Path, line: int, message: str) -> NoReturn:
    raise FileFormatError(f"{path}, line {line}: {message}")
