"""``segmo train``: models, how long their segments take, and an evaluator for them, from a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from segmo_core.cli.output import ConsoleProgress, print_notice
from segmo_core.errors import InvalidRequestError
from segmo_core.shipped import config_file


def train(
    stage: Annotated[
        Literal["tokenizer", "masked", "residual", "decoder", "boundaries", "all", "durations", "judge", "evaluator"],
        typer.Argument(
            help="What to train; durations: how long a text takes; judge: whether joints show a text, for the check; "
            "evaluator: what `segmo evaluate` measures with."
        ),
    ],
    data: Annotated[
        list[Path],
        typer.Option(
            help="Folder of the data set: mocap22, HumanML3D or KIT-ML. Several of mocap22's layout are one data set."
        ),
    ],
    out: Annotated[Path, typer.Option("-o", "--output", help="Folder for checkpoints, logs and the finished bundle.")],
    config: Annotated[
        Path | None,
        typer.Option(
            help="JSON file with the sizes and settings, or the name of one that ships, such as starter; an evaluator "
            "has the published ones if left out."
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints in --output.")] = False,
    bundle: Annotated[
        Path | None, typer.Option(help="With durations and judge: folder of a bundle to put the model into.")
    ] = None,
) -> None:
    """Train a stage, or all of them, into a bundle."""
    from segmo_core.training.evaluator_run import train_evaluator
    from segmo_core.training.processes import was_started_first
    from segmo_core.training.run import train as run_training

    config = None if config is None else config_file(config)
    if bundle is not None and stage not in ("durations", "judge"):
        raise InvalidRequestError(f"bundle: given for {stage}, expected only for durations and judge")
    if stage == "evaluator":
        with ConsoleProgress("Preparing") as progress:
            folder = train_evaluator(data, config, out, resume=resume, progress=progress)
        if was_started_first():
            typer.echo(f"Wrote the evaluator {folder}")
        return
    if stage in ("durations", "judge"):
        _train_small(stage, data, config, out, bundle, resume)
        return
    if config is None:
        raise InvalidRequestError("train: no --config given, expected a JSON file such as configs/starter.json")
    with ConsoleProgress("Preparing") as progress:
        report = run_training(stage, data, config, out, resume=resume, progress=progress)
    if not was_started_first():
        return
    for notice in report.notices:
        print_notice(notice)
    typer.echo(f"Trained {stage} in {report.out}")
    if report.bundle is not None:
        typer.echo(f"Wrote the bundle {report.bundle}")


def _train_small(
    stage: str, data: list[Path], config_path: Path | None, out: Path, bundle: Path | None, resume: bool
) -> None:
    from segmo_core.training.config import read_config
    from segmo_core.training.duration_run import train_durations
    from segmo_core.training.judge.judge_run import train_judge

    config = None if config_path is None else read_config(config_path)
    with ConsoleProgress("Preparing") as progress:
        run = train_judge if stage == "judge" else train_durations
        trained = run(
            data,
            out,
            bundle=bundle,
            text_encoder="minilm" if config is None else config.text_encoder,
            only_shippable=config is None or config.only_shippable,
            leave_out=() if config is None else config.leave_out,
            resume=resume,
            progress=progress,
        )
    for name, value in trained.figures.items():
        typer.echo(f"{name} {value:g}")
    typer.echo(f"Trained {stage} in {out}" if bundle is None else f"Put what was trained for {stage} into {bundle}")
