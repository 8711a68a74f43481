"""Export options of one row of a list, by the names that they have on the command line: ``fps=30; up=z; in-place``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from segmo_core.errors import InvalidRequestError, one_of, shown
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.serialization import finite_number

_VALUES = {
    "unit": "unit",
    "up": "up_axis",
    "names": "names",
    "bone-axes": "bone_axes",
    "keys": "keys",
    "frame": "frame",
}
_SWITCHES: dict[str, tuple[str, bool]] = {
    "in-place": ("in_place", True),
    "root-bone": ("root_bone", True),
    "no-mesh": ("mesh", False),
    "from-origin": ("from_origin", True),
    "loop": ("loop", True),
    "fingers": ("fingers", True),
    "no-fingers": ("fingers", False),
}
_KNOWN = ("fps", *_VALUES, *_SWITCHES)


def with_row_options(options: ExportOptions, given: Sequence[str]) -> ExportOptions:
    """``options`` with those of a row, which come first. Raises InvalidRequestError for what is none."""
    changes: dict[str, Any] = {}
    for each in given:
        name, _, value = (part.strip() for part in each.partition("="))
        name = name.lower().replace("_", "-").removeprefix("--")
        if name in _SWITCHES:
            if value:
                raise InvalidRequestError(f"options: {name}={shown(value)}, expected {name} without a value")
            field, switched = _SWITCHES[name]
            changes[field] = switched
        elif name == "fps":
            changes["frame_rate"] = _number(value)
        elif name in _VALUES:
            changes[_VALUES[name]] = value
        else:
            raise InvalidRequestError(f"options: {shown(name)}, expected any of {one_of(_KNOWN, name)}")
    return replace(options, **changes) if changes else options


def _number(text: str) -> float:
    value = finite_number(text)
    if value is None:
        raise InvalidRequestError(f"options: fps={shown(text)}, expected a number such as 30")
    return value
