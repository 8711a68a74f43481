"""``segmo info`` of a project: its takes, and the bundle they were made with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from segmo_core.cli.output import print_json, print_table

if TYPE_CHECKING:
    from segmo_core.project.project import Take


def print_project(path: Path, as_json: bool) -> None:
    """Read a project whole, so that what is shown is sound, and say what is in it."""
    from segmo_core.project.project_file import read_project

    found = read_project(path)
    project = found.project
    if as_json:
        bundle = None if found.bundle is None else {"name": found.bundle.name, "folder": str(found.bundle.folder)}
        takes = [_plain(take) for take in project.takes]
        print_json({"project": str(path), "program": found.program, "bundle": bundle, "takes": takes})
        return
    rows = [
        ("Project", str(path)),
        ("Size", f"{path.stat().st_size / 1e6:.1f} MB"),
        ("Written by", f"SegMo {found.program}".strip()),
        ("Model bundle", "none" if found.bundle is None else f"{found.bundle.name} ({found.bundle.folder})"),
        ("On screen", f"take {project.current.take_id}"),
    ]
    print_table(("Project", ""), rows)
    shown = [(str(take.take_id), take.name, _kind(take), _seconds(take), take.prompt) for take in project.takes]
    print_table(("Take", "Name", "Motion", "Seconds", "Prompt"), shown, numbers=("Take", "Seconds"))
    for take in project.takes:
        if take.shown_track is not None:
            typer.echo(f"Take {take.take_id}: {'; '.join(take.shown_track.texts)}")


def _kind(take: Take) -> str:
    if take.result is not None:
        return f"generated, seed {take.result.request.seed}, {take.result.origin.bundle}"
    return f"from {take.source or 'a file'}" if take.opened is not None else "none yet"


def _seconds(take: Take) -> str:
    return "" if take.motion is None else f"{take.motion.seconds:.1f}"


def _plain(take: Take) -> dict[str, Any]:
    track, motion = take.shown_track, take.motion
    segments = [] if track is None else [{"text": s.text, "start": s.start, "end": s.end} for s in track]
    return {
        "take": take.take_id,
        "name": take.name,
        "prompt": take.prompt,
        "seed": None if take.result is None else take.result.request.seed,
        "source": None if take.source is None else str(take.source),
        "num_frames": 0 if motion is None else motion.num_frames,
        "frame_rate": None if motion is None else motion.frame_rate,
        "segments": segments,
    }
