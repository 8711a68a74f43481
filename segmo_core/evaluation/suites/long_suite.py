"""Long motions: time, memory, and whether anything jumps where windows are joined or segments meet."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from segmo_core.data.captions.clip_sentences import join_sentences
from segmo_core.data.mocap22 import Mocap22
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.judges.action_classifier import CLASSES
from segmo_core.evaluation.samples.segment_prompts import SHORTEST_TOKENS, prompt_sentence
from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.generation.request import GenerationRequest
from segmo_core.generation.windows import plan_windows
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE, token_ends

FloatArray = NDArray[np.floating]

SECONDS, SEGMENTS, MOTIONS = 60.0, 20, 3
NEAR = 2  # frames on both sides that belong to a join
MEASURES = {"root speed": "m/s", "joint speed": "m/s", "joint acceleration": "m/s²"}


@dataclass(frozen=True)
class Discontinuity:
    """One measure, always the largest of 2 ``NEAR`` frames in a row. inside: of all such places within segments and
    windows, the median, 99th percentile and largest. joins (of windows), boundaries (of segments): the largest there,
    and the share of them above the 99th percentile of the inside.
    """

    unit: str
    inside_median: float
    inside_99: float
    inside_largest: float
    joins_largest: float | None
    joins_above_99: float | None
    boundaries_largest: float | None
    boundaries_above_99: float | None


@dataclass(frozen=True)
class LongFigures:
    """seconds_taken: for one motion, mean. peak_memory_mb: of the whole process, None where it cannot be known."""

    bundle: str
    motions: int
    seconds: float
    segments: int
    windows: float
    seconds_taken: float
    peak_memory_mb: float | None
    discontinuities: dict[str, Discontinuity]


def measure_long(
    tested: TestedBundle,
    data: Mocap22,
    *,
    motions: int = MOTIONS,
    seconds: float = SECONDS,
    segments: int = SEGMENTS,
    seed: int = 0,
    progress: Progress | None = None,
) -> LongFigures:
    """Generate ``motions`` of ``seconds`` with ``segments`` segments of unequal length, neighbours different."""
    if motions < 1:
        raise InvalidRequestError(f"motions: {motions}, expected at least 1")
    progress = progress or SilentProgress()
    taken, windows, found = [], [], []
    for number in range(motions):
        progress.raise_if_cancelled()
        progress.report(number / motions, f"long motion {number + 1} of {motions}")
        request = long_request(data, seconds, segments, seed + number)
        started = time.perf_counter()
        motion = tested.make(request)[0].motion
        taken.append(time.perf_counter() - started)
        ends = token_ends(request.track, tested.bundle.manifest.frame_rate)
        planned = plan_windows(ends, tested.bundle.masked_transformer.config.max_segments)
        scale = FRAMES_PER_TOKEN * MODEL_FRAME_RATE / tested.bundle.manifest.frame_rate
        joins = [round(window.begin * scale) for window in planned if window.begin > 0]
        windows.append(len(planned))
        found.append((motion.joint_positions, joins, request.track.ends[:-1]))
    return LongFigures(
        tested.name,
        motions,
        seconds,
        segments,
        float(np.mean(windows)),
        float(np.mean(taken)),
        peak_memory_mb(),
        discontinuities(found, MODEL_FRAME_RATE),
    )


def long_request(data: Mocap22, seconds: float, segments: int, seed: int) -> GenerationRequest:
    """A prompt of any number of segments, of 1.6 s and more, whose lengths sum to ``seconds``."""
    spare = round(seconds * MODEL_FRAME_RATE / FRAMES_PER_TOKEN) - segments * SHORTEST_TOKENS
    if spare < 0:
        shortest = segments * SHORTEST_TOKENS * FRAMES_PER_TOKEN / MODEL_FRAME_RATE
        raise InvalidRequestError(f"seconds: {seconds:g} for {segments} segments, expected at least {shortest:g}")
    generator = np.random.default_rng([seed, segments])
    actions: list[str] = []
    while len(actions) < segments:
        deck = [str(name) for name in generator.permutation(list(CLASSES))]
        actions += deck[1:] if actions and deck[0] == actions[-1] else deck
    sentences = [prompt_sentence(data, action, generator) for action in actions[:segments]]
    tokens = SHORTEST_TOKENS + generator.multinomial(spare, np.full(segments, 1 / segments))
    track = SegmentTrack.from_durations(sentences, [int(number) * FRAMES_PER_TOKEN for number in tokens])
    return GenerationRequest(join_sentences(sentences, generator), track, seed=seed)


def discontinuities(
    motions: Sequence[tuple[FloatArray, Sequence[int], Sequence[int]]], frame_rate: float
) -> dict[str, Discontinuity]:
    """Of motions: joints (T, J, 3), the frames at which windows begin, the frames at which segments begin."""
    found = {}
    for name, unit in MEASURES.items():
        inside: list[float] = []
        at_joins: list[float] = []
        at_boundaries: list[float] = []
        for joints, joins, boundaries in motions:
            curve = _curve(name, joints, frame_rate)
            is_inside = np.ones(len(curve), dtype=bool)
            for frame in {*joins, *boundaries}:
                is_inside[_around(frame)] = False
            largest = sliding_window_view(curve, 2 * NEAR).max(axis=1)
            inside += largest[sliding_window_view(is_inside, 2 * NEAR).all(axis=1)].tolist()
            at_joins += [float(curve[_around(frame)].max()) for frame in joins]
            at_boundaries += [float(curve[_around(frame)].max()) for frame in boundaries]
        limit = float(np.percentile(inside, 99))
        found[name] = Discontinuity(
            unit,
            float(np.median(inside)),
            limit,
            float(np.max(inside)),
            *_summary(at_joins, limit),
            *_summary(at_boundaries, limit),
        )
    return found


def peak_memory_mb() -> float | None:
    """The most memory this process has held, MB."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 1e6 if sys.platform == "darwin" else used / 1e3


def _curve(name: str, joints: FloatArray, frame_rate: float) -> FloatArray:
    """(T,) of each frame: horizontal speed of the root, speed or acceleration of the fastest joint."""
    positions = joints.astype(np.float64)
    if name == "root speed":
        values = np.linalg.norm(np.diff(positions[:, 0, [0, 2]], axis=0), axis=-1) * frame_rate
    elif name == "joint speed":
        values = np.linalg.norm(np.diff(positions, axis=0), axis=-1).max(axis=1) * frame_rate
    else:
        values = np.linalg.norm(np.diff(positions, n=2, axis=0), axis=-1).max(axis=1) * frame_rate**2
        values = np.concatenate([values[:1], values])  # frame t: from t - 1 over t to t + 1
    return np.concatenate([values, values[-1:]])


def _around(frame: int) -> slice:
    return slice(max(0, frame - NEAR), frame + NEAR)


def _summary(values: Sequence[float], limit: float) -> tuple[float | None, float | None]:
    return (max(values), float(np.mean(np.array(values) > limit))) if values else (None, None)
