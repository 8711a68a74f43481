"""How long a training step takes at the published sizes, as a ratio to the published way in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from segmo_core.benchmarks.generation_speed import matrix_product_gigaflops
from segmo_core.benchmarks.published_training import (
    PublishedMaskedStep,
    PublishedResidualStep,
    PublishedStep,
    PublishedTokenizerStep,
)
from segmo_core.benchmarks.random_pools import LONGEST, RandomClips, random_pool
from segmo_core.data.pools.token_pool import TokenPool
from segmo_core.errors import InvalidRequestError
from segmo_core.models.devices import usable_device
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.models.trunk.processor import has_bfloat16
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN
from segmo_core.training.loop import Objective, Trainer, seed_step
from segmo_core.training.objectives.tokenizer import TokenizerObjective
from segmo_core.training.objectives.tokens import MaskedObjective, ResidualObjective, TokenObjective, condition_of
from segmo_core.training.stage_settings import StageSettings

STAGES = ("masked", "residual", "tokenizer")
PRECISIONS = ("float32", "bfloat16")
BATCH = 64
WINDOW = 64
STEPS_IN_A_ROW = 4
PUBLISHED_SWITCHES: dict[str, Any] = {
    "segment_order_embedding": False,
    "timed_conditioning": False,
    "unconditional_sees_segment_count": True,
}


@dataclass(frozen=True)
class StepSeconds:
    """Seconds of one step: best and median over rounds, each the mean of a few steps in a row.

    computing: seconds of processor time, of all threads; the median. On a busy machine it says more than the others.
    """

    best: float
    median: float
    computing: float

    @classmethod
    def of(cls, taken: list[tuple[float, float]]) -> StepSeconds:
        """taken: seconds and seconds of processor time of every round."""
        seconds, computing = zip(*taken, strict=True)
        return cls(min(seconds), statistics.median(seconds), statistics.median(computing))


@dataclass(frozen=True)
class StageSpeed:
    """One stage. published, float32, bfloat16: that way's step; bfloat16 None where the processor has no such
    products. ratio_*: how many times faster than the published way, by the medians; computing_ratio_*: by processor
    time. mean_tokens: of a motion in the steps that were timed, 0 for the tokenizer.
    """

    stage: str
    mean_tokens: float
    published: StepSeconds
    float32: StepSeconds
    bfloat16: StepSeconds | None

    @property
    def ratio_float32(self) -> float:
        return self.published.median / self.float32.median

    @property
    def ratio_bfloat16(self) -> float | None:
        return None if self.bfloat16 is None else self.published.median / self.bfloat16.median

    @property
    def computing_ratio_float32(self) -> float:
        return self.published.computing / self.float32.computing

    @property
    def computing_ratio_bfloat16(self) -> float | None:
        return None if self.bfloat16 is None else self.published.computing / self.bfloat16.computing


@dataclass(frozen=True)
class TrainingSpeed:
    """gigaflops: float32 matrix product of this machine in the same run, the ceiling of the float32 ways."""

    device: str
    threads: int
    batch: int
    gigaflops: float
    stages: tuple[StageSpeed, ...]


def measure_training(
    stages: tuple[str, ...] = STAGES,
    rounds: int = 3,
    *,
    full_length: bool = False,
    device: str = "cpu",
    compiled: bool = False,
    progress: Progress | None = None,
) -> TrainingSpeed:
    """Time steps of batch 64 with random weights of the published sizes, the ways taking turns.

    full_length: every motion has 196 frames, so that nothing is saved on padding. compiled: ours with compiled layers.
    """
    progress, on = progress or SilentProgress(), usable_device(device)
    for name in stages:
        if name not in STAGES:
            raise InvalidRequestError(f"stage: {name!r}, expected one of {', '.join(STAGES)}")
    pool = random_pool(full_length)
    speeds = []
    for number, name in enumerate(stages):
        torch.manual_seed(0)
        published, objectives = _tokenizer_stage(on) if name == "tokenizer" else _token_stage(name, pool, on)
        ways: dict[str, Callable[[int], object]] = {"published": lambda _, step=published: step()}  # type: ignore[misc]
        settings = StageSettings(steps=10**6, batch_size=BATCH, weight_decay=1e-5, compile=compiled)
        first, mean_tokens = 0, 0.0
        for precision, objective in objectives.items():
            if precision == "bfloat16" and device == "cpu" and not has_bfloat16():
                continue
            if isinstance(objective, TokenObjective):
                first, mean_tokens = _ordinary_steps(objective, pool)
            trainer = Trainer(objective, replace(settings, precision=precision), device)
            ways[precision] = lambda step, trainer=trainer: trainer.step(step)  # type: ignore[misc]
        seconds: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for round_number in range(-1, rounds):  # the first is the warm-up
            for position, (way, step) in enumerate(ways.items()):
                done = (round_number + 1 + position / len(ways)) / (rounds + 1)
                progress.report((number + done) / len(stages), f"{name}, {way}")
                count = STEPS_IN_A_ROW if round_number >= 0 and way != "published" else 1
                taken = _time(step, range(first, first + count), device, progress)
                if round_number >= 0:
                    seconds[way].append(taken)
        times = {way: StepSeconds.of(values) for way, values in seconds.items()}
        speeds.append(StageSpeed(name, mean_tokens, times["published"], times["float32"], times.get("bfloat16")))
    return TrainingSpeed(device, torch.get_num_threads(), BATCH, matrix_product_gigaflops(), tuple(speeds))


def _time(step: Callable[[int], object], numbers: range, device: str, progress: Progress) -> tuple[float, float]:
    """Mean seconds, and seconds of processor time, of the steps ``numbers``."""
    _wait_for(device)
    started, began = time.perf_counter(), time.process_time()
    for number in numbers:
        progress.raise_if_cancelled()
        step(number)
    _wait_for(device)
    return (time.perf_counter() - started) / len(numbers), (time.process_time() - began) / len(numbers)


def _wait_for(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def _ordinary_steps(objective: TokenObjective, pool: TokenPool) -> tuple[int, float]:
    """The first of steps in a row whose motions are about as long as the pool's, and their mean length: a batch has
    motions of like length, so four of them may well be short."""
    expected = float(pool.num_tokens.mean())
    for first in range(0, 1000, STEPS_IN_A_ROW):
        rows = [objective.rows_of(seed_step(0, first + step))[0] for step in range(STEPS_IN_A_ROW)]
        mean = float(pool.num_tokens[np.concatenate(rows)].mean())
        if abs(mean - expected) < 0.02 * expected:
            break
    return first, mean


def _token_stage(kind: str, pool: TokenPool, device: torch.device) -> tuple[PublishedStep, dict[str, Objective]]:
    batch = pool.on(device).batch(np.arange(BATCH), np.random.default_rng(0), fixed_length=True)
    tokenizer = RVQVAE(RVQVAEConfig()).to(device)
    features = torch.randn(BATCH, FRAMES_PER_TOKEN * LONGEST, tokenizer.config.feature_width, device=device)
    lengths, condition = batch.token_is_valid.sum(dim=1), condition_of(batch)
    if kind == "masked":
        config = MaskedTransformerConfig(grounding_head=False, **PUBLISHED_SWITCHES)
        model = MaskedTransformer(config).to(device)
        step: PublishedStep = PublishedMaskedStep(model, tokenizer, features, lengths, condition, batch.segment_ends)
        return step, {
            name: MaskedObjective(MaskedTransformer(MaskedTransformerConfig()), pool, pool, BATCH)
            for name in PRECISIONS
        }
    residual = ResidualTransformer(ResidualTransformerConfig(**PUBLISHED_SWITCHES)).to(device)
    step = PublishedResidualStep(residual, tokenizer, features, lengths, condition)
    return step, {
        name: ResidualObjective(ResidualTransformer(ResidualTransformerConfig()), pool, pool, BATCH)
        for name in PRECISIONS
    }


def _tokenizer_stage(device: torch.device) -> tuple[PublishedStep, dict[str, Objective]]:
    clips = RandomClips()
    width = clips.features.shape[1]
    step = PublishedTokenizerStep(RVQVAE(RVQVAEConfig()).to(device), torch.randn(BATCH, WINDOW, width, device=device))
    return step, {
        name: TokenizerObjective(
            RVQVAE(RVQVAEConfig()),
            clips,
            only_shippable=False,
            batch_size=BATCH,
            statistics=FeatureStatistics(np.zeros(width, np.float32), np.ones(width, np.float32)),
        )
        for name in PRECISIONS
    }
