"""Padded batches without the padding: what lies where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import torch
import torch.nn.functional as F
from torch import Tensor

# Below this share of padding, moving rows costs more than computing them.
SMALLEST_PADDING_WORTH_REMOVING = 0.05


@dataclass(frozen=True)
class SequenceLayout:
    """Rows (M, d) of a batch (B, L, d).

    positions: (M,) flat position b * L + l of each row, ascending; None when every position is a row.
    is_valid: (B, L) bool, the positions that count; None when all do.
    counts: rows of each sequence, when attention goes over the rows as they lie; None when it goes over the padded
    batch, which has gradients and fewer, larger kernels.
    """

    batch_size: int
    length: int
    positions: Tensor | None
    is_valid: Tensor | None
    counts: tuple[int, ...] | None = None

    @classmethod
    def of(cls, is_valid: Tensor, keep_padding: bool = False) -> SequenceLayout:
        """The layout of the valid positions of a batch (B, L), or of all of them when few are invalid."""
        batch_size, length = is_valid.shape
        positions = is_valid.flatten().nonzero()[:, 0]
        num_invalid = is_valid.numel() - len(positions)
        if num_invalid == 0:
            return cls(batch_size, length, None, None)
        if keep_padding or num_invalid < SMALLEST_PADDING_WORTH_REMOVING * is_valid.numel():
            return cls(batch_size, length, None, is_valid)
        return cls(batch_size, length, positions, is_valid)

    @classmethod
    def padded(cls, is_valid: Tensor) -> SequenceLayout:
        """The layout of all positions of a batch (B, L), whose shapes say nothing of what is valid."""
        batch_size, length = is_valid.shape
        return cls(batch_size, length, None, is_valid)

    @classmethod
    def ragged(cls, is_valid: Tensor) -> SequenceLayout:
        """The layout of exactly the valid positions of a batch (B, L), for attention over rows as they lie."""
        batch_size, length = is_valid.shape
        counts = tuple(is_valid.sum(dim=1).tolist())
        positions = None if sum(counts) == is_valid.numel() else is_valid.flatten().nonzero()[:, 0]
        return cls(batch_size, length, positions, None, counts)

    def to_rows(self, batch: Tensor) -> Tensor:
        """(B, L, d) -> (M, d)."""
        flat = batch.flatten(0, 1)
        return flat if self.positions is None else flat.index_select(0, self.positions)

    def to_batch(self, rows: Tensor) -> Tensor:
        """(M, d) -> (B, L, d), zero where there is no row."""
        if self.positions is not None:
            empty = rows.new_zeros(self.batch_size * self.length, rows.shape[-1])
            rows = empty.index_copy_(0, self.positions, rows)
        batch: Tensor = rows.unflatten(0, (self.batch_size, self.length))
        return batch

    def from_column(
        self, first: int, device: torch.device, only: Tensor | None = None
    ) -> tuple[Tensor, SequenceLayout]:
        """The part of the layout at columns ``first`` and after: its rows (R,) among ours, and its layout.

        only: (B, L - first) bool, which of these positions are wanted; all of them when left out.
        """
        length, positions = self.length - first, self.positions
        is_valid = None if self.is_valid is None else self.is_valid[:, first:]
        if positions is None and only is None:
            rows = torch.arange(self.batch_size * self.length, device=device).unflatten(0, (-1, self.length))
            counts = None if self.counts is None else (length,) * self.batch_size
            return rows[:, first:].flatten(), SequenceLayout(self.batch_size, length, None, is_valid, counts)
        if positions is None:
            positions = torch.arange(self.batch_size * self.length, device=device)
        column = positions % self.length
        is_wanted = column >= first if only is None else F.pad(only, (first, 0)).flatten()[positions]
        rows = is_wanted.nonzero()[:, 0]
        kept = positions[rows]
        sequence = kept // self.length
        counts = None
        if self.counts is not None:
            counts = tuple(torch.bincount(sequence, minlength=self.batch_size).tolist())
        has_all = len(rows) == self.batch_size * length
        inner = None if has_all else sequence * length + column[rows] - first
        return rows, SequenceLayout(self.batch_size, length, inner, is_valid, counts)

    def runs(self, keys: SequenceLayout) -> Iterator[tuple[int, int, int]]:
        """Neighbouring sequences with as many rows here and in ``keys``, of the same batch: (number of sequences,
        rows of each here, rows of each there)."""
        for (queries, others), group in groupby(zip(self.counts or (), keys.counts or (), strict=True)):
            yield len(list(group)), queries, others
