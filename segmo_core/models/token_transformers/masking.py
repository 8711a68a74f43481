"""Which tokens a training step hides (BERT-style masked modelling with a cosine-distributed share)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from segmo_core.models.batch_shares import own_share

RANDOM_TOKEN_SHARE = 0.1
MASK_TOKEN_SHARE = 0.88


@dataclass(frozen=True)
class MaskingDraws:
    """The randomness of one masking: time (B,), order, replace and hide (B, N), all uniform; random_ids (B, N)."""

    time: Tensor
    order: Tensor
    replace: Tensor
    random_ids: Tensor
    hide: Tensor

    @classmethod
    def draw(cls, batch_size: int, num_tokens: int, num_codes: int, generator: torch.Generator) -> MaskingDraws:
        uniform = torch.rand(3, batch_size, num_tokens, generator=generator, device=generator.device)
        return cls(
            time=torch.rand(batch_size, generator=generator, device=generator.device),
            order=uniform[0],
            replace=uniform[1],
            random_ids=torch.randint(num_codes, (batch_size, num_tokens), generator=generator, device=generator.device),
            hide=uniform[2],
        )

    def own_share(self) -> MaskingDraws:
        """Those of this process's samples."""
        return MaskingDraws(**{name: own_share(tensor) for name, tensor in vars(self).items()})

    def to(self, device: torch.device) -> MaskingDraws:
        return MaskingDraws(**{name: tensor.to(device) for name, tensor in vars(self).items()})


@dataclass(frozen=True)
class MaskedTokens:
    """input_ids: (B, N) what the network sees. is_target: (B, N) bool, what it must predict."""

    input_ids: Tensor
    is_target: Tensor


def mask_tokens(
    token_ids: Tensor,
    token_is_valid: Tensor,
    draws: MaskingDraws,
    *,
    mask_id: int,
    pad_id: int,
    count_padding: bool = False,
) -> MaskedTokens:
    """Hide round(cos(u pi/2) * length) tokens of each sample, at least one.

    Of the hidden ones 10 % show a random code, of the rest 88 % the mask token and the others the true token.
    count_padding: take the padded length instead of each sample's own, as the published code does (a short
    sample may then hide nothing).
    """
    share = torch.cos(draws.time * (math.pi / 2))
    if count_padding:
        counts = torch.round(token_ids.shape[1] * share).clamp(min=1)
        is_target = (draws.order.argsort(dim=-1) < counts[:, None]) & token_is_valid
    else:
        counts = torch.round(token_is_valid.sum(dim=1) * share).clamp(min=1)
        ranks = draws.order.masked_fill(~token_is_valid, 2.0).argsort(dim=-1).argsort(dim=-1)
        is_target = (ranks < counts[:, None]) & token_is_valid
    is_random = is_target & (draws.replace < RANDOM_TOKEN_SHARE)
    is_hidden = is_target & ~is_random & (draws.hide < MASK_TOKEN_SHARE)
    input_ids = torch.where(token_is_valid, token_ids, pad_id)
    input_ids = torch.where(is_random, draws.random_ids, input_ids)
    return MaskedTokens(torch.where(is_hidden, mask_id, input_ids), is_target)
