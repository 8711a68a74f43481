"""``segmo finetune``: a bundle that does what your own clips show, besides what it did before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from segmo_core.cli.output import ConsoleProgress


def finetune(
    clips: Annotated[
        Path,
        typer.Argument(
            metavar="CLIPS",
            help="Folder of motion files, each with a .txt of the same name: sentences that say what it shows.",
        ),
    ],
    out: Annotated[Path, typer.Option("-o", "--output", help="Folder for checkpoints and the finished bundle.")],
    bundle: Annotated[Path, typer.Option(help="Bundle to begin with: a folder, or a name that ships.")] = Path(
        "starter"
    ),
    steps: Annotated[int, typer.Option(help="Training steps; more for many clips.")] = 500,
    rehearsal: Annotated[
        int, typer.Option(help="Motions of every known sentence that are practised again; 0 forgets more.")
    ] = 2,
    sentences: Annotated[
        Path | None, typer.Option(help="File of sentences to rehearse, one a line; the built-in ones if left out.")
    ] = None,
    device: Annotated[Literal["cpu", "cuda"], typer.Option(help="Where the model is trained.")] = "cpu",
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoints in --output.")] = False,
) -> None:
    """Train a bundle on with your own clips and words; what it could do before is rehearsed."""
    from segmo_core.grounding.description import read_candidates
    from segmo_core.training.finetuning.finetune import FinetuneSettings
    from segmo_core.training.finetuning.finetune import finetune as run_finetuning

    known = None if sentences is None else read_candidates(sentences)
    settings = FinetuneSettings(steps=steps, rehearsal=rehearsal)
    with ConsoleProgress("Preparing") as progress:
        report = run_finetuning(
            clips,
            out,
            bundle=bundle,
            sentences=known,
            settings=settings,
            device=device,
            resume=resume,
            progress=progress,
        )
    typer.echo(f"Trained on {report.clips} clips: {', '.join(text.rstrip('.') for text in report.words)}")
    typer.echo(f"Wrote the bundle {report.bundle}")
