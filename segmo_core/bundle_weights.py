"""Parts of a bundle: a module from its config in the manifest and its file of weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from segmo_core.bundle_manifest import BundleManifest, weights_file
from segmo_core.errors import BundleError

M = TypeVar("M", bound=nn.Module)

_TRAINING_ONLY = ("code_sum", "code_count", "is_initialized")


@dataclass(frozen=True)
class Part(Generic[M]):
    """How a part of a bundle is built: from its config, under ``name`` in the manifest, and its file of weights."""

    name: str
    module: Callable[[Any], M]

    def load(self, folder: Path, manifest: BundleManifest) -> M:
        """The module with its weights, as it is built."""
        module = self.module(getattr(manifest, self.name))
        load_weights(module, folder / weights_file(self.name))
        return module

    def load_if_any(self, folder: Path, manifest: BundleManifest) -> M | None:
        return None if getattr(manifest, self.name) is None else self.load(folder, manifest)


def weights_of(module: nn.Module, half_precision: bool) -> dict[str, Tensor]:
    """Weights, contiguous; what only training needs is left out."""
    return {
        name: (value.half() if half_precision and value.is_floating_point() else value).contiguous()
        for name, value in module.state_dict().items()
        if name.rpartition(".")[2] not in _TRAINING_ONLY
    }


def load_weights(module: nn.Module, path: Path) -> None:
    found = read_tensors(path)
    expected = {
        name: value for name, value in module.state_dict().items() if name.rpartition(".")[2] not in _TRAINING_ONLY
    }
    for name, value in expected.items():
        if name not in found:
            raise BundleError(f"{path}: tensor {name!r} is missing")
        if found[name].shape != value.shape:
            raise BundleError(
                f"{path}: tensor {name!r} has shape {tuple(found[name].shape)}, expected {tuple(value.shape)}"
            )
    unknown = sorted(set(found) - set(expected))
    if unknown:
        raise BundleError(f"{path}: unknown tensor {unknown[0]!r}")
    module.load_state_dict({name: value.float() for name, value in found.items()}, strict=False)


def read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise BundleError(f"{path}: not readable as safetensors ({error})") from None
