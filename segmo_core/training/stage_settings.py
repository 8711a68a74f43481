"""How long and how fast each stage trains. Sizes of the models live in their own configs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from segmo_core.errors import ConfigError


@dataclass(frozen=True)
class StageSettings:
    """One training stage.

    The learning rate warms up linearly over warmup_steps, stays, and falls linearly to zero over the last
    decay_steps ("trapezoidal" schedule; with decay_steps 0 it stays). average_decay: exponential moving average of
    the weights that is saved as the result (0: the weights themselves). epochs: instead of steps, so many times the
    data in whole batches, as published. milestones, gamma: from each of these steps on the rate is multiplied by gamma,
    as published, instead of decay_steps. precision: "float32" or "bfloat16".
    optimizer: "adamw", or "muon" for the matrices inside a transformer (AdamW for what else there is).
    compile: let torch compile the layers, which takes minutes before the first step; for GPUs.
    """

    steps: int = 0
    batch_size: int = 0
    learning_rate: float = 2e-4
    warmup_steps: int = 2000
    decay_steps: int = 0
    weight_decay: float = 0.0
    beta_1: float = 0.9
    beta_2: float = 0.99
    gradient_clip: float = 0.0
    average_decay: float = 0.0
    precision: str = "float32"
    compile: bool = False
    checkpoint_seconds: float = 240.0
    log_every: int = 50
    validate_every: int = 1000
    seed: int = 0
    optimizer: str = "adamw"
    epochs: int = 0
    milestones: tuple[int, ...] = ()
    gamma: float = 0.1

    def __post_init__(self) -> None:
        if self.epochs < 0 or (self.epochs and self.steps):
            raise ConfigError(f"training: {self.steps} steps and {self.epochs} epochs, expected one of them")
        if (self.steps < 1 and not self.epochs) or self.batch_size < 1:
            raise ConfigError(f"training: {self.steps} steps of batch {self.batch_size}, expected at least 1 of each")
        if self.precision not in ("float32", "bfloat16"):
            raise ConfigError(f"training: precision {self.precision!r}, expected 'float32' or 'bfloat16'")
        if self.optimizer not in ("adamw", "muon"):
            raise ConfigError(f"training: optimizer {self.optimizer!r}, expected 'adamw' or 'muon'")
        if self.milestones and self.decay_steps:
            raise ConfigError("training: milestones and decay_steps, expected one of them")
        if list(self.milestones) != sorted(set(self.milestones)) or not 0 < self.gamma <= 1:
            raise ConfigError(
                f"training: milestones {list(self.milestones)} and gamma {self.gamma}, expected rising steps and a "
                "gamma above 0, at most 1"
            )
        if not 0 <= self.average_decay < 1:
            raise ConfigError(f"training: average_decay {self.average_decay}, expected 0 to below 1")

    def rate_at(self, step: int) -> float:
        """Learning rate of step 0, 1, ..., steps - 1."""
        warm = min(1.0, (step + 1) / max(1, self.warmup_steps))
        left = (self.steps - step) / self.decay_steps if self.decay_steps else 1.0
        passed = sum(step >= milestone for milestone in self.milestones)
        return self.learning_rate * warm * min(1.0, left) * self.gamma**passed

    def of_items(self, count: int) -> StageSettings:
        """The same in steps, where epochs of ``count`` samples were asked for."""
        if not self.epochs:
            return self
        return replace(self, steps=max(1, self.epochs * (count // self.batch_size)), epochs=0)
