"""``segmo library``: folders of motions, searched by what happens in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from segmo_core.cli.output import ConsoleProgress, print_json, print_notice, print_table
from segmo_core.cli.worker_choices import WorkerChoices, with_worker_choices
from segmo_core.errors import InvalidRequestError
from segmo_core.segmentation.prompt_text import check_text

if TYPE_CHECKING:
    from segmo_core.library.indexing import IndexingReport
    from segmo_core.library.search import LibraryHit

library = typer.Typer(help="Index folders of motions and search them by text.", no_args_is_help=True)

LibraryOption = Annotated[
    Path | None, typer.Option("--library", metavar="DIR", help="Where the index lies; the user's own if left out.")
]
BundleOption = Annotated[Path | None, typer.Option(help="Folder of a model bundle; the starter bundle if left out.")]
DeviceOption = Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where the model runs.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@library.callback()
def _library() -> None:
    return None


@library.command()
@with_worker_choices
def add(
    sources: Annotated[
        list[Path], typer.Argument(metavar="FOLDER_OR_FILE...", help="Motions, in any readable format.")
    ],
    folder: LibraryOption = None,
    bundle: BundleOption = None,
    device: DeviceOption = "auto",
    all_clips: Annotated[
        bool,
        typer.Option("--all-clips", help="Every animation, take or person of a file, not the longest alone."),
    ] = False,
    as_json: JsonOption = False,
    *,
    crew: WorkerChoices,
) -> None:
    """Index motions. Only new and changed files are read, so a run that was interrupted is continued by this too."""
    from segmo_core.engine import Engine

    workers, engine = crew.chosen(), Engine(bundle, device)
    with ConsoleProgress("Indexing") as progress:
        report = engine.add_to_library(_folder(folder), sources, progress, all_clips=all_clips, workers=workers)
    if as_json:
        print_json(_plain_report(report))
        return
    read = len(report.added) + len(report.updated)
    known = len(report.unchanged) + len(report.copies)
    typer.echo(f"Files read and indexed: {read}, known already: {known}, not readable: {len(report.failures)}")
    for sentence in report.failures.values():
        print_notice(sentence)
    for path, warnings in report.warnings.items():
        for warning in warnings:
            print_notice(f"{path}: {warning}")
    for path in report.vanished:
        print_notice(f"{path}: no longer there (segmo library remove takes it out of the library)")


@library.command()
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for, such as 'a person waves'.")],
    folder: LibraryOption = None,
    number: Annotated[int, typer.Option("-n", "--number", help="Results at most, 1 to 1000.")] = 10,
    bundle: BundleOption = None,
    device: DeviceOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each result, one a line.")] = False,
) -> None:
    """Find the stretches that fit a text; frames are those of the files, the end not included."""
    check_text(query, "query", "a person waves")

    from segmo_core.engine import Engine

    engine = Engine(bundle, device)
    with ConsoleProgress("Searching") as progress:
        hits = engine.search_library(_folder(folder), query, number, progress)
    if as_json:
        for hit in hits:
            print_json(_plain_hit(hit))
        return
    rows = [
        (
            str(place),
            str(hit.path),
            f"{hit.start} to {hit.end}",
            f"{hit.start / hit.frame_rate:.1f} to {hit.end / hit.frame_rate:.1f}",
            f"{hit.score:.2f}",
            f"{hit.confidence:.0%}",
        )
        for place, hit in enumerate(hits, start=1)
    ]
    numbers = ("Frames", "Seconds", "Score", "Confidence")
    print_table(("#", "File", *numbers), rows, numbers=("#", *numbers))
    if not hits or hits[0].confidence < 0.5:
        print_notice(f"{query!r} is probably not in this library.")


@library.command()
def info(folder: LibraryOption = None, as_json: JsonOption = False) -> None:
    """What is in a library, which of its files vanished, and which could not be read."""
    from segmo_core.library.index import MotionIndex

    found = MotionIndex(_folder(folder)).info()
    if as_json:
        plain = {"library": str(found.folder), "bundle": found.bundle, "files": found.num_files}
        plain |= {"motions": found.num_motions, "windows": found.num_windows, "seconds": round(found.seconds, 3)}
        plain |= {"bytes": found.num_bytes, "vanished": [str(path) for path in found.vanished]}
        print_json({**plain, "failures": {str(path): sentence for path, sentence in found.failures.items()}})
        return
    rows = [
        ("Library", str(found.folder)),
        ("Bundle", found.bundle),
        ("Files", f"{found.num_files} ({found.num_motions} different)"),
        ("Length", f"{found.seconds / 60:.1f} minutes"),
        ("Windows", str(found.num_windows)),
        ("Size", f"{found.num_bytes / 1e6:.1f} MB"),
        ("Vanished files", str(len(found.vanished))),
        ("Unreadable files", str(len(found.failures))),
    ]
    print_table(("", ""), rows)
    for path in found.vanished:
        print_notice(f"{path}: no longer there")
    for sentence in found.failures.values():
        print_notice(sentence)


@library.command()
def remove(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="FOLDER_OR_FILE...", help="Files, or folders with all below.")
    ] = None,
    vanished: Annotated[bool, typer.Option("--vanished", help="All files that are no longer there.")] = False,
    folder: LibraryOption = None,
) -> None:
    """Take motions out of a library; the motion files themselves are left alone."""
    if not paths and not vanished:
        raise InvalidRequestError("nothing to remove: no path given, expected files or folders, or --vanished")

    from segmo_core.library.index import MotionIndex

    index = MotionIndex(_folder(folder))
    meant = [path.absolute() for path in paths or []]
    if vanished:
        meant += index.info().vanished
    typer.echo(f"Files taken out of the library: {index.remove(meant)}")


def _folder(given: Path | None) -> Path:
    if given is not None:
        return given
    from segmo_core.library.index import usual_library

    return usual_library()


def _plain_report(report: IndexingReport) -> dict[str, Any]:
    names = ("added", "updated", "copies", "unchanged", "vanished")
    plain: dict[str, Any] = {name: [str(path) for path in getattr(report, name)] for name in names}
    plain["warnings"] = {str(path): list(warnings) for path, warnings in report.warnings.items()}
    return {**plain, "failures": {str(path): sentence for path, sentence in report.failures.items()}}


def _plain_hit(hit: LibraryHit) -> dict[str, Any]:
    return {
        "path": str(hit.path),
        "start": hit.start,
        "end": hit.end,
        "frame_rate": hit.frame_rate,
        "num_frames": hit.num_frames,
        "score": round(hit.score, 6),
        "confidence": round(hit.confidence, 4),
        "copies": [str(path) for path in hit.copies],
    }
