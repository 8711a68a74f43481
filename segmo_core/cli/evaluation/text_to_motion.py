"""``segmo evaluate text-to-motion``: the published metrics of a bundle, real motions beside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.evaluation.options import (
    BundleArgument,
    CacheOption,
    DataOption,
    DeviceOption,
    GuidanceOption,
    JsonOption,
    ResidualGuidanceOption,
    SeedOption,
    SplitOption,
    StepsOption,
    TemperatureOption,
    TimingOption,
    cache_folder,
)
from segmo_core.cli.evaluation.tables import print_evaluation
from segmo_core.cli.output import ConsoleProgress, print_json
from segmo_core.errors import InvalidRequestError


def text_to_motion(
    data: DataOption,
    bundle: BundleArgument = None,
    limit: Annotated[int | None, typer.Option(help="Measure on so many motions, at least 32; all if left out.")] = None,
    seed: SeedOption = 0,
    timing: TimingOption = "even",
    steps: StepsOption = None,
    guidance: GuidanceOption = None,
    residual_guidance: ResidualGuidanceOption = None,
    temperature: TemperatureOption = None,
    evaluator: Annotated[
        Path | None,
        typer.Option(
            help="What measures: an evaluator of `segmo train evaluator`, or a converted bundle with one. If left out, "
            "the bundle's own or, for mocap22, the one that ships with the project."
        ),
    ] = None,
    glove: Annotated[Path | None, typer.Option(help="Folder of T2M's word vectors, for its own evaluator.")] = None,
    split: SplitOption = "test",
    repeats: Annotated[int, typer.Option(help="How often everything is measured.")] = 20,
    multimodality: Annotated[
        int | None,
        typer.Option(help="Captions with 30 motions each; 0 leaves it out. Published 96, with --limit a 32nd of it."),
    ] = None,
    real_only: Annotated[bool, typer.Option("--real-only", help="Measure the real motions alone.")] = False,
    segments_model: Annotated[
        str | None, typer.Option(help="Whose decomposed captions to take, such as qwen3:8b; any if left out.")
    ] = None,
    isc: Annotated[
        list[str] | None,
        typer.Option(help="Segmentation to report ISC with: uniform, change-point or clustering; may be repeated."),
    ] = None,
    batch: Annotated[int, typer.Option(help="Motions generated at a time.")] = 32,
    device: DeviceOption = "cpu",
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """The published metrics: R-precision, FID, MM-Dist, Diversity, MModality, segment consistency."""
    from segmo_core.engine import starter_bundle_path
    from segmo_core.evaluation.published_protocol.protocol_figures import MULTIMODALITY_CAPTIONS, ProtocolSettings
    from segmo_core.evaluation.published_protocol.text_to_motion import EvaluationRequest, run_text_to_motion
    from segmo_core.evaluation.samples.tested_bundle import SamplingChoices
    from segmo_core.serialization import to_plain

    if batch < 1:
        raise InvalidRequestError(f"batch: {batch}, expected at least 1")
    choices = SamplingChoices(steps, guidance, residual_guidance, temperature)
    if real_only and choices != SamplingChoices():
        raise InvalidRequestError("real-only: nothing is generated, expected no choices of how")
    captions = multimodality
    if captions is None:
        captions = MULTIMODALITY_CAPTIONS if limit is None else min(MULTIMODALITY_CAPTIONS, max(1, limit // 32))
    request = EvaluationRequest(
        data=data,
        cache=cache_folder(cache, data),
        bundle=bundle or (None if real_only else starter_bundle_path()),
        real_only=real_only,
        evaluator=evaluator,
        glove=glove,
        split=split,
        settings=ProtocolSettings(repeats, limit, captions, seed),
        timing=timing,
        sampling=choices,
        segments_model=segments_model,
        segmentations=tuple(isc) if isc else None,
        batch_size=batch,
        device=device,
    )
    with ConsoleProgress("Measuring") as progress:
        report = run_text_to_motion(request, progress)
    if as_json:
        print_json(to_plain(report))
    else:
        print_evaluation(report)
