"""``segmo evaluate words``: free sentences, judged by plain geometry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import (
    BundleArgument,
    CacheOption,
    DeviceOption,
    GuidanceOption,
    JsonOption,
    MarkdownOption,
    ResidualGuidanceOption,
    SeedOption,
    StepsOption,
    TemperatureOption,
    cache_folder,
    one_layout,
    print_figures,
)
from segmo_core.cli.output import ConsoleProgress


def words(
    data: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MOCAP22", help="Folders of mocap22's layout, for recorded clips of the same acts beside."
        ),
    ] = None,
    bundle: BundleArgument = None,
    seeds: Annotated[int, typer.Option(help="Motions of every sentence.")] = 2,
    limit: Annotated[int | None, typer.Option(help="Sentences of each kind.")] = None,
    candidates: Annotated[int, typer.Option(help="The best of so many, as in segmo generate.")] = 1,
    seed: SeedOption = 0,
    steps: StepsOption = None,
    guidance: GuidanceOption = None,
    residual_guidance: ResidualGuidanceOption = None,
    temperature: TemperatureOption = None,
    device: DeviceOption = "cpu",
    cache: CacheOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Free sentences as people type them: whether the motion does what they say, by its joints alone."""
    one_layout(as_json, as_markdown)

    from segmo_core.engine import starter_bundle_path
    from segmo_core.evaluation.samples.tested_bundle import SamplingChoices
    from segmo_core.evaluation.words.run import run_words
    from segmo_core.evaluation.words.word_suite import WordSettings
    from segmo_core.evaluation.words.word_tables import word_tables
    from segmo_core.serialization import to_plain

    folder = bundle or starter_bundle_path()
    settings = WordSettings(seeds, limit, candidates, seed)
    choices = SamplingChoices(steps, guidance, residual_guidance, temperature)
    with ConsoleProgress("Measuring") as progress:
        figures = run_words(
            folder, cache_folder(cache, data or [folder]), settings, data or None, choices, device, progress
        )
    print_figures(to_plain(figures), word_tables(figures), as_json, as_markdown)
