"""Change points of a Gaussian kernel as boundaries (paper, supplementary section B), found with ruptures."""

from __future__ import annotations

from typing import Any

from segmo_core.errors import MissingDependencyError
from segmo_core.segmentation.motion_segmenter import FloatArray, checked_rows, shortest_segment


class ChangePointSegmenter:
    """Cuts where the distribution of poses and velocities changes most.

    Of all ways to cut into the wished number of segments, takes the one with the least scatter within segments
    in the feature space of exp(-gamma ||x - y||^2); gamma is 1 / median squared distance of the rows. The
    sliding window that the paper puts before detection is the token that makes a row: longer windows were
    measured to be worse (docs/variants.md). shortest: least rows of a segment, where the motion is long enough.
    """

    name = "change-point"

    def __init__(self, shortest: int = 4) -> None:
        self.shortest = shortest

    def segment(self, features: FloatArray, num_segments: int) -> tuple[int, ...]:
        """See MotionSegmenter. Raises MissingDependencyError without ruptures."""
        rows = checked_rows(features, num_segments)
        if num_segments == 1:
            return (len(rows),)
        detection = _kernel_change_point_detection()
        detector = detection(kernel="rbf", min_size=shortest_segment(len(rows), num_segments, self.shortest))
        return tuple(int(end) for end in detector.fit(rows).predict(n_bkps=num_segments - 1))


def _kernel_change_point_detection() -> Any:
    try:
        from ruptures import KernelCPD
    except ImportError:
        raise MissingDependencyError(
            "change-point segmentation needs ruptures (install it with: pip install ruptures)"
        ) from None
    return KernelCPD
