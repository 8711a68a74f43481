"""One array as a .npy file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.serialization import write_atomically


def save_array(path: Path, values: NDArray[np.floating]) -> None:
    """Write one array as .npy, atomically."""

    def write(temporary: Path) -> None:
        with temporary.open("wb") as stream:  # given a name, NumPy would append its own extension to others
            np.save(stream, values, allow_pickle=False)

    write_atomically(Path(path), write)
