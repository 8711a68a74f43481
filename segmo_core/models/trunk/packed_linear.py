"""Linear layers whose weights are laid out once for the processor's matrix kernels.

At inference the matrices of a motion are small and flat (about 110 rows); a third of torch's time goes into laying
the same weights out again for every product. oneDNN keeps them laid out, and applies what follows a product while
its numbers are still in the cache. Numbers agree to float32 rounding.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.models.trunk.processor import keep_freed_memory


class PackedLinear(nn.Linear):
    """A linear layer with the parameters (and state dict) of ``linear``, fast on a processor without gradients.

    With gradients, on other values or devices it is an ordinary linear layer. Weights must not change after packing.
    precision: of the weights and the product. float32 values give float32 results; values that have the precision
    already are not converted. bfloat16 is about twice as fast and gives about three digits.
    """

    def __init__(self, linear: nn.Linear, precision: torch.dtype = torch.float32) -> None:
        nn.Module.__init__(self)
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.weight, self.bias = linear.weight, linear.bias
        self._precision = precision
        self._parts: dict[tuple[int, int], tuple[Tensor, Tensor | None]] = {}
        self._packed(0, self.out_features)

    def __deepcopy__(self, memo: dict[int, Any]) -> PackedLinear:
        """A copy with weights of its own; the laid-out form cannot be copied and is made anew."""
        has_bias = self.bias is not None
        plain = nn.Linear(self.in_features, self.out_features, bias=has_bias, device="meta")
        plain.weight = copy.deepcopy(self.weight, memo)
        if has_bias:
            plain.bias = copy.deepcopy(self.bias, memo)
        return PackedLinear(plain, self._precision).train(self.training)

    def forward(self, values: Tensor) -> Tensor:
        """values (..., in) -> (..., out)."""
        if self.is_fast_for(values):
            return self.product(values, 0, self.out_features)
        return functional.linear(values, self.weight, self.bias)

    def is_fast_for(self, values: Tensor) -> bool:
        """Whether ``product`` can be used."""
        is_plain = values.device.type == "cpu" and values.dtype in (torch.float32, self._precision)
        return is_plain and not torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu")

    def product(self, values: Tensor, start: int, stop: int, after: str = "none") -> Tensor:
        """values (..., in) -> (..., stop - start), outputs ``start`` to ``stop``; after: "none" or "gelu"."""
        packed, bias = self._packed(start, stop)
        form = "none" if after == "gelu" else ""  # the exact GELU, not the approximation by tanh
        converted = values.to(self._precision)
        result: Tensor = torch.ops.mkldnn._linear_pointwise(converted, packed, bias, after, [], form)
        return result.to(values.dtype)

    def sum(self, values: Tensor, addend: Tensor) -> Tensor:
        """values (..., in) -> ``addend`` (..., out) plus their product."""
        if values.dtype != self._precision or addend.dtype != self._precision:
            return addend + self.product(values, 0, self.out_features)
        packed, bias = self._packed(0, self.out_features)
        result: Tensor = torch.ops.mkldnn._linear_pointwise.binary(values, addend, packed, bias, "add")
        return result

    def _packed(self, start: int, stop: int) -> tuple[Tensor, Tensor | None]:
        part = self._parts.get((start, stop))
        if part is None:
            weight = self.weight.detach()[start:stop].to(self._precision).contiguous()
            bias = None if self.bias is None else self.bias.detach()[start:stop].to(self._precision)
            part = torch.ops.mkldnn._reorder_linear_weight(weight), bias
            self._parts[start, stop] = part
        return part


def linear_gelu(linear: nn.Linear, values: Tensor) -> Tensor:
    """GELU of ``linear``, in one kernel where it is packed."""
    if isinstance(linear, PackedLinear) and linear.is_fast_for(values):
        return linear.product(values, 0, linear.out_features, "gelu")
    return functional.gelu(linear(values))


def linear_sum(linear: nn.Linear, values: Tensor, addend: Tensor) -> Tensor:
    """``addend`` plus ``linear`` of values, in one kernel where it is packed."""
    if isinstance(linear, PackedLinear) and linear.is_fast_for(values):
        return linear.sum(values, addend)
    total: Tensor = addend + linear(values)
    return total


def linear_part(linear: nn.Linear, values: Tensor, start: int, stop: int) -> Tensor:
    """Outputs ``start`` to ``stop`` of ``linear`` alone."""
    if isinstance(linear, PackedLinear) and linear.is_fast_for(values):
        return linear.product(values, start, stop)
    bias = None if linear.bias is None else linear.bias[start:stop]
    return functional.linear(values, linear.weight[start:stop], bias)


def pack_linears(module: nn.Module, precision: torch.dtype = torch.float32) -> int:
    """Replace every linear layer of ``module`` by its form packed in ``precision``; returns how many were replaced.

    0, and nothing changed, where this build of torch or this processor has no such kernels. Layers that are packed
    in another precision are packed anew. The process keeps freed memory from then on.
    """
    if not torch.backends.mkldnn.is_available() or not hasattr(torch.ops.mkldnn, "_reorder_linear_weight"):
        return 0
    keep_freed_memory()
    count = 0
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if not isinstance(child, nn.Linear) or child.weight.device.type != "cpu":
                continue
            try:
                setattr(parent, name, PackedLinear(child, precision))
            except (RuntimeError, NotImplementedError):
                return count
            count += 1
    return count
