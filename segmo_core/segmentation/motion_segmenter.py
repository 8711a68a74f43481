"""What every motion segmenter is, and what it reads.

A segmenter cuts a motion into as many segments as its text has (paper section 3.4, supplementary section B). It
reads one row per token, made by ``token_rows``.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import FeatureLayout

FloatArray = NDArray[np.floating]


class MotionSegmenter(Protocol):
    """Cuts rows of features into a given number of consecutive segments."""

    name: str

    def segment(self, features: FloatArray, num_segments: int) -> tuple[int, ...]:
        """features (T, D), of like scale in all columns -> ends of the segments in rows: ascending, the last is T.

        Raises InvalidRequestError for fewer rows than segments, no segment, or numbers that are not finite.
        """
        ...


def checked_rows(features: FloatArray, num_segments: int) -> FloatArray:
    """``features`` as (T, D) float64; InvalidRequestError when they cannot be cut into ``num_segments``."""
    rows = np.asarray(features, dtype=np.float64)
    if rows.ndim != 2:
        raise InvalidRequestError(f"motion segmentation: features of shape {rows.shape}, expected rows and columns")
    if not 1 <= num_segments <= len(rows):
        raise InvalidRequestError(
            f"motion segmentation: {num_segments} segments of {len(rows)} rows, expected 1 to {len(rows)}"
        )
    if not np.isfinite(rows).all():
        raise InvalidRequestError("motion segmentation: the features hold NaN or infinity, expected finite numbers")
    return rows


def shortest_segment(num_rows: int, num_segments: int, wished: int) -> int:
    """The least number of rows of a segment: ``wished``, or less where the motion is too short for that."""
    return max(1, min(wished, num_rows // num_segments))


def token_rows(
    features: FloatArray, statistics: FeatureStatistics, layout: FeatureLayout, frames_per_token: int
) -> FloatArray:
    """Motion features (T, D), un-normalised, as one row per token: (T // frames_per_token, 6 J - 3).

    A row is the mean over the token's frames of the normalised local positions and velocities of the joints:
    what the body does, not where it is or faces. A rest of fewer frames than a token is left out.
    """
    columns = np.r_[layout.positions, layout.velocities]
    normalised = statistics.normalised(np.asarray(features, dtype=np.float64))[:, columns]
    num_tokens = len(normalised) // frames_per_token
    tokens = normalised[: num_tokens * frames_per_token].reshape(num_tokens, frames_per_token, -1)
    return np.asarray(tokens.mean(axis=1))
