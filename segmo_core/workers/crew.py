"""The workers behind ``map_items``, whatever they are; and the one that is this process itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from segmo_core.progress import Progress
from segmo_core.workers.work import Answer, Work, answer_for


class Crew(Protocol):
    """Takes items and gives answers, in the order in which they come. All methods are called from one thread."""

    @property
    def capacity(self) -> int:
        """Items that it may have at a time: enough that no worker waits, few enough that memory stays small."""
        ...

    def give(self, number: int, item: Any) -> None:
        """Hand over one item."""
        ...

    def finished(self, seconds: float) -> list[Answer]:
        """What came since the last call; waits up to ``seconds`` for the first."""
        ...

    def close(self) -> None:
        """End all workers, also those in the middle of an item."""
        ...


class OwnCrew:
    """This process: an item is done when its answer is asked for, and reports its own progress."""

    capacity = 1

    def __init__(self, work: Work[Any, Any], progress: Callable[[], Progress]) -> None:
        """progress: of the item in hand."""
        self._work, self._progress = work, progress
        self._task: Callable[[Any, Progress], Any] | None = None
        self._given: list[tuple[int, Any]] = []

    def give(self, number: int, item: Any) -> None:
        """See Crew."""
        self._given.append((number, item))

    def finished(self, seconds: float) -> list[Answer]:
        """See Crew."""
        progress = self._progress()
        if self._task is None:
            self._task = self._work.start(progress)
        number, item = self._given.pop(0)
        return [answer_for(self._task, number, item, progress)]

    def close(self) -> None:
        """See Crew."""
