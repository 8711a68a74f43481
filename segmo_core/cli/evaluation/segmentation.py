"""``segmo evaluate segmentation``: the motion segmenters against true boundaries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import (
    CacheOption,
    JsonOption,
    MarkdownOption,
    Mocap22Option,
    SplitOption,
    cache_folder,
    one_layout,
)
from segmo_core.cli.evaluation.tables import print_segmentation
from segmo_core.cli.output import ConsoleProgress, print_json
from segmo_core.errors import InvalidRequestError


def segmentation(
    data: Mocap22Option,
    limit: Annotated[int, typer.Option(help="Sequences of joined clips to cut, 1 or more.")] = 500,
    split: SplitOption = "test",
    babel: Annotated[
        Path | None,
        typer.Option(help="BABEL's JSON: cut its motions in the data instead, against people's boundaries."),
    ] = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Error of the motion segmenters, in tokens, in joined clips of mocap22 or against people; no bundle is needed."""
    from segmo_core.data.mocap22 import load_mocap22
    from segmo_core.evaluation.suites.people_boundaries import measure_against_people
    from segmo_core.evaluation.suites.segmentation_report import measure_segmenters, segmentation_table
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    if limit < 1:
        raise InvalidRequestError(f"limit: {limit}, expected at least 1")
    where = cache_folder(cache, data)
    if babel is not None:
        with ConsoleProgress("Cutting motions") as progress:
            people = measure_against_people(data, babel, where, progress)
        if as_json:
            print_json(to_plain(people))
            return
        typer.echo(f"{people.stretches} stretches of {people.clips} motions, boundaries by people")
        if as_markdown:
            typer.echo(segmentation_table(people.rows), nl=False)
        else:
            print_segmentation(people.rows)
        return
    with ConsoleProgress("Cutting motions") as progress:
        loaded = load_mocap22(data, where / "mocap22", progress)
        figures = measure_segmenters(loaded, where, split=split, sequences=limit, progress=progress)
    if as_json:
        print_json(to_plain(figures))
    elif as_markdown:
        typer.echo(segmentation_table(figures), nl=False)
    else:
        print_segmentation(figures)
