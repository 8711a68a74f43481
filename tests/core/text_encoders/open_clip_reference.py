"""The real open_clip, imported with stand-ins for what it imports and we do not need (torchvision, timm)."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import MagicMock

import pytest

STANDINS = ("torchvision", "timm", "huggingface_hub")


class _Standin(types.ModuleType):
    __path__: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return MagicMock()


class _StandinFinder:
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name.split(".")[0] not in STANDINS:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Standin(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        return None


@contextmanager
def open_clip_with_standins() -> Iterator[Any]:
    """The module; skips the test when open_clip or a pure-Python part of it is not installed."""
    for package in ("open_clip", "ftfy", "regex"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed (pip install --no-deps open-clip-torch ftfy regex wcwidth)")
    before = set(sys.modules)
    finder = _StandinFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module("open_clip")
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before:
            if name.split(".")[0] in (*STANDINS, "open_clip"):
                del sys.modules[name]
