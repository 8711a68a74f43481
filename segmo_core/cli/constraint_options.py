"""Constraints as they are typed: ``--waypoint 2:1.5,3``, ``--pin right_hand@2.5:0.3,1.4,0.4``, and from files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segmo_core.cli.output import print_notice
from segmo_core.errors import InvalidRequestError, shown

if TYPE_CHECKING:
    from segmo_core.control.constraints import Constraint
    from segmo_core.control.held_check import HeldCheck

_PANEL = "Where the body goes (metres; it starts at the origin facing +Z, +X is its left)"
_FLOAT = r"[-+]?(?:\d+\.?\d*|\.\d+)"
_WAYPOINT = re.compile(rf"\s*({_FLOAT})\s*:\s*({_FLOAT})\s*,\s*({_FLOAT})(?:\s*,\s*({_FLOAT}))?\s*")
_PIN = re.compile(
    rf"\s*(\w+)\s*@\s*({_FLOAT})(?:\s*-\s*({_FLOAT}))?\s*:\s*({_FLOAT})\s*,\s*({_FLOAT})\s*,\s*({_FLOAT})\s*"
)

WaypointOption = Annotated[
    list[str] | None,
    typer.Option(
        "--waypoint",
        metavar="T:X,Z[,HEADING]",
        help="Where the pelvis is at T seconds, and maybe where the body faces, degrees to the left. May be repeated.",
        rich_help_panel=_PANEL,
    ),
]
PathOption = Annotated[
    Path | None,
    typer.Option(
        "--path", help="A drawn path to follow: lines of x,z, or of t,x,z with seconds.", rich_help_panel=_PANEL
    ),
]
PinOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pin",
        metavar="JOINT@T[-T]:X,Y,Z",
        help="left_hand, right_hand, left_foot, right_foot or head at a place, for a moment or a while. "
        "May be repeated.",
        rich_help_panel=_PANEL,
    ),
]
ConstraintsOption = Annotated[
    Path | None,
    typer.Option("--constraints", help="A file of constraints, ours or Kimodo's.", rich_help_panel=_PANEL),
]
NumbersOption = Annotated[
    bool,
    typer.Option(
        "--ignore-numbers",
        help='Leave distances and turns that the words say ("walks 4 m", "turns 90 degrees left") to the model.',
        rich_help_panel=_PANEL,
    ),
]


def given_constraints(
    waypoints: list[str] | None, path: Path | None, pins: list[str] | None, file: Path | None
) -> tuple[Constraint, ...]:
    """What the options ask for. InvalidRequestError or FileFormatError in one sentence."""
    if not (waypoints or path or pins or file):
        return ()
    from segmo_core.control.constraint_files import read_constraints, read_path
    from segmo_core.control.constraints import MAX_CONSTRAINTS

    found: list[Constraint] = [_waypoint(text) for text in waypoints or []]
    found += [_pin(text) for text in pins or []]
    if path is not None:
        found.append(read_path(path))
    if file is not None:
        found += read_constraints(file)
    if len(found) > MAX_CONSTRAINTS:
        raise InvalidRequestError(f"constraints: {len(found)}, expected at most {MAX_CONSTRAINTS}")
    return tuple(found)


def plain_held(checks: tuple[HeldCheck, ...]) -> list[dict[str, Any]]:
    """How constraints are held, for JSON."""
    return [{"what": one.what, "missed": round(one.missed, 4), "unit": one.unit} for one in checks]


def print_held(checks: tuple[HeldCheck, ...]) -> None:
    """Say how constraints are held, and which are missed."""
    if not checks:
        return
    for one in checks:
        if not one.is_held:
            print_notice(one.sentence)
    held = sum(one.is_held for one in checks)
    farthest = max((one.missed for one in checks if one.unit == "m"), default=0.0)
    typer.echo(f"Held {held} of {len(checks)} constraints, places within {100 * farthest:.1f} cm")


def _waypoint(text: str) -> Constraint:
    from segmo_core.control.constraints import RootWaypoint

    found = _WAYPOINT.fullmatch(text)
    if found is None:
        raise InvalidRequestError(f"waypoint: {shown(text)}, expected seconds:x,z such as 2:1.5,3 or 2:1.5,3,90")
    seconds, x, z, heading = found.groups()
    return RootWaypoint(float(seconds), float(x), float(z), None if heading is None else float(heading))


def _pin(text: str) -> Constraint:
    from segmo_core.control.constraints import Pin

    found = _PIN.fullmatch(text)
    if found is None:
        raise InvalidRequestError(
            f"pin: {shown(text)}, expected joint@seconds:x,y,z such as right_hand@2.5:0.3,1.4,0.4"
        )
    joint, seconds, end, x, y, z = found.groups()
    place = (float(x), float(y), float(z))
    return Pin(joint, float(seconds), place, None if end is None else float(end))  # type: ignore[arg-type]
