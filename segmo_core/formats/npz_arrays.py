"""Arrays of .npz files, taken out only after each is known to be as large as it says and to hold no pickled object."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError
from segmo_core.formats import files

Arrays = dict[str, NDArray[np.generic]]

MAX_UNPACKED_BYTES = 256 << 20
"""Half an hour of AMASS at 120 frames a second; readers need about four times as much memory."""


def load_arrays(path: Path, wanted: Iterable[str]) -> Arrays:
    """Those of the ``wanted`` arrays that the file has; others are never touched. Raises FileFormatError."""
    files.check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            names = [name for name in wanted if f"{name}.npy" in members]
            total = sum(members[f"{name}.npy"].file_size for name in names)
            if total > MAX_UNPACKED_BYTES:
                raise FileFormatError(f"{path}: unpacks to {total} bytes, expected at most {MAX_UNPACKED_BYTES}")
            for name in names:
                _check_member(path, archive, members[f"{name}.npy"])
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise FileFormatError(f"{path}: not a complete .npz file ({error})") from None
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path}: cannot be read as .npz ({error})") from None


def numbers(path: Path, arrays: Arrays, name: str) -> NDArray[np.float64]:
    """One array as float64; FileFormatError when it holds something else."""
    values = arrays[name]
    if values.dtype.kind not in "fiu":
        raise FileFormatError(f"{path}: {name} holds {values.dtype}, expected numbers")
    return values.astype(np.float64)


def frame_rate(path: Path, arrays: Arrays, names: tuple[str, ...]) -> float:
    """Frames per second, under the first of ``names`` that the file has."""
    for name in names:
        if name in arrays:
            values = numbers(path, arrays, name)
            if values.size == 1 and np.isfinite(values).all() and values.item() > 0:
                return float(values.item())
            raise FileFormatError(f"{path}: {name} is not one positive number, expected frames per second")
    raise FileFormatError(f"{path}: array {names[0]!r} is missing, expected frames per second")


def _check_member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    with archive.open(member) as stream:
        shape, dtype = files.read_npy_header(path, stream)
        size = math.prod(shape) * dtype.itemsize
        if size != member.file_size - stream.tell():
            raise FileFormatError(f"{path}: {member.filename} is truncated, expected {size} bytes of shape {shape}")
