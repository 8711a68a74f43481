"""Far values taken logarithmically, so that a network meets none that are huge, and back again."""

from __future__ import annotations

import torch
from torch import Tensor


def soft_limited(values: Tensor, limit: float) -> Tensor:
    """Values as they are up to ``limit``, logarithmically beyond (|v| = limit + d becomes limit + log(1 + d)), and
    never beyond twice the limit."""
    size = values.abs()
    beyond = (size - limit).clamp(min=0.0)
    return torch.sign(values) * (size.clamp(max=limit) + torch.log1p(beyond)).clamp(max=2.0 * limit)


def without_soft_limit(values: Tensor, limit: float) -> Tensor:
    """What ``soft_limited`` makes ``values`` of; beyond twice the limit it goes on as straight as it is there."""
    size = values.abs()
    beyond = (size - limit).clamp(min=0.0, max=limit)
    last = (size - 2.0 * limit).clamp(min=0.0)
    whole = size.clamp(max=limit) + torch.expm1(beyond) + last * torch.exp(torch.tensor(limit))
    return torch.sign(values) * whole
