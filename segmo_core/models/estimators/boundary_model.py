"""Which of several texts a frame shows, and where one segment ends and the next begins, seen in the motion itself.

The grounding head of the masked transformer reads tokens of four frames, and was trained to tell whole segments apart.
This one reads frames, and was trained on what is asked of it: the texts of one sequence compete for every frame.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.models.estimators.configs import BoundaryModelConfig
from segmo_core.motion.features import HUMANML3D_LAYOUT

_SHARPNESS = 10.0  # of the competition of texts when training begins, per unit of cosine similarity


class BoundaryModel(nn.Module):
    """Dilated convolutions over normalised features; joint rotations are left out, which say nothing new."""

    def __init__(self, config: BoundaryModelConfig) -> None:
        super().__init__()
        self.config = config
        self.input = nn.Conv1d(len(HUMANML3D_LAYOUT.movement), config.width, 5, padding=2)
        self.layers = nn.ModuleList(
            nn.Conv1d(config.width, config.width, 3, padding=2**number, dilation=2**number)
            for number in range(config.num_layers)
        )
        self.dropout = nn.Dropout(config.dropout)
        self.frame_vectors = nn.Linear(config.width, config.space_width)
        self.begins = nn.Linear(config.width, 1)
        self.text_hidden = nn.Linear(config.text_width, 2 * config.space_width)
        self.text_vectors = nn.Linear(2 * config.space_width, config.space_width)
        self.sharpness = nn.Parameter(torch.tensor(math.log(_SHARPNESS)))

    def forward(self, features: Tensor, is_valid: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised features (B, T, D), is_valid (B, T) -> unit vectors (B, T, d) of the frames, and logits (B, T) of
        a segment's beginning with that frame."""
        mask = is_valid[:, None].to(features.dtype)
        columns = features[..., HUMANML3D_LAYOUT.movement]
        x = functional.gelu(self.input(columns.transpose(1, 2) * mask)) * mask
        for layer in self.layers:
            x = (x + functional.gelu(layer(self.dropout(x)))) * mask
        x = self.dropout(x.transpose(1, 2))
        return functional.normalize(self.frame_vectors(x), dim=-1), self.begins(x).squeeze(-1)

    def embed_texts(self, text: Tensor) -> Tensor:
        """Unit vectors (..., d) of text vectors (..., W)."""
        hidden = functional.gelu(self.text_hidden(functional.normalize(text, dim=-1) * self.config.text_width**0.5))
        return functional.normalize(self.text_vectors(self.dropout(hidden)), dim=-1)
