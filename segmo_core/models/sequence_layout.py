"""Padded batches without the padding: what lies where."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

# Below this share of padding, moving rows costs more than computing them.
SMALLEST_PADDING_WORTH_REMOVING = 0.05


@dataclass(frozen=True)
class SequenceLayout:
    """Rows (M, d) of a batch (B, L, d).

    positions: (M,) flat position b * L + l of each row, ascending; None when every position is a row.
    is_valid: (B, L) bool, the positions that count; None when all do.
    """

    batch_size: int
    length: int
    positions: Tensor | None
    is_valid: Tensor | None

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

    def to_rows(self, batch: Tensor) -> Tensor:
        """(B, L, d) -> (M, d)."""
        flat = batch.flatten(0, 1)
        return flat if self.positions is None else flat.index_select(0, self.positions)

    def to_batch(self, rows: Tensor) -> Tensor:
        """(M, d) -> (B, L, d), zero where there is no row."""
        if self.positions is not None:
            empty = rows.new_zeros(self.batch_size * self.length, rows.shape[-1])
            rows = empty.index_copy_(0, self.positions, rows)
        return rows.unflatten(0, (self.batch_size, self.length))

    def from_column(self, first: int, device: torch.device) -> tuple[Tensor, SequenceLayout]:
        """The part of the layout at columns ``first`` and after: its rows (R,) among ours, and its layout."""
        if self.positions is None:
            rows = torch.arange(self.batch_size * self.length, device=device)
            rows = rows.view(self.batch_size, self.length)[:, first:].flatten()
            positions = None
        else:
            column = self.positions % self.length
            rows = (column >= first).nonzero()[:, 0]
            kept = self.positions[rows]
            positions = kept // self.length * (self.length - first) + column[rows] - first
        is_valid = None if self.is_valid is None else self.is_valid[:, first:]
        return rows, SequenceLayout(self.batch_size, self.length - first, positions, is_valid)
