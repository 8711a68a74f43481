"""``segmo edit``: a recorded motion with a stretch made anew, more after its end, as a loop, or joined to another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from segmo_core.cli.motions.motion_input import load_joint_map
from segmo_core.cli.output import ConsoleProgress, print_json, print_notice
from segmo_core.errors import InvalidRequestError
from segmo_core.segmentation.prompt_text import check_text

if TYPE_CHECKING:
    from segmo_core.engine import Engine
    from segmo_core.progress import Progress
    from segmo_core.recordings.edits import EditedRecording, EditSettings
    from segmo_core.recordings.recording import Recording


def edit(
    source: Annotated[Path, typer.Argument(metavar="MOTION", help="The recording: a .bvh, .npy, .npz or other file.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write, of the same kind as MOTION.")],
    replace: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="START:END TEXT", help="Make these seconds anew, such as 2.0:4.5 'a person waves'."),
    ] = None,
    extend: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Go on after the end, such as 'a person bows'.")
    ] = None,
    loop: Annotated[
        Literal["travelling", "in-place"] | None,
        typer.Option(help="Come back to the first pose, from where the motion has come to or where it began."),
    ] = None,
    join: Annotated[Path | None, typer.Option(metavar="FILE", help="Lead over into another motion.")] = None,
    text: Annotated[str | None, typer.Option(help="For --loop and --join: what happens on the way.")] = None,
    seconds: Annotated[
        float | None, typer.Option(help="For --extend, --loop and --join: length of what is new.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same motion.")] = 0,
    candidates: Annotated[int, typer.Option(help="Make the stretch so many times and take the best.")] = 4,
    joint_map: Annotated[
        str | None, typer.Option("--map", metavar="FILE|PRESET", help="Which joint of the file plays which.")
    ] = None,
    source_fps: Annotated[
        float | None, typer.Option(help="The frames a second of the file, whatever it says itself.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of a model bundle; the starter bundle if left out.")
    ] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where the model runs.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Edit a recorded motion; every frame beside the edit and its blends stays as it is in the file."""
    chosen = [name for name, value in zip(_EDITS, (replace, extend, loop, join), strict=True) if value is not None]
    if len(chosen) != 1:
        raise InvalidRequestError(
            f"edit: {' and '.join(chosen) or 'nothing'} given, expected one of {', '.join(_EDITS)}"
        )
    if text is not None and chosen[0] not in ("--loop", "--join"):
        raise InvalidRequestError(f"text: given with {chosen[0]}, which has its own, expected --loop or --join")
    if seconds is not None and replace is not None:
        raise InvalidRequestError("seconds: given with --replace, which says its own, expected another edit")
    for said in (replace[1] if replace is not None else None, extend, text):
        if said is not None:
            check_text(said, "text", "a person waves")
    stretch = None if replace is None else _stretch(replace[0])

    from segmo_core.cli.motions.output_files import check_writable, plan_outputs
    from segmo_core.engine import Engine
    from segmo_core.formats.reading.choices import ReadingChoices
    from segmo_core.recordings.edits import EditSettings
    from segmo_core.recordings.recording import read_recording
    from segmo_core.recordings.writing import KeptFile

    plan_outputs([output])
    check_writable(output)
    settings = EditSettings(seed, candidates)
    recording = read_recording(source, ReadingChoices(frame_rate=source_fps), load_joint_map(joint_map))
    other = None if join is None else read_recording(join)
    kept = KeptFile(source, output)
    if kept.way == "model":
        print_notice(f"{output}: on the model's skeleton, as only .bvh, .npy and .npz keep a file's own frames")
    engine = Engine(bundle, device)
    with ConsoleProgress("Editing") as progress:
        asked = (stretch, None if replace is None else replace[1], extend, loop, other, text, seconds)
        edited = _edited(engine, recording, settings, progress, asked)
        kept.write(edited, progress)
    _print(edited, source, output, kept.way, as_json)


_EDITS = ("--replace", "--extend", "--loop", "--join")
_Asked = tuple[
    "tuple[float, float] | None",
    "str | None",
    "str | None",
    "Literal['travelling', 'in-place'] | None",
    "Recording | None",
    "str | None",
    "float | None",
]


def _edited(
    engine: Engine, recording: Recording, settings: EditSettings, progress: Progress, asked: _Asked
) -> EditedRecording:
    stretch, new_text, extend, loop, other, text, seconds = asked
    if stretch is not None and new_text is not None:
        return engine.replace_stretch(recording, *stretch, new_text, settings, progress)
    if extend is not None:
        return engine.extend_recording(recording, extend, seconds, settings, progress)
    if other is not None:
        return engine.join_recordings(recording, other, text, seconds, settings, progress)
    return engine.loop_recording(recording, loop or "travelling", text, seconds, settings, progress)


def _stretch(given: str) -> tuple[float, float]:
    """Seconds, from START:END."""
    try:
        start, end = (float(part) for part in given.split(":"))
    except ValueError:
        raise InvalidRequestError(f"replace: {given!r}, expected START:END in seconds, such as 2.0:4.5") from None
    return start, end


def _print(edited: EditedRecording, source: Path, output: Path, way: str, as_json: bool) -> None:
    import math

    rate, count = edited.numbers.frame_rate, edited.numbers.num_frames
    kept = edited.kept_before + edited.kept_after if way != "model" else 0
    if as_json:
        print_json(
            {
                "source": str(source),
                "output": str(output),
                "frame_rate": rate,
                "num_frames": count,
                "stretch": list(edited.stretch),
                "changed": [edited.kept_before, count - edited.kept_after],
                "kept_frames": kept,
                "segments": [{"text": part.text, "start": part.start, "end": part.end} for part in edited.track],
                "bent_m": round(edited.apart, 3),
                "bent_degrees": round(math.degrees(edited.turned), 1),
                "found": round(edited.confidence, 3),
            }
        )
        return
    start, end = (frame / rate for frame in edited.stretch)
    typer.echo(f"New from {start:.2f} to {end:.2f} s, blends from {edited.kept_before / rate:.2f} to "
               f"{(count - edited.kept_after) / rate:.2f} s")  # fmt: skip
    if edited.apart:
        typer.echo(f"Bent by {edited.apart:.2f} m and {math.degrees(abs(edited.turned)):.0f} degrees to arrive")
    typer.echo(f"{kept} of {count} frames are the file's own, at {rate:g} a second")
    typer.echo(f"Wrote {output}")
