"""Figures of an evaluation as tables, in the layout of the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from segmo_core.cli.output import can_show, output_width, print_table

if TYPE_CHECKING:
    from segmo_core.evaluation.measures.tables import Table
    from segmo_core.evaluation.published_protocol.protocol_figures import Estimate, EvaluationReport
    from segmo_core.evaluation.suites.segmentation_report import SegmenterFigures

_COLUMNS = {
    "top_1": "R-Prec. 1", "top_2": "R-Prec. 2", "top_3": "R-Prec. 3", "fid": "FID", "mm_dist": "MM-Dist",
    "diversity": "Diversity", "multimodality": "MModality",
}  # fmt: skip
_WIDE = 104  # from here on a value and its interval fit on one line
_BY_SEGMENTS = ("top_1", "top_2", "top_3", "mm_dist")


def print_evaluation(report: EvaluationReport) -> None:
    """The paper's table, then the same by number of segments, then segment consistency, then what to mind."""
    typer.echo(f"{report.data}: {report.num_motions} motions, {report.repeats} repeats, 95 % intervals")
    typer.echo(f"Evaluator: {report.evaluator}")
    rows = [(row.name, *_cells(row.metrics, tuple(_COLUMNS))) for row in report.methods]
    print_table(("Method", *_COLUMNS.values()), rows, numbers=tuple(_COLUMNS.values()))
    columns = tuple(_COLUMNS[name] for name in _BY_SEGMENTS)
    by_segments = [
        (
            str(count),
            str(report.counts[count]) if count in report.counts else "",
            row.name,
            *_cells(found, _BY_SEGMENTS),
        )
        for count in sorted({count for row in report.methods for count in row.by_segments})
        for row in report.methods
        if (found := row.by_segments.get(count))
    ]
    print_table(
        ("Segments", "Motions", "Method", *columns),
        by_segments,
        numbers=("Segments", "Motions", *columns),
    )
    if report.consistency:
        cells = [(row.segmentation, _cell(row.real), _cell(row.generated)) for row in report.consistency]
        print_table(("Segment consistency (ISC)", "Real", "Generated"), cells, numbers=("Real", "Generated"))
    for notice in report.notices:
        typer.echo(f"Mind: {notice}")


def print_segmentation(figures: Sequence[SegmenterFigures]) -> None:
    """Error of each segmenter in tokens, as in the paper's supplementary table 5, and by number of segments."""
    counts = sorted({count for row in figures for count in row.by_segments})
    heads = ("Error (mean)", "Error (std)", "Within 1", "Within 2", *(f"{count} segments" for count in counts))
    rows = [
        (
            row.name,
            f"{row.overall.mean:.2f}",
            f"{row.overall.std:.2f}",
            f"{row.within_one:.0%}",
            f"{row.within_two:.0%}",
            *(
                f"{row.by_segments[count].mean:.2f} ± {row.by_segments[count].std:.2f}"
                if count in row.by_segments
                else ""
                for count in counts
            ),
        )
        for row in figures
    ]
    print_table(("Segmentation, tokens", *heads), rows, numbers=heads)


def print_tables(tables: Sequence[Table]) -> None:
    """Each with its title above and its notes below."""
    for table in tables:
        typer.echo(table.title)
        print_table(table.columns, table.rows, numbers=table.columns[1:])
        for note in table.notes:
            typer.echo(note)
        typer.echo()


def _cells(found: Mapping[str, Estimate], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(_cell(found[name]) if name in found else "-" for name in names)


def _cell(value: Estimate) -> str:
    between = "" if output_width() >= _WIDE else "\n"
    mean = 0.0 if abs(value.mean) < 0.0005 else value.mean  # a distance of nothing may come out as -0.000
    return f"{mean:.3f}{between}{'±' if can_show('±') else '+-'}{value.interval:.3f}".replace("±0.", "±.")
