"""Official SMPL model files (.pkl) without running what is in them.

They are pickles of Python 2 that hold arrays of NumPy, sparse matrices of SciPy and objects of chumpy, a library that
no longer installs. Only what rebuilds plain arrays is known here; every other name in a pickle is refused before
anything is called. Nothing of NumPy is handed to the pickle either: types and arrays are stood for by objects of ours
that check what they are told, because NumPy's own trust a pickle with their memory.
"""

from __future__ import annotations

import math
import pickle
import re
import stat
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, ClassVar, TypeGuard

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short

_MAX_FILE_BYTES = 1 << 30
_MAX_DENSE_VALUES = 50_000_000
_MAX_DEPTH = 8  # of objects of chumpy in one another
# Damaged pickles fail in all these ways, none of which means more than that.
_DAMAGED = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, MemoryError,
    OverflowError, RecursionError, ImportError, UnicodeDecodeError, AssertionError, struct.error,
)  # fmt: skip


def load_smpl_pickle(path: Path) -> dict[str, Any]:
    """The entries of a model file, arrays made plain; what is no array stays as it is or is left out.

    Raises FileFormatError, with the name, for a pickle that asks for anything but arrays.
    """
    path = Path(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise FileFormatError(f"{path}: is no file, expected a body model")
        if found.st_size > _MAX_FILE_BYTES:
            raise FileFormatError(f"{path}: larger than {_MAX_FILE_BYTES >> 30} GiB, expected a body model")
        with path.open("rb") as stream:
            content = _ArraysOnly(stream, path).load()
        if not isinstance(content, dict):
            raise FileFormatError(f"{path}: holds no dictionary, expected one of arrays")
        plain = {_key(key): _plain(path, value) for key, value in content.items()}
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({in_short(error.strerror or error)})") from None
    except _DAMAGED as error:
        reason = f" ({in_short(error)})" if isinstance(error, pickle.UnpicklingError) else ""
        raise FileFormatError(f"{path}: not a complete body model{reason}, expected one of SMPL's") from None
    return {key: value for key, value in plain.items() if value is not None}


class _Stub:
    """Stands for an object of a foreign class: its attributes, none of its code."""

    def __init__(self, *arguments: object) -> None:
        self.attributes: dict[str, Any] = {}

    def __setstate__(self, state: object) -> None:
        self.attributes = {_key(key): value for key, value in state.items()} if isinstance(state, dict) else {}


class _Sparse(_Stub):
    pass


class _Chumpy(_Stub):
    pass


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


class _Array:
    """An array, empty until its state is set. value: None where it holds no numbers."""

    def __init__(self, kind: object = None, shape: object = (0,), type_code: object = b"b") -> None:
        self.value: NDArray[Any] | None = None

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[2], _Type):
            raise pickle.UnpicklingError("an array without shape and type")
        _, shape, kind, is_fortran, data = state
        dtype = kind.dtype
        if dtype is None:
            return
        raw = data.encode("latin1") if isinstance(data, str) else data
        if not isinstance(raw, bytes) or not _is_shape(shape) or math.prod(shape) * dtype.itemsize != len(raw):
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


class _ArraysOnly(pickle._Unpickler):
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
        if module.split(".")[0] == "chumpy":
            return _Chumpy
        if module.startswith("scipy.sparse") and name in ("csc_matrix", "csr_matrix", "coo_matrix"):
            return type(name, (_Sparse,), {})
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
        raise pickle.UnpicklingError("a kind of content that body models do not have")

    dispatch[pickle.SETITEM[0]] = _set_item
    dispatch[pickle.SETITEMS[0]] = _set_items
    dispatch[pickle.DICT[0]] = _dict
    for _code in (pickle.EMPTY_SET, pickle.ADDITEMS, pickle.FROZENSET, pickle.EXT1, pickle.EXT2, pickle.EXT4,
                  pickle.NEWOBJ_EX, pickle.BYTEARRAY8, pickle.NEXT_BUFFER):  # fmt: skip
        dispatch[_code[0]] = _refuse


def _check_keys(keys: Sequence[object]) -> None:
    for key in keys:
        _key(key)


def _key(key: object) -> str:
    if isinstance(key, bytes):
        return key.decode("latin1")
    if not isinstance(key, str):
        raise pickle.UnpicklingError("a key that is no text")
    return key


def _is_shape(shape: object) -> TypeGuard[tuple[int, ...]]:
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


