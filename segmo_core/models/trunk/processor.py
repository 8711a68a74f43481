"""What inference wants of the processor and of the allocator of memory."""

from __future__ import annotations

import ctypes
from functools import cache

import torch

# mallopt's names for its settings, and what they are set to in bytes.
_TRIM_THRESHOLD, _KEPT = -1, 256 * 2**20
_MAP_THRESHOLD, _LARGEST_OF_THE_HEAP = -3, 32 * 2**20  # the largest that glibc takes


@cache
def keep_freed_memory() -> bool:
    """Tell glibc to keep up to 256 MB of freed memory for the next tensors; False where there is no glibc.

    It returns buffers of some megabytes to the system and gets them back as empty pages, one fault for every 4 kB:
    for 16 motions 200 000 faults, a twentieth of the time.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False
    return bool(mallopt(_TRIM_THRESHOLD, _KEPT)) and bool(mallopt(_MAP_THRESHOLD, _LARGEST_OF_THE_HEAP))


@cache
def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 numbers, which is about twice as fast as float32."""
    if not torch.backends.mkldnn.is_available():
        return False
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
