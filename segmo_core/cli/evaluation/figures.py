"""``segmo evaluate figures``: figures 3, 5 and 9 of the paper as a page of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import BundleArgument
from segmo_core.cli.output import ConsoleProgress


def figures(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="Folder for index.html and its pictures.")
    ],
    bundle: BundleArgument = None,
    beside: Annotated[
        list[Path] | None, typer.Option(help="Another bundle to draw below, such as a baseline; may be repeated.")
    ] = None,
) -> None:
    """Draw figures 3, 5 and 9 of the paper from a bundle: details, texts found in a motion, failures."""
    from segmo_core.engine import starter_bundle_path
    from segmo_core.evaluation.samples.figure_page import write_figure_page

    with ConsoleProgress("Drawing") as progress:
        page = write_figure_page([bundle or starter_bundle_path(), *(beside or [])], output, progress)
    typer.echo(f"Wrote {page}")
