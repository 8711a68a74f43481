"""What a transformer is told about the motion it decides: sentence embeddings and their timing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from segmo_core.errors import InvalidRequestError


@dataclass(frozen=True)
class TextCondition:
    """A batch of conditions.

    caption_embeddings: (B, W) sentence embedding of the whole prompt.
    segment_embeddings: (B, S, W) of each segment, in temporal order; anything where absent.
    segment_is_valid: (B, S) bool, False where a sample has fewer segments.
    token_segments: (B, N) int64, the segment each motion token belongs to; -1 = not told.
    is_dropped: (B,) bool, True = unconditional: every embedding counts as zero.
    segment_words: (B, S, L, W) vectors of the words of each segment, the first segment_word_counts (B, S) of which are
    there; None for models that do not read them.
    """

    caption_embeddings: Tensor
    segment_embeddings: Tensor
    segment_is_valid: Tensor
    token_segments: Tensor
    is_dropped: Tensor
    segment_words: Tensor | None = None
    segment_word_counts: Tensor | None = None

    def __post_init__(self) -> None:
        batch, width = self.caption_embeddings.shape
        segments = self.segment_is_valid.shape[-1]
        expected = {
            "segment_embeddings": (batch, segments, width),
            "segment_is_valid": (batch, segments),
            "token_segments": (batch, self.token_segments.shape[-1]),
            "is_dropped": (batch,),
        }
        for name, shape in expected.items():
            if tuple(getattr(self, name).shape) != shape:
                raise InvalidRequestError(
                    f"text condition: {name} has shape {tuple(getattr(self, name).shape)}, expected {shape}"
                )

    @property
    def batch_size(self) -> int:
        return self.caption_embeddings.shape[0]

    @classmethod
    def from_embeddings(
        cls, caption_embeddings: Tensor, segment_embeddings: Tensor, segment_is_valid: Tensor, token_segments: Tensor
    ) -> TextCondition:
        """A condition of which nothing is dropped."""
        is_dropped = torch.zeros(len(caption_embeddings), dtype=torch.bool, device=caption_embeddings.device)
        return cls(caption_embeddings, segment_embeddings, segment_is_valid, token_segments, is_dropped)

    @classmethod
    def unconditional(
        cls, batch_size: int, num_tokens: int, *, text_width: int, device: torch.device | str = "cpu"
    ) -> TextCondition:
        """No text at all."""
        return cls(
            caption_embeddings=torch.zeros(batch_size, text_width, device=device),
            segment_embeddings=torch.zeros(batch_size, 0, text_width, device=device),
            segment_is_valid=torch.zeros(batch_size, 0, dtype=torch.bool, device=device),
            token_segments=torch.full((batch_size, num_tokens), -1, dtype=torch.int64, device=device),
            is_dropped=torch.ones(batch_size, dtype=torch.bool, device=device),
        )

    def with_words(self, words: Tensor, counts: Tensor) -> TextCondition:
        """The same with the words of its segments: see ``segment_words``."""
        return replace(self, segment_words=words, segment_word_counts=counts)

    def for_guidance(self) -> TextCondition:
        """Batch of 2B: first as it is, then the same with everything dropped."""
        pair = {name: torch.cat([tensor, tensor]) for name, tensor in self._tensors().items() if name != "is_dropped"}
        return TextCondition(**pair, is_dropped=torch.cat([self.is_dropped, torch.ones_like(self.is_dropped)]))

    def with_drops(self, drop_all: Tensor, drop_timing: Tensor) -> TextCondition:
        """Samples of ``drop_all`` (B,) bool lose everything, those of ``drop_timing`` (B,) bool the timing."""
        token_segments = self.token_segments.masked_fill(drop_timing[:, None], -1)
        return replace(self, token_segments=token_segments, is_dropped=self.is_dropped | drop_all)

    def without_timing(self) -> TextCondition:
        """The same text with no token told its segment."""
        return replace(self, token_segments=torch.full_like(self.token_segments, -1))

    def to(self, device: torch.device | str) -> TextCondition:
        return TextCondition(**{name: tensor.to(device) for name, tensor in self._tensors().items()})

    def _tensors(self) -> dict[str, Tensor]:
        """The fields that are there, by name."""
        return {name: tensor for name, tensor in vars(self).items() if tensor is not None}


def token_segments_from_ends(ends: Tensor, num_tokens: int) -> Tensor:
    """(B, S) ends of segments in tokens -> (B, N) int64 index of the segment of each token.

    Ends are sorted; absent segments come last and repeat the end before them, or hold 0. Tokens past the last
    end get -1.
    """
    if ends.shape[1] == 0:
        return torch.full((len(ends), num_tokens), -1, dtype=torch.int64, device=ends.device)
    previous = torch.nn.functional.pad(ends.cummax(dim=1).values[:, :-1], (1, 0))
    starts_before = torch.where(ends > previous, previous, num_tokens)
    tokens = torch.arange(num_tokens, device=ends.device)
    index = (tokens[None, :, None] >= starts_before[:, None, :]).sum(dim=-1) - 1
    return torch.where(tokens[None] < ends.amax(dim=1, keepdim=True), index, -1)
