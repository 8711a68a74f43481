"""``segmo ground``: where in a motion something happens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from segmo_core.cli.models.runtime_option import RuntimeOption
from segmo_core.cli.motions.checking import WayOption, print_way
from segmo_core.cli.motions.reading_options import ReadingOptions, with_reading_options
from segmo_core.cli.output import ConsoleProgress, print_json, print_notice, print_table, sparkline
from segmo_core.segmentation.prompt_text import check_text


@with_reading_options
def ground(
    motion: Annotated[Path, typer.Argument(metavar="MOTION", help="Any motion file that can be read.")],
    query: Annotated[list[str], typer.Argument(metavar="QUERY...", help="What to look for, such as 'a person waves'.")],
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a model bundle; the starter bundle if left out.")
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where the model runs.")] = "auto",
    runtime: RuntimeOption = "auto",
    way: WayOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each query, one a line.")] = False,
    *,
    reading: ReadingOptions,
) -> None:
    """Find the stretch of a motion that fits a text; frames are those of the file, the end not included."""
    for text in query:
        check_text(text, "query", "a person waves")

    from segmo_core.engine import Engine

    engine = Engine(bundle, device, runtime=runtime)
    opened = reading.opened(motion)
    with ConsoleProgress("Loading") as progress:
        engine.load(progress)
    with ConsoleProgress("Looking") as progress:
        results = engine.ground_all(opened, query, progress, way=way)
    if as_json:
        for result in results:
            print_json(
                {
                    "query": result.query,
                    "start": int(result.start),
                    "end": int(result.end),
                    "score": float(result.score),
                    "confidence": round(float(result.confidence), 4) if result.is_calibrated else None,
                    "way": result.way,
                    "curve": [round(float(value), 6) for value in result.curve],
                    "frame_rate": opened.frame_rate,
                }
            )
        return
    rate = opened.frame_rate
    rows = [
        (
            result.query,
            f"{result.start} to {result.end}",
            f"{result.start / rate:.1f} to {result.end / rate:.1f}",
            f"{result.score:.2f}",
            f"{result.confidence:.0%}" if result.is_calibrated else "-",
            sparkline([float(value) for value in result.curve]),
        )
        for result in results
    ]
    print_table(
        ("Query", "Frames", "Seconds", "Score", "Confidence", "Similarity over time"),
        rows,
        numbers=("Frames", "Seconds", "Score", "Confidence"),
    )
    print_way(results[0].way)
    for result in results:
        if result.is_calibrated and result.confidence < 0.5:
            print_notice(f"{result.query!r} is probably not in this motion.")
