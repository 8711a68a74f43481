"""Optimizers by name: AdamW for everything, or Muon for the matrices inside a model and AdamW for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from segmo_core.training.stage_settings import StageSettings

# Muon's step on a matrix, scaled to AdamW's root mean square (Liu et al. 2025, "Muon is scalable for LLM training"),
# still wants a larger rate: measured on the masked transformer.
MUON_RATE_FACTOR = 2.0


class CombinedOptimizer:
    """Several optimizers over disjoint parameters that are used as one.

    flattened: pairs of a convolution's kernel and the same numbers as a matrix, which is what an optimizer holds.
    """

    def __init__(
        self, optimizers: list[torch.optim.Optimizer], flattened: Sequence[tuple[Tensor, Tensor]] = ()
    ) -> None:
        self._optimizers, self._flattened = optimizers, flattened

    def set_rate(self, rate: float) -> None:
        """Learning rate of this step; a group may have a factor of its own ("rate_factor")."""
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * group.get("rate_factor", 1.0)

    def zero_grad(self) -> None:
        for optimizer in self._optimizers:
            optimizer.zero_grad(set_to_none=True)
        for kernel, _ in self._flattened:
            kernel.grad = None

    def step(self) -> None:
        for kernel, matrix in self._flattened:
            matrix.grad = None if kernel.grad is None else kernel.grad.flatten(1)
        for optimizer in self._optimizers:
            optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        return {"optimizers": [optimizer.state_dict() for optimizer in self._optimizers]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for optimizer, own in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(own)


def build_optimizer(model: nn.Module, settings: StageSettings) -> CombinedOptimizer:
    """The optimizer that ``settings.optimizer`` names, over all parameters of ``model``."""
    weights = list(hidden_matrices(model)) if settings.optimizer == "muon" else []
    own = {id(parameter) for parameter in weights}
    others = [parameter for parameter in model.parameters() if id(parameter) not in own]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(
            others,
            lr=settings.learning_rate,
            betas=(settings.beta_1, settings.beta_2),
            weight_decay=settings.weight_decay,
            fused=True,
        )
    ]
    flattened = [(weight, nn.Parameter(weight.detach().flatten(1))) for weight in weights if weight.ndim > 2]
    if weights:
        muon = torch.optim.Muon(
            [weight for weight in weights if weight.ndim == 2] + [matrix for _, matrix in flattened],
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            adjust_lr_fn="match_rms_adamw",
        )
        for group in muon.param_groups:
            group["rate_factor"] = MUON_RATE_FACTOR
        optimizers.append(muon)
    return CombinedOptimizer(optimizers, flattened)


def hidden_matrices(model: nn.Module) -> Iterator[Tensor]:
    """Weights that are trained, (out, in) of the linear layers inside a transformer's trunk and (out, in, taps) of the
    convolutions inside a tokenizer's stages, which Muon takes as matrices of out rows. Other models have none."""
    inner = [getattr(model, "trunk", None)]
    for name in ("encoder", "decoder"):
        inner.append(getattr(getattr(model, name, None), "stages", None))
    for part in inner:
        if isinstance(part, nn.Module):
            for module in part.modules():
                if isinstance(module, nn.Linear | nn.Conv1d) and module.weight.requires_grad:
                    yield module.weight
