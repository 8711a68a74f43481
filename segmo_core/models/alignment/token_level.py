"""Token alignment: every motion token against the text segments of its sample (paper, supplementary section D)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from segmo_core.models.alignment.segment_alignment import Aggregator, AlignmentInputs
from segmo_core.models.batch_shares import mean_over_batch
from segmo_core.models.devices import in_full_precision

_NOTHING = -100


class TokenAlignment:
    """Which of the sample's text segments does this motion token belong to? The mean over all tokens of segments."""

    min_segments = 2
    uses_aggregator = False
    uses_caption = False

    def __call__(
        self, inputs: AlignmentInputs, aggregate: Aggregator, temperature: float, include_padding: bool
    ) -> Tensor:
        """See SegmentAlignment."""
        motion = F.normalize(inputs.motion.float(), dim=-1)
        text = F.normalize(inputs.text_segments.float(), dim=-1)
        with in_full_precision(motion.device):
            similarity = motion @ text.transpose(1, 2) / temperature
        similarity = similarity.masked_fill(~inputs.segment_is_valid[:, None], -1e9)
        belongs = inputs.membership & inputs.segment_is_valid[..., None] & inputs.token_is_valid[:, None]
        has_segment, segment = belongs.any(dim=1), belongs.int().argmax(dim=1)
        if inputs.fixed_shapes:
            target = segment.masked_fill(~has_segment, _NOTHING).flatten()
            total = F.cross_entropy(similarity.flatten(0, 1), target, ignore_index=_NOTHING, reduction="sum")
            return mean_over_batch(total, has_segment.sum())
        total = F.cross_entropy(similarity[has_segment], segment[has_segment], reduction="sum")
        return mean_over_batch(total, has_segment.sum())
