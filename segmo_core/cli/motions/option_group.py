"""Options that several commands share, as a dataclass whose fields are the options."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

Command = Callable[..., None]


def with_options(argument: str, group: type[Any]) -> Callable[[Command], Command]:
    """Makes a command that takes ``argument: group`` one that takes each field of ``group`` as an option of its own."""
    hints = get_type_hints(group, include_extras=True)
    added = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in dataclasses.fields(group)
    ]

    def wrap(command: Command) -> Command:
        own = inspect.signature(command, eval_str=True)
        kept = [parameter for parameter in own.parameters.values() if parameter.name != argument]

        @functools.wraps(command)
        def run(**values: Any) -> None:
            chosen = group(**{parameter.name: values.pop(parameter.name) for parameter in added})
            command(**{argument: chosen}, **values)

        run.__signature__ = own.replace(parameters=[*kept, *added])  # type: ignore[attr-defined]
        return run

    return wrap
