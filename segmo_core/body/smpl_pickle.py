"""Official SMPL model files (.pkl) without running what is in them.

They are pickles of Python 2 that hold arrays of NumPy, sparse matrices of SciPy and objects of chumpy, a library that
no longer installs. Only what rebuilds plain arrays is known here; every other name in a pickle is refused before
anything is called.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError

_MAX_FILE_BYTES = 1 << 30
_MAX_DENSE_VALUES = 50_000_000
# Damaged pickles fail in all these ways, none of which means more than that.
_DAMAGED = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, MemoryError,
    OverflowError, RecursionError, ImportError, UnicodeDecodeError,
)  # fmt: skip


class _Stub:
    """Stands for an object of a foreign class: its attributes, none of its code."""

    def __init__(self, *arguments: object) -> None:
        self.attributes: dict[str, Any] = {}

    def __setstate__(self, state: object) -> None:
        self.attributes = dict(state) if isinstance(state, dict) else {}


class _Sparse(_Stub):
    pass


class _ArrayName:
    """Pickles name the class of an array; the real one could be called with a huge shape."""


class _Chumpy(_Stub):
    pass


def load_smpl_pickle(path: Path) -> dict[str, Any]:
    """The entries of a model file, arrays made plain; what is no array stays as it is or is left out.

    Raises FileFormatError, with the name, for a pickle that asks for anything but arrays.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise FileFormatError(f"{path}: larger than {_MAX_FILE_BYTES >> 30} GiB, expected a body model")
        content = _ArraysOnly(io.BytesIO(path.read_bytes()), path).load()
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({error.strerror or error})") from None
    except _DAMAGED as error:
        raise FileFormatError(f"{path}: not a complete body model ({error})") from None
    if not isinstance(content, dict):
        raise FileFormatError(f"{path}: holds {type(content).__name__}, expected a dictionary of arrays")
    plain = {str(key): _plain(path, value) for key, value in content.items()}
    return {key: value for key, value in plain.items() if value is not None}


class _ArraysOnly(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, path: Path) -> None:
        super().__init__(stream, encoding="latin1")
        self._path = path

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _KNOWN:
            return _KNOWN[module, name]
        if module.split(".")[0] == "chumpy":
            return _Chumpy
        if module.startswith("scipy.sparse") and name in ("csc_matrix", "csr_matrix", "coo_matrix"):
            return type(name, (_Sparse,), {})
        raise FileFormatError(f"{self._path}: a pickle that asks for {module}.{name}"[:300] + ", expected only arrays")

    def persistent_load(self, pid: object) -> Any:
        raise FileFormatError(f"{self._path}: a pickle that points outside itself, expected only arrays")


def _empty_array(kind: object, shape: object, type_code: object) -> NDArray[Any]:
    """What numpy's pickles begin with; the data follows as state. Another shape would be a claim on memory."""
    if kind is not _ArrayName or shape != (0,):
        raise pickle.UnpicklingError("an array that does not begin empty")
    return np.ndarray((0,), dtype="b")


def _scalar(kind: object, data: object = None) -> Any:
    if not isinstance(kind, np.dtype) or kind.hasobject or not isinstance(data, (bytes, str)):
        raise pickle.UnpicklingError("a number that is none")
    return np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype=kind)[0]


def _dtype(name: object, *arguments: object) -> np.dtype[Any]:
    if not isinstance(name, str) or len(name) > 8:
        raise pickle.UnpicklingError("an array of an unknown type")
    return np.dtype(name)


def _encoded(text: object, encoding: object = "latin1") -> bytes:
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("text in an unknown encoding")
    return text.encode("latin1")


def _new_stub(kind: object, base: object, state: object) -> _Stub:
    if not (isinstance(kind, type) and issubclass(kind, _Stub)):
        raise pickle.UnpicklingError("an object of an unknown class")
    return kind()


_KNOWN: dict[tuple[str, str], Callable[..., Any] | type] = {
    **{
        (f"numpy.{core}.multiarray", name): function
        for core in ("core", "_core")
        for name, function in (("_reconstruct", _empty_array), ("scalar", _scalar))
    },
    ("numpy", "ndarray"): _ArrayName,
    ("numpy", "dtype"): _dtype,
    ("_codecs", "encode"): _encoded,
    ("copy_reg", "_reconstructor"): _new_stub,
    ("copyreg", "_reconstructor"): _new_stub,
    ("__builtin__", "object"): object,
    ("builtins", "object"): object,
    ("__builtin__", "set"): set,
    ("builtins", "set"): set,
    ("collections", "OrderedDict"): dict,
}


def _plain(path: Path, value: object) -> Any:
    """Stubs as arrays; None for objects that hold none."""
    if isinstance(value, _Sparse):
        return _dense(path, type(value).__name__, value.attributes)
    if isinstance(value, _Chumpy):
        return _chumpy_array(path, value.attributes)
    if isinstance(value, np.ndarray):
        return None if value.dtype.hasobject else np.array(value)
    return value if isinstance(value, (str, bytes, int, float, np.number)) else None


def _chumpy_array(path: Path, attributes: dict[str, Any]) -> NDArray[Any] | None:
    """Ch holds its numbers as x; Select takes some of another's."""
    if "x" in attributes:
        inner = _plain(path, attributes["x"])
        return None if inner is None else np.asarray(inner)
    source = _plain(path, attributes.get("a"))
    chosen, shape = attributes.get("idxs"), attributes.get("preferred_shape")
    if isinstance(source, np.ndarray) and isinstance(chosen, np.ndarray) and chosen.dtype.kind in "iu":
        try:
            picked = source.ravel()[chosen.ravel()]
            return picked.reshape(shape) if isinstance(shape, tuple) else picked
        except (IndexError, ValueError, TypeError):
            raise FileFormatError(f"{path}: a selection outside its array, expected a complete body model") from None
    return None


def _dense(path: Path, kind: str, attributes: dict[str, Any]) -> NDArray[Any]:
    """A sparse matrix written out by our own hand: SciPy trusts indices that a file may have wrong."""
    shape = attributes.get("_shape", attributes.get("shape"))
    data = attributes.get("data")
    is_sane = isinstance(shape, tuple) and len(shape) == 2 and all(isinstance(n, int) and n > 0 for n in shape)
    if not is_sane or not isinstance(data, np.ndarray) or data.dtype.kind not in "fiu":
        raise FileFormatError(f"{path}: a sparse matrix without shape or numbers, expected a complete body model")
    assert isinstance(shape, tuple)
    if shape[0] * shape[1] > _MAX_DENSE_VALUES:
        raise FileFormatError(f"{path}: a sparse matrix of {shape[0]} x {shape[1]}, expected joints by vertices")
    dense = np.zeros(shape)
    try:
        if kind == "coo_matrix":
            rows, columns = attributes["row"], attributes["col"]
        else:
            starts = np.asarray(attributes["indptr"])
            if starts.ndim != 1 or len(starts) < 2 or np.diff(starts).min() < 0 or starts[-1] - starts[0] > len(data):
                raise IndexError
            lines = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
            rows, columns = (attributes["indices"], lines) if kind == "csc_matrix" else (lines, attributes["indices"])
        if min(np.min(rows, initial=0), np.min(columns, initial=0)) < 0:
            raise IndexError
        np.add.at(dense, (rows, columns), data)
    except (KeyError, IndexError, ValueError, TypeError):
        raise FileFormatError(f"{path}: a sparse matrix with wrong indices, expected a complete body model") from None
    return dense
