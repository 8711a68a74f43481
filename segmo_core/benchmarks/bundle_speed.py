"""How long whole motions of a bundle take, by every runtime and precision that there is here, in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmo_core import catalog
from segmo_core.benchmarks.turns import seconds_in_turns
from segmo_core.bundle_manifest import GRAPHS_FILE, read_manifest
from segmo_core.generation.generator import MotionGenerator
from segmo_core.generation.request import GenerationRequest
from segmo_core.progress import Progress, SilentProgress
from segmo_core.runtimes.choice import ONNX, TORCH, has_torch, load_models
from segmo_core.timeline.segment_track import SegmentTrack

TEXTS = ("A person walks forward.", "A person waves.")
PROMPT = "a person walks forward, then waves"
FRAMES = (52, 48)  # of each: 5 s


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
    encoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", read_manifest(folder).text_encoder)()
    generators: dict[str, MotionGenerator] = {}
    load: dict[str, float] = {}
    for name, runtime, fast in _ways(folder):
        progress.report(0.0, f"Loading, {name}")
        started = time.perf_counter()
        models = load_models(folder, runtime, "cpu", fast=fast, progress=SilentProgress())
        generators[name] = MotionGenerator(models, encoder)
        load[name] = time.perf_counter() - started
    request = GenerationRequest(PROMPT, SegmentTrack.from_durations(TEXTS, FRAMES), seed=1)
    ids = {name: generator.generate(request).token_ids for name, generator in generators.items()}  # also the warm-up

    def timed(generator: MotionGenerator) -> Callable[[], float]:
        return lambda: generator.generate(request).seconds

    ways = {name: timed(generator) for name, generator in generators.items()}
    seconds = seconds_in_turns(ways, rounds, progress)
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
