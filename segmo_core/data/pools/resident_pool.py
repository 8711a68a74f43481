"""A token pool on the device that trains on it: batches are made there, and no step waits for the host."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class TokenBatch:
    """token_ids: (B, N, Q) int64, -1 beyond the end. token_is_valid: (B, N). segment_starts, segment_ends: (B, S)
    in tokens (0, 0 for absent segments). segment_is_valid: (B, S). segment_labels: (B, S), equal for the same
    action, -1 where absent. caption_embeddings: (B, W). segment_embeddings: (B, S, W). token_segments: (B, N) index
    of each token's segment. segment_words: (B, S, L, W) vectors of words, the first segment_word_counts (B, S) of which
    are there; None where the pool has none.
    """

    token_ids: Tensor
    token_is_valid: Tensor
    segment_starts: Tensor
    segment_ends: Tensor
    segment_is_valid: Tensor
    segment_labels: Tensor
    caption_embeddings: Tensor
    segment_embeddings: Tensor
    token_segments: Tensor
    segment_words: Tensor | None = None
    segment_word_counts: Tensor | None = None


class ResidentPool:
    """The arrays of a TokenPool as tensors of one device; on a processor they share its memory.

    What decides the shape of a batch, the number of tokens of each sequence, stays on the host as well.
    """

    def __init__(
        self,
        *,
        token_ids: NDArray[np.integer],
        num_tokens: NDArray[np.integer],
        ends: NDArray[np.integer],
        labels: NDArray[np.integer],
        sentence_rows: NDArray[np.integer],
        caption_rows: NDArray[np.integer],
        embeddings: NDArray[np.floating],
        words: NDArray[np.floating],
        word_offsets: NDArray[np.integer],
        device: torch.device,
    ) -> None:
        self.device = device
        self.num_tokens = num_tokens
        self._num_wordings = caption_rows.shape[1]
        self._token_ids, self._lengths, self._ends, self._labels = (
            torch.from_numpy(array).to(device) for array in (token_ids, num_tokens, ends, labels)
        )
        self._sentence_rows, self._caption_rows, self._embeddings = (
            torch.from_numpy(array).to(device) for array in (sentence_rows, caption_rows, embeddings)
        )
        self._words, self._word_offsets = (torch.from_numpy(array).to(device) for array in (words, word_offsets))
        self._most_words = int(np.diff(word_offsets).max(initial=0))

    def __len__(self) -> int:
        return len(self.num_tokens)

    def batch(
        self,
        rows: NDArray[np.integer],
        generator: np.random.Generator,
        *,
        share: slice = slice(None),
        fixed_length: bool = False,
    ) -> TokenBatch:
        """The given sequences, each with a random one of its wordings.

        share: only these of the sequences; wordings and N are those of all. N is that of the longest, or, with
        fixed_length, of the longest in the pool.
        """
        longest = self._token_ids.shape[1] if fixed_length else int(self.num_tokens[rows].max())
        wordings = generator.integers(self._num_wordings, size=len(rows))
        row, wording = moved(np.stack([rows[share], wordings[share]]), self.device)
        ends = self._ends[row].long()
        is_valid = ends > 0
        starts = torch.cat([torch.zeros_like(ends[:, :1]), ends[:, :-1]], dim=1) * is_valid
        positions = torch.arange(longest, device=self.device)
        inside = (positions >= starts[..., None]) & (positions < ends[..., None])
        sentences = self._sentence_rows[row, wording].long()
        words, word_counts = self._words_of(sentences, fixed_length) if self._most_words else (None, None)
        return TokenBatch(
            token_ids=self._token_ids[row, :longest].long(),
            token_is_valid=positions < self._lengths[row, None],
            segment_starts=starts,
            segment_ends=ends,
            segment_is_valid=is_valid,
            segment_labels=self._labels[row].long(),
            caption_embeddings=self._embeddings[self._caption_rows[row, wording]].float(),
            segment_embeddings=self._embeddings[sentences].float(),
            token_segments=torch.where(inside.any(dim=1), inside.int().argmax(dim=1), -1),
            segment_words=words,
            segment_word_counts=word_counts,
        )

    def _words_of(self, sentences: Tensor, fixed_length: bool) -> tuple[Tensor, Tensor]:
        """(B, S, L, W) words of sentences (B, S), and how many each has (B, S)."""
        first, counts = self._word_offsets[sentences], self._word_offsets.diff()[sentences]
        longest = self._most_words if fixed_length else max(1, int(counts.max()))
        rows = first[..., None] + torch.arange(longest, device=self.device)
        return self._words[rows.clamp(max=len(self._words) - 1)].float(), counts


def moved(rows: NDArray[np.integer], device: torch.device) -> Tensor:
    """Row numbers on the device; on a GPU their copy is under way when this returns."""
    tensor = torch.from_numpy(rows.astype(np.int64))
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)
