"""Names in published checkpoints that are no code: numbers of NumPy, options of a parser, defaults of a dictionary.

torch reads tensors and plain values only. Checkpoints of people's own trainings hold a few harmless things besides,
which it refuses. While ``inert_names`` is in force these become values that do nothing; everything else stays refused.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

_FORMATS = {
    "f8": "d",
    "f4": "f",
    "i8": "q",
    "i4": "i",
    "i2": "h",
    "i1": "b",
    "u8": "Q",
    "u4": "I",
    "u1": "B",
    "b1": "?",
}


class _Inert:
    """Stands for an object whose state nobody asks for."""

    def __init__(self, *arguments: object) -> None:
        del arguments

    def __setstate__(self, state: object) -> None:
        del state


class _Kind(_Inert):
    """A kind of number: what it was made with says which."""

    def __init__(self, name: object = "", *arguments: object) -> None:
        super().__init__(*arguments)
        self.name = name if isinstance(name, str) else ""


def _number(kind: object, data: object = b"") -> float:
    raw = data.encode("latin1") if isinstance(data, str) else data
    code = _FORMATS.get(kind.name.lstrip("<|=")) if isinstance(kind, _Kind) else None
    if code is None or not isinstance(raw, bytes) or len(raw) != struct.calcsize(code):
        return math.nan
    return float(struct.unpack(f"<{code}", raw)[0])


def _text_as_bytes(text: object, encoding: object = "latin1") -> bytes:
    del encoding
    return text.encode("latin1", errors="replace") if isinstance(text, str) else b""


def _dictionary(factory: object = None) -> dict[Any, Any]:
    del factory
    return {}


_NAMES: dict[str, Any] = {
    **{
        f"numpy.{core}.multiarray.{name}": stand_in
        for core in ("core", "_core")
        for name, stand_in in (("scalar", _number), ("_reconstruct", _Inert))
    },
    "numpy.dtype": _Kind,
    "numpy.ndarray": _Inert,
    "_codecs.encode": _text_as_bytes,
    "argparse.Namespace": _Inert,
    "collections.defaultdict": _dictionary,
    "pathlib.PosixPath": _Inert,
    "pathlib.WindowsPath": _Inert,
    **{
        f"{module}.{name}": _Inert
        for module in ("builtins", "__builtin__")
        for name in ("float", "int", "list", "dict")
    },
}


@contextmanager
def inert_names() -> Iterator[None]:
    """Within it ``torch.load(weights_only=True)`` takes those names for values that do nothing."""
    with torch.serialization.safe_globals([(stand_in, name) for name, stand_in in _NAMES.items()]):
        yield
