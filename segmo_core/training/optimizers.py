"""Optimizers by name: AdamW for everything, or Muon for the matrices inside the transformer and AdamW for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from segmo_core.training.settings import StageSettings

# Muon's step on a matrix, scaled to AdamW's root mean square (Liu et al. 2025, "Muon is scalable for LLM training"),
# still wants a larger rate: measured on the masked transformer.
MUON_RATE_FACTOR = 2.0


class CombinedOptimizer:
    """Several optimizers over disjoint parameters that are used as one."""

    def __init__(self, optimizers: list[torch.optim.Optimizer]) -> None:
        self._optimizers = optimizers

    def set_rate(self, rate: float) -> None:
        """Learning rate of this step; a group may have a factor of its own ("rate_factor")."""
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * group.get("rate_factor", 1.0)

    def zero_grad(self) -> None:
        for optimizer in self._optimizers:
            optimizer.zero_grad(set_to_none=True)

    def step(self) -> None:
        for optimizer in self._optimizers:
            optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        return {"optimizers": [optimizer.state_dict() for optimizer in self._optimizers]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        for optimizer, own in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(own)


def build_optimizer(model: nn.Module, settings: StageSettings) -> CombinedOptimizer:
    """The optimizer that ``settings.optimizer`` names, over all parameters of ``model``."""
    matrices = list(hidden_matrices(model)) if settings.optimizer == "muon" else []
    own = {id(parameter) for parameter in matrices}
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
    if matrices:
        muon = torch.optim.Muon(
            matrices,
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            adjust_lr_fn="match_rms_adamw",
        )
        for group in muon.param_groups:
            group["rate_factor"] = MUON_RATE_FACTOR
        optimizers.append(muon)
    return CombinedOptimizer(optimizers)


def hidden_matrices(model: nn.Module) -> Iterator[Tensor]:
    """Weights (out, in) of the linear layers inside a transformer's trunk; a model without a trunk has none."""
    trunk = getattr(model, "trunk", None)
    if isinstance(trunk, nn.Module):
        for module in trunk.modules():
            if isinstance(module, nn.Linear):
                yield module.weight
