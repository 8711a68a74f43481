"""What is done with every item, and what became of it. Workers get a ``Work`` pickled and start it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from segmo_core.errors import CancelledError, SegmoError, in_short
from segmo_core.progress import Progress

Item = TypeVar("Item")
Result = TypeVar("Result")
ItemOfWork = TypeVar("ItemOfWork", contravariant=True)
ResultOfWork = TypeVar("ResultOfWork", covariant=True)


class Work(Protocol[ItemOfWork, ResultOfWork]):
    """A plain value of an importable class, pickled on its way to the workers."""

    def start(self, progress: Progress) -> Callable[[ItemOfWork, Progress], ResultOfWork]:
        """What does one item; a model that it needs is loaded here, once in every worker.

        A SegmoError of ``start`` ends the whole; one of an item is that item's problem, and the next one goes on.
        """
        ...


@dataclass(frozen=True)
class Outcome(Generic[Item, Result]):
    """What became of one item. number: its place among the items. result: None where there is a problem.

    problem: one sentence, "" where all went well.
    """

    number: int
    item: Item
    result: Result | None
    problem: str = ""


@dataclass(frozen=True)
class Answer:
    """What a worker says of an item. is_lost: it ended before it said anything. error: it could not even start."""

    number: int
    result: Any = None
    problem: str = ""
    is_lost: bool = False
    error: SegmoError | None = None


def answer_for(task: Callable[[Any, Progress], Any], number: int, item: Any, progress: Progress) -> Answer:
    """Do one item. What goes wrong with it is its problem; only cancelling goes through."""
    try:
        return Answer(number, task(item, progress))
    except CancelledError:
        raise
    except SegmoError as error:
        return Answer(number, problem=str(error))
    except Exception as error:  # a fault of ours must not cost the other thousand items
        return Answer(number, problem=f"unexpected {type(error).__name__}: {in_short(error)}, expected a result")
