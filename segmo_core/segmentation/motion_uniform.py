"""Equal parts: the paper's default motion segmentation (section 3.4)."""

from __future__ import annotations

from itertools import accumulate

from segmo_core.segmentation.motion_segmenter import FloatArray, checked_rows


class UniformSegmenter:
    """Cuts into equal parts; the first ones are one row longer where the number does not divide (published)."""

    name = "uniform"

    def segment(self, features: FloatArray, num_segments: int) -> tuple[int, ...]:
        """See MotionSegmenter. Only the number of rows counts."""
        base, rest = divmod(len(checked_rows(features, num_segments)), num_segments)
        return tuple(accumulate(base + (number < rest) for number in range(num_segments)))
