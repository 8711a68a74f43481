"""``segmo evaluate strips``: pictures of a few prompts, for people to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import BundleArgument
from segmo_core.cli.output import ConsoleProgress


def strips(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="Folder for strip-01.jpg and so on.")
    ],
    bundle: BundleArgument = None,
) -> None:
    """Generate twelve prompts with one seed, as a user would, and draw ten poses of each side by side."""
    from segmo_core.engine import starter_bundle_path
    from segmo_core.evaluation.samples.frame_strips import write_strips

    with ConsoleProgress("Drawing") as progress:
        written = write_strips(bundle or starter_bundle_path(), output, progress)
    typer.echo(f"Wrote {len(written)} pictures to {output}")
