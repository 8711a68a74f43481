"""``segmo bench``: speed, as ratios within one run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segmo_core.cli.models.bench_window import startup, viewport
from segmo_core.cli.output import ConsoleProgress, print_json, print_table
from segmo_core.errors import InvalidRequestError

bench = typer.Typer(help="Measure speed, as ratios within one run. Use a quiet machine.", no_args_is_help=True)


@bench.callback()
def _bench() -> None:
    return None


@bench.command()
def generate(
    batch: Annotated[int, typer.Option(help="Motions generated together, 1 to 256.")] = 1,
    rounds: Annotated[int, typer.Option(help="Rounds of three runs of each way, 1 to 100.")] = 5,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    bundle: Annotated[
        Path | None,
        typer.Option(help="Time motions of 5 s of this bundle instead, by every runtime: a folder, or starter."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Generation of 196 frames at the published sizes with random weights, beside the published way of doing it."""
    for name, value, largest in (("batch", batch, 256), ("rounds", rounds, 100)):
        if not 1 <= value <= largest:
            raise InvalidRequestError(f"{name}: {value}, expected 1 to {largest}")
    if bundle is not None:
        _generate_of(bundle, rounds, as_json)
        return

    from segmo_core.benchmarks.generation_speed import measure_generation
    from segmo_core.serialization import to_plain

    with ConsoleProgress("Measuring") as progress:
        speed = measure_generation(batch, rounds, progress, device=device)
    if as_json:
        derived = {name: getattr(speed, name) for name in ("ids_are_identical", "ratio", "fast_ratio")}
        print_json({**to_plain(speed), **derived})
        return
    rows = [
        ("published way", f"{speed.published_best:.3f}", f"{speed.published_median:.3f}", "1.00"),
        ("ours, float32", f"{speed.ours_best:.3f}", f"{speed.ours_median:.3f}", f"{speed.ratio:.2f}"),
        ("ours, fast (bfloat16)", f"{speed.fast_best:.3f}", f"{speed.fast_median:.3f}", f"{speed.fast_ratio:.2f}"),
    ]
    print_table(("Way", "Best s", "Median s", "Times faster"), rows, numbers=("Best s", "Median s", "Times faster"))
    typer.echo(f"{speed.batch} motions of 196 frames, {speed.threads} threads, {speed.gigaflops:.0f} GFLOP/s at best")
    same = "all" if speed.ids_are_identical else f"{speed.agreement:.2%}"
    typer.echo(
        f"Token ids the same as the published way: {same}; those of the fast way as ours: {speed.fast_agreement:.1%}"
    )


def _generate_of(bundle: Path, rounds: int, as_json: bool) -> None:
    """Motions of a bundle, by every way that there is here."""
    from segmo_core.benchmarks.bundle_speed import measure_bundle
    from segmo_core.serialization import to_plain
    from segmo_core.shipped import bundle_folder

    with ConsoleProgress("Measuring") as progress:
        ways = measure_bundle(bundle_folder(bundle), rounds, progress)
    if as_json:
        print_json({"ways": to_plain(ways)})
        return
    rows = [
        (
            way.name,
            f"{way.best:.3f}",
            f"{way.median:.3f}",
            f"{ways[0].median / way.median:.2f}",
            f"{way.load:.2f}",
            f"{way.agreement:.0%}",
        )
        for way in ways
    ]
    columns = ("Way", "Best s", "Median s", "Times faster", "Load s", "Same ids")
    print_table(columns, rows, numbers=columns[1:])


