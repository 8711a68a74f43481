"""Options that several suites of ``segmo evaluate`` share; each suite names those that it reads, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from segmo_core.cli.output import print_json
from segmo_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from segmo_core.evaluation.measures.tables import Table
    from segmo_core.evaluation.suites.measuring import MeasuringRequest

BundleArgument = Annotated[
    Path | None, typer.Argument(metavar="[BUNDLE]", help="Folder of a bundle; the starter bundle if left out.")
]
DataOption = Annotated[
    list[Path],
    typer.Option(
        help="Folder of the data set: mocap22, HumanML3D or KIT-ML. Several of mocap22's layout are one data set."
    ),
]
Mocap22Option = Annotated[
    list[Path],
    typer.Option("--data", metavar="MOCAP22", help="A folder of mocap22's layout; several are one data set."),
]
SeedOption = Annotated[int, typer.Option(help="The same seed gives the same figures.")]
SplitOption = Annotated[Literal["test", "val", "train"], typer.Option(help="Which motions.")]
TimingOption = Annotated[
    Literal["even", "true", "none"],
    typer.Option(help="Boundaries told to a model with timed segments: equal parts, the true (asked) ones, or none."),
]
StepsOption = Annotated[int | None, typer.Option(help="Decoding steps, instead of the bundle's own.")]
GuidanceOption = Annotated[float | None, typer.Option(help="Guidance scale of base tokens.")]
ResidualGuidanceOption = Annotated[float | None, typer.Option(help="Guidance scale of residual tokens.")]
TemperatureOption = Annotated[float | None, typer.Option(help="Temperature of all tokens.")]
DeviceOption = Annotated[Literal["cpu", "cuda"], typer.Option(help="Where the model runs.")]
CacheOption = Annotated[
    Path | None, typer.Option(help="Folder for what is computed once; the user's cache if left out.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print Markdown.")]


def measuring_request(
    bundle: Path | None,
    data: list[Path],
    cache: Path | None,
    device: str,
    sampling: tuple[int | None, float | None, float | None, float | None] = (None, None, None, None),
) -> MeasuringRequest:
    """What a suite on mocap22 measures, from what was given; the starter bundle where none was.

    sampling: steps, guidance, guidance of the residual tokens, temperature; None where the bundle's own is meant.
    """
    from segmo_core.engine import starter_bundle_path
    from segmo_core.evaluation.samples.tested_bundle import SamplingChoices
    from segmo_core.evaluation.suites.measuring import MeasuringRequest

    return MeasuringRequest(
        bundle or starter_bundle_path(), data, cache_folder(cache, data), SamplingChoices(*sampling), device
    )


def cache_folder(given: Path | None, data: list[Path]) -> Path:
    """The folder given, or one in the user's cache that belongs to these data folders together."""
    import hashlib
    import os

    from platformdirs import user_cache_path

    from segmo_core.serialization import real_path

    if given is not None:
        return given
    places = [real_path(folder) for folder in data]
    key = hashlib.sha256(b"\0".join(os.fsencode(place) for place in places)).hexdigest()[:8]
    return user_cache_path("segmo") / "datasets" / f"{'-'.join(place.name for place in places)}-{key}"


def one_layout(as_json: bool, as_markdown: bool) -> None:
    """Refuse two layouts at once, before anything is measured."""
    if as_json and as_markdown:
        raise InvalidRequestError("json and markdown: both given, expected one of them")


def print_figures(plain: object, tables: Sequence[Table], as_json: bool, as_markdown: bool) -> None:
    """Figures in the layout that was asked for: JSON, Markdown, or tables for the terminal."""
    from segmo_core.cli.evaluation.tables import print_tables
    from segmo_core.evaluation.measures.tables import markdown

    if as_json:
        print_json(plain)
    elif as_markdown:
        typer.echo(markdown(tables), nl=False)
    else:
        print_tables(tables)
