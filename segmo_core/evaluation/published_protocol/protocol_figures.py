"""Values of the published protocol: what it is asked for, and the figures it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.measures.metrics import RETRIEVAL_BATCH

MULTIMODALITY_CAPTIONS = 96
METRICS = ("top_1", "top_2", "top_3", "fid", "mm_dist", "diversity", "multimodality")
REAL, RECONSTRUCTED, GENERATED = "Real", "Tokenizer", "Generated"


@dataclass(frozen=True)
class ProtocolSettings:
    """repeats: published 20. limit: measure on so many motions (None: all; at least 32).

    multimodality_captions: get 30 motions each, in every repeat; published 96, 0 leaves the metric out.
    tokenizer_row: measure what the tokenizer gives back too.
    """

    repeats: int = 20
    limit: int | None = None
    multimodality_captions: int = MULTIMODALITY_CAPTIONS
    seed: int = 0
    tokenizer_row: bool = True

    def __post_init__(self) -> None:
        if self.repeats < 1:
            raise InvalidRequestError(f"repeats: {self.repeats}, expected at least 1")
        if self.limit is not None and self.limit < RETRIEVAL_BATCH:
            raise InvalidRequestError(f"limit: {self.limit}, expected at least {RETRIEVAL_BATCH}")
        if self.multimodality_captions < 0:
            raise InvalidRequestError(f"multimodality: {self.multimodality_captions} captions, expected 0 or more")


@dataclass(frozen=True)
class Estimate:
    """Mean over the repeats, and half the width of its 95 % interval (1.96 std / sqrt(repeats), as published)."""

    mean: float
    interval: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Estimate:
        return cls(float(np.mean(values)), float(1.96 * np.std(values) / np.sqrt(len(values))))


@dataclass(frozen=True)
class MethodFigures:
    """One row of the table. metrics: by name of METRICS, those that apply. by_segments: number of segments -> the
    retrieval metrics of captions with so many, ranked within the same mixed batches.
    """

    name: str
    metrics: dict[str, Estimate]
    by_segments: dict[int, dict[str, Estimate]]


@dataclass(frozen=True)
class ConsistencyFigures:
    """ISC with the boundaries of one segmentation: of real and of generated motions with two segments or more."""

    segmentation: str
    real: Estimate
    generated: Estimate


@dataclass(frozen=True)
class EvaluationReport:
    """counts: motions by number of segments, of the first repeat. notices: sentences the reader must know."""

    data: str
    evaluator: str
    repeats: int
    num_motions: int
    counts: dict[int, int]
    methods: tuple[MethodFigures, ...]
    consistency: tuple[ConsistencyFigures, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass
class Sums:
    """Values of all repeats, by row and metric, and by row, number of segments and metric."""

    metrics: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    by_segments: dict[str, dict[int, dict[str, list[float]]]] = field(default_factory=dict)
    consistency: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def add(self, method: str, name: str, value: float) -> None:
        self.metrics.setdefault(method, {}).setdefault(name, []).append(value)

    def add_by_segments(self, method: str, count: int, name: str, value: float) -> None:
        self.by_segments.setdefault(method, {}).setdefault(count, {}).setdefault(name, []).append(value)

    def add_consistency(self, segmentation: str, what: str, value: float) -> None:
        self.consistency.setdefault(segmentation, {}).setdefault(what, []).append(value)

    def figures(self, method: str) -> MethodFigures:
        return MethodFigures(
            method,
            {name: Estimate.of(values) for name, values in self.metrics[method].items()},
            {
                count: {name: Estimate.of(values) for name, values in found.items()}
                for count, found in sorted(self.by_segments[method].items())
            },
        )

    def consistency_figures(self) -> tuple[ConsistencyFigures, ...]:
        return tuple(
            ConsistencyFigures(name, Estimate.of(found["real"]), Estimate.of(found["generated"]))
            for name, found in self.consistency.items()
        )
