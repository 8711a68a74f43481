"""What commands print: tables and notices for people, one JSON object a line for programs, progress on a terminal."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

import typer

from segmo_core.errors import CancelledError

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

QUIET_SECONDS = 0.5  # work shorter than this shows no bar
_UNBROKEN = 100_000  # columns: no table of ours is as wide


def print_json(value: Any) -> None:
    """One JSON object on one line of standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def print_notice(sentence: str) -> None:
    """A sentence for the user on standard error."""
    typer.echo(f"segmo: {sentence}", err=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()) -> None:
    """A table on standard output, as wide as ``output_width``; columns named in ``numbers`` are right-aligned."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD if can_show("─") else box.ASCII)
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(soft_wrap=False, width=output_width(), markup=False, emoji=False, highlight=False)
    console.print(table)


def output_width() -> int:
    """Columns of the terminal; a file or another program gets its lines whole."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNBROKEN


def sparkline(values: Sequence[float], width: int = 24) -> str:
    """A curve as one line of blocks, empty where the terminal cannot show them. Values are averaged to ``width``."""
    blocks = "▁▂▃▄▅▆▇█"
    if not values or not can_show(blocks):
        return ""
    edges = [round(k * len(values) / min(width, len(values))) for k in range(min(width, len(values)) + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in itertools.pairwise(edges)]
    low, span = min(means), (max(means) - min(means)) or 1.0
    return "".join(blocks[round((mean - low) / span * (len(blocks) - 1))] for mean in means)


def can_show(characters: str) -> bool:
    """Whether standard output can hold the characters."""
    try:
        characters.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


_followers: list[tuple[Callable[[float, str], None], Callable[[], bool]]] = []


@contextmanager
def follow_progress(report: Callable[[float, str], None], is_to_stop: Callable[[], bool]) -> Iterator[None]:
    """Within it every report of a command also goes to ``report``, and a command stops at its next step once
    ``is_to_stop`` says so."""
    _followers.append((report, is_to_stop))
    try:
        yield
    finally:
        _followers.pop()


class ConsoleProgress:
    """A progress bar with the time left, on standard error and only on a terminal. A context manager."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._started = time.monotonic()
        self._shown = sys.stderr.isatty()
        self._bar: RichProgress | None = None
        self._last = 0.0

    def __enter__(self) -> ConsoleProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def report(self, fraction: float, message: str = "") -> None:
        for follow, _is_to_stop in _followers:
            follow(fraction, message or self._title)
        if not self._shown or time.monotonic() - self._started < QUIET_SECONDS:
            return
        if self._bar is None:
            self._bar = _new_bar()
            self._bar.start()
            self._bar.add_task(self._title, total=1.0)
        (task,) = self._bar.task_ids
        if fraction < self._last:  # the next piece of work: its time left starts anew
            self._bar.reset(task)
        self._last = fraction
        self._bar.update(task, completed=fraction, description=message or self._title)

    def raise_if_cancelled(self) -> None:
        """Ctrl+C interrupts by itself; whoever follows may ask to stop."""
        if any(is_to_stop() for _follow, is_to_stop in _followers):
            raise CancelledError


def _new_bar() -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
