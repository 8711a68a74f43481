"""How motion files are written: the same options for every command that writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from segmo_core.cli.motions.option_group import with_options

if TYPE_CHECKING:
    from segmo_core.formats.scene.export_options import ExportOptions

_PANEL = "How the files are written (what a format has no room for is refused)"


@dataclass(frozen=True)
class ExportChoices:
    """What was given on the command line; None or False where nothing was."""

    fps: Annotated[
        float | None, typer.Option(help="Frames a second; the motion's own if left out.", rich_help_panel=_PANEL)
    ] = None
    names: Annotated[
        Literal["smpl", "mixamo", "unreal", "manny", "unity", "vrm"] | None,
        typer.Option(
            help="Names of the bones; the format's usual ones if left out. manny is Unreal Engine 5's, in a T-pose.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    unit: Annotated[
        Literal["m", "cm", "mm", "in", "ft"] | None,
        typer.Option(help="Unit of length; the format's usual one if left out.", rich_help_panel=_PANEL),
    ] = None
    up: Annotated[
        Literal["y", "z"] | None,
        typer.Option(help="Which axis is up; the format's usual one if left out.", rich_help_panel=_PANEL),
    ] = None
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Without the travel over the ground.", rich_help_panel=_PANEL)
    ] = False
    root_bone: Annotated[
        bool,
        typer.Option(
            "--root-bone",
            help="One more bone on the ground, above the pelvis, that carries travel and heading.",
            rich_help_panel=_PANEL,
        ),
    ] = False
    no_mesh: Annotated[
        bool, typer.Option("--no-mesh", help="The skeleton alone, without the mannequin.", rich_help_panel=_PANEL)
    ] = False
    bone_axes: Annotated[
        Literal["world", "bone"],
        typer.Option(
            help="bone: the Y axis of a joint points along its bone. world: as the world's in the rest pose.",
            rich_help_panel=_PANEL,
        ),
    ] = "world"
    keys: Annotated[
        Literal["exact", "frame"],
        typer.Option(
            help="frame: one key on every frame. exact: more between them where needed, right at any time.",
            rich_help_panel=_PANEL,
        ),
    ] = "exact"
    from_origin: Annotated[
        bool, typer.Option("--from-origin", help="Begins at the origin, facing +Z.", rich_help_panel=_PANEL)
    ] = False
    fingers: Annotated[
        bool | None,
        typer.Option(
            "--fingers/--no-fingers",
            help="Finger bones, as the motion has them or of relaxed hands; if left out, where the motion has any.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    loop: Annotated[
        bool,
        typer.Option(
            "--loop", help="The stretch alone whose end meets its beginning, to be repeated.", rich_help_panel=_PANEL
        ),
    ] = False
    title: Annotated[
        str | None,
        typer.Option(help="Name of the take; the prompt or the file's name if left out.", rich_help_panel=_PANEL),
    ] = None
    format: Annotated[
        str | None,
        typer.Option(help="Format, where several share an extension, such as amass-smplh.", rich_help_panel=_PANEL),
    ] = None
    body: Annotated[
        str,
        typer.Option(
            help="File or folder of your own SMPL, SMPL-H or SMPL-X models, instead of the mannequin.",
            rich_help_panel=_PANEL,
        ),
    ] = ""

    frame: Annotated[
        str,
        typer.Option(
            help="Of meshes (OBJ, PLY, STL): the frame to write, from 0, or all for a file each.",
            rich_help_panel=_PANEL,
        ),
    ] = "0"
    prop: Annotated[
        list[str] | None,
        typer.Option(
            help="Mesh (OBJ, PLY, STL, GLB) that stands beside the body, in GLB and meshes. Repeat it.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    def options(self, title: str) -> ExportOptions:
        """The ExportOptions meant; ``title``: of the take, where none was given. Raises InvalidRequestError."""
        from segmo_core.formats.scene.export_options import ExportOptions

        return ExportOptions(
            frame_rate=self.fps,
            unit=self.unit,
            up_axis=self.up,
            names=self.names,
            in_place=self.in_place,
            root_bone=self.root_bone,
            mesh=not self.no_mesh,
            body=self.body,
            frame=self.frame,
            props=tuple(self.prop or ()),
            bone_axes=self.bone_axes,
            keys=self.keys,
            from_origin=self.from_origin,
            loop=self.loop,
            fingers=self.fingers,
            title=title if self.title is None else self.title,
        )


def export_arguments(options: ExportOptions) -> list[str]:
    """What stands on a command line for ``options``; a title only where there is one."""
    values = {
        "--fps": options.frame_rate,
        "--names": options.names,
        "--unit": options.unit,
        "--up": options.up_axis,
        "--bone-axes": None if options.bone_axes == "world" else options.bone_axes,
        "--keys": None if options.keys == "exact" else options.keys,
        "--title": options.title or None,
        "--body": options.body or None,
        "--frame": None if options.frame == "0" else options.frame,
    }
    switches = {
        "--in-place": options.in_place,
        "--root-bone": options.root_bone,
        "--no-mesh": not options.mesh,
        "--from-origin": options.from_origin,
        "--fingers": options.fingers is True,
        "--no-fingers": options.fingers is False,
        "--loop": options.loop,
    }
    given = [word for name, value in values.items() if value is not None for word in (name, str(value))]
    given += [word for path in options.props for word in ("--prop", path)]
    return given + [name for name, is_on in switches.items() if is_on]


with_export_choices = with_options("choices", ExportChoices)
