"""``segmo graphs``: a bundle that runs without torch as well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.output import ConsoleProgress, print_json


def graphs(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of the bundle, which is written anew.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Give a bundle the graphs by which ONNX Runtime makes, finds and checks motions without torch.

    They hold no weights, which stay in the bundle's files. Needs torch and onnx; running them needs neither.
    """
    from segmo_core.runtimes.choice import require_torch

    require_torch("Making graphs")

    from segmo_core.conversion.graphs.export import add_graphs
    from segmo_core.serialization import to_plain

    with ConsoleProgress("Making graphs") as progress:
        report = add_graphs(bundle, progress)
    if as_json:
        print_json(to_plain(report) | {"bundle": str(report.bundle)})
        return
    typer.echo(f"Wrote {len(report.names)} graphs, {report.num_bytes / 1e3:.0f} kB, into {report.bundle}")
