"""The moving average of the weights, which is what a training saves as its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def copy_state(model: nn.Module) -> dict[str, Tensor]:
    """The model's state, in tensors of its own."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


class WeightAverage:
    """Exponential moving average of a model's floating-point parameters; its other state is copied as it is."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.state = copy_state(model)
        self._decay = decay
        parameters = [name for name, value in model.named_parameters() if value.is_floating_point()]
        # The state of a model shares its memory, so these stay current while the model trains.
        current = {name: value.detach() for name, value in model.state_dict().items()}
        others = [name for name in current if name not in parameters]
        self._averages = [self.state[name] for name in parameters]
        self._weights = [current[name] for name in parameters]
        self._copies = [self.state[name] for name in others]
        self._others = [current[name] for name in others]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after ``step`` (from 0). Early steps average over what there is, so that the first
        weights do not linger."""
        torch._foreach_lerp_(self._averages, self._weights, 1.0 - min(self._decay, (1 + step) / (10 + step)))
        if self._copies:
            torch._foreach_copy_(self._copies, self._others)

    @torch.no_grad()
    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a saved ``state``; KeyError or RuntimeError when it is of another model."""
        for name, value in self.state.items():
            value.copy_(state[name])


@contextmanager
def weights_of(model: nn.Module, average: WeightAverage | None) -> Iterator[None]:
    """Within, the model has the averaged weights, where there are any; afterwards its own again."""
    if average is None:
        yield
        return
    current = copy_state(model)
    model.load_state_dict(average.state)
    try:
        yield
    finally:
        model.load_state_dict(current)
