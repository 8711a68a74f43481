"""The one training loop. Objectives say what a step is; the loop does everything else, and can be resumed.

A run killed at any moment and resumed ends with the same numbers as one that was not: every step draws all its
randomness from (seed, step), and the checkpoint holds weights, optimizer, averages and the step.
"""

from __future__ import annotations

import json
import math
import pickle
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from segmo_core.errors import FileFormatError
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import write_atomically
from segmo_core.training.settings import StageSettings


class Objective(Protocol):
    """What is trained: a model, the loss of a step, and a validation."""

    model: nn.Module

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The loss of one batch and figures for the log. All randomness comes from ``generator`` or ``step``."""
        ...

    def validate(self) -> Mapping[str, float]:
        """Figures of the model on the validation split; called without gradients, in evaluation mode."""
        ...


class MetricLog:
    """One JSON object per line; appended to, also by a resumed run."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, **values: object) -> None:
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(values) + "\n")


def seed_step(seed: int, step: int) -> torch.Generator:
    """Seed torch's own randomness (dropout) for this step and return a generator for the rest."""
    mixed = (seed * 1_000_003 + step * 7_919 + 17) % (2**62)
    torch.manual_seed(mixed)
    return torch.Generator().manual_seed(mixed + 1)


def train(
    objective: Objective,
    settings: StageSettings,
    out: Path,
    *,
    resume: bool = False,
    progress: Progress | None = None,
    device: str = "cpu",
) -> nn.Module:
    """Train to the last step; returns the averaged model (or the model itself) in evaluation mode.

    out: folder for checkpoint.pt and log.jsonl. resume: continue from checkpoint.pt when there is one.
    """
    progress = progress or SilentProgress()
    out.mkdir(parents=True, exist_ok=True)
    model = objective.model.to(device)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=settings.learning_rate,
        betas=(settings.beta_1, settings.beta_2),
        weight_decay=settings.weight_decay,
        fused=True,
    )
    average = _copy_state(model) if settings.average_decay else None
    checkpoint = out / "checkpoint.pt"
    first_step = _restore(checkpoint, model, optimizer, average) if resume and checkpoint.is_file() else 0
    log = MetricLog(out / "log.jsonl")
    if not resume:
        (out / "log.jsonl").unlink(missing_ok=True)
    sums: dict[str, float] = {}
    summed = 0
    began = last_saved = time.monotonic()
    for step in range(first_step, settings.steps):
        progress.raise_if_cancelled()
        generator = seed_step(settings.seed, step)
        for group in optimizer.param_groups:
            group["lr"] = settings.rate_at(step)
        model.train()
        with torch.autocast(device, torch.bfloat16, enabled=settings.precision == "bfloat16"):
            loss, figures = objective.loss(step, generator)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if settings.gradient_clip:
            nn.utils.clip_grad_norm_(model.parameters(), settings.gradient_clip)
        optimizer.step()
        if average is not None:
            _update_average(average, model, settings.average_decay, step)
        for name, value in figures.items():
            sums[name] = sums.get(name, 0.0) + float(value)
        summed += 1
        done = step + 1
        if done % settings.log_every == 0:
            means = {name: round(total / summed, 5) for name, total in sums.items()}
            sums, summed = {}, 0
            elapsed = time.monotonic() - began
            left = elapsed / (done - first_step) * (settings.steps - done)
            log.write(step=done, seconds=round(elapsed, 1), rate=settings.rate_at(step), **means)
            shown = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
            progress.report(done / settings.steps, f"step {done} of {settings.steps}, {shown}, {_clock(left)} left")
        if done % settings.validate_every == 0 or done == settings.steps:
            log.write(step=done, validation=True, **_validate(objective, model, average))
        if time.monotonic() - last_saved > settings.checkpoint_seconds or done == settings.steps:
            _save(checkpoint, done, model, optimizer, average)
            last_saved = time.monotonic()
    if average is not None:
        model.load_state_dict(average)
    return model.eval()


@torch.no_grad()
def _validate(objective: Objective, model: nn.Module, average: dict[str, Tensor] | None) -> Mapping[str, float]:
    current = _copy_state(model)
    if average is not None:
        model.load_state_dict(average)
    model.eval()
    try:
        return {name: round(float(value), 5) for name, value in objective.validate().items()}
    finally:
        model.load_state_dict(current)


def _copy_state(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


@torch.no_grad()
def _update_average(average: dict[str, Tensor], model: nn.Module, decay: float, step: int) -> None:
    # Early steps average over what there is, so that the first weights do not linger.
    weight = 1.0 - min(decay, (1 + step) / (10 + step))
    for name, value in model.state_dict().items():
        if value.is_floating_point() and isinstance(_owner(model, name), nn.Parameter):
            average[name].lerp_(value, weight)
        else:
            average[name].copy_(value)


def _owner(model: nn.Module, name: str) -> object:
    module_name, _, attribute = name.rpartition(".")
    return getattr(model.get_submodule(module_name), attribute)


def _save(
    path: Path, step: int, model: nn.Module, optimizer: torch.optim.Optimizer, average: dict[str, Tensor] | None
) -> None:
    state = {"step": step, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "average": average}
    write_atomically(path, lambda temporary: torch.save(state, temporary))


def _restore(path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, average: dict[str, Tensor] | None) -> int:
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        if average is not None:
            average.update(state["average"])
        return int(state["step"])
    except (OSError, RuntimeError, KeyError, ValueError, EOFError, TypeError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
        raise FileFormatError(f"{path}: cannot be resumed from ({reason}), expected a checkpoint of this run") from None


def _clock(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
