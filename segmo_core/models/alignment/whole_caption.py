"""Global alignment: whole captions against whole motions of a batch (paper, supplementary section D)."""

from __future__ import annotations

from torch import Tensor

from segmo_core.models.alignment.segment_alignment import Aggregator, AlignmentInputs, contrastive_loss


class GlobalAlignment:
    """The output at the caption token against all tokens of a motion, aggregated as one segment, and back."""

    min_segments = 1
    uses_aggregator = True
    uses_caption = True

    def __call__(
        self, inputs: AlignmentInputs, aggregate: Aggregator, temperature: float, include_padding: bool
    ) -> Tensor:
        """See SegmentAlignment."""
        if inputs.caption is None:
            raise ValueError("global alignment: no output at the caption token")
        motion = aggregate(inputs.motion, inputs.token_is_valid[:, None])[:, 0]
        takes_part = inputs.segment_is_valid.any(dim=1)
        if inputs.fixed_shapes:
            return contrastive_loss(inputs.caption, motion, temperature, takes_part)
        return contrastive_loss(inputs.caption[takes_part], motion[takes_part], temperature)
