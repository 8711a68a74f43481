"""Which device a model runs on, and one sentence where there is no such device."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from segmo_core.errors import InvalidRequestError
from segmo_core.models.trunk import processor


def usable_device(name: str) -> torch.device:
    """The device of a name: "cpu", "cuda" or another of torch's; "auto" is a GPU where torch finds one.

    Raises InvalidRequestError for a name that torch does not know, and for a GPU that is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InvalidRequestError(f"device: {name!r} is unknown, expected 'cpu' or 'cuda'") from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        found = f"{count} GPU{'s' if count > 1 else ''}" if count else "no GPU"
        raise InvalidRequestError(f"device: {name!r} is not available here (torch finds {found}), expected 'cpu'")
    return device


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 numbers, which takes less time than float32."""
    if device.type == "cpu":
        return processor.has_bfloat16()
    return device.type != "cuda" or torch.cuda.is_bf16_supported()


def in_full_precision(device: torch.device) -> AbstractContextManager[object]:
    """Within it automatic casting is off on the device; torch's meta device, which computes nothing, has none."""
    return nullcontext() if device.type == "meta" else torch.autocast(device.type, enabled=False)
