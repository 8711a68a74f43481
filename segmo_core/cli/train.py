"""``segmo train``: models, and an evaluator for them, from a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from segmo_core.cli.output import ConsoleProgress, print_notice
from segmo_core.errors import InvalidRequestError


def train(
    stage: Annotated[
        Literal["tokenizer", "masked", "residual", "all", "evaluator"],
        typer.Argument(help="What to train; evaluator is what `segmo evaluate` measures with."),
    ],
    data: Annotated[Path, typer.Option(help="Folder of the data set: mocap22, HumanML3D or KIT-ML.")],
    out: Annotated[Path, typer.Option(help="Folder for checkpoints, logs and the finished bundle.")],
    config: Annotated[
        Path | None,
        typer.Option(help="JSON file with the sizes and settings; an evaluator has the published ones if left out."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints in --out.")] = False,
) -> None:
    """Train a stage, or all of them, into a bundle."""
    from segmo_core.training.evaluator_run import train_evaluator
    from segmo_core.training.run import train as run_training

    if stage == "evaluator":
        with ConsoleProgress("Preparing") as progress:
            folder = train_evaluator(data, config, out, resume=resume, progress=progress)
        typer.echo(f"Wrote the evaluator {folder}")
        return
    if config is None:
        raise InvalidRequestError("train: no --config given, expected a JSON file such as configs/starter.json")
    with ConsoleProgress("Preparing") as progress:
        report = run_training(stage, data, config, out, resume=resume, progress=progress)
    if not report.is_first:
        return
    for notice in report.notices:
        print_notice(notice)
    typer.echo(f"Trained {stage} in {report.out}")
    if report.bundle is not None:
        typer.echo(f"Wrote the bundle {report.bundle}")
