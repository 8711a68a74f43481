"""What every alignment of text and motion is, and what it is given (paper section 3.5, supplementary section D)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from segmo_core.models.batch_shares import all_rows, whole_batch
from segmo_core.models.devices import in_full_precision

Aggregator = Callable[[Tensor, Tensor], Tensor]  # hidden (B, N, d), membership (B, S, N) bool -> (B, S, d)


@dataclass(frozen=True)
class AlignmentInputs:
    """Outputs of the masked transformer for B samples; those that take part have valid segments.

    motion: (B, N, d) at motion tokens; token_is_valid: (B, N). text_segments: (B, S, d) at segment tokens;
    segment_is_valid: (B, S). membership: (B, S, N) bool, tokens of segments. caption: (B, d) at the caption token,
    for alignments that use it. fixed_shapes: nothing may be gathered that is known on the device alone; what does not
    take part is masked instead.
    """

    motion: Tensor
    token_is_valid: Tensor
    text_segments: Tensor
    segment_is_valid: Tensor
    membership: Tensor
    caption: Tensor | None
    fixed_shapes: bool = False

    def of_rows(self, rows: Tensor) -> AlignmentInputs:
        """The samples ``rows`` (R,) int64 alone."""
        picked: dict[str, Any] = {name: value[rows] for name, value in vars(self).items() if isinstance(value, Tensor)}
        return replace(self, **picked)

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


def contrastive_loss(text: Tensor, motion: Tensor, temperature: float, takes_part: Tensor | None = None) -> Tensor:
    """Symmetric InfoNCE over M pairs (M, d) of all processes, each the positive and all others negatives; zero when
    there are not two.

    takes_part: (M,) bool, which of the rows are pairs at all, for callers that keep to one M; None: all are.
    """
    pairs = torch.stack([text.float(), motion.float()], dim=1)
    if takes_part is not None:
        return _masked_contrastive_loss(whole_batch(pairs), whole_batch(takes_part.to(torch.uint8)).bool(), temperature)
    pairs = all_rows(pairs)
    if len(pairs) < 2:
        return pairs.sum() * 0.0
    # In low precision a similarity divided by a small temperature would lose what the loss is about.
    with in_full_precision(text.device):
        similarity = F.normalize(pairs[:, 0], dim=-1) @ F.normalize(pairs[:, 1], dim=-1).T / temperature
    target = torch.arange(len(pairs), device=text.device)
    return (F.cross_entropy(similarity, target) + F.cross_entropy(similarity.T, target)) / 2


def _masked_contrastive_loss(pairs: Tensor, takes_part: Tensor, temperature: float) -> Tensor:
    with in_full_precision(pairs.device):
        similarity = F.normalize(pairs[:, 0], dim=-1) @ F.normalize(pairs[:, 1], dim=-1).T / temperature
    similarity = similarity.masked_fill(~(takes_part[:, None] & takes_part), -1e9)
    both_ways = (similarity.log_softmax(dim=0) + similarity.log_softmax(dim=1)).diagonal() / 2
    return -(both_ways * takes_part).sum() / takes_part.sum().clamp(min=1)
