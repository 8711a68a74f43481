"""Linear layers whose weights are laid out once for the processor's matrix kernels.

At inference the matrices of a motion are small and flat (about 110 rows); a third of torch's time goes into laying
the same weights out again for every product. oneDNN keeps them laid out. Numbers agree to float32 rounding.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class PackedLinear(nn.Linear):
    """A linear layer with the parameters (and state dict) of ``linear``, fast on float32 values without gradients.

    With gradients, on other values or devices it is an ordinary linear layer. Weights must not change after packing.
    precision: of the product; bfloat16 is about twice as fast and gives about three digits.
    """

    def __init__(self, linear: nn.Linear, precision: torch.dtype = torch.float32) -> None:
        nn.Module.__init__(self)
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.weight, self.bias = linear.weight, linear.bias
        self._precision = precision
        self._packed = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach().to(precision).contiguous())
        self._packed_bias = None if linear.bias is None else linear.bias.detach().to(precision)

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
        is_plain = values.dtype == torch.float32 and values.device.type == "cpu"
        if is_plain and not torch.is_grad_enabled() and not torch.is_autocast_enabled("cpu"):
            product: Tensor = torch.ops.mkldnn._linear_pointwise(
                values.to(self._precision), self._packed, self._packed_bias, "none", [], ""
            )
            return product.float()
        return functional.linear(values, self.weight, self.bias)


def pack_linears(module: nn.Module, precision: torch.dtype = torch.float32) -> int:
    """Replace every linear layer of ``module`` by its form packed in ``precision``; returns how many were replaced.

    0, and nothing changed, where this build of torch or this processor has no such kernels.
    """
    if not torch.backends.mkldnn.is_available() or not hasattr(torch.ops.mkldnn, "_reorder_linear_weight"):
        return 0
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
