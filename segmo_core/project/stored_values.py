"""Frozen dataclasses as plain JSON data with their arrays kept apart, and back, checked field by field."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, InvalidRequestError, one_of, shown
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton
from segmo_core.segmentation.prompt_text import MAX_LETTERS

T = TypeVar("T")
Arrays = dict[str, NDArray[np.generic]]

_MOST_LETTERS = 10 * MAX_LETTERS  # a window takes seconds to lay out more
_ARRAY = "array"
_NUMBER_KINDS = "fiu"
_LARGEST_INT = 2**63 - 1


def stored(value: Any, arrays: Arrays, name: str) -> Any:
    """``value`` as plain data. Every array in it goes into ``arrays``, named by its place under ``name``."""
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {_ARRAY: name}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: stored(getattr(value, field.name), arrays, f"{name}/{field.name}") for field in fields}
    if isinstance(value, Mapping):
        return {str(key): stored(item, arrays, f"{name}/{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [stored(item, arrays, f"{name}/{index}") for index, item in enumerate(value)]
    return str(value) if isinstance(value, Path) else value


def array_names(plain: Any) -> list[str]:
    """The names of all arrays that plain data of ``stored`` speaks of, in order."""
    if isinstance(plain, dict):
        if set(plain) == {_ARRAY} and isinstance(plain[_ARRAY], str):
            return [plain[_ARRAY]]
        return [name for item in plain.values() for name in array_names(item)]
    return [name for item in plain for name in array_names(item)] if isinstance(plain, list) else []


def restored(kind: type[T], plain: Any, arrays: Arrays, where: str, names: Mapping[str, type] | None = None) -> T:
    """The value of type ``kind`` that ``stored`` made ``plain`` of.

    names: types that its annotations name but its module does not import when it runs. Fields with a default may be
    missing. Raises FileFormatError naming the place (``where`` and below) and what was expected there.
    """
    return typing.cast(T, _Restorer(arrays, names or {}).value(kind, plain, where))


class _Restorer:
    def __init__(self, arrays: Arrays, names: Mapping[str, type]) -> None:
        self._arrays = arrays
        self._names = dict(names)

    def value(self, annotation: Any, plain: Any, where: str) -> Any:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (typing.Union, types.UnionType):
            return self._one_of(arguments, plain, where)
        if origin is np.ndarray:
            return self._array(plain, where)
        if origin is typing.Literal:
            if plain not in arguments:
                raise _unexpected(plain, where, f"one of {', '.join(map(str, arguments))}")
            return plain
        if origin is tuple:
            return self._tuple(arguments, plain, where)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            if not isinstance(plain, dict):
                raise _unexpected(plain, where, "an object")
            return {key: self.value(arguments[1], item, f"{where}.{key[:40]}") for key, item in plain.items()}
        if dataclasses.is_dataclass(annotation):
            return self._dataclass(typing.cast(type, annotation), plain, where)
        return _scalar(annotation, plain, where)

    def _one_of(self, choices: tuple[Any, ...], plain: Any, where: str) -> Any:
        if plain is None and type(None) in choices:
            return None
        kinds = [choice for choice in choices if choice is not type(None)]
        if len(kinds) > 1 and isinstance(plain, dict):
            same = [kind for kind in kinds if {field.name for field in dataclasses.fields(kind)} == set(plain)]
            kinds = same or kinds
        return self.value(kinds[0], plain, where)

    def _tuple(self, arguments: tuple[Any, ...], plain: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(plain, list):
            raise _unexpected(plain, where, "a list")
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            arguments = (arguments[0],) * len(plain)
        if len(arguments) != len(plain):
            raise FileFormatError(f"{where}: {len(plain)} items, expected {len(arguments)}")
        items = zip(arguments, plain, strict=True)
        return tuple(self.value(kind, item, f"{where}[{index}]") for index, (kind, item) in enumerate(items))

    def _array(self, plain: Any, where: str) -> NDArray[np.generic]:
        name = plain.get(_ARRAY) if isinstance(plain, dict) else None
        if not isinstance(name, str):
            raise _unexpected(plain, where, "an array")
        if name not in self._arrays:
            raise FileFormatError(f"{where}: the array {shown(name)} is missing")
        if self._arrays[name].dtype.kind not in _NUMBER_KINDS:
            raise FileFormatError(f"{where}: holds {self._arrays[name].dtype}, expected numbers")
        return self._arrays[name]

    def _dataclass(self, kind: type, plain: Any, where: str) -> Any:
        if not isinstance(plain, dict):
            raise _unexpected(plain, where, "an object")
        hints = typing.get_type_hints(kind, localns=self._names)
        fields = {field.name: field for field in dataclasses.fields(kind)}
        unknown = sorted(set(plain) - set(fields))
        if unknown:
            raise FileFormatError(
                f"{where}: unknown key {shown(unknown[0])}, expected one of {one_of(fields, unknown[0])}"
            )
        values = {}
        for name, field in fields.items():
            if name in plain:
                values[name] = self.value(hints[name], plain[name], f"{where}.{name}")
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise FileFormatError(f"{where}: key {name!r} is missing")
        try:
            made = kind(**values)
        except InvalidRequestError as error:
            raise FileFormatError(f"{where}: {error}") from None
        return MODEL_SKELETON if isinstance(made, Skeleton) and made.same_as(MODEL_SKELETON, 0.0) else made


def _scalar(annotation: Any, plain: Any, where: str) -> Any:
    if type(plain) is int and not abs(plain) <= _LARGEST_INT:
        raise _unexpected(plain, where, "a number of at most nineteen digits")
    if annotation is float and type(plain) in (int, float) and math.isfinite(plain):
        return float(plain)
    if annotation is Path and isinstance(plain, str):
        return Path(plain)
    if annotation is str and isinstance(plain, str):
        check_letters(plain, where)
    if annotation in (int, str, bool) and type(plain) is annotation:
        return plain
    raise _unexpected(plain, where, getattr(annotation, "__name__", str(annotation)))


def check_letters(text: str, where: str) -> None:
    """FileFormatError for a text that is longer than any that a project holds."""
    if len(text) > _MOST_LETTERS:
        raise FileFormatError(f"{where}: {len(text):,} letters, expected at most {_MOST_LETTERS:,}")


def _unexpected(plain: Any, where: str, expected: str) -> FileFormatError:
    return FileFormatError(f"{where}: found {shown(plain)}, expected {expected}")
