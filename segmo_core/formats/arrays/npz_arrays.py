"""Arrays of .npz files, taken out only after each is known to be as large as it says and to hold no pickled object."""

from __future__ import annotations

import io
import math
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short, shown
from segmo_core.formats.arrays import pickled_tree
from segmo_core.formats.reading import files

Arrays = dict[str, NDArray[np.generic]]

MAX_UNPACKED_BYTES = 256 << 20
"""Half an hour of AMASS at 120 frames a second, as numbers of eight bytes."""

_MAX_DIRECTORY_BYTES = 1 << 20  # Python keeps about ten times as much of a list of members in memory
_END_BYTES, _MAX_COMMENT_BYTES, _LOCATOR_BYTES = 22, 65535, 20


def load_arrays(path: Path, wanted: Iterable[str], *, kind: str = ".npz file", most_bytes: int | None = None) -> Arrays:
    """Those of the ``wanted`` arrays that the file has; others are never touched. Raises FileFormatError.

    kind: what the file is called in its sentence. most_bytes: of all wanted arrays together; None for
    MAX_UNPACKED_BYTES.
    """
    most_bytes = MAX_UNPACKED_BYTES if most_bytes is None else most_bytes
    files.check_file(path)
    with _sentences(path, kind):
        _check_directory(path, kind)
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            names = [name for name in wanted if f"{name}.npy" in members]
            total = sum(members[f"{name}.npy"].file_size for name in names)
            if total <= most_bytes:
                total = sum(_checked_size(path, archive, members[f"{name}.npy"]) for name in names)
            if total > most_bytes:
                raise FileFormatError(f"{path}: unpacks to {total} bytes, expected at most {most_bytes}")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}


def load_member(path: Path, name: str, most_bytes: int, *, kind: str, expected: str) -> bytes | None:
    """One member of the archive as it is, of at most ``most_bytes``; None where there is none. FileFormatError.

    kind, expected: what the file is called in its sentences (".npz file", "a motion").
    """
    files.check_file(path, expected=expected)
    with _sentences(path, kind):
        _check_directory(path, kind)
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                return None
            member = archive.getinfo(name)
            _check_packing(path, member)
            if member.file_size > most_bytes:
                raise FileFormatError(f"{path}: {name} has {member.file_size} bytes, expected at most {most_bytes}")
            with archive.open(member) as stream:
                content = stream.read(most_bytes + 1)
            if len(content) > most_bytes:
                raise FileFormatError(f"{path}: {name} is larger than it says, expected {member.file_size} bytes")
            return content


def load_record(path: Path, wanted: Iterable[str]) -> dict[str, Any]:
    """As ``load_arrays``; members of pickled objects come as what they hold, and nothing in them is run."""
    wanted = tuple(wanted)
    pickled = _pickled(path, wanted)
    plain = [name for name in wanted if name not in pickled]
    record: dict[str, Any] = dict(load_arrays(path, plain, most_bytes=MAX_UNPACKED_BYTES))
    for name in pickled:
        content = load_member(path, f"{name}.npy", pickled_tree.MAX_BYTES, kind=".npz file", expected="a motion")
        if content is not None:
            stream = io.BytesIO(content)
            files.read_npy_header(path, stream, with_objects=True)
            record[name] = pickled_tree.read_tree(path, stream)
    return record


def _pickled(path: Path, wanted: Iterable[str]) -> list[str]:
    """Which of the ``wanted`` arrays are of objects."""
    files.check_file(path)
    found = []
    with _sentences(path, ".npz file"):
        _check_directory(path, ".npz file")
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            for name in wanted:
                member = members.get(f"{name}.npy")
                if member is not None:
                    _check_packing(path, member)
                    with archive.open(member) as stream:
                        if files.read_npy_header(path, stream, with_objects=True)[1].hasobject:
                            found.append(name)
    return found


@contextmanager
def _sentences(path: Path, kind: str) -> Iterator[None]:
    """What goes wrong with an archive as one sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise FileFormatError(f"{path}: not a complete {kind} ({in_short(error)})") from None
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path}: cannot be read as {kind.split()[0]} ({in_short(error)})") from None


def numbers(path: Path, arrays: Arrays, name: str) -> NDArray[np.float64]:
    """One array as float64; FileFormatError when it holds something else."""
    values = arrays[name]
    if values.dtype.kind not in "fiu":
        raise FileFormatError(f"{path}: {name} holds {in_short(values.dtype, 40)}, expected numbers")
    with np.errstate(over="ignore"):  # of numbers with more than eight bytes; what is infinite then is refused later
        return values.astype(np.float64)


def strings(path: Path, arrays: Arrays, name: str, most: int) -> list[str]:
    """One array of at most ``most`` texts; FileFormatError when it holds something else."""
    values = arrays[name]
    if values.ndim != 1 or values.dtype.kind != "U" or len(values) > most:
        raise FileFormatError(
            f"{path}: {name} of shape {in_short(values.shape, 40)} holds {in_short(values.dtype, 40)}, expected a list "
            f"of at most {most} texts"
        )
    codes = values.astype(values.dtype.newbyteorder("=")).view(np.uint32)
    if codes.max(initial=0) > sys.maxunicode:  # NumPy keeps any number as a letter, Python does not
        raise FileFormatError(f"{path}: {name} holds letters that do not exist, expected texts")
    return [str(value) for value in values]


def frame_rate(path: Path, arrays: Arrays, names: tuple[str, ...]) -> float:
    """Frames per second, under the first of ``names`` that the file has."""
    for name in names:
        if name in arrays:
            values = numbers(path, arrays, name)
            if values.size == 1 and np.isfinite(values).all() and values.item() > 0:
                return float(values.item())
            raise FileFormatError(f"{path}: {name} is not one positive number, expected frames per second")
    raise FileFormatError(f"{path}: array {names[0]!r} is missing, expected frames per second")


def _check_directory(path: Path, kind: str) -> None:
    """Raise FileFormatError for a list of members so long that zipfile, which reads it whole, would fill the memory."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _END_BYTES - _MAX_COMMENT_BYTES - _LOCATOR_BYTES))
        tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + _END_BYTES > len(tail):
        raise FileFormatError(f"{path}: not a complete {kind}, expected the end of a zip archive")
    is_zip64 = tail[max(0, end - _LOCATOR_BYTES) : end].startswith(b"PK\x06\x07")
    if is_zip64 or int.from_bytes(tail[end + 12 : end + 16], "little") > _MAX_DIRECTORY_BYTES:
        raise FileFormatError(f"{path}: an archive of too many members, expected a few arrays")


def _checked_size(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """Bytes that the array takes as eight-byte numbers, or as it is where that is more."""
    _check_packing(path, member)
    with archive.open(member) as stream:
        shape, dtype = files.read_npy_header(path, stream)
        size = math.prod(shape) * dtype.itemsize
        if size != member.file_size - stream.tell():
            raise FileFormatError(
                f"{path}: {in_short(member.filename, 40)} is truncated, expected {shown(size)} bytes of shape "
                f"{in_short(shape, 60)}"
            )
    return math.prod(shape) * max(dtype.itemsize, 8)


def _check_packing(path: Path, member: zipfile.ZipInfo) -> None:
    """LZMA may claim gigabytes for its dictionary; NumPy writes neither that nor others."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileFormatError(f"{path}: {in_short(member.filename, 40)} is packed unusually, expected deflate")
