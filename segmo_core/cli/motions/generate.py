"""``segmo generate``: from a prompt to motion files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from segmo_core.cli.constraint_options import (
    ConstraintsOption,
    NumbersOption,
    PathOption,
    PinOption,
    WaypointOption,
    given_constraints,
    plain_held,
    print_held,
)
from segmo_core.cli.models.runtime_option import RuntimeOption
from segmo_core.cli.motions.checking import found_column, generate_checked, plain_check, plain_duration
from segmo_core.cli.motions.export_choices import ExportChoices, with_export_choices
from segmo_core.cli.output import ConsoleProgress, print_json, print_notice, print_table
from segmo_core.cli.texts.segmenting import (
    ModelOption,
    OllamaUrlOption,
    SegmenterOption,
    StrictOption,
    given_segments,
    segment_prompt,
)
from segmo_core.errors import InvalidRequestError
from segmo_core.segmentation.prompt_text import check_text

if TYPE_CHECKING:
    from segmo_core.durations.segment_duration import SegmentDuration
    from segmo_core.generation.request import GenerationResult
    from segmo_core.grounding.segment_check import TrackAlignment


@with_export_choices
def generate(
    prompt: Annotated[
        str, typer.Argument(metavar="PROMPT", help="What happens, such as 'a person walks forward, then waves'.")
    ],
    output: Annotated[
        list[Path] | None,
        typer.Option("-o", "--output", help="File to write, such as walk.fbx, .glb, .bvh or .npz. May be repeated."),
    ] = None,
    segment: Annotated[
        list[str] | None, typer.Option(help="Text of one segment, in order, instead of cutting the prompt. Repeat it.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Length of the whole motion, 0.8 to 600.")] = None,
    durations: Annotated[
        str | None, typer.Option(help="Seconds of each segment, such as 2,3.5, instead of --seconds.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same motion.")] = 0,
    steps: Annotated[
        int | None, typer.Option(help="Steps in which tokens are decided, 1 to 100; the model's own if left out.")
    ] = None,
    guidance: Annotated[
        float | None, typer.Option(help="How strongly the words pull, 0 to 30; the model's own if left out.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a model bundle; the starter bundle if left out.")
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where the model runs.")] = "auto",
    runtime: RuntimeOption = "auto",
    segmenter: SegmenterOption = "rules",
    strict: StrictOption = False,
    model: ModelOption = None,
    ollama_url: OllamaUrlOption = None,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Decide tokens in bfloat16 (onnx: int8): less time, a slightly other motion."),
    ] = False,
    candidates: Annotated[
        int, typer.Option(help="Make this many motions of successive seeds and keep the one that fits the text best.")
    ] = 1,
    repair: Annotated[
        bool, typer.Option("--repair", help="Generate segments again that are not found in the motion.")
    ] = False,
    waypoint: WaypointOption = None,
    path: PathOption = None,
    pin: PinOption = None,
    constraints: ConstraintsOption = None,
    ignore_numbers: NumbersOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    *,
    choices: ExportChoices,
) -> None:
    """Generate a motion from text and write it to files."""
    check_text(prompt, "prompt")
    if seconds is not None and durations is not None:
        raise InvalidRequestError("seconds and durations: both given, expected one of them")
    texts = given_segments(segment or [])
    seconds_of_each = _parsed_durations(durations)
    held = given_constraints(waypoint, path, pin, constraints)

    from segmo_core.cli.motions.output_files import plan_outputs, print_left_out, write_outputs
    from segmo_core.durations.segment_duration import shortness_notices
    from segmo_core.durations.suggested_track import suggest_track
    from segmo_core.engine import Engine
    from segmo_core.generation.request import GenerationRequest, SamplingOverrides
    from segmo_core.segmentation.language_models import text_segmenter

    asked = text_segmenter(segmenter, strict=strict, model=model, url=ollama_url)
    outputs = plan_outputs(output or [], choices.options(title=prompt.strip()), choices.format)
    engine = Engine(bundle, device, fast=fast, runtime=runtime)
    notice = ""
    with ConsoleProgress("Cutting the prompt") as progress:
        if not texts:
            texts, notice = segment_prompt(prompt, asked, progress)
    if notice:
        print_notice(notice)
    started = time.perf_counter()
    if seconds is None and seconds_of_each is None:
        with ConsoleProgress("Loading") as progress:
            seconds = engine.estimate_seconds(prompt, len(texts), progress)
    with ConsoleProgress("Loading") as progress:
        usual = engine.usual_durations(texts, progress)
    track = suggest_track(texts, seconds, seconds_of_each, usual)
    sampling = None if steps is None and guidance is None else SamplingOverrides(steps, guidance)
    request = GenerationRequest(prompt, track, seed, sampling, constraints=held, holds_numbers=not ignore_numbers)
    for sentence in shortness_notices(track, usual):
        print_notice(sentence)
    for word in engine.unknown_words(texts):
        print_notice(word.sentence)
        notice = f"{notice} {word.sentence}".strip()

    with ConsoleProgress("Loading") as progress:
        engine.load(progress)
    loaded = time.perf_counter()
    with ConsoleProgress("Generating") as progress:
        result, alignment, seeds = generate_checked(engine, request, candidates, repair, progress)
    generated = time.perf_counter()
    write_outputs(result.motion, result.track, outputs)
    print_left_out(outputs)
    times = (loaded - started, generated - loaded)
    _print_result(result, alignment, seeds, usual, [file.path for file in outputs], times, notice, as_json)


def _parsed_durations(durations: str | None) -> list[float] | None:
    if durations is None:
        return None
    try:
        return [float(part) for part in durations.split(",")]
    except ValueError:
        raise InvalidRequestError(
            f"durations: {durations!r}, expected seconds separated by commas, such as 2,3.5"
        ) from None


def _print_result(
    result: GenerationResult,
    alignment: TrackAlignment | None,
    seeds: list[int],
    usual: list[SegmentDuration],
    outputs: list[Path],
    times: tuple[float, float],
    notice: str,
    as_json: bool,
) -> None:
    from segmo_core.control.held_check import held_checks

    rate, track = result.motion.frame_rate, result.track
    held = held_checks(result.motion, result.request.constraints)
    checks = alignment.segments if alignment is not None else (None,) * len(track)
    if as_json:
        segments = [
            {"text": s.text, "start": s.start, "end": s.end, "seconds": round(s.num_frames / rate, 3)}
            | plain_duration(duration, s.num_frames / rate)
            | ({} if check is None else plain_check(check))
            for s, duration, check in zip(track, usual, checks, strict=True)
        ]
        print_json(
            {
                "prompt": result.request.prompt,
                "seed": result.request.seed,
                "frame_rate": rate,
                "num_frames": track.num_frames,
                "segments": segments,
                "outputs": [str(path) for path in outputs],
                "seeds_by_rank": seeds,
                "load_seconds": round(times[0], 3),
                "generate_seconds": round(times[1], 3),
                "notice": notice,
                "constraints": plain_held(held),
            }
        )
        return
    rows = [
        (str(number), s.text, f"{s.start} to {s.end}", f"{s.num_frames / rate:.1f}", found_column(check))
        for number, (s, check) in enumerate(zip(track, checks, strict=True), start=1)
    ]
    print_table(("#", "Segment", "Frames", "Seconds", "Found"), rows, numbers=("#", "Frames", "Seconds"))
    typer.echo(f"{track.num_frames} frames at {rate:g} fps, seed {result.request.seed}")
    print_held(held)
    if len(seeds) > 1:
        typer.echo(f"Best of {len(seeds)} candidates; seeds by rank: {', '.join(map(str, seeds))}")
    typer.echo(f"Load {times[0]:.2f} s, generate {times[1]:.2f} s")
    for path in outputs:
        typer.echo(f"Wrote {path}")
