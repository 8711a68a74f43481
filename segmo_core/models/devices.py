"""Which device a model runs on, and one sentence where there is no such device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Computing:
    """What this machine can compute with. gpu: name of the first NVIDIA GPU, empty without one. is_fast: whether its
    processor decides tokens in bfloat16. missing: a sentence for each that is not there.
    """

    gpu: str
    is_fast: bool
    missing: tuple[str, ...]


def computing() -> Computing:
    """What ``Engine`` may be given as device and ``fast`` here."""
    from segmo_core.models.trunk.processor import has_bfloat16

    missing = []
    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""
    if not gpu:
        built = "torch finds none" if torch.backends.cuda.is_built() else "torch is installed without CUDA"
        missing.append(f"No NVIDIA GPU (cuda): {built}.")
    if torch.backends.mps.is_available():
        missing.append("Apple's GPU (mps) is not used: models run on the processor or an NVIDIA GPU.")
    if not has_bfloat16():
        missing.append("No bfloat16: this processor has neither AVX512-BF16 nor AMX.")
    return Computing(gpu, has_bfloat16(), tuple(missing))


@contextmanager
def on_one_thread(device: torch.device) -> Iterator[None]:
    """Within it a processor computes on one thread, whatever the process has; other devices are left alone.

    For the tokenizer's convolutions: cut into shares for several threads they round otherwise, and a motion's bytes
    would depend on the machine's cores. They are a hundredth of a generation, too short to gain by a second thread.
    """
    before = torch.get_num_threads()
    if device.type != "cpu" or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
