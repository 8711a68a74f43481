"""How well text is found in motion: the figures, and what they are counted with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import rankdata

from segmo_core.evaluation.measures.intervals import Mean, Share
from segmo_core.models.sampling_settings import GroundingCalibration

FloatArray = NDArray[np.floating]


@dataclass(frozen=True)
class LocalisationFigures:
    """Of sentences looked for in joined clips: shares whose best stretch overlaps the true one by at least 0.5 and 0.7
    (R@1), and the mean overlap (intersection over union).
    """

    recall_05: Share
    recall_07: Share
    mean_overlap: Mean


@dataclass(frozen=True)
class WayFigures:
    """One way of looking for text. absent_auroc: how well its scores tell actions that are in the motion from ones that
    are not (1 perfect, 0.5 chance); label_recall: share of test clips whose own label sentence scores highest. None
    where a way has no scores.
    """

    name: str
    localisation: LocalisationFigures
    absent_auroc: float | None = None
    label_recall: Share | None = None


@dataclass(frozen=True)
class GroundingFigures:
    """ways: the bundle's own first. sequences: how many, of two to four segments. num_labels: to choose from."""

    bundle: str
    sequences: int
    num_labels: int
    ways: tuple[WayFigures, ...]


def localisation(overlaps: Sequence[float]) -> LocalisationFigures | None:
    """None of nothing."""
    recall_05, recall_07 = Share.of([o >= 0.5 for o in overlaps]), Share.of([o >= 0.7 for o in overlaps])
    mean = Mean.of(overlaps)
    if recall_05 is None or recall_07 is None or mean is None:
        return None
    return LocalisationFigures(recall_05, recall_07, mean)


def fit_calibration(scores: FloatArray, is_present: NDArray[np.bool_]) -> GroundingCalibration:
    """Logistic regression of scores (M,) with both classes weighed alike, targets drawn in a little (Platt 1999)."""
    positives, negatives = int(is_present.sum()), int((~is_present).sum())
    target = np.where(is_present, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    weight = np.where(is_present, 0.5 / positives, 0.5 / negatives)

    def loss(parameters: FloatArray) -> float:
        logits = parameters[0] * scores + parameters[1]
        return float(np.sum(weight * (np.logaddexp(0.0, logits) - target * logits)))

    slope, offset = minimize(loss, np.array([8.0, -4.0]), method="Nelder-Mead").x
    return GroundingCalibration(round(float(slope), 4), round(float(offset), 4))


def area_under_curve(scores: FloatArray, is_positive: NDArray[np.bool_]) -> float:
    """Area under the receiver operating characteristic: the share of (positive, negative) pairs in the right order."""
    ranks = rankdata(scores)
    positives = int(is_positive.sum())
    negatives = len(scores) - positives
    return float((ranks[is_positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def overlap(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Intersection over union of two half-open stretches."""
    shared = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    return shared / (max(a[1], b[1]) - min(a[0], b[0])) if shared else 0.0
