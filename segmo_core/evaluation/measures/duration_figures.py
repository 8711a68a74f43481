"""How well ranges of seconds fit the natural durations of real clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.duration_samples import DurationSamples
from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.models.estimators.configs import QUANTILES


@dataclass(frozen=True)
class DurationFigures:
    """pinball: mean loss of the three quantiles, of logarithms of seconds. inside, below: shares of natural lengths
    within the range, and under its shortest (0.8 and 0.1 if the quantiles were true). warned: share that would be
    called too short. error: mean distance of the typical duration from them, in seconds.
    """

    pinball: float
    inside: float
    below: float
    warned: float
    error: float


def duration_figures(samples: DurationSamples, ranges: Sequence[SegmentDuration]) -> DurationFigures:
    """Figures of one range for every text of ``samples``, weighted as these are."""
    seconds, weights = samples.seconds, samples.weights
    predicted = np.array([(found.shortest, found.typical, found.longest) for found in ranges])
    difference = np.log(seconds)[:, None, :] - np.log(predicted)[:, :, None]  # (M, 3, L)
    quantiles = np.array(QUANTILES)[None, :, None]
    pinball = np.maximum(quantiles * difference, (quantiles - 1.0) * difference).mean(axis=(1, 2))
    shortest, typical, longest = (predicted[:, k, None] for k in range(3))
    slack = 1e-6
    return DurationFigures(
        pinball=float(weights @ pinball),
        inside=float(weights @ ((seconds >= shortest - slack) & (seconds <= longest + slack)).mean(axis=1)),
        below=float(weights @ (seconds < shortest - slack).mean(axis=1)),
        warned=float(weights @ _warned(samples, ranges)),
        error=float(weights @ np.abs(seconds - typical).mean(axis=1)),
    )


def _warned(samples: DurationSamples, ranges: Sequence[SegmentDuration]) -> NDArray[np.floating]:
    """(M,) shares of natural lengths that are called too short."""
    pairs = zip(samples.seconds, ranges, strict=True)
    return np.array([np.mean([found.is_too_short(value) for value in lengths]) for lengths, found in pairs])


def constant_duration(samples: DurationSamples) -> SegmentDuration:
    """The quantiles of all natural lengths together: what knows nothing of the text."""
    order = np.argsort(samples.seconds, axis=None)
    shares = np.cumsum(np.repeat(samples.weights / samples.seconds.shape[1], samples.seconds.shape[1])[order])
    values = samples.seconds.ravel()[order]
    shortest, typical, longest = (float(values[np.searchsorted(shares, quantile)]) for quantile in QUANTILES)
    return SegmentDuration(shortest, typical, longest)


def duration_table(figures: Mapping[str, DurationFigures]) -> str:
    """Markdown, a line for each way of knowing durations."""
    lines = "\n".join(
        f"| {name} | {found.pinball:.3f} | {found.inside:.0%} | {found.below:.0%} | {found.warned:.1%} "
        f"| {found.error:.2f} s |"
        for name, found in figures.items()
    )
    head = "| durations by | pinball loss | in the range (80 % asked) | shorter (10 %) | warned | typical off by |"
    return f"{head}\n|---|---|---|---|---|---|\n{lines}"
