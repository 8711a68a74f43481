"""The weights of a bundle's graphs, read from its own files by the names that the graphs give them.

A name is the part's and the tensor's, "masked_transformer.head.dense.weight"; "|T" after it means transposed. A graph
with products in int8 asks for three tensors in place of one: int8 weights, their scale and zero point of each column.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from segmo_core.bundle_manifest import PART_NAMES, BundleManifest, weights_file
from segmo_core.errors import BundleError

TRANSPOSED = "|T"
_QUANTIZED, _SCALE, _ZERO_POINT = "_quantized", "_scale", "_zero_point"
_LARGEST_INT8 = 127

Array = NDArray[Any]


class GraphWeights:
    """The tensors of a bundle's parts as float32; a part is read when it is asked for first."""

    def __init__(self, folder: Path, manifest: BundleManifest) -> None:
        self._folder, self._manifest = folder, manifest
        self._parts: dict[str, dict[str, Array]] = {}

    def tensor(self, name: str) -> Array:
        """A tensor as it lies in the bundle. BundleError where there is none of that name."""
        part, _, key = name.partition(".")
        if part not in self._parts and part in PART_NAMES and getattr(self._manifest, part) is not None:
            self._parts[part] = dict(read_arrays(self._folder / weights_file(part)))
        found = self._parts.get(part, {}).get(key)
        if found is None:
            raise BundleError(
                f"graphs: tensor {name!r} is in none of the bundle's files, expected graphs of this bundle"
            )
        return found

    def of_graph(self, name: str) -> Array:
        """What a graph calls ``name``."""
        base, mark, rest = name.partition(TRANSPOSED)
        values = self.tensor(base)
        if not mark:
            return np.ascontiguousarray(values)
        if not rest:
            return np.ascontiguousarray(values.T)
        scale = np.abs(values).max(axis=1) / np.float32(_LARGEST_INT8)
        scale = np.where(scale > 0, scale, np.float32(1.0)).astype(np.float32)
        if rest == _SCALE:
            return scale
        if rest == _ZERO_POINT:
            return np.zeros(len(values), dtype=np.int8)
        if rest != _QUANTIZED:
            raise BundleError(f"graphs: tensor {name!r} is unknown, expected graphs of this version")
        return np.ascontiguousarray(np.rint(values / scale[:, None]).astype(np.int8).T)


def read_arrays(path: Path) -> Iterator[tuple[str, Array]]:
    """Every tensor of a file of weights as float32, finite numbers each; BundleError where that cannot be."""
    try:
        with safe_open(path, framework="numpy") as opened:
            found = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise BundleError(f"{path}: not readable as safetensors ({error})") from None
    for name, value in found.items():
        array = value.astype(np.float32) if value.dtype.kind == "f" else value
        if not np.isfinite(array).all():
            raise BundleError(f"{path}: tensor {name!r} holds NaN or infinity, expected finite numbers")
        yield name, array
