"""``segmo convert``: published checkpoints to a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from segmo_core.cli.output import ConsoleProgress, print_json, print_notice, print_table


def convert(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A downloaded MoMask folder (checkpoints/t2m) or SegMo folder.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="BUNDLE", help="Folder of the bundle to write.")],
    dataset: Annotated[
        Literal["t2m", "kit"] | None, typer.Option(help="Which one, where the folder holds HumanML3D and KIT-ML.")
    ] = None,
    tokenizer: Annotated[
        Path | None, typer.Option(help="Run of the tokenizer, instead of the one that the masked transformer names.")
    ] = None,
    masked: Annotated[Path | None, typer.Option(help="Run of the masked transformer, where there are several.")] = None,
    residual: Annotated[
        Path | None, typer.Option(help="Run of the residual transformer, where there are several.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Convert published MoMask or SegMo checkpoints to a bundle; its texts are encoded by CLIP (segmo fetch-clip)."""
    from segmo_core.conversion.convert import convert_folder
    from segmo_core.conversion.upstream_folder import PartChoice
    from segmo_core.serialization import to_plain

    with ConsoleProgress("Converting") as progress:
        report = convert_folder(folder, output, dataset, progress, PartChoice(tokenizer, masked, residual))
    for notice in report.notices:
        print_notice(notice)
    if as_json:
        parts = [{"name": p.name, "path": str(p.path), "num_tensors": p.num_tensors} for p in report.parts]
        print_json(to_plain(report) | {"bundle": str(report.bundle), "parts": parts})
        return
    print_table(
        ("Part", "Tensors", "File"),
        [(part.name, str(part.num_tensors), _within(part.path, folder)) for part in report.parts],
        numbers=("Tensors",),
    )
    typer.echo(f"Wrote {report.source} for {report.dataset} to {report.bundle}")


def _within(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
