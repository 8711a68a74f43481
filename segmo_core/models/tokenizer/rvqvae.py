"""The motion tokenizer: a convolutional autoencoder with residual quantization (paper section 3.2)."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.quantization import QuantizerOutput, ResidualVectorQuantizer
from segmo_core.models.tokenizer.soft_limit import soft_limited, without_soft_limit


class ResidualConvolution(nn.Module):
    """ReLU, dilated convolution, ReLU, pointwise convolution, added to the input."""

    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.dilated = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.pointwise = nn.Conv1d(width, width, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.dropout(self.pointwise(functional.relu(self.dilated(functional.relu(x)))))
        return out


class UpsampledConvolution(nn.Conv1d):
    """Every frame twice, then a convolution of three taps: (B, C, T) to (B, D, 2 T).

    Taps w0, w1, w2 on frames that come in pairs need three products a pair instead of six, and no doubled frames: with
    s = w0 + w1 + w2, frame 2 t is s x[t] - w0 (x[t] - x[t - 1]), and frame 2 t + 1 is s x[t] + w2 (x[t + 1] - x[t]).
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        before, here, after = self.weight.unbind(dim=-1)
        padded = functional.pad(x, (1, 1))
        change = padded[..., 1:] - padded[..., :-1]
        middle = functional.conv1d(x, (before + here + after).unsqueeze(-1), self.bias)
        from_before = functional.conv1d(change[..., :-1], before.unsqueeze(-1))
        to_after = functional.conv1d(change[..., 1:], after.unsqueeze(-1))
        return torch.stack([middle - from_before, middle + to_after], dim=-1).flatten(-2)


def _residual_stack(config: RVQVAEConfig) -> nn.Sequential:
    """Dilations fall (9, 3, 1), in the encoder as in the decoder."""
    dilations = [config.dilation_growth**i for i in reversed(range(config.depth))]
    return nn.Sequential(*(ResidualConvolution(config.width, d, config.block_dropout) for d in dilations))


class Encoder(nn.Module):
    """Features (B, D, T) to latents (B, C, N), N = T / frames_per_token."""

    def __init__(self, config: RVQVAEConfig) -> None:
        super().__init__()
        self.input = nn.Conv1d(config.feature_width, config.width, 3, padding=1)
        self.stages = nn.ModuleList(
            nn.Sequential(nn.Conv1d(config.width, config.width, 4, stride=2, padding=1), _residual_stack(config))
            for _ in range(config.downsampling_stages)
        )
        self.output = nn.Conv1d(config.width, config.code_width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.input(x))
        for stage in self.stages:
            x = stage(x)
        out: Tensor = self.output(x)
        return out


class Decoder(nn.Module):
    """Latents (B, C, N) to features (B, D, T)."""

    def __init__(self, config: RVQVAEConfig) -> None:
        super().__init__()
        self.input = nn.Conv1d(config.code_width, config.width, 3, padding=1)
        self.stages = nn.ModuleList(
            # Named as in published weights, which count the doubling of frames as a layer.
            nn.Sequential(
                OrderedDict({"0": _residual_stack(config), "2": UpsampledConvolution(config.width, config.width)})
            )
            for _ in range(config.downsampling_stages)
        )
        self.hidden = nn.Conv1d(config.width, config.width, 3, padding=1)
        self.output = nn.Conv1d(config.width, config.feature_width, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        x = functional.relu(self.input(z))
        for stage in self.stages:
            x = stage(x)
        out: Tensor = self.output(functional.relu(self.hidden(x)))
        return out


@dataclass(frozen=True)
class RVQVAELoss:
    """Scalars; total = reconstruction + position_weight * position + commitment_weight * quantized.commitment."""

    total: Tensor
    reconstruction: Tensor
    position: Tensor
    quantized: QuantizerOutput


class RVQVAE(nn.Module):
    """Normalised features (B, T, D) <-> token ids (B, N, Q)."""

    def __init__(self, config: RVQVAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quantizer = ResidualVectorQuantizer(
            config.num_quantizers,
            config.num_codes,
            config.code_width,
            config.quantizer_decay,
            config.quantizer_dropout,
            config.quantizer_temperature,
        )

    def latents(self, features: Tensor) -> Tensor:
        """(B, N, C) of features (B, T, D); T a multiple of frames_per_token."""
        if self.config.soft_limit:
            features = soft_limited(features, self.config.soft_limit)
        out: Tensor = self.encoder(features.transpose(1, 2)).transpose(1, 2)
        return out

    @torch.no_grad()
    def encode(self, features: Tensor) -> Tensor:
        """Token ids (B, N, Q) int64 of normalised features (B, T, D)."""
        return self.quantizer.encode(self.latents(features))

    def decode(self, token_ids: Tensor) -> Tensor:
        """Normalised features (B, T, D) of ids (B, N, q); fewer than Q columns or -1 leave those codes out."""
        return self.decode_latents(self.quantizer.decode(token_ids))

    def forward(self, features: Tensor, generator: torch.Generator | None = None) -> tuple[Tensor, QuantizerOutput]:
        """Reconstruction (B, T, D) and the quantizer's output; updates codebooks in training mode."""
        latents = self.latents(features)
        with torch.autocast(latents.device.type, enabled=False):  # distances and averages need full precision
            quantized = self.quantizer(latents.float(), generator)
        return self.decode_latents(quantized.quantized), quantized

    def training_loss(self, features: Tensor, generator: torch.Generator | None = None) -> RVQVAELoss:
        """Smooth-L1 on all columns, again on the local joint positions, and the commitment."""
        reconstruction, quantized = self(features, generator)
        where = slice(self.config.position_start, self.config.position_stop)
        everything = functional.smooth_l1_loss(reconstruction.float(), features)
        position = functional.smooth_l1_loss(reconstruction[..., where].float(), features[..., where])
        total = (
            everything + self.config.position_weight * position + self.config.commitment_weight * quantized.commitment
        )
        return RVQVAELoss(total, everything, position, quantized)

    def decode_latents(self, latents: Tensor) -> Tensor:
        """Normalised features (B, T, D) of sums of codes (B, N, C)."""
        out: Tensor = self.decoder(latents.transpose(1, 2)).transpose(1, 2)
        return without_soft_limit(out.float(), self.config.soft_limit) if self.config.soft_limit else out
