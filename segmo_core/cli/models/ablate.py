"""``segmo ablate``: a grid of trainings, several seeds a row, and what their differences are worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import DataOption, JsonOption, MarkdownOption, one_layout, print_figures
from segmo_core.cli.output import ConsoleProgress, print_notice
from segmo_core.shipped import config_file


def ablate(
    grid: Annotated[
        Path,
        typer.Argument(
            metavar="GRID.json",
            help="Rows that differ in single choices, seeds and tables; a file, or the name of one that ships, such as "
            "ablations/mocap22.",
        ),
    ],
    data: DataOption,
    out: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Folder for all runs.")],
    row: Annotated[list[str] | None, typer.Option(help="Train this row alone; may be repeated.")] = None,
    workers: Annotated[int, typer.Option(help="So many runs at a time, each in a process of its own.")] = 1,
    only_tables: Annotated[bool, typer.Option("--tables", help="Train nothing; the tables of what is there.")] = False,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Train a grid of variants with several seeds each, evaluate them, and print the paper's tables.

    Run it again to go on where it stopped: what is finished stays, what was cut goes on from its last checkpoint.
    """
    from segmo_core.serialization import to_plain
    from segmo_core.training.ablation.grid import read_grid
    from segmo_core.training.ablation.grid_tables import grid_tables
    from segmo_core.training.ablation.run_grid import finished, run_grid
    from segmo_core.training.processes import was_started_first

    one_layout(as_json, as_markdown)
    opened = read_grid(config_file(grid))
    if not only_tables:
        with ConsoleProgress("Preparing") as progress:
            run_grid(opened, data, out, rows=row or (), workers=workers, progress=progress)
    if not was_started_first():
        return
    figures = finished(opened, data, out)
    print_figures(to_plain(figures), grid_tables(opened.grid, figures), as_json, as_markdown)
    missing = len(opened.rows) * len(opened.grid.seeds) - len(figures)
    if missing:
        print_notice(f"{missing} of {missing + len(figures)} runs are not there yet")
