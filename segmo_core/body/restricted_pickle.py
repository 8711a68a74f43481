"""Pickles of arrays without running what is in them.

Only what rebuilds plain arrays, dictionaries, lists, texts and numbers is known here; every other name in a pickle is
refused before anything is called. Nothing of NumPy is handed to the pickle either: types and arrays are stood for by
objects of ours that check what they are told, because NumPy's own trust a pickle with their memory.
"""

from __future__ import annotations

import math
import pickle
import re
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, ClassVar, TypeGuard

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short

_LARGEST_KEY = 1 << 31
# Damaged pickles fail in all these ways, none of which means more than that.
DAMAGED = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, MemoryError,
    OverflowError, RecursionError, ImportError, UnicodeDecodeError, AssertionError, struct.error,
)  # fmt: skip


class Stub:
    """Stands for an object of a foreign class: its attributes, none of its code."""

    def __init__(self, *arguments: object) -> None:
        self.attributes: dict[str, Any] = {}

    def __setstate__(self, state: object) -> None:
        self.attributes = {key_text(key): value for key, value in state.items()} if isinstance(state, dict) else {}


class _Type:
    """The type of an array. Pickles tell the byte order afterwards; NumPy's own would believe the rest they tell."""

    def __init__(self, name: object, *arguments: object) -> None:
        if not isinstance(name, str) or re.fullmatch(r"[fiu][1248]|b1|[SUOV]\d{1,4}", name) is None:
            raise pickle.UnpicklingError("an array of an unknown type")
        self.name, self.order = name, "|" if name[1:] == "1" else "<"

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) < 2 or state[1] not in ("<", ">", "=", "|"):
            raise pickle.UnpicklingError("an array of an unknown byte order")
        self.order = state[1]

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """None where it is none of numbers: such arrays are left out."""
        return np.dtype(self.order + self.name) if self.name[0] in "fiub" else None


class PickledArray:
    """An array, empty until its state is set. value: None where it holds no numbers. items: of one of objects."""

    def __init__(self, kind: object = None, shape: object = (0,), type_code: object = b"b") -> None:
        self.value: NDArray[Any] | None = None
        self.items: list[object] | None = None

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[2], _Type):
            raise pickle.UnpicklingError("an array without shape and type")
        _, shape, kind, is_fortran, data = state
        dtype = kind.dtype
        if dtype is None:
            if kind.name[0] == "O" and isinstance(data, list) and is_shape(shape) and math.prod(shape) == len(data):
                self.items = data
            return
        raw = data.encode("latin1") if isinstance(data, str) else data
        if not isinstance(raw, bytes) or not is_shape(shape) or math.prod(shape) * dtype.itemsize != len(raw):
            raise pickle.UnpicklingError("an array whose data is not as long as its shape")
        flat = np.frombuffer(raw, dtype)
        self.value = flat.reshape(shape, order="F" if is_fortran else "C").astype(dtype.newbyteorder("="))


class _ArrayName:
    """What pickles name as the class of arrays; it only stands as an argument."""

    def __init__(self, *arguments: object) -> None:
        raise pickle.UnpicklingError("an array that is made in an unknown way")

    def __setstate__(self, state: object) -> None:
        raise pickle.UnpicklingError("an array that is made in an unknown way")


