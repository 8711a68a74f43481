"""Training by several processes that torchrun started, each with its share of every batch.

``torchrun --nproc-per-node 2 -m segmo_core train ...`` needs nothing else: torchrun says in the environment who is who.
All processes need the same folders (on several machines, a shared file system).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
from torch import distributed

from segmo_core.errors import ConfigError
from segmo_core.models.batch_shares import num_shares

# What the first process does alone (composing, tokenising, validating) may take long; a lost process is torchrun's
# to notice.
PATIENCE = timedelta(hours=12)


@contextmanager
def joined_processes(device: str) -> Iterator[str]:
    """Join the processes started together with this one, if any; gives the device this one trains on.

    device: "cpu", "cuda" (of several processes each takes its own) or any other of torch's names. ConfigError when
    there is no such device. Within another such block the processes are joined already.
    """
    chosen = _own_device(device)
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or distributed.is_initialized():
        yield chosen
        return
    if chosen.startswith("cuda"):
        torch.cuda.set_device(chosen)
    distributed.init_process_group("nccl" if chosen.startswith("cuda") else "gloo", timeout=PATIENCE)
    try:
        yield chosen
    finally:
        distributed.destroy_process_group()


def _own_device(device: str) -> str:
    try:
        kind = torch.device(device).type
    except RuntimeError:
        raise ConfigError(f"training config: device {device!r} is unknown, expected 'cpu' or 'cuda'") from None
    if kind != "cuda":
        return device
    number = os.environ.get("LOCAL_RANK")
    chosen = f"cuda:{number}" if device == "cuda" and number is not None else device
    index = torch.device(chosen).index or 0
    if index >= torch.cuda.device_count():
        raise ConfigError(
            f"training config: device {chosen!r}, expected one of the {torch.cuda.device_count()} GPUs that torch finds"
        )
    return chosen


def was_started_first() -> bool:
    """Whether torchrun, if it was that, started this process as the first: the one that speaks to the user."""
    return os.environ.get("WORLD_SIZE", "1") == "1" or os.environ.get("RANK", "0") == "0"


def is_first() -> bool:
    """Whether this process is the one that logs, validates and saves."""
    return num_shares() == 1 or distributed.get_rank() == 0


def wait_for_all() -> None:
    """Return when every process is here."""
    if num_shares() > 1:
        distributed.barrier()


@contextmanager
def first_goes_first() -> Iterator[None]:
    """The others begin when the first process has finished, and find its caches."""
    if not is_first():
        wait_for_all()
    yield
    if is_first():
        wait_for_all()
