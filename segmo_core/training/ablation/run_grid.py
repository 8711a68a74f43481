"""All runs of a grid, one after another or several at a time; what was done before is kept."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from pathlib import Path
from typing import Any

from segmo_core.bundle_manifest import MANIFEST_NAME
from segmo_core.data.folders import DataFolders
from segmo_core.errors import InvalidRequestError, SegmoError
from segmo_core.models.batch_shares import num_shares
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.serialization import to_plain
from segmo_core.training.ablation.grid import OpenedGrid
from segmo_core.training.ablation.grid_run import GridRun, RunFigures, keep_config, take_shared
from segmo_core.training.config import TrainingConfig
from segmo_core.training.processes import joined_processes, wait_for_all
from segmo_core.training.run import part_file, train

_LOOK_SECONDS = 0.5  # how often it is asked whether to stop


def run_grid(
    opened: OpenedGrid,
    data: DataFolders,
    out: Path,
    *,
    rows: Sequence[str] = (),
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[RunFigures, ...]:
    """Train and measure what ``out`` does not hold yet: first all rows with the first seed, then with the next.

    rows: only these; all if empty.

    out: gets shared/ (the stages that all runs have in common), beginning/, runs/ROW/seed-N (bundle, log, figures.json)
    and cache/. A run that was killed goes on from its last checkpoint. workers: so many runs at a time, each in a
    process of its own, on the GPUs in turn where the configuration says "cuda". Of processes that torchrun started each
    trains its share of every batch instead. Raises SegmoError.
    """
    progress = progress or SilentProgress()
    if workers < 1:
        raise InvalidRequestError(f"workers: {workers}, expected at least 1")
    unknown = [row for row in rows if row not in opened.rows]
    if unknown:
        raise InvalidRequestError(f"row: {unknown[0]!r} is none of the grid's, expected {', '.join(opened.rows)}")
    with joined_processes(opened.base.device) as device:
        if workers > 1 and num_shares() > 1:
            raise InvalidRequestError("workers: given to torchrun's processes, expected one or the other")
        runs = [run for run in grid_runs(opened, data, out) if not rows or run.row in rows]
        kept = {(run.row, run.seed): run.kept() for run in runs}
        wait_for_all()  # what one process finds done, all do
        todo = [run for run in runs if kept[run.row, run.seed] is None]
        if todo:
            _train_shared(opened, data, out, progress)
        if workers == 1 or len(todo) < 2:
            made = _one_by_one(todo, device, progress)
        else:
            made = _side_by_side(todo, workers, device, progress)
    found = kept | {(figures.row, figures.seed): figures for figures in made}
    return tuple(figures for run in runs if (figures := found[run.row, run.seed]) is not None)


def grid_runs(opened: OpenedGrid, data: DataFolders, out: Path) -> list[GridRun]:
    """All of them, seed by seed, so that whatever is done when it is stopped is done for all rows."""
    return [GridRun(opened, data, out, row, seed) for seed in opened.grid.seeds for row in opened.rows]


def finished(opened: OpenedGrid, data: DataFolders, out: Path) -> tuple[RunFigures, ...]:
    """The figures that ``out`` holds; nothing is trained."""
    runs = [run for run in grid_runs(opened, data, out) if (run.folder / "figures.json").is_file()]
    return tuple(figures for run in runs if (figures := run.kept()) is not None)


def _train_shared(opened: OpenedGrid, data: DataFolders, out: Path, progress: Progress) -> None:
    folder = out / "shared"
    keep_config(folder, to_plain(opened.base), "the grid")
    for stage in opened.grid.shared:
        if not (folder / part_file(stage)).is_file():
            train(stage, data, folder / "config.json", folder, resume=True, cache=out / "cache", progress=progress)
    if opened.beginning is not None:
        _train_beginning(opened, opened.beginning, data, out, progress)


def _train_beginning(
    opened: OpenedGrid, config: TrainingConfig, data: DataFolders, out: Path, progress: Progress
) -> None:
    """The masked transformer that all rows begin with, and a bundle around it."""
    folder = out / "beginning"
    keep_config(folder, to_plain(config), "the grid's beginning")
    if (folder / "bundle" / MANIFEST_NAME).is_file():
        return
    take_shared(opened.grid, out, folder)
    for stage in opened.own_stages:
        train(stage, data, folder / "config.json", folder, resume=True, cache=out / "cache", progress=progress)


def _one_by_one(todo: Sequence[GridRun], device: str, progress: Progress) -> list[RunFigures]:
    made = []
    for number, run in enumerate(todo):
        part = _Named(ProgressPart(progress, number / len(todo), (number + 1) / len(todo)), run)
        part.report(0.0)
        made.append(run.perform(device, part))
    return [figures for figures in made if figures is not None]


def _side_by_side(todo: Sequence[GridRun], workers: int, device: str, progress: Progress) -> list[RunFigures]:
    """Runs in processes of their own. The first is done here, which fills the caches that the others read."""
    made = _one_by_one(todo[:1], device, ProgressPart(progress, 0.0, 1 / len(todo)))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _begin_worker, (context.Value("i", 0), _number_of_gpus(device)))
    try:
        waiting: set[Future[RunFigures]] = {pool.submit(_performed, run) for run in todo[1:]}
        while waiting:
            progress.raise_if_cancelled()
            done, waiting = wait(waiting, _LOOK_SECONDS, FIRST_COMPLETED)
            made += [future.result() for future in done]
            if done:
                progress.report(len(made) / len(todo), f"run {len(made)} of {len(todo)} done")
    except BrokenProcessPool:
        raise SegmoError(
            f"workers: a process ended by itself, perhaps for want of memory; {len(made)} of {len(todo)} runs are "
            "kept, run it again with fewer"
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
    return made


def _number_of_gpus(device: str) -> int:
    """How many GPUs the workers take in turn; 0 for a processor or one that was named."""
    if not device.startswith("cuda"):
        return 0
    import torch

    return torch.cuda.device_count()


def _begin_worker(counter: Any, num_gpus: int) -> None:
    """Run in every process before its first run."""
    with counter.get_lock():
        number = counter.value
        counter.value += 1
    if num_gpus:
        os.environ["LOCAL_RANK"] = str(number % num_gpus)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process whose parent was killed has nobody to work for."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _performed(run: GridRun) -> RunFigures:
    with joined_processes(run.opened.base.device) as device:
        figures = run.perform(device, SilentProgress())
    assert figures is not None  # it trains alone
    return figures


class _Named:
    """A progress whose messages say which run it is."""

    def __init__(self, whole: Progress, run: GridRun) -> None:
        self._whole, self._name = whole, f"{run.row}, seed {run.seed}"

    def report(self, fraction: float, message: str = "") -> None:
        self._whole.report(fraction, f"{self._name}: {message}" if message else self._name)

    def raise_if_cancelled(self) -> None:
        self._whole.raise_if_cancelled()
