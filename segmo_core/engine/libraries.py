"""Folders of motions, searched by text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core import motion_files
from segmo_core.bundle_manifest import read_manifest
from segmo_core.engine.loading import LoadedBundle
from segmo_core.progress import Progress, SilentProgress
from segmo_core.runtimes.choice import AUTO
from segmo_core.workers.places import Workers

if TYPE_CHECKING:
    from segmo_core.library.indexing import EncodedFile, IndexingReport
    from segmo_core.library.search import LibraryHit, LibrarySearch
    from segmo_core.motion.motion import Motion


class Libraries(LoadedBundle):
    """What indexes and searches. A library belongs to bundles whose vectors mean the same."""

    def __init__(self, bundle: Path | None, device: str, fast: bool, runtime: str = AUTO) -> None:
        super().__init__(bundle, device, fast, runtime)
        self._searches: dict[Path, LibrarySearch] = {}

    def add_to_library(
        self,
        library: Path,
        sources: Sequence[Path],
        progress: Progress | None = None,
        *,
        all_clips: bool = False,
        workers: Workers | None = None,
    ) -> IndexingReport:
        """Index motion files, and those in folders; makes the library where there is none.

        A run that was stopped is continued by calling this again. Motion files are never touched.

        Args:
            library: the folder of the index.
            sources: motion files and folders of them.
            progress: told file by file; cancelling keeps what was read so far.
            all_clips: of a file that holds several animations, takes or people, index each; they are kept as .npz in
                the library's folder ``clips``. Else the longest of them.
            workers: who reads and encodes; None is this process. The index is the same, bit for bit.

        Returns:
            Files by what became of them, with the sentence of each that could not be read.

        Raises:
            InvalidRequestError: a path that is not there, a library of another kind of bundle, or a bundle without a
                grounding head.
            CancelledError: cancelled.

        Example:
            >>> motion_files.write(result.motion, folder / "walk.npz")
            >>> [path.name for path in engine.add_to_library(folder / "library", [folder / "walk.npz"]).added]
            ['walk.npz']
        """
        from segmo_core.library.clip_folders import with_clips_apart
        from segmo_core.library.embedding_space import EmbeddingSpace
        from segmo_core.library.index import MotionIndex
        from segmo_core.library.indexing import add_files, find_motion_files

        find_motion_files(sources)  # a wrong path is refused before anything is loaded or made
        if workers is None or workers.is_this_process or not self.can_ground:
            self._grounder(progress)
        index = MotionIndex(library)
        index.create(EmbeddingSpace.of(read_manifest(self._folder)))
        of_clips: dict[Path, tuple[str, ...]] = {}
        if all_clips:
            sources = with_clips_apart(index, sources, of_clips, progress or SilentProgress())
        report = add_files(index, _Encoding(self), sources, progress, workers)
        return replace(report, warnings=of_clips | dict(report.warnings))

    def search_library(
        self, library: Path, query: str, limit: int = 10, progress: Progress | None = None
    ) -> tuple[LibraryHit, ...]:
        """The stretches of a library's motions that fit a sentence best; its vectors are kept for the next search.

        Args:
            library: the folder of the index.
            query: a sentence.
            limit: results at most, 1 to 1000; at most three of one motion.
            progress: told while vectors are read.

        Returns:
            Files with frames [start, end), similarity and confidence, the best first.

        Raises:
            InvalidRequestError: no library there, or one made with a bundle whose vectors mean something else.

        Example:
            >>> [hit.path.name for hit in engine.search_library(folder / "library", "a person walks", 1)]
            ['walk.npz']
        """
        from segmo_core.library.embedding_space import EmbeddingSpace
        from segmo_core.library.index import MotionIndex

        folder = Path(library).absolute()
        index = MotionIndex(folder)
        index.check_space(EmbeddingSpace.of(read_manifest(self._folder)))
        grounder = self._grounder(progress)
        if folder not in self._searches:
            from segmo_core.library.search import LibrarySearch

            self._searches[folder] = LibrarySearch(index)
        return self._searches[folder].find(grounder, query, limit, progress)


@dataclass(frozen=True)
class _Encoding:
    """The work of an index: files onto the model's skeleton and into vectors."""

    engine: Libraries

    def start(self, progress: Progress) -> Callable[[Path, Progress], EncodedFile]:
        """See Work."""
        from segmo_core.library.indexing import encode_file

        grounder = self.engine._grounder(progress)
        return lambda path, _: encode_file(grounder, _opened, path)


def _opened(path: Path) -> tuple[Motion, tuple[str, ...]]:
    result = motion_files.open_retargeted(path)
    return result.motion, result.warnings
