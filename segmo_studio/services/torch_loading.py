"""Keeps the window alive while torch is imported."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

_NAMES = {"linux": "libtorch_cpu.so", "darwin": "libtorch_cpu.dylib"}


def load_torch_library() -> None:
    """Load torch's largest library before ``import torch`` does.

    The import loads it while it holds Python's interpreter lock, which stops the window for up to half a
    second (measured on 2 cores). The system's ``dlopen`` called through ctypes runs without that lock. Where
    the library is not found, nothing happens and the import works as usual.
    """
    name = _NAMES.get(sys.platform)
    spec = None if name is None or "torch" in sys.modules else importlib.util.find_spec("torch")
    if name is None or spec is None or not spec.submodule_search_locations:
        return
    library = Path(spec.submodule_search_locations[0]) / "lib" / name
    if library.is_file():
        open_library = ctypes.CDLL(None).dlopen
        open_library.argtypes = [ctypes.c_char_p, ctypes.c_int]
        open_library.restype = ctypes.c_void_p
        open_library(os.fsencode(library), os.RTLD_NOW | os.RTLD_LOCAL)
