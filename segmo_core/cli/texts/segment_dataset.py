"""``segmo segment-dataset``: all captions of a data set into segments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core import catalog
from segmo_core.cli.output import ConsoleProgress, print_notice
from segmo_core.cli.texts.segmenting import ModelOption, OllamaUrlOption


def segment_dataset(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of HumanML3D or KIT-ML (with texts/).")],
    segmenter: Annotated[
        str,
        typer.Option(
            metavar="|".join(catalog.TEXT_SEGMENTERS), help="rules: built in, offline. ollama: a language model."
        ),
    ] = "rules",
    model: ModelOption = None,
    ollama_url: OllamaUrlOption = None,
    workers: Annotated[int, typer.Option(help="Captions asked for at a time.")] = 4,
    timeout: Annotated[float, typer.Option(help="With ollama: seconds to wait for one answer.")] = 120.0,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where LLM_processed/ is written; the data set's folder if left out."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep what is done; ask for the rest and for what failed.")
    ] = False,
) -> None:
    """Decompose every caption of a data set into the published files of segments."""
    from segmo_core.data.captioned_folders.segment_dataset import segment_dataset as run
    from segmo_core.segmentation.language_models import text_segmenter
    from segmo_core.segmentation.text_ollama import OllamaSegmenter

    asked = text_segmenter(segmenter, strict=True, model=model, url=ollama_url, timeout=timeout)
    name = asked.model if isinstance(asked, OllamaSegmenter) else segmenter
    with ConsoleProgress("Cutting captions") as progress:
        report = run(folder, asked, name, out=out, workers=workers, resume=resume, progress=progress)
    typer.echo(
        f"Wrote {report.files_written} of {report.num_files} files ({report.captions} captions) to {report.folder}; "
        f"{report.files_kept} were done before"
    )
    if report.unreadable:
        print_notice(f"{len(report.unreadable)} files left out, the first: {report.unreadable[0].reason}")
    failed = [failure for failure in report.failures if failure not in report.unreadable]
    if failed:
        first = failed[0]
        print_notice(
            f"{len(failed)} captions failed, the first in {first.name}, line {first.line}: {first.reason} "
            f"(all in {report.failures_path}; --resume asks again)"
        )
