"""In-sample alignment: the segments of one sample against each other (paper section 3.5, the default)."""

from __future__ import annotations

from torch import Tensor

from segmo_core.models.alignment.contrastive_losses import alignment_loss
from segmo_core.models.alignment.segment_alignment import Aggregator, AlignmentInputs


class InSampleAlignment:
    """Text segment i against all motion segments of its own sample, and back."""

    min_segments = 2
    uses_aggregator = True
    uses_caption = False

    def __call__(
        self, inputs: AlignmentInputs, aggregate: Aggregator, temperature: float, include_padding: bool
    ) -> Tensor:
        """See SegmentAlignment."""
        return alignment_loss(
            inputs.text_segments,
            aggregate(inputs.motion, inputs.membership),
            inputs.segment_is_valid,
            temperature=temperature,
            include_padding=include_padding,
        )
