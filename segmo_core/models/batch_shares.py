"""A batch whose samples are split over processes, and what a loss needs of the samples of the others.

Process r of W holds samples r, r + W, r + 2 W, ... Losses are written so that the mean over processes of each one's
loss, and of its gradient, is that of the whole batch: what torch's DistributedDataParallel averages. In a process that
trains alone, and inside ``unshared``, everything here returns what it is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor, distributed

_is_unshared: ContextVar[bool] = ContextVar("is_unshared", default=False)


@contextmanager
def unshared() -> Iterator[None]:
    """Within, batches are whole: for what one process does while the others wait."""
    token = _is_unshared.set(True)
    try:
        yield
    finally:
        _is_unshared.reset(token)


def num_shares() -> int:
    """Into how many shares a batch is split."""
    if _is_unshared.get() or not distributed.is_available() or not distributed.is_initialized():
        return 1
    return distributed.get_world_size()


def share_number() -> int:
    """Which of the shares is this process's, from 0."""
    return 0 if num_shares() == 1 else distributed.get_rank()


def positions_of_share() -> slice:
    """Where in a batch this process's samples are."""
    return slice(share_number(), None, num_shares())


def own_share(batch: Tensor) -> Tensor:
    """The samples (B / W, ...) of this process out of the whole batch (B, ...)."""
    return batch if num_shares() == 1 else batch[positions_of_share()]


def whole_batch(share: Tensor) -> Tensor:
    """(B / W, ...) of every process -> (B, ...), in the batch's order.

    With gradients, provided that every process computes the same from the result, as a contrastive loss does.
    """
    if num_shares() == 1:
        return share
    gathered: Tensor = _Gathered.apply(share)  # type: ignore[no-untyped-call]
    return gathered.transpose(0, 1).flatten(0, 1)


def all_rows(rows: Tensor) -> Tensor:
    """(M, ...) of every process, M its own -> one below the other; with gradients as in ``whole_batch``."""
    if num_shares() == 1:
        return rows
    counts = _exchange(torch.tensor(len(rows), device=rows.device)).tolist()
    missing = max(counts) - len(rows)
    padded = torch.cat([rows, rows.new_zeros(missing, *rows.shape[1:])])
    gathered: Tensor = _Gathered.apply(padded)  # type: ignore[no-untyped-call]
    return torch.cat([part[:count] for part, count in zip(gathered, counts, strict=True)])


def sum_of_shares(value: Tensor) -> Tensor:
    """The sum over processes, without gradients."""
    if num_shares() == 1:
        return value
    return _exchange(value).sum(dim=0)


def mean_over_batch(total: Tensor, count: Tensor) -> Tensor:
    """``total`` / ``count`` (at least 1), where both are sums over the samples of this process.

    The mean over processes of the result is the quotient of the sums over the whole batch.
    """
    return num_shares() * total / sum_of_shares(count).clamp(min=1)


def _exchange(value: Tensor) -> Tensor:
    """``value`` of every process (W, ...)."""
    value = value.detach().contiguous()
    parts = [torch.empty_like(value) for _ in range(distributed.get_world_size())]
    distributed.all_gather(parts, value)
    return torch.stack(parts)


class _Gathered(torch.autograd.Function):
    """Rows of every process, (W, ...). All compute the same loss of them, so each has the gradient at its own rows
    already; summed over processes it would be W times that."""

    @staticmethod
    def forward(ctx: Any, share: Tensor) -> Tensor:
        return _exchange(share)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0][distributed.get_rank()] * distributed.get_world_size()
