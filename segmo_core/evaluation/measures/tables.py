"""Figures as tables, which the command line prints and model cards and documentation take as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from segmo_core.evaluation.measures.intervals import Mean, Share


@dataclass(frozen=True)
class Table:
    """The first column is text, all others are numbers. notes: sentences to read with it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def markdown(self) -> str:
        """Title, table and notes as Markdown paragraphs."""
        lines = [_row(self.columns), _row(["---", *["---:"] * (len(self.columns) - 1)])]
        lines += [_row(row) for row in self.rows]
        parts = [f"**{self.title}**", "\n".join(lines), *self.notes]
        return "\n\n".join(parts) + "\n"


def markdown(tables: Iterable[Table]) -> str:
    return "\n".join(table.markdown() for table in tables)


def percent(share: Share | None) -> str:
    """ "87 % (81 to 91)"; one decimal where the whole per cent would hide it. "-" for None."""
    if share is None:
        return "-"
    return f"{_percent(share.value)} % ({100 * share.low:.0f} to {100 * share.high:.0f})"


def mean(value: Mean | None, digits: int = 1) -> str:
    """ "4.7 (4.1 to 5.3)"; "-" for None."""
    if value is None:
        return "-"
    return f"{value.value:.{digits}f} ({value.low:.{digits}f} to {value.high:.{digits}f})"


def _percent(value: float) -> str:
    digits = 1 if 0.0 < value < 0.05 or 0.95 < value < 1.0 else 0
    return f"{100 * value:.{digits}f}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
