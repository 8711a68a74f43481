"""The one training loop. Objectives say what a step is; the loop does everything else, and can be resumed.

A run killed at any moment and resumed ends with the same numbers as one that was not: every step draws all its
randomness from (seed, step), and the checkpoint holds weights, optimizer, averages and the step.
"""

from __future__ import annotations

import json
import math
import pickle
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from segmo_core.errors import CancelledError, ConfigError, FileFormatError
from segmo_core.models.batch_shares import num_shares, share_number, sum_of_shares, unshared
from segmo_core.models.trunk.processor import keep_freed_memory
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import write_atomically
from segmo_core.training.averaging import WeightAverage, weights_of
from segmo_core.training.compilation import compile_layers, uncompiled
from segmo_core.training.optimizers import build_optimizer
from segmo_core.training.processes import is_first, wait_for_all
from segmo_core.training.stage_settings import StageSettings


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

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)


class FigureSums:
    """Figures of steps, summed where they were computed: nothing waits for the device until the means are read."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._count = 0

    def add(self, figures: Mapping[str, Tensor]) -> None:
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) + value.double()
        self._count += 1

    def take_means(self) -> dict[str, float]:
        """The means since the last time, over the shares of all processes."""
        names = list(self._sums)
        if not names:
            return {}
        sums = sum_of_shares(torch.stack([self._sums[name] for name in names])) / (self._count * num_shares())
        self._sums, self._count = {}, 0
        return {name: round(value, 5) for name, value in zip(names, sums.tolist(), strict=True)}


def seed_step(seed: int, step: int) -> torch.Generator:
    """Seed torch's own randomness (dropout) for this step and return a generator for the rest.

    The generator is the same in all processes, which draw for the whole batch and take their share. Dropout differs.
    """
    mixed = (seed * 1_000_003 + step * 7_919 + 17) % (2**62)
    torch.manual_seed(mixed + 2 * share_number())
    return torch.Generator().manual_seed(mixed + 1)


class _Loss(nn.Module):
    """An objective's loss as the forward pass of a module, which is what DistributedDataParallel takes."""

    def __init__(self, objective: Objective) -> None:
        super().__init__()
        self.model = objective.model
        self._objective = objective

    def forward(self, step: int, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        loss, figures = self._objective.loss(step, generator)
        return loss, dict(figures)


def _averaging_gradients(loss: nn.Module) -> nn.Module:
    """Buffers are codebooks, which every process updates from the latents of all, so they are not sent round. Some
    batches leave parameters out, as alignment does where nothing has two segments."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # broadcast_buffers has another name from torch 2.13 on
        return DistributedDataParallel(loss, broadcast_buffers=False, find_unused_parameters=True)


class Trainer:
    """A model with its optimizer and average, one step at a time."""

    def __init__(self, objective: Objective, settings: StageSettings, device: str = "cpu") -> None:
        if settings.batch_size % num_shares():
            raise ConfigError(
                f"training: a batch of {settings.batch_size} on {num_shares()} processes, expected a multiple of them"
            )
        self.settings = settings
        self.model = objective.model.to(device)
        self.optimizer = build_optimizer(self.model, settings)
        self.average = WeightAverage(self.model, settings.average_decay) if settings.average_decay else None
        self._device_type = torch.device(device).type
        if self._device_type == "cpu":
            keep_freed_memory()
        self._loss: nn.Module = _Loss(objective)
        if settings.compile:
            compile_layers(self.model)
        if num_shares() > 1:
            self._loss = _averaging_gradients(self._loss)

    def step(self, number: int) -> dict[str, Tensor]:
        """Train on the batch of step ``number`` (from 0); figures for the log, of this process's share."""
        settings, generator = self.settings, seed_step(self.settings.seed, number)
        self.optimizer.set_rate(settings.rate_at(number))
        self.model.train()
        with torch.autocast(self._device_type, torch.bfloat16, enabled=settings.precision == "bfloat16"):
            loss, figures = self._loss(number, generator)
        self.optimizer.zero_grad()
        loss.backward()
        if settings.gradient_clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), settings.gradient_clip, foreach=True)
        self.optimizer.step()
        if self.average is not None:
            self.average.update(number)
        return {name: value.detach() for name, value in figures.items()}


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

    out: folder for checkpoint.pt and log.jsonl. resume: continue from checkpoint.pt when there is one. Cancelled, it
    keeps a checkpoint of the last whole step. Of several processes (``processes.joined_processes``) the first logs,
    validates and saves.
    """
    progress = progress or SilentProgress()
    is_writing = is_first()
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(objective, settings, device)
    checkpoint, log = out / "checkpoint.pt", MetricLog(out / "log.jsonl")
    first_step = _restore(checkpoint, trainer) if resume and checkpoint.is_file() else 0
    wait_for_all()
    if not resume and is_writing:
        log.clear()
    figures = FigureSums()
    began = last_saved = time.monotonic()
    for step in range(first_step, settings.steps):
        try:
            progress.raise_if_cancelled()
        except CancelledError:
            if is_writing and step > first_step:
                _save(checkpoint, step, trainer)
            raise
        figures.add(trainer.step(step))
        done = step + 1
        if done % settings.log_every == 0:
            means = figures.take_means()
            elapsed = time.monotonic() - began
            left = elapsed / (done - first_step) * (settings.steps - done)
            if is_writing:
                log.write(step=done, seconds=round(elapsed, 1), rate=settings.rate_at(step), **means)
            shown = ", ".join(f"{name} {value:.3f}" for name, value in means.items())
            progress.report(done / settings.steps, f"step {done} of {settings.steps}, {shown}, {_clock(left)} left")
        if is_writing and (done % settings.validate_every == 0 or done == settings.steps):
            log.write(step=done, validation=True, **_validate(objective, trainer))
        if is_writing and (time.monotonic() - last_saved > settings.checkpoint_seconds or done == settings.steps):
            _save(checkpoint, done, trainer)
            last_saved = time.monotonic()
    if trainer.average is not None:
        trainer.model.load_state_dict(trainer.average.state)
    return trainer.model.eval()


@torch.no_grad()
def _validate(objective: Objective, trainer: Trainer) -> Mapping[str, float]:
    with unshared(), uncompiled(trainer.model), weights_of(trainer.model, trainer.average):
        trainer.model.eval()
        return {name: round(float(value), 5) for name, value in objective.validate().items()}


def _save(path: Path, step: int, trainer: Trainer) -> None:
    average = None if trainer.average is None else trainer.average.state
    state = {
        "step": step,
        "model": trainer.model.state_dict(),
        "optimizer": trainer.optimizer.state_dict(),
        "average": average,
    }
    write_atomically(path, lambda temporary: torch.save(state, temporary))


def _restore(path: Path, trainer: Trainer) -> int:
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        trainer.model.load_state_dict(state["model"])
        trainer.optimizer.load_state_dict(state["optimizer"])
        if trainer.average is not None:
            trainer.average.load(state["average"])
        return int(state["step"])
    except (OSError, RuntimeError, KeyError, ValueError, EOFError, TypeError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
        raise FileFormatError(f"{path}: cannot be resumed from ({reason}), expected a checkpoint of this run") from None


def _clock(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
