"""``segmo evaluate report``: the figures of a bundle into its manifest and its model card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import CacheOption, Mocap22Option, cache_folder
from segmo_core.cli.output import ConsoleProgress
from segmo_core.errors import InvalidRequestError


def report(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of the bundle; its card is written anew.")],
    data: Mocap22Option,
    prompts: Annotated[int, typer.Option(help="Prompts of each number of segments.")] = 39,
    sequences: Annotated[int, typer.Option(help="Joined clips to look for text in.")] = 60,
    motions: Annotated[int, typer.Option(help="Motions of each action, for skating and jitter.")] = 4,
    cache: CacheOption = None,
) -> None:
    """Measure segments, movement, long motions and grounding on mocap22, with few motions, and write it down.

    The bundle's similarities are calibrated first; the figures go into its manifest and its model card.
    """
    from segmo_core.bundle_manifest import record_figures
    from segmo_core.evaluation.judges.trained_judge import trained_judge
    from segmo_core.evaluation.suites.measuring import MeasuringRequest, shipped_peers
    from segmo_core.evaluation.suites.report import measure_bundle

    for name, value in (("prompts", prompts), ("sequences", sequences), ("motions", motions)):
        if value < 1:
            raise InvalidRequestError(f"{name}: {value}, expected at least 1")
    where = cache_folder(cache, data)
    with ConsoleProgress("Measuring") as progress:
        tested, loaded = MeasuringRequest(bundle, data, where).open(progress)
        judge = trained_judge(loaded, where, progress=progress)
        figures = measure_bundle(
            tested,
            loaded,
            judge,
            shipped_peers(),
            progress,
            prompts=prompts,
            sequences=sequences,
            motions=motions,
        )
    record_figures(bundle, figures.values(), figures.section(), figures.calibration)
    typer.echo(figures.section(), nl=False)
