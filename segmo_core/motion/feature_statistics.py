"""What motion features are normalised with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class FeatureStatistics:
    """mean, std: (D,) float32 of un-normalised features, std above zero. They belong to a model as its weights do."""

    mean: FloatArray
    std: FloatArray

    def normalised(self, features: FloatArray) -> FloatArray:
        """(..., D) features in the numbers that a model reads."""
        rows: FloatArray = (features - self.mean) / self.std
        return rows

    def restored(self, rows: FloatArray) -> FloatArray:
        """(..., D) numbers of a model as features."""
        features: FloatArray = rows * self.std + self.mean
        return features
