"""``segmo export``: a motion file in other formats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmo_core.cli.motions.export_choices import ExportChoices, with_export_choices
from segmo_core.cli.motions.motion_input import describe_retargeting
from segmo_core.cli.motions.project_input import TAKE_HELP, take_in
from segmo_core.cli.motions.reading_options import ReadingOptions, print_reading, with_reading_options
from segmo_core.cli.output import print_json
from segmo_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from segmo_core.motion.motion import Motion
    from segmo_core.retargeting.to_model_skeleton import RetargetResult


@with_export_choices
@with_reading_options
def export(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Any motion file that can be read, or a project.")],
    output: Annotated[
        list[Path],
        typer.Option("-o", "--output", help="File to write; its extension says the format. May be repeated."),
    ],
    keep_skeleton: Annotated[
        bool, typer.Option("--keep-skeleton", help="Write the file's own skeleton instead of the model's.")
    ] = False,
    number: Annotated[int | None, typer.Option("--take", metavar="NUMBER", help=TAKE_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    *,
    reading: ReadingOptions,
    choices: ExportChoices,
) -> None:
    """Write a motion file in other formats, for other programs; segments are kept where there is room."""
    from segmo_core import motion_files
    from segmo_core.cli.motions.output_files import plan_outputs, print_left_out, print_outputs, write_outputs

    if keep_skeleton and reading.joint_map is not None:
        raise InvalidRequestError("keep-skeleton and map: both given, expected one of them")
    outputs = plan_outputs(output, choices.options(title=source.stem), choices.format)
    given = {"keep-skeleton": keep_skeleton, **reading.given}
    take = take_in(source, number, given)
    if take is not None and take.motion is not None:
        motion, retargeted, track = take.motion, take.read_as, take.shown_track
    else:
        motion, retargeted = _read(source, keep_skeleton, reading)
        track = motion_files.read_track(source)
    seconds = write_outputs(motion, track, outputs)
    if as_json:
        print_left_out(outputs)
        print_json(
            {
                "source": str(source),
                **({} if take is None else {"take": take.take_id}),
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
    frames = f"{motion.num_frames} frames at {motion.frame_rate:g} fps"
    which = "" if take is None else f", take {take.take_id} ({take.name})"
    typer.echo(f"{source}{which}: {frames}, {motion.skeleton.num_joints} joints")
    if take is None:
        typer.echo("Its own skeleton was kept" if retargeted is None else f"Retargeted: {retargeted.summary}")
    print_outputs(outputs)


def _read(source: Path, keep_skeleton: bool, reading: ReadingOptions) -> tuple[Motion, RetargetResult | None]:
    """The motion, and how it was put on the model skeleton unless it keeps its own."""
    result = (replace(reading, keep_height=True) if keep_skeleton else reading).retargeted(source)
    print_reading(source, result)
    if not keep_skeleton:
        return result.motion, result
    from segmo_core.formats.registry import read_motion
    from segmo_core.formats.scene.own_skeleton import in_metres_y_up

    return in_metres_y_up(read_motion(source, reading.choices), result), None