@bench.command()
def train(
    stage: Annotated[
        list[str] | None, typer.Option(help="Time masked, residual or tokenizer alone. May be repeated.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Rounds of a few steps of each way, 1 to 100.")] = 3,
    threads: Annotated[int, typer.Option(help="Processor threads, 1 to 256; 0 leaves it to torch.")] = 0,
    full_length: Annotated[
        bool, typer.Option("--full-length", help="Motions of 196 frames only, so that no padding can be saved.")
    ] = False,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    compiled: Annotated[bool, typer.Option("--compile", help="Ours with layers compiled by torch.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """One training step of batch 64 at the published sizes, beside the published way of doing it."""
    for name, value, least, largest in (("rounds", rounds, 1, 100), ("threads", threads, 0, 256)):
        if not least <= value <= largest:
            raise InvalidRequestError(f"{name}: {value}, expected {least} to {largest}")

    import torch

    from segmo_core.benchmarks.training_speed import STAGES, measure_training
    from segmo_core.serialization import to_plain

    if threads:
        torch.set_num_threads(threads)
    with ConsoleProgress("Measuring") as progress:
        speed = measure_training(
            tuple(stage or STAGES), rounds, full_length=full_length, device=device, compiled=compiled, progress=progress
        )
    if as_json:
        ratios = ("ratio_float32", "ratio_bfloat16", "computing_ratio_float32", "computing_ratio_bfloat16")
        stages = [to_plain(each) | {name: getattr(each, name) for name in ratios} for each in speed.stages]
        print_json({**to_plain(speed), "stages": stages})
        return
    columns = ("Stage", "Way", "Best s", "Median s", "Times faster", "Computing s", "Times less")
    rows = []
    for each in speed.stages:
        ways = (
            ("published way", each.published, 1.0, 1.0),
            ("ours, float32", each.float32, each.ratio_float32, each.computing_ratio_float32),
            ("ours, bfloat16", each.bfloat16, each.ratio_bfloat16, each.computing_ratio_bfloat16),
        )
        for way, seconds, ratio, less in ways:
            if seconds is not None:
                times = (seconds.best, seconds.median, ratio, seconds.computing, less)
                rows.append((each.stage, way, *(f"{value:.2f}" for value in times)))
    print_table(columns, rows, numbers=columns[2:])
    machine = f"{speed.device}, {speed.threads} threads, {speed.gigaflops:.0f} GFLOP/s in float32 at best"
    typer.echo(f"Batch {speed.batch}, {machine}")


@bench.command()
def export(
    format_name: Annotated[
        list[str] | None, typer.Option("--format", help="Time this format alone. May be repeated.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="How often each file is written, 1 to 100.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Writing 199 frames, and 60 s at 60 fps, in every format; beside a plain NumPy archive of the same motion."""
    if not 1 <= rounds <= 100:
        raise InvalidRequestError(f"rounds: {rounds}, expected 1 to 100")

    from segmo_core.benchmarks.export_speed import measure_export
    from segmo_core.serialization import to_plain

    with ConsoleProgress("Writing files") as progress:
        speed = measure_export(format_name, rounds, progress)
    if as_json:
        print_json(to_plain(speed))
        return
    columns = ("Format", "Frames at fps", "Write s", "Computing", "Times savez", "Read s", "MB")
    rows = [
        (
            each.format_name,
            f"{each.frames} at {each.frame_rate:g}",
            f"{each.seconds:.3f}",
            f"{each.processor_seconds:.3f}",
            f"{each.ratio:.1f}",
            "" if each.read_seconds is None else f"{each.read_seconds:.3f}",
            f"{each.num_bytes / 1e6:.2f}",
        )
        for each in speed.times
    ]
    print_table(columns, rows, numbers=columns[1:])
    for name, sentence in speed.not_installed.items():
        typer.echo(f"{name}: not measured, {sentence}")


@bench.command()
def library(
    windows: Annotated[int, typer.Option(help="Random vectors in the index, 100 to 2,000,000.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="Searches, 1 to 1000.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Searching a large motion library for one vector, reading it from disk, and adding one more motion."""
    for name, value, least, largest in (("windows", windows, 100, 2_000_000), ("rounds", rounds, 1, 1000)):
        if not least <= value <= largest:
            raise InvalidRequestError(f"{name}: {value}, expected {least} to {largest}")

    from segmo_core.benchmarks.library_speed import measure_library
    from segmo_core.serialization import to_plain

    with ConsoleProgress("Filling the index") as progress:
        speed = measure_library(windows, rounds, progress)
    if as_json:
        print_json(to_plain(speed))
        return
    rows = [
        ("search, best", f"{1000 * speed.search_best:.1f}"),
        ("search, median", f"{1000 * speed.search_median:.1f}"),
        ("read the index, once", f"{1000 * speed.read:.0f}"),
        ("add one motion, without encoding", f"{1000 * speed.add:.1f}"),
    ]
    print_table(("What", "Milliseconds"), rows, numbers=("Milliseconds",))
    typer.echo(f"{speed.windows} windows, {speed.num_bytes / 1e6:.0f} MB on disk")


bench.command()(startup)
bench.command()(viewport)
