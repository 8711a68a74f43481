"""The option of the commands that look for text in motion: by what."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

WayOption = Annotated[
    Literal["head", "aligned"] | None,
    typer.Option(
        help="head: the bundle's grounding head. aligned: as in the paper, sliding windows in the space of its "
        "alignment loss. Left out: the head where there is one."
    ),
]


def print_way(way: str) -> None:
    """Say what looked, where it is not what bundles of ours look with."""
    if way == "aligned":
        typer.echo("Looked for in the aligned space, the best of sliding windows (as in the paper); not calibrated.")
