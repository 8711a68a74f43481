"""The evaluator of published text-to-motion work (T2M, Guo 2022): motions and captions in one space.

Motion features pass a convolutional movement encoder and a bidirectional GRU; words with part-of-speech tags pass
another GRU. Distances between the two embeddings are what R-precision, matching score and FID are computed from.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from segmo_core.models.estimators.configs import NUM_CONTACT_COLUMNS, EvaluatorConfig

FRAMES_PER_MOVEMENT = 4
LEAKY_SLOPE = 0.2


class MovementEncoder(nn.Module):
    """Features without contacts (B, T, D - 4) -> one vector for every four frames (B, T // 4, movement width)."""

    def __init__(self, config: EvaluatorConfig) -> None:
        super().__init__()
        columns, hidden = config.feature_width - NUM_CONTACT_COLUMNS, config.movement_hidden_width
        self.first = nn.Conv1d(columns, hidden, 4, stride=2, padding=1)
        self.second = nn.Conv1d(hidden, config.movement_width, 4, stride=2, padding=1)
        self.output = nn.Linear(config.movement_width, config.movement_width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, features: Tensor) -> Tensor:
        states = features.transpose(1, 2)
        for convolution in (self.first, self.second):
            states = nn.functional.leaky_relu(self.dropout(convolution(states)), LEAKY_SLOPE)
        encoded: Tensor = self.output(states.transpose(1, 2))
        return encoded


class SequenceEncoder(nn.Module):
    """Vectors (B, L, input width) of which the first lengths (B,) count -> embeddings (B, embedding width).

    The last state of each direction of a GRU with learned initial states, through a small network.
    """

    def __init__(self, input_width: int, state_width: int, hidden_width: int, embedding_width: int) -> None:
        super().__init__()
        self.input = nn.Linear(input_width, state_width)
        self.initial_state = nn.Parameter(torch.randn(2, 1, state_width))
        self.recurrent = nn.GRU(state_width, state_width, batch_first=True, bidirectional=True)
        self.hidden = nn.Linear(2 * state_width, hidden_width)
        self.norm = nn.LayerNorm(hidden_width)
        self.output = nn.Linear(hidden_width, embedding_width)

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        packed = pack_padded_sequence(self.input(vectors), lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, last = self.recurrent(packed, self.initial_state.repeat(1, len(vectors), 1))
        states = self.norm(self.hidden(torch.cat([last[0], last[1]], dim=-1)))
        embedded: Tensor = self.output(nn.functional.leaky_relu(states, LEAKY_SLOPE))
        return embedded


class TextMotionEvaluator(nn.Module):
    """Embeds motions and captions. Rows keep the order they are given in."""

    def __init__(self, config: EvaluatorConfig) -> None:
        super().__init__()
        self.config = config
        self.movement = MovementEncoder(config)
        self.motion = SequenceEncoder(
            config.movement_width, config.motion_state_width, config.motion_state_width, config.embedding_width
        )
        self.word_class = nn.Linear(config.num_word_classes, config.word_width)
        self.text = SequenceEncoder(
            config.word_width, config.text_state_width, config.text_state_width, config.embedding_width
        )

    def embed_motion(self, features: Tensor, lengths: Tensor) -> Tensor:
        """Normalised features (B, T, D) with lengths (B,) in frames, at least 4 -> (B, E)."""
        return self.embed_movements(self.movement(features[..., :-NUM_CONTACT_COLUMNS]), lengths // FRAMES_PER_MOVEMENT)

    def embed_movements(self, movements: Tensor, lengths: Tensor) -> Tensor:
        """Movement vectors (B, M, movement width) with lengths (B,) in movements -> (B, E)."""
        embedded: Tensor = self.motion(movements, lengths)
        return embedded

    def embed_text(self, word_vectors: Tensor, word_classes: Tensor, lengths: Tensor) -> Tensor:
        """Word vectors (B, L, 300) and one-hot classes (B, L, 15), lengths (B,) in words, ends included -> (B, E)."""
        embedded: Tensor = self.text(word_vectors + self.word_class(word_classes), lengths)
        return embedded
