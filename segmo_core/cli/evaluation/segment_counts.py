"""``segmo evaluate segment-counts``: how many segments the captions of a data set have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import (
    CacheOption,
    JsonOption,
    MarkdownOption,
    cache_folder,
    one_layout,
    print_figures,
)
from segmo_core.cli.output import ConsoleProgress


def segment_counts(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of HumanML3D or KIT-ML.")],
    segments_model: Annotated[
        str | None, typer.Option(help="Whose decomposed captions to count, such as qwen3:8b; any if left out.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Draw it too, as an .svg picture.")] = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Captions by number of segments and split, as figure 8 of the paper; no bundle is needed."""
    from segmo_core.cli.motions.output_files import check_writable
    from segmo_core.evaluation.suites.segment_counts import count_segments, draw_counts
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    if output is not None:
        check_writable(output)
    with ConsoleProgress("Counting") as progress:
        counts = count_segments(data, cache_folder(cache, [data]), segments_model, progress)
    if output is not None:
        draw_counts(counts, output)
    print_figures(to_plain(counts), [counts.table()], as_json, as_markdown)
    if output is not None and not as_json:
        typer.echo(f"Wrote {output}")
