"""``segmo inspect``: what a motion file is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmo_core.cli.motions.motion_input import load_joint_map
from segmo_core.cli.motions.reading_options import ReadingOptions, with_reading_options
from segmo_core.cli.output import can_show, print_json, print_table

if TYPE_CHECKING:
    from segmo_core.formats.inspection import BodyInspection, FileInspection, JointInspection

_SOME_CLIPS = 50


@with_reading_options
def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any motion file that can be read.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    *,
    reading: ReadingOptions,
) -> None:
    """Describe a motion file: frames, joints, size, axes, feet on the ground, segments, and how it fits the model."""
    from segmo_core.formats.inspection import inspect_file
    from segmo_core.serialization import to_plain

    joint_map = load_joint_map(reading.joint_map)
    found = inspect_file(file, joint_map, up_axis=reading.up_axis, choices=reading.choices)
    if as_json:
        print_json(to_plain(found) | {"segments": [] if found.segments is None else to_plain(found.segments.segments)})
        return
    print_table(("Motion file", ""), [*_file_rows(found), *(_body_rows(found.body) if found.body else ())])
    for sentence in (*found.repairs, *(found.body.warnings if found.body else ())):
        typer.echo(sentence)
    if found.no_body:
        typer.echo(f"Not on the model skeleton: {found.no_body}")
    if found.segments is not None:
        rate = found.frame_rate
        rows = [
            (str(number), part.text, f"{part.start} to {part.end}", f"{part.num_frames / rate:.1f}")
            for number, part in enumerate(found.segments, start=1)
        ]
        print_table(("#", "Segment", "Frames", "Seconds"), rows, numbers=("#", "Frames", "Seconds"))
    joints = [(name, f"{joint.bone_length:.4g}") for name, joint in _tree(found.joints)]
    print_table(("Joint", "Bone length"), joints, numbers=("Bone length",))


def _file_rows(found: FileInspection) -> Iterator[tuple[str, str]]:
    yield "File", found.path
    yield "Format", f"{found.format_title}, {_size(found.num_bytes)}"
    yield "Frames", f"{found.num_frames} at {found.frame_rate:g} fps, {found.seconds:.2f} s"
    if found.clips:
        some = ", ".join(found.clips[:_SOME_CLIPS])
        more = f" and {len(found.clips) - _SOME_CLIPS} more" if len(found.clips) > _SOME_CLIPS else ""
        yield "Clip", f"{found.clip}, one of {len(found.clips)}: {some}{more}"
    own = ", the model skeleton" if found.is_model_skeleton else ""
    yield "Skeleton", f"{len(found.joints)} joints{own}"
    yield "Rotations", "yes" if found.is_rigid else "no, positions only"
    box = (f"{low:.4g} to {high:.4g}" for low, high in zip(found.lowest, found.highest, strict=True))
    yield "Extent x, y, z", "; ".join(box)


def _body_rows(body: BodyInspection) -> Iterator[tuple[str, str]]:
    yield "Up axis", body.up_axis.upper()
    yield "One unit", f"{body.metres_per_unit:.4g} m"
    yield "Faces at the start", f"{body.facing:.0f} degrees from +Z towards +X"
    yield "Way over the ground", f"{body.travel:.2f} m"
    yield "Toes when down", f"{100 * body.floor:.1f} cm high, moving {body.foot_speed:.2f} m/s over the ground"
    if body.finger_joints_found:
        yield "Fingers", body.fingers
    yield "On the model skeleton", body.retargeting


def _size(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:.1f} MB" if num_bytes >= 1e5 else f"{num_bytes / 1e3:.1f} kB"


def _tree(joints: tuple[JointInspection, ...]) -> Iterator[tuple[str, JointInspection]]:
    """Joints from the root down, children under their parent, indented by their depth."""
    step = "· " if can_show("·") else ". "
    stack = [(index, 0) for index, joint in reversed(list(enumerate(joints))) if joint.parent < 0]
    while stack:
        index, depth = stack.pop()
        yield step * depth + joints[index].name, joints[index]
        children = [child for child, joint in enumerate(joints) if joint.parent == index]
        stack += [(child, depth + 1) for child in reversed(children)]
