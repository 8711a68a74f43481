"""Decompose all captions of a HumanML3D or KIT-ML folder into the published files (paper section 3.3).

One file of segments for every file of captions, written whole or not at all, so that a run can be stopped and gone on
with. A caption that the segmenter could not answer is cut by the rules, reported, and asked again by the next run; of
a file in which it answered none, nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path

from segmo_core.data.captioned_folders.caption_files import read_captions_only
from segmo_core.data.captioned_folders.humanml3d import TEXTS_FOLDER, dataset_kind
from segmo_core.errors import FileFormatError, InvalidRequestError, SegmenterError
from segmo_core.progress import CallbackProgress, Progress, SilentProgress
from segmo_core.segmentation.text_precomputed import model_folder, read_segment_lines, write_segment_lines
from segmo_core.segmentation.text_rules import RulesSegmenter
from segmo_core.segmentation.text_segmenter import TextSegmenter
from segmo_core.serialization import write_atomically

FAILURES_IN_A_ROW = 20
NO_CAPTION = "no words in it"
WHOLE_FILE = 0  # in the place of a line's number


@dataclass(frozen=True)
class SegmentationFailure:
    """A caption (line from 1 of ``texts/<name>.txt``) that was not decomposed, and why; line WHOLE_FILE where the file
    itself cannot be read."""

    name: str
    line: int
    caption: str
    reason: str


@dataclass(frozen=True)
class SegmentationReport:
    """folder: the files. failures_path: JSON lines beside it. captions: decomposed in this run."""

    folder: Path
    failures_path: Path
    num_files: int
    files_written: int
    files_kept: int
    captions: int
    failures: tuple[SegmentationFailure, ...]

    @property
    def unreadable(self) -> tuple[SegmentationFailure, ...]:
        """Files of captions that could not be read, each once."""
        return tuple(failure for failure in self.failures if failure.line == WHOLE_FILE)


def segment_dataset(
    dataset_folder: Path,
    segmenter: TextSegmenter,
    model: str,
    *,
    out: Path | None = None,
    workers: int = 4,
    resume: bool = False,
    progress: Progress | None = None,
) -> SegmentationReport:
    """Write ``<out>/LLM_processed/<data set>/<model>/*.txt``; ``out`` is the data set's folder unless given.

    segmenter: one that raises SegmenterError rather than fall back. workers: captions asked for at a time.
    resume: keep files that are complete. Stops with a SegmenterError when it cannot answer at all, or after
    20 failures in a row; what is done stays. Raises DataError for a folder of another kind.
    """
    if workers < 1:
        raise InvalidRequestError(f"workers: {workers}, expected at least 1")
    progress = progress or SilentProgress()
    kind = dataset_kind(dataset_folder)
    sources = sorted((dataset_folder / TEXTS_FOLDER).glob("*.txt"))
    if not sources:
        raise FileFormatError(f"{dataset_folder / TEXTS_FOLDER}: no .txt files in it, expected captions")
    folder = model_folder(out or dataset_folder, kind.name, model)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileFormatError(f"{folder}: cannot be made ({error.strerror})") from None
    failures_path = folder.with_name(f"{folder.name}.failures.jsonl")
    previous = _read_failures(failures_path) if resume else []
    failed_before = {failure.name for failure in previous}
    todo = [s for s in sources if not resume or s.stem in failed_before or not _is_complete(folder, s)]
    run = _Run(folder, segmenter, workers, progress)
    run.open_failures(failures_path, previous)
    try:
        run.process(todo)
    finally:
        known = [f for f in previous if f.name not in run.finished] + run.failures
        _write_failures(failures_path, known)
    failures = tuple(sorted(run.failures, key=lambda failure: (failure.name, failure.line)))
    return SegmentationReport(
        folder, failures_path, len(sources), run.written, len(sources) - len(todo), run.captions, failures
    )


@dataclass(frozen=True)
class _Answer:
    name: str
    lines: list[tuple[str, ...]]
    failures: list[SegmentationFailure]


class _Run:
    """Asks for files in worker threads; all writing and counting happens in the thread that called."""

    def __init__(self, folder: Path, segmenter: TextSegmenter, workers: int, progress: Progress) -> None:
        self._folder, self._segmenter, self._workers, self._progress = folder, segmenter, workers, progress
        self._rules = RulesSegmenter()
        self._stop = CallbackProgress()
        self.failures: list[SegmentationFailure] = []
        self.finished: set[str] = set()
        self.written = 0
        self.captions = 0
        self._in_a_row = 0
        self._log: Callable[[Sequence[SegmentationFailure]], None] = lambda failures: None

    def open_failures(self, path: Path, previous: Sequence[SegmentationFailure]) -> None:
        """From here on failures are added to ``path`` as they happen, after those of earlier runs."""
        _write_failures(path, previous)

        def append(failures: Sequence[SegmentationFailure]) -> None:
            with path.open("a", encoding="utf-8") as stream:
                stream.writelines(_as_line(failure) for failure in failures)

        self._log = append

    def process(self, sources: Sequence[Path]) -> None:
        waiting = iter(sources)
        with ThreadPoolExecutor(self._workers, thread_name_prefix="segments") as pool:
            running: set[Future[_Answer]] = set()
            try:
                for source in waiting:
                    running.add(pool.submit(self._ask, source))
                    if len(running) == self._workers:
                        running = self._collect(running, len(sources))
                while running:
                    running = self._collect(running, len(sources))
            finally:
                self._stop.cancel()  # requests in flight end at once when something went wrong

    def _collect(self, running: set[Future[_Answer]], total: int) -> set[Future[_Answer]]:
        done: set[Future[_Answer]] = set()
        while not done:
            self._progress.raise_if_cancelled()
            done, running = wait(running, timeout=0.1, return_when=FIRST_COMPLETED)
        for future in done:
            self._keep(future.result())
        said = f"captions of {len(self.finished)} of {total} motions, {len(self.failures)} failures"
        self._progress.report(len(self.finished) / max(total, 1), said)
        return running

    def _keep(self, answer: _Answer) -> None:
        if answer.failures:  # first the failure, then the file: a run killed in between asks again
            self._log(answer.failures)
            self.failures += answer.failures
        self.finished.add(answer.name)
        if any(failure.line == WHOLE_FILE for failure in answer.failures):
            return
        told = sum(bool(line) for line in answer.lines)
        refused = [failure for failure in answer.failures if failure.reason != NO_CAPTION]
        if refused and len(refused) == told:
            self._in_a_row += len(refused)
        else:
            self._in_a_row = 0
            self.written += 1
            self.captions += told - len(refused)
            write_segment_lines(self._folder / f"{answer.name}.txt", answer.lines)
        if self._in_a_row >= FAILURES_IN_A_ROW:
            reason = refused[-1].reason.rstrip(".")
            raise SegmenterError(
                f"Stopped after {self._in_a_row} captions in a row without an answer ({reason}); go on with --resume."
            )

    def _ask(self, source: Path) -> _Answer:
        lines: list[tuple[str, ...]] = []
        failures: list[SegmentationFailure] = []
        try:
            captions = read_captions_only(source)
        except FileFormatError as error:
            return _Answer(source.stem, [], [SegmentationFailure(source.stem, WHOLE_FILE, "", str(error))])
        for number, caption in enumerate(captions, start=1):
            self._stop.raise_if_cancelled()
            if not any(letter.isalnum() for letter in caption):
                lines.append(())
                if caption:
                    failures.append(SegmentationFailure(source.stem, number, caption, NO_CAPTION))
                continue
            try:
                segmented = self._segmenter.segment(caption, self._stop)
            except SegmenterError as error:
                failures.append(SegmentationFailure(source.stem, number, caption, str(error)))
                segmented = self._rules.segment(caption)
            lines.append(tuple(segment.text for segment in segmented.segments))
        return _Answer(source.stem, lines, failures)


def _is_complete(folder: Path, source: Path) -> bool:
    try:
        return len(read_segment_lines(folder / source.name)) == len(read_captions_only(source))
    except FileFormatError:
        return False


def _as_line(failure: SegmentationFailure) -> str:
    return json.dumps(asdict(failure), ensure_ascii=False) + "\n"


def _write_failures(path: Path, failures: Sequence[SegmentationFailure]) -> None:
    text = "".join(_as_line(failure) for failure in failures)
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def _read_failures(path: Path) -> list[SegmentationFailure]:
    """The failures of earlier runs; a last line cut off by a kill is left out."""
    if not path.is_file():
        return []
    found = []
    for row in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(SegmentationFailure(**json.loads(row)))
        except (ValueError, TypeError):
            continue
    return found
