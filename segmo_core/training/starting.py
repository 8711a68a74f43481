"""Weights that a training begins with: a bundle's, or those of another training's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from segmo_core.bundle_manifest import STATISTICS_FILE
from segmo_core.errors import DataError
from segmo_core.models.tokenizer.quantization import VectorQuantizer
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics

FloatArray = NDArray[np.floating]
M = TypeVar("M", bound=nn.Module)

# A bundle does not hold how often its codes were used. As if each had been so often lately (as a moving average): codes
# that the new data have no use for are replaced after a hundred steps, not after the first.
_ASSUMED_USES = 4.0
# What a transformer may have besides; where the weights to begin with lack it, it begins at random.
_OPTIONAL = ("word_pooling.", "alignment_aggregator.", "segment_order.", "timed_projection.", "grounding.")


def with_weights(model: M, path: Path, expected: str, optional: Sequence[str] = ()) -> M:
    """``model`` with the weights in ``path``; names that contain one of ``optional`` may be missing there, and stay.

    Raises DataError when there is no such file, or it is of another model.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file, expected {expected}")
    try:
        state = load_file(path)
        _without_averages(model, state)
        if optional:
            own = model.state_dict()
            state = {name: value for name, value in own.items() if any(one in name for one in optional)} | state
        model.load_state_dict(state)
    except (SafetensorError, RuntimeError, OSError) as error:
        first_line = str(error).splitlines()[0]
        raise DataError(f"{path}: does not fit the config ({first_line})") from None
    return model


def begun(model: M, folder: Path, file_name: str) -> M:
    """``model`` with the weights of a bundle, or of another training, in ``folder``."""
    return with_weights(model, folder / file_name, "weights to start from", _OPTIONAL)


def statistics_of(folder: Path) -> FeatureStatistics | None:
    """Those of a bundle, or of the one that a training wrote; None where there is none."""
    for path in (folder / STATISTICS_FILE, folder / "bundle" / STATISTICS_FILE):
        if path.is_file():
            found = load_file(path)
            return FeatureStatistics(found["mean"].float().numpy(), found["std"].float().numpy())
    return None


@torch.no_grad()
def renormalise(tokenizer: RVQVAE, before: FeatureStatistics, now: FeatureStatistics) -> None:
    """Change a tokenizer's first and last layer so that it does with features normalised by ``now`` what it
    did with those normalised by ``before``, but for the ends of a motion, where convolutions reach beyond it."""
    (mean, std), (new_mean, new_std) = (
        (torch.from_numpy(statistics.mean), torch.from_numpy(statistics.std)) for statistics in (before, now)
    )
    first, last = tokenizer.encoder.input, tokenizer.decoder.output
    assert first.bias is not None
    assert last.bias is not None
    first.bias += torch.einsum("odk,d->o", first.weight, (new_mean - mean) / std)
    first.weight *= (new_std / std)[:, None]
    last.weight *= (std / new_std)[:, None, None]
    last.bias.copy_((last.bias * std + mean - new_mean) / new_std)


def _without_averages(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Fill in the running averages of codebooks, which bundles do not hold, in ``state``."""
    for name, module in model.named_modules():
        if isinstance(module, VectorQuantizer) and f"{name}.code_sum" not in state and f"{name}.codebook" in state:
            codebook = state[f"{name}.codebook"].float()
            state[f"{name}.code_sum"] = codebook * _ASSUMED_USES
            state[f"{name}.code_count"] = torch.full((len(codebook),), _ASSUMED_USES)
            state[f"{name}.is_initialized"] = torch.tensor(True)
