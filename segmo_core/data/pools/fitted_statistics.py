"""What features are normalised with: as published, or so that bodies in every attitude are near the middle."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.pools.feature_clips import FeatureClip
from segmo_core.data.pools.pose_rarity import pose_rarity
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import FeatureLayout

FloatArray = NDArray[np.floating]

ROOT_COLUMNS = 4
FEATURE_BIAS = 5.0  # MoMask's feat_bias
_RARITY = 0.5
_RARE_ROWS = (0.02, 99.98)  # percentiles; a heading that flips over is no reason to take turns for nothing
_SAMPLED = 200_000


def column_groups(layout: FeatureLayout) -> list[slice]:
    """The seven groups of columns whose deviations HumanML3D averages."""
    groups = [slice(0, 1), slice(1, 3), slice(3, 4), layout.positions, layout.rotations, layout.velocities]
    return [*groups, slice(layout.velocities.stop, layout.dimension)]


def published_statistics(rows: FloatArray, layout: FeatureLayout, bias: float = FEATURE_BIAS) -> FeatureStatistics:
    """Mean and standard deviation (D,) of rows (N, D); the deviation averaged inside each feature group, as in
    HumanML3D, and ``biased``."""
    mean, deviation = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
    for group in column_groups(layout):
        deviation[group] = max(float(deviation[group].mean()), 1e-4)
    return biased(FeatureStatistics(mean.astype(np.float32), deviation.astype(np.float32)), layout, bias)


def biased(statistics: FeatureStatistics, layout: FeatureLayout, bias: float) -> FeatureStatistics:
    """With the root's and the contacts' deviation divided by ``bias``, which gives the few root columns weight against
    the many others. The published code does so with the data set's own (it means to once; MoMask's does it twice)."""
    deviation = statistics.std.astype(np.float64)
    deviation[:ROOT_COLUMNS] /= bias
    deviation[layout.velocities.stop :] /= bias
    return FeatureStatistics(statistics.mean, deviation.astype(np.float32))


def balanced_statistics(features: FloatArray, clips: Sequence[FeatureClip], layout: FeatureLayout) -> FeatureStatistics:
    """Mean and standard deviation (D,) over the frames of ``clips``, rare poses counted more; each column its own
    deviation, at least half its group's mean.

    With those of ``published_statistics`` the pelvis of a crawling body is 47 deviations low, since few bodies crawl.
    """
    rarity = pose_rarity(features, clips, layout, _RARITY)
    rows = np.flatnonzero(rarity)
    rows = rows[:: max(1, len(rows) // _SAMPLED)]
    weights = (rarity[rows] / rarity[rows].sum()).astype(np.float64)
    sample = np.asarray(features[rows], dtype=np.float64)
    sample = np.clip(sample, *np.percentile(sample, _RARE_ROWS, axis=0))
    mean = weights @ sample
    deviation = np.sqrt(weights @ np.square(sample - mean))
    for group in column_groups(layout):
        deviation[group] = np.maximum(deviation[group], max(0.5 * float(deviation[group].mean()), 1e-4))
    return FeatureStatistics(mean.astype(np.float32), deviation.astype(np.float32))
