"""Every clip of a file that holds several, as a motion file of its own: what a library and a folder take in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from segmo_core import motion_files
from segmo_core.checksum import sha256_of
from segmo_core.errors import CancelledError, FileFormatError, SegmoError
from segmo_core.formats.reading.choices import ReadingChoices
from segmo_core.library.index import FileStamp, MotionIndex
from segmo_core.library.indexing import find_motion_files
from segmo_core.progress import Progress

CLIPS_FOLDER = "clips"
_DIGITS = 8  # of the content's checksum, in a folder's name: a changed file gets another folder


def clip_file_names(clips: Sequence[str]) -> tuple[str, ...]:
    """Stems of files for clips, in their order: without what file systems refuse, and no two alike in lower case."""
    names: list[str] = []
    taken: set[str] = set()
    for clip in clips:
        name = unique = re.sub(r"[^\w .()+-]+", "_", clip).strip(" .") or "clip"
        while unique.lower() in taken:
            unique = f"{name} ({len(taken)})"
        taken.add(unique.lower())
        names.append(unique)
    return tuple(names)


def with_clips_apart(
    index: MotionIndex, sources: Iterable[Path], warnings: dict[Path, tuple[str, ...]], progress: Progress
) -> list[Path]:
    """The motion files of ``sources`` where each that holds several clips is replaced by files of its clips.

    Those are .npz files in the library, in ``clips``; a content that was taken apart once is not read again. warnings:
    gets the sentence of every clip that is no person, by the file it is in.
    """
    known = index.stamps()
    found: list[Path] = []
    paths = find_motion_files(sources)
    for number, path in enumerate(paths):
        progress.raise_if_cancelled()
        progress.report(number / len(paths), f"Looking for clips in {number} of {len(paths)} files")
        try:
            is_known = FileStamp.of(path) == known.get(path)
            found += [path] if is_known else _files_of(index.folder, path, warnings)
        except CancelledError:
            raise
        except (SegmoError, OSError):
            found.append(path)  # its sentence is told when it is indexed
    return found


def _files_of(library: Path, path: Path, warnings: dict[Path, tuple[str, ...]]) -> list[Path]:
    folder = library / CLIPS_FOLDER / f"{path.stem[:80]}-{sha256_of(path)[:_DIGITS]}"
    if folder.is_dir():
        return sorted(folder.glob("*.npz"))
    clips = motion_files.read(path).motion.provenance.clips
    if len(clips) < 2:
        return [path]
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    written, refused = [], []
    for clip, name in zip(clips, clip_file_names(clips), strict=True):
        try:
            result = motion_files.open_retargeted(path, choices=ReadingChoices(clip))
        except FileFormatError as error:
            refused.append(f"clip {clip!r} is left out: {str(error).removeprefix(f'{path}: ')}")
            continue
        motion_files.write(result.motion, unfinished / f"{name}.npz")
        written.append(folder / f"{name}.npz")
    unfinished.rename(folder)
    if refused:
        warnings[path] = tuple(refused)
    return written
