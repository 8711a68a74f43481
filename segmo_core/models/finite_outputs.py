"""What a model gives is looked at before anything is made of it: finite weights are no promise of finite outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segmo_core.errors import BundleError

if TYPE_CHECKING:
    from torch import Tensor


def finite(values: Tensor, part: str) -> Tensor:
    """``values`` (any shape) as they are; BundleError that names ``part`` where one is NaN or infinite."""
    import torch  # what follows is asked where there is no torch as well

    if not bool(torch.isfinite(values).all()):
        raise not_finite(part)
    return values


def not_finite(part: str) -> BundleError:
    """The sentence about a ``part`` of a bundle whose outputs are no finite numbers."""
    return BundleError(f"{part}: gives NaN or infinity, expected the weights of a finished training")