class _Function:
    """A function that a pickle may call but not change."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def __call__(self, *arguments: object) -> Any:
        return self._call(*arguments)

    def __setstate__(self, state: object) -> None:
        raise pickle.UnpicklingError("a state for a function")


class ArraysOnly(pickle._Unpickler):
    """The unpickler in Python: the one in C fills memory with as many empty places as a pickle claims to remember.

    Keys of dictionaries must be plain: to find out whether others are equal can take for ever.
    """

    stack: list[Any]
    pop_mark: Callable[[], list[Any]]
    append: Callable[[object], None]
    dispatch: ClassVar[dict[int, Callable[..., None]]] = dict(pickle._Unpickler.dispatch)

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        super().__init__(stream, encoding="latin1")
        self._path = path

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _KNOWN:
            return _KNOWN[module, name]
        asked = in_short(f"{module}.{name}", 80)
        raise FileFormatError(f"{self._path}: a pickle that asks for {asked}, expected only arrays")

    def persistent_load(self, pid: object) -> Any:
        raise FileFormatError(f"{self._path}: a pickle that points outside itself, expected only arrays")

    def _set_items(self) -> None:
        items = self.pop_mark()
        _check_keys(items[::2])
        target = self.stack[-1]
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[key] = value

    def _set_item(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        _check_keys([key])
        self.stack[-1][key] = value

    def _dict(self) -> None:
        items = self.pop_mark()
        _check_keys(items[::2])
        self.append(dict(zip(items[::2], items[1::2], strict=True)))

    def _refuse(self) -> None:
        raise pickle.UnpicklingError("a kind of content that arrays do not have")

    dispatch[pickle.SETITEM[0]] = _set_item
    dispatch[pickle.SETITEMS[0]] = _set_items
    dispatch[pickle.DICT[0]] = _dict
    for _code in (pickle.EMPTY_SET, pickle.ADDITEMS, pickle.FROZENSET, pickle.EXT1, pickle.EXT2, pickle.EXT4,
                  pickle.NEWOBJ_EX, pickle.BYTEARRAY8, pickle.NEXT_BUFFER):  # fmt: skip
        dispatch[_code[0]] = _refuse


def _check_keys(keys: Sequence[object]) -> None:
    for key in keys:
        key_text(key)


def key_text(key: object) -> str:
    if isinstance(key, bytes):
        return key.decode("latin1")
    if type(key) is int and abs(key) < _LARGEST_KEY:
        return str(key)
    if not isinstance(key, str):
        raise pickle.UnpicklingError("a key that is no text")
    return key


def is_shape(shape: object) -> TypeGuard[tuple[int, ...]]:
    return isinstance(shape, tuple) and len(shape) <= 32 and all(type(n) is int and n >= 0 for n in shape)


def _scalar(kind: object, data: object = None) -> Any:
    raw = data.encode("latin1") if isinstance(data, str) else data
    dtype = kind.dtype if isinstance(kind, _Type) else None
    if dtype is None or not isinstance(raw, bytes) or len(raw) != dtype.itemsize:
        raise pickle.UnpicklingError("a number that is none")
    return np.frombuffer(raw, dtype=dtype)[0]


def _encoded(text: object, encoding: object = "latin1") -> bytes:
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("text in an unknown encoding")
    return text.encode("latin1")


def _new_stub(kind: object, base: object, state: object) -> Stub:
    if not (isinstance(kind, type) and issubclass(kind, Stub)):
        raise pickle.UnpicklingError("an object of an unknown class")
    return kind()


def _dictionary(pairs: object = ()) -> dict[str, Any]:
    if not isinstance(pairs, (list, tuple)):
        raise pickle.UnpicklingError("a dictionary without pairs")
    return {key_text(key): value for key, value in pairs}


def _empty_dictionary(factory: object = None) -> dict[str, Any]:
    return {}


_KNOWN: dict[tuple[str, str], Any] = {
    **{
        (f"numpy.{core}.multiarray", name): known
        for core in ("core", "_core")
        for name, known in (("_reconstruct", _Function(PickledArray)), ("scalar", _Function(_scalar)))
    },
    ("numpy", "ndarray"): _ArrayName,
    ("numpy", "dtype"): _Function(_Type),
    ("_codecs", "encode"): _Function(_encoded),
    ("copy_reg", "_reconstructor"): _Function(_new_stub),
    ("copyreg", "_reconstructor"): _Function(_new_stub),
    ("__builtin__", "object"): _ArrayName,
    ("builtins", "object"): _ArrayName,
    ("__builtin__", "set"): Stub,
    ("builtins", "set"): Stub,
    ("collections", "OrderedDict"): _Function(_dictionary),
    ("collections", "defaultdict"): _Function(_empty_dictionary),
    ("__builtin__", "dict"): _ArrayName,
    ("builtins", "dict"): _ArrayName,
}
