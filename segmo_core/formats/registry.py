"""Which file extension is read and written by what. A new format is one row here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from segmo_core.errors import FileFormatError
from segmo_core.formats.bvh import read_bvh, write_bvh
from segmo_core.formats.joints import read_npy, write_npy
from segmo_core.formats.npz import read_npz, write_npz
from segmo_core.motion.motion import Motion
from segmo_core.segmentation.segments import SegmentTrack

_READERS: dict[str, Callable[[Path], Motion]] = {".bvh": read_bvh, ".npz": read_npz, ".npy": read_npy}
_WRITERS: dict[str, Callable[[Motion, Path, SegmentTrack | None], None]] = {
    ".bvh": lambda motion, path, track: write_bvh(motion, path),
    ".npz": write_npz,
    ".npy": lambda motion, path, track: write_npy(motion, path),
}

READABLE_EXTENSIONS: tuple[str, ...] = tuple(_READERS)
WRITABLE_EXTENSIONS: tuple[str, ...] = tuple(_WRITERS)


def read_motion(path: Path) -> Motion:
    """The motion of a file on the file's own skeleton, units and rate. Raises FileFormatError."""
    path = Path(path)
    return _READERS[_known_extension(path, READABLE_EXTENSIONS)](path)


def check_writable_extension(path: Path) -> None:
    """Raise FileFormatError unless a motion can be written to a file of this name."""
    _known_extension(Path(path), WRITABLE_EXTENSIONS)


def write_motion(motion: Motion, path: Path, track: SegmentTrack | None = None) -> None:
    """Write ``motion`` in the format of the extension; ``track`` is kept where the format has room (.npz).

    Raises FileFormatError for an unknown extension or a folder that cannot be written.
    """
    path = Path(path)
    _WRITERS[_known_extension(path, WRITABLE_EXTENSIONS)](motion, path, track)


def _known_extension(path: Path, known: tuple[str, ...]) -> str:
    extension = path.suffix.lower()
    if extension not in known:
        found = f"extension {path.suffix!r}" if extension else "no extension"
        raise FileFormatError(f"{path}: {found}, expected one of {', '.join(known)}")
    return extension
