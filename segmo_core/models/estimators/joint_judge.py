"""A judge of its own: does a stretch of motion show a sentence? It sees joints, never tokens.

Dilated convolutions over heading-local joints and their velocities, pooled to one vector, beside a projection of the
sentence vector; their cosine says how well they fit. It shares nothing with the models that generate.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.models.estimators.configs import JointJudgeConfig
from segmo_core.models.estimators.joint_rows import JOINT_WIDTH

_FARTHEST = 5.0  # robust deviations


class JointJudge(nn.Module):
    """Unit vectors of motions and of sentences in one space. middle, spread: (JOINT_WIDTH,) of the training's rows."""

    middle: Tensor
    deviation: Tensor

    def __init__(self, config: JointJudgeConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("middle", torch.zeros(JOINT_WIDTH))
        self.register_buffer("deviation", torch.ones(JOINT_WIDTH))
        width = config.width
        self.input = nn.Conv1d(JOINT_WIDTH, width, 5, stride=2, padding=2)
        self.blocks = nn.ModuleList(nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in (1, 2, 4, 8, 1))
        self.attention = nn.Conv1d(width, 1, 1)
        self.dropout = nn.Dropout(config.dropout)
        self.motion_output = nn.Linear(3 * width, config.output)
        self.text = nn.Sequential(
            nn.Linear(config.text_width, 2 * width),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(2 * width, config.output),
        )
        self.sharpness = nn.Parameter(torch.tensor(2.5))

    def embed_motions(self, rows: Tensor, is_valid: Tensor) -> Tensor:
        """rows (B, T, JOINT_WIDTH) as ``joint_rows`` gives them, is_valid (B, T) -> unit vectors (B, output)."""
        normal = ((rows - self.middle) / self.deviation).clamp(-_FARTHEST, _FARTHEST) * is_valid[..., None]
        mask = is_valid[:, None, ::2].float()
        x = functional.gelu(self.input(normal.transpose(1, 2)))[..., : mask.shape[-1]] * mask
        for block in self.blocks:
            x = (x + functional.gelu(block(self.dropout(x)))) * mask
        weight = self.attention(x).masked_fill(mask == 0, -1e4).softmax(dim=-1)
        mean = x.sum(dim=2) / mask.sum(dim=2).clamp(min=1.0)
        pooled = [mean, x.masked_fill(mask == 0, -1e4).amax(dim=2), (x * weight).sum(dim=2)]
        return functional.normalize(self.motion_output(self.dropout(torch.cat(pooled, dim=1))), dim=-1)

    def embed_texts(self, vectors: Tensor) -> Tensor:
        """Sentence vectors (K, text_width) -> unit vectors (K, output)."""
        return functional.normalize(self.text(vectors), dim=-1)
