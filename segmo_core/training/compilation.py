"""Layers compiled by torch: fewer, larger kernels where each costs more to start than to run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from segmo_core.models.trunk.conditioned_transformer import ConditionedTransformer

_PARTS = ("trunk", "head", "encoder", "decoder")


def _parts_of(model: nn.Module) -> list[nn.Module]:
    parts = (getattr(model, name, None) for name in _PARTS)
    return [part for part in parts if isinstance(part, nn.Module)]


def compile_layers(model: nn.Module) -> None:
    """Compile the large parts of a model in place; its state keeps its names.

    Losses stay as they are: they are few kernels, and of several processes they exchange numbers. Batches get one
    shape, since every shape is compiled by itself.
    """
    for part in _parts_of(model):
        part.compile(dynamic=False)
        if isinstance(part, ConditionedTransformer):
            part.has_fixed_shapes = True


@contextmanager
def uncompiled(model: nn.Module) -> Iterator[None]:
    """Within, compiled parts run as if they were not: validation has other shapes, each used a few times."""
    compiled = [(part, part._compiled_call_impl) for part in _parts_of(model)]
    for part, _ in compiled:
        part._compiled_call_impl = None
    try:
        yield
    finally:
        for part, call in compiled:
            part._compiled_call_impl = call
