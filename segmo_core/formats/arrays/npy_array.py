"""One array as a .npy file: written, and read with all that a file can claim checked first."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short, shown
from segmo_core.formats.arrays import pickled_tree
from segmo_core.formats.reading import files
from segmo_core.serialization import write_atomically

_MAX_VALUES = 20_000_000  # an hour of features at 20 fps; readers need a few copies of them


def save_array(path: Path, values: NDArray[np.floating]) -> None:
    """Write one array as .npy, atomically."""

    def write(temporary: Path) -> None:
        with temporary.open("wb") as stream:  # given a name, NumPy would append its own extension to others
            np.save(stream, values, allow_pickle=False)

    write_atomically(Path(path), write)


def load_npy(path: Path) -> Any:
    """The array of numbers in a file, or what one of pickled objects holds: dictionaries and lists of arrays, of which
    nothing is run. Raises FileFormatError.
    """
    files.check_file(path)
    try:
        with path.open("rb") as stream:
            shape, dtype = files.read_npy_header(path, stream, with_objects=True)
            if dtype.hasobject:
                files.check_file(path, pickled_tree.MAX_BYTES)
                return pickled_tree.read_tree(path, stream)
            size = math.prod(shape) * dtype.itemsize
            found = path.stat().st_size - stream.tell()
        if found != size:
            raise FileFormatError(
                f"{path}: {found} bytes of data, expected {shown(size)} for shape {in_short(shape, 60)}"
            )
        if math.prod(shape) > _MAX_VALUES:
            raise FileFormatError(f"{path}: {math.prod(shape)} values, expected at most {_MAX_VALUES}")
        if dtype.kind not in "fiu":
            raise FileFormatError(f"{path}: holds {in_short(dtype, 40)}, expected numbers")
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise FileFormatError(f"{path}: cannot be read as .npy ({in_short(error)})") from None
