"""Dropout that is fast on a processor.

torch draws one double per element there (about 10 ns each, a third of a training step in bfloat16). Here one 64-bit
draw serves four elements. The same random generator (torch's global one) seeds it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_LEVELS = 2**16
_ELEMENTS_PER_DRAW = 4


def dropout(values: Tensor, share: float, training: bool) -> Tensor:
    """As torch's dropout; on a processor ``share`` is rounded to a multiple of 2^-16."""
    if not training or share == 0.0:
        return values
    if values.device.type != "cpu":
        return F.dropout(values, share, training)
    threshold = round(share * _LEVELS)
    if threshold == 0:
        return values
    num_draws = -(-values.numel() // _ELEMENTS_PER_DRAW)
    draws = torch.empty(num_draws, dtype=torch.int64).random_(-(2**63), None).view(torch.int16)
    # 1 where a draw reaches the threshold, else 0: four times faster in whole numbers than as a comparison.
    lowest_kept = threshold - _LEVELS // 2
    is_kept = draws[: values.numel()].clamp_(lowest_kept - 1, lowest_kept).sub_(lowest_kept - 1).view(values.shape)
    return values * is_kept.to(values.dtype).mul_(_LEVELS / (_LEVELS - threshold))
