"""A judge of its own: does a stretch of motion show a sentence? It sees joints, never tokens.

Dilated convolutions over heading-local joints and their velocities, pooled to one vector, beside a projection of the
sentence vector; their cosine says how well they fit. It shares nothing with the models that generate.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.models.estimators.configs import JointJudgeConfig

FloatArray = NDArray[np.floating]

NUM_JOINTS = 22
JOINT_WIDTH = 4 + 6 * NUM_JOINTS
_HIPS, _SHOULDERS = (1, 2), (16, 17)
_FARTHEST = 5.0  # robust deviations


def joint_rows(joints: FloatArray) -> FloatArray:
    """(T, JOINT_WIDTH) float32 of joints (T, 22, 3) metres at 20 fps, T of 2 or more: pelvis height, horizontal
    velocity and turning in the body's own direction, joints about the pelvis' floor point and their velocities."""
    positions = np.asarray(joints, dtype=np.float64)
    across = positions[:, _HIPS[0]] - positions[:, _HIPS[1]] + positions[:, _SHOULDERS[0]] - positions[:, _SHOULDERS[1]]
    yaw = np.unwrap(np.arctan2(-across[:, 2], across[:, 0]))
    cos, sin = np.cos(yaw), np.sin(yaw)

    def local(vectors: FloatArray) -> FloatArray:
        c, s = (cos[:, None], sin[:, None]) if vectors.ndim == 3 else (cos, sin)
        x, z = vectors[..., 0], vectors[..., 2]
        return np.stack([c * x - s * z, vectors[..., 1], s * x + c * z], axis=-1)

    floor = positions[:, 0] * np.array([1.0, 0.0, 1.0])
    velocity = np.gradient(positions, axis=0) * 20.0
    travel = local(velocity[:, 0])
    rows = [
        positions[:, 0, 1:2],
        travel[:, [0, 2]],
        np.gradient(yaw)[:, None] * 20.0,
        local(positions - floor[:, None]).reshape(len(positions), -1),
        local(velocity).reshape(len(positions), -1),
    ]
    return np.concatenate(rows, axis=1).astype(np.float32)


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


def padded_rows(rows: list[FloatArray]) -> tuple[Tensor, Tensor]:
    """Rows of motions of different lengths as one batch (B, T, D) and what of it is theirs (B, T)."""
    longest = max(len(row) for row in rows)
    longest += longest % 2
    batch = torch.zeros(len(rows), longest, JOINT_WIDTH)
    is_valid = torch.zeros(len(rows), longest, dtype=torch.bool)
    for place, row in enumerate(rows):
        batch[place, : len(row)] = torch.from_numpy(row)
        is_valid[place, : len(row)] = True
    return batch, is_valid
