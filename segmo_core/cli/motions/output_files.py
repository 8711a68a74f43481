"""Checking output files, and what was chosen for them, before the work that fills them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import typer

from segmo_core.cli.output import ConsoleProgress, print_notice
from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.registry import FORMATS, WRITABLE_EXTENSIONS, check_export, format_of, write_motion
from segmo_core.formats.scene.export_options import EVERY_FRAME, ExportOptions, first_file
from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack


@dataclass(frozen=True)
class OutputFile:
    """A file to write. format_name: a row of FORMATS. left_out: what was chosen that this format has no room for."""

    path: Path
    format_name: str
    options: ExportOptions
    left_out: tuple[str, ...] = ()


def plan_outputs(
    paths: Sequence[Path], options: ExportOptions | None = None, format_name: str | None = None
) -> list[OutputFile]:
    """One OutputFile for each path, each once.

    Every option must have room in at least one of the files; the others are written without it. Raises a SegmoError
    when there is no path, one could not be written as a motion, or a choice fits none.
    """
    options = options or ExportOptions()
    if not paths:
        raise InvalidRequestError(f"output: none given, expected -o FILE with one of {', '.join(WRITABLE_EXTENSIONS)}")
    paths = list(dict.fromkeys(paths))
    rows = [format_of(path, _name_for(path, paths, format_name)) for path in paths]
    for path in paths:
        check_writable(path)
    if not options.mesh:  # asking for no mesh is met by a format that has none
        rows_with_mesh = [row for row in rows if "mesh" in row.options]
        options = options if rows_with_mesh else replace(options, mesh=True)
    if len(paths) == 1 or not options.chosen <= frozenset().union(*(row.options for row in rows)):
        for path, row in zip(paths, rows, strict=True):
            check_export(path, options, row.name)
    return [
        OutputFile(path, row.name, _without(options, unfit), tuple(sorted(unfit - {"mesh"})))
        for path, row in zip(paths, rows, strict=True)
        for unfit in [options.chosen - row.options]
    ]


def write_outputs(motion: Motion, track: SegmentTrack | None, outputs: Sequence[OutputFile]) -> list[float]:
    """Write the files, with a progress bar for those that take long; the seconds each took."""
    seconds = []
    for file in outputs:
        started = time.perf_counter()
        with ConsoleProgress(f"Writing {file.path.name}") as progress:
            write_motion(motion, file.path, track, file.options, format_name=file.format_name, progress=progress)
        seconds.append(time.perf_counter() - started)
    return seconds


def print_outputs(outputs: Sequence[OutputFile]) -> None:
    """Say which files were written, and what some of them had no room for."""
    for file in outputs:
        typer.echo(f"Wrote {first_file(file.path, file.options)}{_and_more(file.options)}")
    print_left_out(outputs)


def _and_more(options: ExportOptions) -> str:
    return " and one file for every further frame" if options.frame == EVERY_FRAME else ""


def print_left_out(outputs: Sequence[OutputFile]) -> None:
    """A notice for every file that was written without some of the options."""
    for file in outputs:
        if file.left_out:
            names = ", ".join(name.replace("_", " ") for name in file.left_out)
            print_notice(f"{file.path}: {FORMATS[file.format_name].title} has no room for {names}, written without")


def check_writable(path: Path) -> None:
    """Raise FileFormatError when a file cannot be made at ``path``."""
    folder = path.parent
    if path.is_dir():
        raise FileFormatError(f"{path}: is a folder, expected a file name")
    if not folder.is_dir():
        raise FileFormatError(f"{path}: folder {folder} does not exist")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise FileFormatError(f"{path}: cannot be written, the folder or file is read-only")


def _name_for(path: Path, paths: Sequence[Path], format_name: str | None) -> str | None:
    """The format asked for, where ``path`` ends as its files do; of several files, only those are meant."""
    if format_name is None or len(paths) == 1 or format_name not in FORMATS:
        return format_name
    fits = [other for other in paths if other.suffix.lower() in FORMATS[format_name].extensions]
    return format_name if path in fits or not fits else None


def _without(options: ExportOptions, names: frozenset[str]) -> ExportOptions:
    plain = ExportOptions()
    reset: dict[str, Any] = {field.name: getattr(plain, field.name) for field in fields(plain) if field.name in names}
    return replace(options, **reset)
