"""``segmo evaluate edits``: recorded clips with a stretch made anew, and made loops."""

from __future__ import annotations

from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import (
    BundleArgument,
    CacheOption,
    DeviceOption,
    JsonOption,
    MarkdownOption,
    Mocap22Option,
    SeedOption,
    measuring_request,
    one_layout,
    print_figures,
)
from segmo_core.cli.output import ConsoleProgress


def edits(
    data: Mocap22Option,
    bundle: BundleArgument = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stretches of each kind, and loops.")] = None,
    candidates: Annotated[int, typer.Option(help="The best of so many, as in segmo edit.")] = 4,
    seed: SeedOption = 0,
    device: DeviceOption = "cpu",
    cache: CacheOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Recorded clips of mocap22 with a stretch made anew, and made loops: what stays, how they meet, what is found."""
    from segmo_core.evaluation.suites.editing.edit_suite import CLIPS, LOOPS, EditCounts
    from segmo_core.evaluation.suites.measuring import run_edits
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    request = measuring_request(bundle, data, cache, device)
    counts = EditCounts(limit or CLIPS, limit or CLIPS, 2 * limit if limit else LOOPS, candidates)
    with ConsoleProgress("Measuring") as progress:
        figures = run_edits(request, counts, seed, progress)
    print_figures(to_plain(figures), figures.tables(), as_json, as_markdown)
