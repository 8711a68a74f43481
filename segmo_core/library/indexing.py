"""Entering motion files into a library: what is new or changed is read and encoded, everything else is left alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.checksum import sha256_of
from segmo_core.errors import CancelledError, FileFormatError, InvalidRequestError, LibraryIndexError, SegmoError
from segmo_core.formats.reading.files import check_file
from segmo_core.formats.registry import READABLE_EXTENSIONS
from segmo_core.grounding.grounder import Grounder
from segmo_core.library.index import FileStamp, IndexedMotion, MotionIndex
from segmo_core.motion.motion import Motion
from segmo_core.progress import CancelledWith, Progress, SilentProgress
from segmo_core.workers.map_items import map_items
from segmo_core.workers.places import Workers
from segmo_core.workers.work import Outcome, Work

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


@dataclass(frozen=True, eq=False)
class EncodedFile:
    """What the index keeps of a file's motion, and what is doubtful of it."""

    content: IndexedMotion
    warnings: tuple[str, ...] = ()


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
    work: Work[Path, EncodedFile],
    sources: Sequence[Path],
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> IndexingReport:
    """Enter the motions of files and folders into an index that exists.

    work: reads a file onto the model's skeleton and encodes it, here or in ``workers``; the index is the same. Files
    that it refuses are noted and do not stop the run. Every file is on disk as soon as it is encoded, so a run that was
    cancelled or killed is continued by running it again.
    """
    progress = progress or SilentProgress()
    run = _Run(index, progress)
    paths = find_motion_files(sources)
    while paths:
        for outcome in map_items(work, run.unknown(paths), workers, CancelledWith(progress)):
            run.enter(outcome)
        paths = run.twins()
    progress.report(1.0, "Added")
    below = [Path(source).absolute() for source in sources]
    gone = sorted(
        path for path in index.stamps() if any(path.is_relative_to(each) for each in below) and not path.exists()
    )
    return IndexingReport(
        **{name: tuple(sorted(each)) for name, each in run.done.items()},
        vanished=tuple(gone),
        failures=run.failures,
        warnings=run.warnings,
    )


def encode_file(
    grounder: Grounder, open_motion: Callable[[Path], tuple[Motion, tuple[str, ...]]], path: Path
) -> EncodedFile:
    """What the index keeps of a file. open_motion: a motion on the model's skeleton, and what is doubtful of it."""
    try:
        motion, warnings = open_motion(path)
    except OSError as error:
        raise _unreadable(path, error) from None
    encoded = grounder.encode(motion)
    kept = library_windows(encoded.windows, encoded.num_tokens)
    content = IndexedMotion(
        num_frames=motion.num_frames,
        frame_rate=motion.frame_rate,
        token_ids=encoded.token_ids,
        windows=encoded.windows[kept],
        vectors=encoded.vectors[kept],
    )
    return EncodedFile(content, warnings)


def library_windows(windows: NDArray[np.integer], num_tokens: int) -> NDArray[np.bool_]:
    """(M,) which of the windows (M, 2) of a motion a library keeps: see WINDOW_HOPS; and the whole, where it is one."""
    starts, lengths = windows[:, 0], windows[:, 1] - windows[:, 0]
    kept = lengths == num_tokens
    for length, hop in WINDOW_HOPS.items():
        # The last one too, so that the end of the motion is covered.
        kept |= (lengths == length) & ((starts % hop == 0) | (windows[:, 1] == num_tokens))
    return np.asarray(kept)


class _Run:
    """Which files are unknown, and what becomes of all of them; the index is written by this process alone."""

    def __init__(self, index: MotionIndex, progress: Progress) -> None:
        self._index, self._progress, self._known = index, progress, index.stamps()
        self._facts: dict[Path, tuple[FileStamp, str]] = {}
        self._twins: list[Path] = []
        self.done: dict[str, list[Path]] = {"added": [], "updated": [], "copies": [], "unchanged": []}
        self.failures: dict[Path, str] = {}
        self.warnings: dict[Path, tuple[str, ...]] = {}

    def unknown(self, paths: Sequence[Path]) -> Iterator[Path]:
        """Those whose content is not in the index; of several with the same content the first, the others are twins."""
        in_hand: set[str] = set()
        for number, path in enumerate(paths):
            self._progress.raise_if_cancelled()
            self._progress.report(number / len(paths), f"{number} of {len(paths)} files")
            try:
                checksum = self._checksum_of_unknown(path)
            except (CancelledError, LibraryIndexError):  # no fault of this file's
                raise
            except OSError as error:
                self._fail(path, str(_unreadable(path, error)))
            except SegmoError as error:
                self._fail(path, str(error))
            else:
                if checksum in in_hand:
                    self._twins.append(path)
                elif checksum is not None:
                    in_hand.add(checksum)
                    yield path

    def enter(self, outcome: Outcome[Path, EncodedFile]) -> None:
        """Put what was encoded into the index, or note why it could not be."""
        path, encoded = outcome.item, outcome.result
        if encoded is None:
            self._fail(path, outcome.problem)
            return
        stamp, checksum = self._facts.pop(path)
        self._index.put(path, stamp, checksum, encoded.content)
        self.done["updated" if path in self._known else "added"].append(path)
        if encoded.warnings:
            self.warnings[path] = encoded.warnings

    def twins(self) -> list[Path]:
        """Files that waited for others with the same content, to be looked at again."""
        found, self._twins = self._twins, []
        return found

    def _checksum_of_unknown(self, path: Path) -> str | None:
        """None for a file whose content the index has."""
        check_file(path)  # a pipe or a device never comes to an end
        known, stamp = self._known.get(path), FileStamp.of(path)  # a change while it is read is seen by the next run
        if stamp == known:
            self.done["unchanged"].append(path)
            return None
        checksum = sha256_of(path)
        was_the_same = known is not None and self._index.checksum(path) == checksum
        if self._index.put_copy(path, stamp, checksum):
            self.done["unchanged" if was_the_same else "copies"].append(path)
            return None
        self._facts[path] = (stamp, checksum)
        return checksum

    def _fail(self, path: Path, sentence: str) -> None:
        self._index.put_failure(path, sentence)
        self.failures[path] = sentence


def _unreadable(path: Path, error: OSError) -> FileFormatError:
    return FileFormatError(f"{path}: cannot be read ({error.strerror})")
