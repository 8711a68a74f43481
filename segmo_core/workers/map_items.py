"""The one way to do something with many items: ``for outcome in map_items(work, items, Workers(4))``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import closing
from typing import Any

from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.workers.crew import Crew, OwnCrew
from segmo_core.workers.places import DASK, PROCESSES, Workers
from segmo_core.workers.work import Answer, Item, Outcome, Result, Work

TRIES = 2  # of an item whose worker ended in the middle: it may have been the item's fault, or not
_PATIENCE = 0.2  # seconds between looks at whether the user cancelled
_AHEAD = 4  # times the crew's capacity: items finished before one that is still waited for


def map_items(
    work: Work[Item, Result],
    items: Iterable[Item],
    workers: Workers | None = None,
    progress: Progress | None = None,
    *,
    in_order: bool = True,
    name: Callable[[Item], str] = lambda item: "",
) -> Iterator[Outcome[Item, Result]]:
    """What becomes of every item, in their order or as they come. The results are those of one worker, bit for bit.

    Items are taken as workers get free, and none while the caller does not take outcomes, so memory stays small
    however many there are. An item whose worker was killed is done again once. Ending the loop, cancelling and errors
    end all workers.

    Args:
        work: what is done with each.
        items: any number; with a length, progress says how many are left.
        workers: where; None is this process.
        progress: told after every item, by one worker also within.
        in_order: False gives outcomes as they come.
        name: of an item, for progress.

    Raises:
        SegmoError: the work cannot start (no such bundle, ...).
        CancelledError: cancelled.
        MissingDependencyError: no dask or submitit here; the sentence has the line that installs it.
    """
    workers, progress = workers or Workers(), progress or SilentProgress()
    return _Run(work, items, workers, progress, in_order, name).outcomes()


class _Run:
    def __init__(
        self,
        work: Work[Any, Any],
        items: Iterable[Any],
        workers: Workers,
        progress: Progress,
        in_order: bool,
        name: Callable[[Any], str],
    ) -> None:
        self._work, self._workers, self._progress = work, workers, progress
        self._waiting = enumerate(items)
        self._total = len(items) if isinstance(items, Sized) else 0
        self._in_order, self._name = in_order, name
        self._held: dict[int, Any] = {}
        self._tries: dict[int, int] = {}
        self._done = 0

    def outcomes(self) -> Iterator[Outcome[Any, Any]]:
        """See map_items."""
        ready: dict[int, Outcome[Any, Any]] = {}
        next_number = 0
        with closing(_crew(self._work, self._workers, self._progress_of_item)) as crew:
            while True:
                self._progress.raise_if_cancelled()
                self._hand_out(crew, len(ready))
                if not self._held:
                    return
                for answer in crew.finished(_PATIENCE):
                    outcome = self._outcome(crew, answer)
                    if outcome is not None:
                        ready[outcome.number] = outcome
                if not self._in_order:
                    for number in list(ready):
                        yield ready.pop(number)
                while next_number in ready:
                    yield ready.pop(next_number)
                    next_number += 1

    def _hand_out(self, crew: Crew, num_ready: int) -> None:
        most = crew.capacity
        while len(self._held) < most and num_ready < _AHEAD * most:
            following = next(self._waiting, None)
            if following is None:
                return
            number, item = following
            self._held[number] = item
            self._say(self._done, item)
            crew.give(number, item)

    def _outcome(self, crew: Crew, answer: Answer) -> Outcome[Any, Any] | None:
        """None for an item that is tried again, or was done before."""
        if answer.error is not None:
            raise answer.error
        number = answer.number
        if number not in self._held:
            return None  # a worker that was given up had not ended after all, and its item is done already
        item = self._held[number]
        self._tries[number] = self._tries.get(number, 0) + 1
        if answer.is_lost and self._tries[number] < TRIES:
            crew.give(number, item)
            return None
        del self._held[number], self._tries[number]
        self._done += 1
        self._say(self._done, item)
        return Outcome(number, item, answer.result, answer.problem)

    def _say(self, done: int, item: Any) -> None:
        counted = f"{done} of {self._total}" if self._total else f"{done}"
        self._progress.report(done / self._total if self._total else 0.0, f"{counted}: {self._name(item)}".rstrip(": "))

    def _progress_of_item(self) -> Progress:
        share = 1 / self._total if self._total else 0.0
        return ProgressPart(self._progress, self._done * share, (self._done + 1) * share)


def _crew(work: Work[Any, Any], workers: Workers, progress: Callable[[], Progress]) -> Crew:
    if workers.is_this_process:
        return OwnCrew(work, progress)
    if workers.cluster == PROCESSES:
        from segmo_core.workers.process_crew import ProcessCrew

        return ProcessCrew(work, workers)
    if workers.cluster == DASK or "://" in workers.cluster:
        from segmo_core.workers.dask_crew import DaskCrew

        return DaskCrew(work, workers)
    from segmo_core.workers.job_crew import JobCrew

    return JobCrew(work, workers)
