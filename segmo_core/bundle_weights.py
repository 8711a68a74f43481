"""The weights of a bundle's parts on disk: written without what only training needs, read after their shapes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from segmo_core.errors import BundleError, shown

_TRAINING_ONLY = ("code_sum", "code_count", "is_initialized")
# Sizes that say how often something is repeated; all others are widths of weights.
_REPEATS = ("num_layers", "num_quantizers", "depth", "downsampling_stages")
_MOST_REPEATS = 256


def weights_of(module: nn.Module, half_precision: bool) -> dict[str, Tensor]:
    """Weights, contiguous; what only training needs is left out. BundleError for weights of a training that failed."""
    found = {
        name: (value.half() if half_precision and value.is_floating_point() else value).contiguous()
        for name, value in module.state_dict().items()
        if name.rpartition(".")[2] not in _TRAINING_ONLY
    }
    for name, value in found.items():
        if not bool(torch.isfinite(value).all()):
            raise BundleError(f"weights: tensor {name!r} holds NaN or infinity, expected those of a finished training")
    return found


def check_sizes(config: Any, path: Path) -> None:
    """BundleError when a size of a part's config is larger than its file of weights bears out; before it is built."""
    shapes = read_shapes(path)
    most = sum(torch.Size(shape).numel() for shape in shapes.values())
    for name, value in vars(config).items():
        largest = _MOST_REPEATS if name in _REPEATS else max(most, 1)
        if isinstance(value, tuple) and len(value) > _MOST_REPEATS:
            raise BundleError(f"{path}: {name} of {len(value)} sizes, expected at most {_MOST_REPEATS}")
        for size in value if isinstance(value, tuple) else (value,):
            if isinstance(size, int) and not isinstance(size, bool) and not 0 <= size <= largest:
                raise BundleError(f"{path}: {name} {shown(size)} in the manifest, expected at most {largest}")


def read_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor of a file, without its data."""
    try:
        with safe_open(path, framework="pt") as opened:
            return {name: tuple(opened.get_slice(name).get_shape()) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise BundleError(f"{path}: not readable as safetensors ({error})") from None


def check_shapes(module: nn.Module, path: Path) -> None:
    """BundleError for the first tensor that is missing, unknown or of another shape. ``module`` may hold no data."""
    found = read_shapes(path)
    expected = _needed(module.state_dict())
    for name, value in expected.items():
        if name not in found:
            raise BundleError(f"{path}: tensor {name!r} is missing")
        if found[name] != tuple(value.shape):
            raise BundleError(f"{path}: tensor {name!r} has shape {found[name]}, expected {tuple(value.shape)}")
    unknown = sorted(set(found) - set(expected))
    if unknown:
        raise BundleError(f"{path}: unknown tensor {unknown[0]!r}")


def load_weights(module: nn.Module, path: Path) -> None:
    """Read the weights, whose shapes were checked, into ``module``; BundleError where one is no finite number."""
    found = read_tensors(path)
    module.load_state_dict({name: value.float() for name, value in found.items()}, strict=False)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a file, finite numbers each."""
    try:
        found = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise BundleError(f"{path}: not readable as safetensors ({error})") from None
    for name, value in found.items():
        if not bool(torch.isfinite(value).all()):
            raise BundleError(f"{path}: tensor {name!r} holds NaN or infinity, expected finite numbers")
    return found


def _needed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in state.items() if name.rpartition(".")[2] not in _TRAINING_ONLY}
