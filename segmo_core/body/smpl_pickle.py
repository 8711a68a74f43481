"""Official SMPL model files (.pkl) without running what is in them.

They are pickles of Python 2 that hold arrays of NumPy, sparse matrices of SciPy and objects of chumpy, a library that
no longer installs; ``restricted_pickle`` refuses everything else.
"""

from __future__ import annotations

import pickle
import stat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.restricted_pickle import DAMAGED, ArraysOnly, PickledArray, Stub, is_shape, key_text
from segmo_core.errors import FileFormatError, in_short

_MAX_FILE_BYTES = 1 << 30
_MAX_DENSE_VALUES = 50_000_000
_MAX_DEPTH = 8  # of objects of chumpy in one another


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
            content = _ModelUnpickler(stream, path).load()
        if not isinstance(content, dict):
            raise FileFormatError(f"{path}: holds no dictionary, expected one of arrays")
        plain = {key_text(key): _plain(path, value) for key, value in content.items()}
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({in_short(error.strerror or error)})") from None
    except DAMAGED as error:
        reason = f" ({in_short(error)})" if isinstance(error, pickle.UnpicklingError) else ""
        raise FileFormatError(f"{path}: not a complete body model{reason}, expected one of SMPL's") from None
    return {key: value for key, value in plain.items() if value is not None}


class _Sparse(Stub):
    pass


class _Chumpy(Stub):
    pass


class _ModelUnpickler(ArraysOnly):
    """As its base, for models that hold matrices of SciPy and objects of chumpy."""

    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[0] == "chumpy":
            return _Chumpy
        if module.startswith("scipy.sparse") and name in ("csc_matrix", "csr_matrix", "coo_matrix"):
            return type(name, (_Sparse,), {})
        return super().find_class(module, name)


def _plain(path: Path, value: object, depth: int = 0) -> Any:
    """Stubs as arrays; None for objects that hold none."""
    if depth > _MAX_DEPTH:
        raise pickle.UnpicklingError("objects that hold one another without end")
    if isinstance(value, _Sparse):
        return _dense(path, type(value).__name__, value.attributes)
    if isinstance(value, _Chumpy):
        return _chumpy_array(path, value.attributes, depth + 1)
    if isinstance(value, PickledArray):
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
            return picked.reshape(shape) if is_shape(shape) else picked
        except (IndexError, ValueError, TypeError):
            raise FileFormatError(f"{path}: a selection outside its array, expected a complete body model") from None
    return None


def _dense(path: Path, kind: str, attributes: dict[str, Any]) -> NDArray[Any]:
    """A sparse matrix written out by our own hand: SciPy trusts indices that a file may have wrong."""
    shape = attributes.get("_shape", attributes.get("shape"))
    data = _plain(path, attributes.get("data"))
    if not is_shape(shape) or len(shape) != 2 or min(shape) < 1 or not _is_numeric(data):
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
    values = held.value if isinstance(held, PickledArray) else None
    if values is None or values.ndim != 1 or values.dtype.kind not in "iu":
        raise IndexError
    return values.astype(np.int64)
