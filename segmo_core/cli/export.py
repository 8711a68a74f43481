"""``segmo export``: a motion file in other formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmo_core.cli.export_choices import ExportChoices, with_export_choices
from segmo_core.cli.output import print_json

if TYPE_CHECKING:
    from segmo_core.formats.retarget import RetargetResult
    from segmo_core.motion.motion import Motion


@with_export_choices
def export(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Any motion file that can be read.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="File to write; its extension says the format.")],
    output: Annotated[list[Path] | None, typer.Option("-o", "--output", help="One more file. May be repeated.")] = None,
    keep_skeleton: Annotated[
        bool, typer.Option("--keep-skeleton", help="Write the file's own skeleton instead of the model's.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    *,
    choices: ExportChoices,
) -> None:
    """Write a motion file in other formats, for other programs; segments are kept where there is room."""
    from segmo_core.cli.motion_input import describe_retargeting, print_retargeting, read_track
    from segmo_core.cli.output_files import plan_outputs, print_left_out, print_outputs, write_outputs

    outputs = plan_outputs([target, *(output or [])], choices.options(title=source.stem), choices.format)
    motion, retargeted = _read(source, keep_skeleton)
    track = read_track(source)
    seconds = write_outputs(motion, track, outputs)
    if as_json:
        print_left_out(outputs)
        print_json(
            {
                "source": str(source),
                "num_frames": motion.num_frames,
                "frame_rate": motion.frame_rate,
                "num_joints": motion.skeleton.num_joints,
                "segments": [] if track is None else list(track.texts),
                "retargeted": None if retargeted is None else describe_retargeting(retargeted),
                "outputs": [
                    {"path": str(file.path), "format": file.format_name, "seconds": round(each, 3)}
                    for file, each in zip(outputs, seconds, strict=True)
                ],
            }
        )
        return
    typer.echo(_described(source, motion))
    if retargeted is not None:
        print_retargeting(retargeted)
    print_outputs(outputs)


def _read(source: Path, keep_skeleton: bool) -> tuple[Motion, RetargetResult | None]:
    """The motion, and how it was retargeted where it was."""
    if keep_skeleton:
        from segmo_core.formats.registry import read_motion

        return read_motion(source), None
    from segmo_core.engine import Engine

    result = Engine().open_retargeted(source)
    return result.motion, result


def _described(source: Path, motion: Motion) -> str:
    return f"{source}: {motion.num_frames} frames at {motion.frame_rate:g} fps, {motion.skeleton.num_joints} joints"
