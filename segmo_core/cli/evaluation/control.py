"""``segmo evaluate control``: constraints of recorded clips, held by generated motions."""

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
    StepsOption,
    TemperatureOption,
    measuring_request,
    one_layout,
    print_figures,
)
from segmo_core.cli.output import ConsoleProgress


def control(
    data: Mocap22Option,
    bundle: BundleArgument = None,
    limit: Annotated[int | None, typer.Option(help="Cases, a quarter of each kind.")] = None,
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
    """Waypoints, paths, poses, hands and feet of test clips: how exactly they are held, and what that costs."""
    from segmo_core.evaluation.control.control_suite import CASES, control_tables
    from segmo_core.evaluation.suites.measuring import run_control
    from segmo_core.serialization import to_plain

    one_layout(as_json, as_markdown)
    request = measuring_request(bundle, data, cache, device, (steps, guidance, residual_guidance, temperature))
    with ConsoleProgress("Measuring") as progress:
        figures = run_control(request, CASES if limit is None else limit, seed, progress)
    print_figures(to_plain(figures), control_tables(figures), as_json, as_markdown)
