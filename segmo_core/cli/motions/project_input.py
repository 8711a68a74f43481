"""Projects that commands read: one of their takes in the place of a motion file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core.errors import InvalidRequestError

if TYPE_CHECKING:
    from segmo_core.project.project import Take

TAKE_HELP = "Number of the take, where IN is a project (.segmo); the one on screen if left out."


def take_in(source: Path, number: int | None, choices: Mapping[str, bool]) -> Take | None:
    """The take of a project; None where ``source`` is no project.

    choices: options that only motion files have, and whether they were given. Raises InvalidRequestError for an option
    that does not fit, a number that is not there, and a take without a motion; FileFormatError for a bad project.
    """
    from segmo_core.project.project_file import find_take, is_project, read_project

    if not is_project(source):
        if number is not None:
            raise InvalidRequestError(f"take: {number} of {source}, expected a project (.segmo)")
        return None
    for name, is_given in choices.items():
        if is_given:
            raise InvalidRequestError(f"{name}: given for a project, expected a motion file; its takes are as they are")
    take = find_take(read_project(source).project, number, source)
    if take.motion is None:
        raise InvalidRequestError(
            f"{source}: take {take.take_id} ({take.name}) has no motion yet, expected one that has"
        )
    return take
