"""The options that all commands share that write motion files."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import typer

from segmo_core.cli.motions.export_choices import ExportChoices, export_arguments, with_export_choices
from segmo_core.cli.motions.output_files import plan_outputs
from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import BONE_AXES, KEYS, UNITS, UP_AXES, ExportOptions


@pytest.mark.parametrize(
    ("choice", "known"),
    [("names", BONE_NAMES), ("unit", UNITS), ("up", UP_AXES), ("bone_axes", BONE_AXES), ("keys", KEYS)],
)
def test_the_command_line_offers_what_the_formats_know(choice: str, known: tuple[str, ...]) -> None:
    literal = get_type_hints(ExportChoices)[choice]
    offered = [value for part in get_args(literal) for value in (get_args(part) or (part,)) if value is not type(None)]
    assert offered == list(known)


def test_every_choice_reaches_the_options() -> None:
    choices = ExportChoices(60.0, "unreal", "cm", "z", True, True, True, "bone", "frame", True, body="models")
    assert choices.options("a person walks") == ExportOptions(
        frame_rate=60.0, unit="cm", up_axis="z", names="unreal", in_place=True, root_bone=True, mesh=False,
        bone_axes="bone", keys="frame", from_origin=True, title="a person walks", body="models",
    )  # fmt: skip
    assert ExportChoices(title="Take 1").options("a person walks").title == "Take 1"


def test_of_several_files_each_takes_what_it_has_room_for(tmp_path: Path) -> None:
    bvh, npz = plan_outputs([tmp_path / "a.bvh", tmp_path / "a.npz"], ExportOptions(names="unreal", title="walk"))
    assert (bvh.options.names, bvh.left_out) == ("unreal", ())
    assert (npz.options.names, npz.left_out, npz.options.title) == (None, ("names",), "walk")


def test_a_single_file_without_room_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="no room for names"):
        plan_outputs([tmp_path / "a.npz"], ExportOptions(names="unreal"))
    with pytest.raises(InvalidRequestError, match="no room for names"):
        plan_outputs([tmp_path / "a.npz", tmp_path / "b.npz"], ExportOptions(names="unreal"))


def test_no_mesh_is_granted_where_there_is_none(tmp_path: Path) -> None:
    (file,) = plan_outputs([tmp_path / "a.bvh", tmp_path / "a.bvh"], ExportOptions(mesh=False))
    assert (file.left_out, file.format_name) == ((), "bvh")


def test_a_named_format_is_for_the_files_that_end_like_it(tmp_path: Path) -> None:
    files = plan_outputs([tmp_path / "a.npz", tmp_path / "a.bvh"], format_name="npz")
    assert [file.format_name for file in files] == ["npz", "bvh"]
    with pytest.raises(InvalidRequestError, match=r"format npz expects a name that ends in \.npz"):
        plan_outputs([tmp_path / "a.bvh", tmp_path / "b.bvh"], format_name="npz")
    with pytest.raises(InvalidRequestError, match="format 'vhs' is unknown"):
        plan_outputs([tmp_path / "a.bvh"], format_name="vhs")


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder.bvh").mkdir()
    with pytest.raises(FileFormatError, match="is a folder"):
        plan_outputs([tmp_path / "folder.bvh"])
    with pytest.raises(InvalidRequestError, match="expected -o FILE"):
        plan_outputs([])


def test_options_are_told_as_they_are_typed() -> None:
    """What stands on the line for some options gives these options, read by the program itself."""
    given = (
        ExportOptions(title="a person walks"),
        ExportOptions(
            30000 / 1001, "cm", "z", "unreal", True, True, False, "bone", True, True, True, "frame", "x y", "m"
        ),
        ExportOptions(frame="all", fingers=False, title="it's", props=("a b.obj", "c.glb")),
    )
    read: list[ExportOptions] = []

    @with_export_choices
    def command(*, choices: ExportChoices) -> None:
        read.append(choices.options(""))

    program = typer.Typer()
    program.command()(command)
    for options in given:
        program(export_arguments(options), standalone_mode=False)
    assert read == list(given)