def _new_stub(kind: object, base: object, state: object) -> _Stub:
    if not (isinstance(kind, type) and issubclass(kind, _Stub)):
        raise pickle.UnpicklingError("an object of an unknown class")
    return kind()


def _dictionary(pairs: object = ()) -> dict[str, Any]:
    if not isinstance(pairs, (list, tuple)):
        raise pickle.UnpicklingError("a dictionary without pairs")
    return {_key(key): value for key, value in pairs}


_KNOWN: dict[tuple[str, str], Any] = {
    **{
        (f"numpy.{core}.multiarray", name): known
        for core in ("core", "_core")
        for name, known in (("_reconstruct", _Function(_Array)), ("scalar", _Function(_scalar)))
    },
    ("numpy", "ndarray"): _ArrayName,
    ("numpy", "dtype"): _Function(_Type),
    ("_codecs", "encode"): _Function(_encoded),
    ("copy_reg", "_reconstructor"): _Function(_new_stub),
    ("copyreg", "_reconstructor"): _Function(_new_stub),
    ("__builtin__", "object"): _ArrayName,
    ("builtins", "object"): _ArrayName,
    ("__builtin__", "set"): _Stub,
    ("builtins", "set"): _Stub,
    ("collections", "OrderedDict"): _Function(_dictionary),
}


def _plain(path: Path, value: object, depth: int = 0) -> Any:
    """Stubs as arrays; None for objects that hold none."""
    if depth > _MAX_DEPTH:
        raise pickle.UnpicklingError("objects that hold one another without end")
    if isinstance(value, _Sparse):
        return _dense(path, type(value).__name__, value.attributes)
    if isinstance(value, _Chumpy):
        return _chumpy_array(path, value.attributes, depth + 1)
    if isinstance(value, _Array):
        return value.value
    return value if isinstance(value, (str, bytes, int, float, np.number)) else None


def _chumpy_array(path: Path, attributes: dict[str, Any], depth: int) -> NDArray[Any] | None:
    """Ch holds its numbers as x; Select takes some of another's."""
    if "x" in attributes:
        inner = _plain(path, attributes["x"], depth)
        return inner if isinstance(inner, np.ndarray) else None
    source, chosen = (_plain(path, attributes.get(name), depth) for name in ("a", "idxs"))
    shape = attributes.get("preferred_shape")
    if isinstance(source, np.ndarray) and isinstance(chosen, np.ndarray) and chosen.dtype.kind in "iu":
        try:
            picked = source.ravel()[chosen.ravel()]
            return picked.reshape(shape) if _is_shape(shape) else picked
        except (IndexError, ValueError, TypeError):
            raise FileFormatError(f"{path}: a selection outside its array, expected a complete body model") from None
    return None


def _dense(path: Path, kind: str, attributes: dict[str, Any]) -> NDArray[Any]:
    """A sparse matrix written out by our own hand: SciPy trusts indices that a file may have wrong."""
    shape = attributes.get("_shape", attributes.get("shape"))
    data = _plain(path, attributes.get("data"))
    if not _is_shape(shape) or len(shape) != 2 or min(shape) < 1 or not _is_numeric(data):
        raise FileFormatError(f"{path}: a sparse matrix without shape or numbers, expected a complete body model")
    if shape[0] * shape[1] > _MAX_DENSE_VALUES:
        raise FileFormatError(f"{path}: a sparse matrix too large, expected joints by vertices")
    dense = np.zeros(shape)
    try:
        if kind == "coo_matrix":
            rows, columns = _indices(attributes, "row"), _indices(attributes, "col")
        else:
            starts, inner = _indices(attributes, "indptr"), _indices(attributes, "indices")
            if len(starts) < 2 or np.diff(starts).min() < 0 or starts[-1] - starts[0] > len(data):
                raise IndexError
            lines = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
            rows, columns = (inner, lines) if kind == "csc_matrix" else (lines, inner)
        if min(np.min(rows, initial=0), np.min(columns, initial=0)) < 0:
            raise IndexError
        np.add.at(dense, (rows, columns), data)
    except (KeyError, IndexError, ValueError, TypeError):
        raise FileFormatError(f"{path}: a sparse matrix with wrong indices, expected a complete body model") from None
    return dense


def _is_numeric(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"


def _indices(attributes: dict[str, Any], name: str) -> NDArray[np.int64]:
    held = attributes[name]
    values = held.value if isinstance(held, _Array) else None
    if values is None or values.ndim != 1 or values.dtype.kind not in "iu":
        raise IndexError
    return values.astype(np.int64)
