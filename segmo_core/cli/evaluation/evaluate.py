"""``segmo evaluate``: the published metrics of a bundle, and suites of figures on mocap22; real motions beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from segmo_core.cli.evaluation.evaluation_suites import SuiteOptions, run_suite
from segmo_core.cli.evaluation.evaluation_tables import print_evaluation, print_segmentation, print_tables
from segmo_core.cli.output import ConsoleProgress, print_json
from segmo_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from segmo_core.evaluation.measures.tables import Table
    from segmo_core.evaluation.suites.segmentation_report import SegmenterFigures

Suite = Literal["text-to-motion", "segments", "grounding", "movement", "long", "segmentation"]


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder of the data set: mocap22, HumanML3D or KIT-ML.")],
    bundle: Annotated[
        Path | None, typer.Argument(metavar="[BUNDLE]", help="Folder of a bundle; the starter bundle if left out.")
    ] = None,
    suite: Annotated[
        Suite,
        typer.Option(
            help="text-to-motion: the published metrics. On mocap22 also: segments, are they recognised, in order and "
            "at their places; grounding, text looked for in joined clips; movement, sliding feet and jitter; "
            "long, motions of 60 s; segmentation, error of the motion segmenters against true boundaries."
        ),
    ] = "text-to-motion",
    limit: Annotated[
        int | None,
        typer.Option(
            help="Measure on so many motions (text-to-motion: at least 32, all if left out), sequences, or prompts of "
            "each number of segments."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 0,
    timing: Annotated[
        Literal["even", "true", "none"] | None,
        typer.Option(
            help="Boundaries told to a model with timed segments: equal parts, the true (asked) ones, or none. If left "
            "out, even for text-to-motion and true for segments."
        ),
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Decoding steps, instead of the bundle's own.")] = None,
    guidance: Annotated[float | None, typer.Option(help="Guidance scale of base tokens.")] = None,
    residual_guidance: Annotated[float | None, typer.Option(help="Guidance scale of residual tokens.")] = None,
    temperature: Annotated[float | None, typer.Option(help="Temperature of all tokens.")] = None,
    counts: Annotated[str, typer.Option(help="segments: numbers of segments in the prompts.")] = "1,2,3,4",
    candidates: Annotated[int, typer.Option(help="segments: the best of so many, as in segmo generate.")] = 1,
    repair: Annotated[bool, typer.Option("--repair", help="segments: repair, as in segmo generate.")] = False,
    evaluator: Annotated[
        Path | None,
        typer.Option(
            help="What measures: an evaluator of `segmo train evaluator`, or a converted bundle with one. If left out, "
            "the bundle's own or, for mocap22, the one that ships with the project."
        ),
    ] = None,
    glove: Annotated[Path | None, typer.Option(help="Folder of T2M's word vectors, for its own evaluator.")] = None,
    split: Annotated[Literal["test", "val", "train"], typer.Option(help="Which motions.")] = "test",
    repeats: Annotated[int, typer.Option(help="text-to-motion: how often everything is measured.")] = 20,
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
    batch: Annotated[int, typer.Option(help="text-to-motion: motions generated at a time.")] = 32,
    device: Annotated[Literal["cpu", "cuda"], typer.Option(help="Where the model runs.")] = "cpu",
    cache: Annotated[
        Path | None, typer.Option(help="Folder for what is computed once; the user's cache if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown; not for text-to-motion and segmentation.")
    ] = False,
) -> None:
    """Measure a bundle: as published (R-precision, FID, ...), or another suite of figures on mocap22."""
    from segmo_core.engine import starter_bundle_path
    from segmo_core.evaluation.samples.tested_bundle import SamplingChoices
    from segmo_core.serialization import to_plain

    if batch < 1:
        raise InvalidRequestError(f"batch: {batch}, expected at least 1")
    where = cache or _user_cache(data)
    choices = SamplingChoices(steps, guidance, residual_guidance, temperature)
    if suite == "segmentation":
        figures = _segmentation(data, split, limit, where)
        if as_json:
            print_json(to_plain(figures))
        else:
            print_segmentation(figures)
        return
    if suite != "text-to-motion":
        from segmo_core.evaluation.suites.measuring import MeasuringRequest

        measuring = MeasuringRequest(bundle or starter_bundle_path(), data, where, choices, device)
        options = SuiteOptions(limit, seed, split, timing, counts, candidates, repair)
        with ConsoleProgress("Measuring") as progress:
            found, tables = run_suite(suite, measuring, options, progress)
        _print(to_plain(found), tables, as_json, as_markdown)
        return
    from segmo_core.evaluation.published_protocol.protocol_figures import MULTIMODALITY_CAPTIONS, ProtocolSettings
    from segmo_core.evaluation.published_protocol.text_to_motion import EvaluationRequest, run_text_to_motion

    captions = multimodality
    if captions is None:
        captions = MULTIMODALITY_CAPTIONS if limit is None else min(MULTIMODALITY_CAPTIONS, max(1, limit // 32))
    request = EvaluationRequest(
        data=data,
        cache=where,
        bundle=bundle or (None if real_only else starter_bundle_path()),
        real_only=real_only,
        evaluator=evaluator,
        glove=glove,
        split=split,
        settings=ProtocolSettings(repeats, limit, captions, seed),
        timing=timing or "even",
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


def _print(plain: object, tables: Sequence[Table], as_json: bool, as_markdown: bool) -> None:
    from segmo_core.evaluation.measures.tables import markdown

    if as_json:
        print_json(plain)
    elif as_markdown:
        typer.echo(markdown(tables), nl=False)
    else:
        print_tables(tables)


def _segmentation(data: Path, split: str, limit: int | None, cache: Path) -> list[SegmenterFigures]:
    from segmo_core.data.mocap22 import load_mocap22
    from segmo_core.evaluation.suites.segmentation_report import measure_segmenters

    with ConsoleProgress("Cutting motions") as progress:
        loaded = load_mocap22(data, cache / "mocap22", progress)
        return measure_segmenters(loaded, cache, split=split, sequences=limit or 500, progress=progress)


def _user_cache(data: Path) -> Path:
    """A folder of its own for every data set."""
    import hashlib

    from platformdirs import user_cache_path

    key = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:8]
    return user_cache_path("segmo") / "datasets" / f"{data.resolve().name}-{key}"
