"""How long whole motions of a bundle take, by every runtime and precision that there is here, in one run."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmo_core.bundle_manifest import GRAPHS_FILE, read_manifest
from segmo_core.engine import Engine
from segmo_core.generation.request import GenerationRequest
from segmo_core.progress import Progress, SilentProgress
from segmo_core.runtimes.choice import ONNX, TORCH, has_torch

RUNS_IN_A_ROW = 3  # a way that has just been used finds its weights in the cache, as it does in use
TEXTS = ("A person walks forward.", "A person waves.")
PROMPT = "a person walks forward, then waves"
SECONDS = 5.0


@dataclass(frozen=True)
class WaySpeed:
    """name: runtime and precision. best, median: seconds for one motion, text already encoded. load: seconds.
    agreement: share of token ids that are those of the first way."""

    name: str
    best: float
    median: float
    load: float
    agreement: float


def measure_bundle(folder: Path, rounds: int = 5, progress: Progress | None = None) -> tuple[WaySpeed, ...]:
    """Time motions of 5 s with two segments, the ways taking turns; those that the machine has not are left out.

    Raises BundleError where the bundle cannot be read.
    """
    progress = progress or SilentProgress()
    engines = {name: Engine(folder, "cpu", fast=fast, runtime=runtime) for name, runtime, fast in _ways(folder)}
    load: dict[str, float] = {}
    for name, engine in engines.items():
        progress.report(0.0, f"Loading, {name}")
        started = time.perf_counter()
        engine.load()
        load[name] = time.perf_counter() - started
    track = next(iter(engines.values())).suggest_track(TEXTS, SECONDS)
    request = GenerationRequest(PROMPT, track, seed=1)
    ids = {name: engine.generate(request).token_ids for name, engine in engines.items()}  # also the warm-up
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for number in range(rounds):
        for name, engine in engines.items():
            progress.raise_if_cancelled()
            progress.report(number / rounds, f"round {number + 1} of {rounds}, {name}")
            for _ in range(RUNS_IN_A_ROW):
                seconds[name].append(engine.generate(request).seconds)
    first = next(iter(ids.values()))
    return tuple(
        WaySpeed(name, min(times), statistics.median(times), load[name], float(np.mean(ids[name] == first)))
        for name, times in seconds.items()
    )


def _ways(folder: Path) -> list[tuple[str, str, bool]]:
    """Name, runtime, fast."""
    ways = []
    if has_torch():
        from segmo_core.models.trunk.processor import has_bfloat16

        ways.append(("torch, float32", TORCH, False))
        if has_bfloat16():
            ways.append(("torch, fast (bfloat16)", TORCH, True))
    if not ways or GRAPHS_FILE in read_manifest(folder).files:
        ways += [("onnx, float32", ONNX, False), ("onnx, fast (int8)", ONNX, True)]
    return ways
