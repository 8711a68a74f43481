"""What every command that opens a motion file lets one choose about how it is read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmo_core.cli.motions.motion_input import load_joint_map
from segmo_core.cli.motions.option_group import with_options
from segmo_core.cli.output import print_notice

if TYPE_CHECKING:
    from segmo_core.formats.reading.choices import ReadingChoices
    from segmo_core.motion.motion import Motion
    from segmo_core.retargeting.to_model_skeleton import RetargetResult

_PANEL = "How the file is read"


@dataclass(frozen=True)
class ReadingOptions:
    """The fields are the options; ``retargeted`` opens a file by them."""

    joint_map: Annotated[
        str | None,
        typer.Option(
            "--map",
            metavar="FILE|PRESET",
            help="Which joint of the file plays which: a .json file of --save-map, or the name of a preset.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    up_axis: Annotated[
        str | None,
        typer.Option(
            help="Which axis of the file is up: y, z, x or one with a minus; found out if left out.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    clip: Annotated[
        str | None,
        typer.Option(
            help="Name or number of one of several animations, takes or people; the longest if left out.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    source_fps: Annotated[
        float | None,
        typer.Option(help="The frames a second of the file, whatever it says itself.", rich_help_panel=_PANEL),
    ] = None
    keep_height: Annotated[
        bool,
        typer.Option("--keep-height", help="Do not put the body on the floor.", rich_help_panel=_PANEL),
    ] = False
    statistics: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of Mean.npy and Std.npy that features were normalised by.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    @property
    def given(self) -> dict[str, bool]:
        """Which options were given, by the name they have on the command line."""
        names = {"joint_map": "map"}
        return {
            names.get(field.name, field.name.replace("_", "-")): getattr(self, field.name) not in (None, False)
            for field in fields(self)
        }

    @property
    def choices(self) -> ReadingChoices:
        """What the reader is told."""
        from segmo_core.formats.reading.choices import ReadingChoices

        return ReadingChoices(self.clip, self.source_fps, self.statistics)

    def retargeted(self, path: Path) -> RetargetResult:
        """The file on the model's skeleton; see motion_files.open_retargeted."""
        from segmo_core import motion_files

        return motion_files.open_retargeted(
            path,
            load_joint_map(self.joint_map),
            up_axis=self.up_axis,
            keep_height=self.keep_height,
            choices=self.choices,
        )

    def opened(self, path: Path) -> Motion:
        """As ``retargeted``, the motion alone; what was put right, and what is doubtful, is told as notices."""
        result = self.retargeted(path)
        print_reading(path, result)
        return result.motion


with_reading_options = with_options("reading", ReadingOptions)


def print_reading(path: Path, result: RetargetResult) -> None:
    """A notice for everything that was put right in reading, and for everything that is doubtful."""
    for sentence in (*result.repairs, *result.warnings):
        print_notice(f"{path}: {sentence}")
