"""Entering motion files into a library: what is new or changed is read and encoded, everything else is left alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.checksum import sha256_of
from segmo_core.errors import CancelledError, InvalidRequestError, LibraryIndexError, SegmoError
from segmo_core.formats.reading.files import check_file
from segmo_core.formats.registry import READABLE_EXTENSIONS
from segmo_core.grounding.grounder import Grounder
from segmo_core.library.index import FileStamp, IndexedMotion, MotionIndex
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress

# Length and hop, in tokens, of the windows that a library keeps: 2 and 3.6 seconds, about 100 a minute. All of them
# are among those that Grounder.encode reads. Of five such sets, the one that found most on joined validation clips.
WINDOW_HOPS = {10: 5, 18: 9}


@dataclass(frozen=True)
class IndexingReport:
    """Files by what became of them. copies: had a content that is known already (copied or moved). vanished: in the
    library, below what was added, but no longer there. failures: the sentence of each that could not be read. warnings:
    what is doubtful of those that were read.
    """

    added: tuple[Path, ...]
    updated: tuple[Path, ...]
    copies: tuple[Path, ...]
    unchanged: tuple[Path, ...]
    vanished: tuple[Path, ...]
    failures: Mapping[Path, str]
    warnings: Mapping[Path, tuple[str, ...]]


def find_motion_files(sources: Iterable[Path]) -> list[Path]:
    """Absolute paths of the given files, and of all files in the given folders that look like motions, sorted.

    Hidden files and folders are left out. InvalidRequestError for a path that is not there.
    """
    found: set[Path] = set()
    for source in sources:
        source = Path(source).absolute()
        if source.is_dir():
            for folder, inner, names in os.walk(source):
                inner[:] = [name for name in inner if not name.startswith(".")]
                found.update(
                    Path(folder, name)
                    for name in names
                    if not name.startswith(".") and Path(name).suffix.lower() in READABLE_EXTENSIONS
                )
        elif source.exists():
            found.add(source)
        else:
            raise InvalidRequestError(f"{source}: no such file or folder, expected motions to add")
    return sorted(found)


def add_files(
    index: MotionIndex,
    grounder: Grounder,
    open_motion: Callable[[Path], Motion],
    sources: Sequence[Path],
    progress: Progress | None = None,
) -> IndexingReport:
    """Enter the motions of files and folders into an index that exists.

    open_motion reads a file onto the model's skeleton. Files that it refuses are noted and do not stop the run. Every
    file is on disk before the next is begun, so a run that was cancelled or killed is continued by running it again.
    """
    progress = progress or SilentProgress()
    paths = find_motion_files(sources)
    known = index.stamps()
    done: dict[str, list[Path]] = {"added": [], "updated": [], "copies": [], "unchanged": []}
    failures: dict[Path, str] = {}
    for number, path in enumerate(paths):
        progress.raise_if_cancelled()
        progress.report(number / len(paths), f"{number} of {len(paths)} files")
        try:
            done[_enter(index, grounder, open_motion, path, known.get(path))].append(path)
        except (CancelledError, LibraryIndexError):  # no fault of this file's
            raise
        except (SegmoError, OSError) as error:
            sentence = str(error) if isinstance(error, SegmoError) else f"{path}: cannot be read ({error.strerror})"
            index.put_failure(path, sentence)
            failures[path] = sentence
    progress.report(1.0, "Added")
    below = [Path(source).absolute() for source in sources]
    gone = sorted(
        path for path in index.stamps() if any(path.is_relative_to(each) for each in below) and not path.exists()
    )
    return IndexingReport(
        **{name: tuple(each) for name, each in done.items()}, vanished=tuple(gone), failures=failures, warnings={}
    )


def library_windows(windows: NDArray[np.integer], num_tokens: int) -> NDArray[np.bool_]:
    """(M,) which of the windows (M, 2) of a motion a library keeps: see WINDOW_HOPS; and the whole, where it is one."""
    starts, lengths = windows[:, 0], windows[:, 1] - windows[:, 0]
    kept = lengths == num_tokens
    for length, hop in WINDOW_HOPS.items():
        # The last one too, so that the end of the motion is covered.
        kept |= (lengths == length) & ((starts % hop == 0) | (windows[:, 1] == num_tokens))
    return np.asarray(kept)


def _enter(
    index: MotionIndex,
    grounder: Grounder,
    open_motion: Callable[[Path], Motion],
    path: Path,
    known: FileStamp | None,
) -> str:
    """Which list of the report the file belongs to."""
    check_file(path)  # a pipe or a device never comes to an end
    stamp = FileStamp.of(path)  # before reading: a change meanwhile is then seen by the next run
    if stamp == known:
        return "unchanged"
    checksum = sha256_of(path)
    was_the_same = known is not None and index.checksum(path) == checksum
    if index.put_copy(path, stamp, checksum):
        return "unchanged" if was_the_same else "copies"
    motion = open_motion(path)
    encoded = grounder.encode(motion)
    kept = library_windows(encoded.windows, encoded.num_tokens)
    content = IndexedMotion(
        num_frames=motion.num_frames,
        frame_rate=motion.frame_rate,
        token_ids=encoded.token_ids,
        windows=encoded.windows[kept],
        vectors=encoded.vectors[kept],
    )
    index.put(path, stamp, checksum, content)
    return "added" if known is None else "updated"
