"""``segmo train``: models from a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from segmo_core.cli.output import ConsoleProgress


def train(
    stage: Annotated[Literal["tokenizer", "masked", "residual", "all"], typer.Argument(help="What to train.")],
    data: Annotated[Path, typer.Option(help="Folder of the data set.")],
    config: Annotated[Path, typer.Option(help="JSON file with the sizes and settings.")],
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, logs and the finished bundle.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints in --out.")] = False,
) -> None:
    """Train a stage, or all of them, into a bundle."""
    from segmo_core.training.run import train as run_training

    with ConsoleProgress("Preparing") as progress:
        report = run_training(stage, data, config, out, resume=resume, progress=progress)
    typer.echo(f"Trained {stage} in {report.out}")
    if report.bundle is not None:
        typer.echo(f"Wrote the bundle {report.bundle}")
