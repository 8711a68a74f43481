"""Batch-level alignment: the segments of all samples of a batch against each other (paper, supplementary section D)."""

from __future__ import annotations

from torch import Tensor

from segmo_core.models.alignment.segment_alignment import Aggregator, AlignmentInputs, contrastive_loss


class BatchAlignment:
    """Every text segment against all motion segments of the batch, and back; equal texts stay negatives (paper)."""

    min_segments = 1
    uses_aggregator = True
    uses_caption = False

    def __call__(
        self, inputs: AlignmentInputs, aggregate: Aggregator, temperature: float, include_padding: bool
    ) -> Tensor:
        """See SegmentAlignment."""
        is_valid = inputs.segment_is_valid
        motion_segments = aggregate(inputs.motion, inputs.membership)
        if inputs.fixed_shapes:
            text, motion = inputs.text_segments.flatten(0, 1), motion_segments.flatten(0, 1)
            return contrastive_loss(text, motion, temperature, is_valid.flatten())
        return contrastive_loss(inputs.text_segments[is_valid], motion_segments[is_valid], temperature)
