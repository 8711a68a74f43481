"""What every alignment of text and motion is, and what it is given (paper section 3.5, supplementary section D)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from segmo_core.models.batch_shares import all_rows

Aggregator = Callable[[Tensor, Tensor], Tensor]  # hidden (B, N, d), membership (B, S, N) bool -> (B, S, d)


@dataclass(frozen=True)
class AlignmentInputs:
    """Outputs of the masked transformer for B samples; those that take part have valid segments.

    motion: (B, N, d) at motion tokens; token_is_valid: (B, N). text_segments: (B, S, d) at segment tokens;
    segment_is_valid: (B, S). membership: (B, S, N) bool, tokens of segments. caption: (B, d) at the caption token,
    for alignments that use it.
    """

    motion: Tensor
    token_is_valid: Tensor
    text_segments: Tensor
    segment_is_valid: Tensor
    membership: Tensor
    caption: Tensor | None

    def of_rows(self, rows: Tensor) -> AlignmentInputs:
        """The samples ``rows`` (R,) int64 alone."""
        picked: dict[str, Any] = {k: None if tensor is None else tensor[rows] for k, tensor in vars(self).items()}
        return AlignmentInputs(**picked)

    def taking_part(self, samples: Tensor) -> AlignmentInputs:
        """The same in the same shapes, with samples other than ``samples`` (B,) bool without segments."""
        return replace(self, segment_is_valid=self.segment_is_valid & samples[:, None])


class SegmentAlignment(Protocol):
    """A contrastive loss between text and motion.

    min_segments: samples with fewer segments have nothing to align. uses_aggregator: whether tokens are pooled;
    uses_caption: whether the caption is aligned.
    """

    min_segments: int
    uses_aggregator: bool
    uses_caption: bool

    def __call__(
        self, inputs: AlignmentInputs, aggregate: Aggregator, temperature: float, include_padding: bool
    ) -> Tensor:
        """The loss, a scalar; zero when there is nothing to be told apart.

        include_padding: absent segments take part, as in the published code; only in-sample alignment has this.
        """
        ...


def contrastive_loss(text: Tensor, motion: Tensor, temperature: float) -> Tensor:
    """Symmetric InfoNCE over M pairs (M, d) of all processes, each the positive and all others negatives; zero when
    there are not two."""
    pairs = all_rows(torch.stack([text.float(), motion.float()], dim=1))
    if len(pairs) < 2:
        return pairs.sum() * 0.0
    # In low precision a similarity divided by a small temperature would lose what the loss is about.
    with torch.autocast(text.device.type, enabled=False):
        similarity = F.normalize(pairs[:, 0], dim=-1) @ F.normalize(pairs[:, 1], dim=-1).T / temperature
    target = torch.arange(len(pairs), device=text.device)
    return (F.cross_entropy(similarity, target) + F.cross_entropy(similarity.T, target)) / 2
