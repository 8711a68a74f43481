"""``segmo evaluate segments``, ``grounding``, ``movement``, ``tokenizer``, ``long``: figures of a bundle on mocap22."""

from __future__ import annotations

from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import (
    BundleArgument,
    CacheOption,
    DeviceOption,
    GuidanceOption,
    JsonOption,
    MarkdownOption,
    Mocap22Option,
    ResidualGuidanceOption,
    SeedOption,
    SplitOption,
    StepsOption,
    TemperatureOption,
    TimingOption,
    measuring_request,
    one_layout,
    print_figures,
)
from segmo_core.cli.output import ConsoleProgress
from segmo_core.errors import InvalidRequestError


def segments(
    data: Mocap22Option,
    bundle: BundleArgument = None,
    limit: Annotated[int | None, typer.Option(help="Prompts of each number of segments.")] = None,
    counts: Annotated[str, typer.Option(help="Numbers of segments in the prompts.")] = "1,2,3,4",
    candidates: Annotated[int, typer.Option(help="The best of so many, as in segmo generate.")] = 1,
    repair: Annotated[bool, typer.Option("--repair", help="Repair, as in segmo generate.")] = False,
    seed: SeedOption = 0,
    timing: TimingOption = "true",
    steps: StepsOption = None,
    guidance: GuidanceOption = None,
    residual_guidance: ResidualGuidanceOption = None,
    temperature: TemperatureOption = None,
    device: DeviceOption = "cpu",
    cache: CacheOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Whether segments are recognised, in order and at their places; on mocap22."""
    from segmo_core.evaluation.suites.measuring import run_segments
    from segmo_core.evaluation.suites.segment_suite import PROMPTS, SegmentSettings
    from segmo_core.evaluation.suites.segment_tables import segment_tables
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    settings = SegmentSettings(
        prompts=PROMPTS if limit is None else limit,
        counts=_numbers(counts),
        candidates=candidates,
        repaired=repair,
        timing=timing,
        seed=seed,
    )
    sampling = (steps, guidance, residual_guidance, temperature)
    request = measuring_request(bundle, data, cache, device, sampling)
    with ConsoleProgress("Measuring") as progress:
        figures = run_segments(request, settings, progress)
    print_figures(to_plain(figures), segment_tables(figures), as_json, as_markdown)


def grounding(
    data: Mocap22Option,
    bundle: BundleArgument = None,
    limit: Annotated[int | None, typer.Option(help="Joined clips to look for text in.")] = None,
    seed: SeedOption = 0,
    split: SplitOption = "test",
    device: DeviceOption = "cpu",
    cache: CacheOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """Text looked for in joined clips of mocap22: whether and where it is found."""
    from segmo_core.evaluation.suites.figure_tables import grounding_tables
    from segmo_core.evaluation.suites.grounding_suite import SEQUENCES
    from segmo_core.evaluation.suites.measuring import run_grounding
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    request = measuring_request(bundle, data, cache, device)
    with ConsoleProgress("Measuring") as progress:
        figures = run_grounding(request, SEQUENCES if limit is None else limit, seed, split, progress)
    print_figures(to_plain(figures), grounding_tables(figures), as_json, as_markdown)


def movement(
    data: Mocap22Option,
    bundle: BundleArgument = None,
    limit: Annotated[int | None, typer.Option(help="Motions of each action.")] = None,
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
    """Sliding feet and jitter at every stage, beside the real clips of mocap22."""
    from segmo_core.evaluation.suites.figure_tables import movement_tables
    from segmo_core.evaluation.suites.measuring import run_movement
    from segmo_core.evaluation.suites.movement_suite import MOTIONS
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    sampling = (steps, guidance, residual_guidance, temperature)
    request = measuring_request(bundle, data, cache, device, sampling)
    with ConsoleProgress("Measuring") as progress:
        figures = run_movement(request, MOTIONS if limit is None else limit, seed, progress)
    print_figures(to_plain(figures), movement_tables(figures), as_json, as_markdown)


def tokenizer(
    data: Mocap22Option,
    bundle: BundleArgument = None,
    limit: Annotated[int | None, typer.Option(help="Clips of each source.")] = None,
    split: SplitOption = "test",
    device: DeviceOption = "cpu",
    cache: CacheOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
) -> None:
    """What the tokenizer gives back of clips of mocap22, by source and by attitude of the body."""
    from segmo_core.evaluation.suites.measuring import run_tokenizer
    from segmo_core.evaluation.suites.tokenizer_suite import tokenizer_tables
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    request = measuring_request(bundle, data, cache, device)
    with ConsoleProgress("Measuring") as progress:
        figures = run_tokenizer(request, limit, split, progress)
    print_figures(to_plain(figures), tokenizer_tables(figures), as_json, as_markdown)


def long(
    data: Mocap22Option,
    bundle: BundleArgument = None,
    limit: Annotated[int | None, typer.Option(help="Motions of 60 seconds.")] = None,
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
    """Motions of 60 seconds: what can be seen where windows join, beside the clips of mocap22."""
    from segmo_core.evaluation.suites.figure_tables import long_tables
    from segmo_core.evaluation.suites.long_suite import MOTIONS
    from segmo_core.evaluation.suites.measuring import run_long
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    sampling = (steps, guidance, residual_guidance, temperature)
    request = measuring_request(bundle, data, cache, device, sampling)
    with ConsoleProgress("Measuring") as progress:
        figures = run_long(request, MOTIONS if limit is None else limit, seed, progress)
    print_figures(to_plain(figures), long_tables(figures), as_json, as_markdown)


def _numbers(counts: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in counts.split(","))
    except ValueError:
        raise InvalidRequestError(
            f"counts: {counts!r}, expected numbers separated by commas, such as 1,2,3,4"
        ) from None
