"""``segmo batch``: a list of prompts into a folder of motions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from segmo_core.cli.motions.export_choices import ExportChoices, with_export_choices
from segmo_core.cli.output import ConsoleProgress, print_json, print_notice
from segmo_core.cli.texts.segmenting import ModelOption, OllamaUrlOption, SegmenterOption
from segmo_core.cli.worker_choices import WorkerChoices, with_worker_choices
from segmo_core.errors import InvalidRequestError


@with_worker_choices
@with_export_choices
def batch(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="PROMPTS",
            help="Text, a prompt a line; or .csv or .jsonl with prompt, and any of name, seed, seconds, durations, "
            "segments, formats, options.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", "--out", metavar="FOLDER", help="Folder for the motions and batch.json.")
    ],
    to: Annotated[
        list[str] | None, typer.Option(help="Kind of file, by its ending, such as fbx; npz if left out. Repeat it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of prompts that have none of their own.")] = 0,
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a model bundle; the starter bundle if left out.")
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where the model runs.")] = "auto",
    segmenter: SegmenterOption = "rules",
    model: ModelOption = None,
    ollama_url: OllamaUrlOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    *,
    choices: ExportChoices,
    crew: WorkerChoices,
) -> None:
    """Generate a list of prompts; run it again to go on where it stopped.

    Motions that are there already, from the same prompt, seed and bundle, are kept. Exit code 2 when any prompt failed.
    """
    from segmo_core.batch.prompt_list import extensions_of, read_prompts
    from segmo_core.batch.run_batch import BatchSettings, run_batch
    from segmo_core.engine import Engine

    if choices.format is not None or choices.title is not None:
        raise InvalidRequestError("format and title: given for a batch, expected --to and the prompts as titles")
    workers = crew.chosen()
    items = read_prompts(source)
    settings = BatchSettings(
        extensions_of(to or ["npz"]), seed, segmenter, choices.options(title=""), model, ollama_url
    )
    with ConsoleProgress("Generating") as progress:
        engine = Engine(bundle, device)
        engine.describe_bundle()
        if workers.is_this_process:
            engine.load(progress)  # what is wrong with bundle or device is wrong with every prompt
        report = run_batch(engine, items, output, settings, progress, workers)
    for name, sentence in report.failed:
        print_notice(f"{name}: {sentence}")
    if as_json:
        print_json({"made": list(report.made), "kept": list(report.kept), "failed": dict(report.failed)})
    else:
        typer.echo(f"{report.summary}, in {output}")
    if report.failed:
        raise InvalidRequestError(f"{len(report.failed)} of {len(items)} prompts failed; run it again after a change")
