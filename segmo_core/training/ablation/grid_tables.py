"""A grid's figures as the paper prints them (tables 3 and 4, figure 4), with the spread over seeds, and what of the
differences can be told from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segmo_core.evaluation.measures.differences import Difference, Spread, told_apart
from segmo_core.evaluation.measures.tables import Table
from segmo_core.training.ablation.grid import Grid, GridTable
from segmo_core.training.ablation.grid_run import RunFigures

_COLUMNS = {
    "top_1": "R-Prec. 1", "top_2": "R-Prec. 2", "top_3": "R-Prec. 3", "fid": "FID", "mm_dist": "MM-Dist",
    "diversity": "Diversity",
}  # fmt: skip
_COMPARED = ("top_1", "top_3", "fid", "mm_dist")
_CROSS_ENTROPY = "cross_entropy"

ByRow = Mapping[str, Sequence[RunFigures]]


def grid_tables(grid: Grid, figures: Sequence[RunFigures]) -> list[Table]:
    """Tables of the rows that are there, of as many seeds as are."""
    by_row = {name: [one for one in figures if one.row == name] for name in grid.rows}
    tables: list[Table] = []
    for table in grid.tables:
        tables.append(_figures_table(table, by_row))
        if table.reference and by_row[table.reference]:
            tables.append(_differences_table(table, by_row))
    if grid.consistency:
        tables += [_consistency_table(grid.consistency, by_row, what) for what in ("real", "generated")]
    return [table for table in tables if table.rows]


def _figures_table(table: GridTable, by_row: ByRow) -> Table:
    there = [name for name in table.rows if by_row[name]]
    rows = [_real_row(by_row[there[0]])] if there else []
    rows += [(name, str(len(by_row[name])), *_spreads(by_row[name])) for name in there]
    columns = ("", "Seeds", *_COLUMNS.values(), "Cross-entropy")
    notes = ("Means over seeds ± their standard deviation; the last column is of the validation sequences.",)
    return Table(table.title, columns, tuple(rows), notes)


def _real_row(found: Sequence[RunFigures]) -> tuple[str, ...]:
    """Real motions are the same for all runs of a row."""
    return ("Real", "", *(f"{found[0].real[name]:.3f}" for name in _COLUMNS), "")


def _spreads(found: Sequence[RunFigures]) -> tuple[str, ...]:
    return (
        *(_cell([one.metrics[name] for one in found]) for name in _COLUMNS),
        _cell([one.validation[_CROSS_ENTROPY] for one in found]),
    )


def _differences_table(table: GridTable, by_row: ByRow) -> Table:
    """Every row less the reference. What is told apart is told of all comparisons of the table together."""
    reference = by_row[table.reference]
    found: dict[tuple[str, str], Difference] = {}
    for name in table.rows:
        for measure in _COMPARED if name != table.reference else ():
            values, others = ([one.metrics[measure] for one in runs] for runs in (by_row[name], reference))
            difference = Difference.between(values, others)
            if difference is not None:
                found[name, measure] = difference
    sure = dict(zip(found, told_apart([one.chance for one in found.values()]), strict=True))
    rows = tuple(
        (name, *(_difference(found[name, measure], sure[name, measure]) for measure in _COMPARED))
        for name in table.rows
        if (name, _COMPARED[0]) in found
    )
    told = [f"{name} ({_COLUMNS[measure]})" for (name, measure), is_sure in sure.items() if is_sure]
    untold = [name for name, *_ in rows if not any(sure[name, measure] for measure in _COMPARED)]
    notes = (
        f"Difference to {table.reference}, 95 % interval (Welch). * can be told from the spread of the seeds, all "
        f"{len(found)} comparisons of the table together (Holm, 5 %).",
        f"Told apart: {', '.join(told) if told else 'none'}.",
        f"Not told apart in anything: {', '.join(untold) if untold else 'none'}.",
    )
    columns = (f"Less {table.reference}", *(_COLUMNS[measure] for measure in _COMPARED))
    return Table(f"{table.title}: differences", columns, rows, notes)


def _consistency_table(names: Sequence[str], by_row: ByRow, what: str) -> Table:
    there = [name for name in names if any(one.consistency for one in by_row[name])]
    segmentations = list(by_row[there[0]][0].consistency) if there else []
    rows = tuple(
        (
            name,
            str(len(by_row[name])),
            *(_cell([one.consistency[segmentation][what] for one in by_row[name]]) for segmentation in segmentations),
        )
        for name in there
    )
    title = f"Segment consistency (ISC) of {what} motions: trained with (rows), cut with (columns)"
    return Table(title, ("Trained with", "Seeds", *segmentations), rows)


def _cell(values: Sequence[float]) -> str:
    spread = Spread(tuple(values))
    mean = 0.0 if abs(spread.mean) < 0.0005 else spread.mean
    return f"{mean:.3f} ± {spread.deviation:.3f}" if len(values) > 1 else f"{mean:.3f}"


def _difference(one: Difference, is_sure: bool) -> str:
    return f"{one.value:+.3f} ({one.low:+.3f} to {one.high:+.3f}){' *' if is_sure else ''}"
