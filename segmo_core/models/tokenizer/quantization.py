"""Vector quantization with moving-average codebooks, and residual stacks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.models.batch_shares import num_shares, own_share, whole_batch
from segmo_core.models.randomness import generator_on


@dataclass(frozen=True)
class QuantizerOutput:
    """token_ids: (B, N, Q) int64, -1 where a layer was dropped. quantized: (B, N, C), straight-through.

    commitment: scalar mean over active layers. perplexity: scalar mean over active layers.
    """

    token_ids: Tensor
    quantized: Tensor
    commitment: Tensor
    perplexity: Tensor


class VectorQuantizer(nn.Module):
    """One codebook, learned by exponential moving averages (van den Oord 2017, appendix A.1).

    All training state is buffers, so a resumed run continues exactly. Codes used less than once (in the moving
    average) are reset to random latents of the batch.
    """

    codebook: Tensor
    code_sum: Tensor
    code_count: Tensor
    is_initialized: Tensor

    def __init__(self, num_codes: int, code_width: int, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("codebook", torch.zeros(num_codes, code_width))
        self.register_buffer("code_sum", torch.zeros(num_codes, code_width))
        self.register_buffer("code_count", torch.ones(num_codes))
        self.register_buffer("is_initialized", torch.tensor(False))
        self._is_known_initialized = False

    def needs_initializing(self) -> bool:
        """Whether ``initialize`` has never been called. Asks the device once, not in every step."""
        self._is_known_initialized = self._is_known_initialized or bool(self.is_initialized)
        return not self._is_known_initialized

    def _load_from_state_dict(self, *arguments: Any, **named: Any) -> None:
        self._is_known_initialized = False
        super()._load_from_state_dict(*arguments, **named)

    def nearest(self, latents: Tensor) -> Tensor:
        """Ids (M,) of the nearest codes of latents (M, C): the square of a latent is the same for every code."""
        return torch.addmm(self._squares(), latents, self.codebook.t(), beta=-1.0, alpha=2.0).argmax(dim=-1)

    def sample(self, latents: Tensor, noise: Tensor, temperature: float) -> Tensor:
        """Ids (M,) drawn by softmax(-squared distance / temperature) of latents (M, C), with Gumbel noise (M, V), which
        is used up."""
        scores = noise.sub_(self._squares() / temperature)
        return scores.addmm_(latents, self.codebook.t(), alpha=2.0 / temperature).argmax(dim=-1)

    def _squares(self) -> Tensor:
        return self.codebook.square().sum(dim=1)

    @torch.no_grad()
    def initialize(self, latents: Tensor, generator: torch.Generator | None) -> None:
        """Take random latents (M, C) of the first batch as codes."""
        codes = self._random_rows(latents, generator)
        self.codebook.copy_(codes)
        self.code_sum.copy_(codes)
        self.code_count.fill_(1.0)
        self.is_initialized.fill_(True)

    @torch.no_grad()
    def update(self, latents: Tensor, ids: Tensor, generator: torch.Generator | None) -> None:
        """One moving-average step from latents (M, C) assigned to ids (M,)."""
        count = _counts(ids, len(self.codebook))
        total = torch.zeros_like(self.code_sum).index_add_(0, ids, latents)
        self.code_sum.mul_(self.decay).add_(total, alpha=1 - self.decay)
        self.code_count.mul_(self.decay).add_(count, alpha=1 - self.decay)
        is_used = (self.code_count >= 1.0).unsqueeze(1)
        mean = self.code_sum / self.code_count.clamp(min=1e-5).unsqueeze(1)
        self.codebook.copy_(torch.where(is_used, mean, self._random_rows(latents, generator)))

    def _random_rows(self, latents: Tensor, generator: torch.Generator | None) -> Tensor:
        """As many rows as codes, drawn from latents (M, C), with slight noise where rows must repeat."""
        num_codes, width = self.codebook.shape
        rows = latents
        if len(latents) < num_codes:
            rows = latents.repeat(-(-num_codes // len(latents)), 1)
            noise = torch.randn(rows.shape, generator=generator, device=rows.device, dtype=rows.dtype)
            rows = rows + noise * (0.01 / width**0.5)
        order = torch.randperm(len(rows), generator=generator, device=rows.device)[:num_codes]
        return rows[order]


class ResidualVectorQuantizer(nn.Module):
    """Q codebooks, each quantizing what the ones before left over (paper section 3.2, equation 2)."""

    def __init__(
        self, num_quantizers: int, num_codes: int, code_width: int, decay: float, dropout: float, temperature: float
    ) -> None:
        super().__init__()
        self.dropout = dropout
        self.temperature = temperature
        self.num_codes = num_codes
        self.layers = nn.ModuleList(VectorQuantizer(num_codes, code_width, decay) for _ in range(num_quantizers))

    def codebooks(self) -> list[VectorQuantizer]:
        return [layer for layer in self.layers if isinstance(layer, VectorQuantizer)]

    def encode(self, latents: Tensor) -> Tensor:
        """Nearest ids (B, N, Q) of latents (B, N, C)."""
        residual = latents.reshape(-1, latents.shape[-1])
        columns = []
        for layer in self.codebooks():
            ids = layer.nearest(residual)
            columns.append(ids)
            residual = residual - layer.codebook[ids]
        return torch.stack(columns, dim=-1).reshape(*latents.shape[:2], len(self.layers))

    def decode(self, token_ids: Tensor) -> Tensor:
        """Sum of codes (B, N, C) of ids (B, N, q <= Q); -1 adds nothing."""
        total = torch.zeros((), device=token_ids.device)
        for column, layer in enumerate(self.codebooks()[: token_ids.shape[-1]]):
            ids = token_ids[..., column]
            total = total + layer.codebook[ids.clamp(min=0)] * (ids >= 0).unsqueeze(-1)
        return total

    def forward(self, latents: Tensor, generator: torch.Generator | None = None) -> QuantizerOutput:
        """Straight-through quantization of latents (B, N, C); in training also updates the codebooks.

        With probability ``dropout`` a batch uses only the first 1 to Q layers (published: quantize_dropout). Latents
        may be one process's share of a batch, with a generator that is the same in all: codebooks learn from, and
        the perplexity is of, the whole batch.
        """
        num_layers = len(self.layers)
        active = num_layers
        if self.training and self.dropout > 0:
            draw = torch.rand((), generator=generator)
            if float(draw) < self.dropout:
                active = int(torch.randint(0, num_layers, (), generator=generator)) + 1
        if generator is not None:
            generator = generator_on(latents.device, generator)
        flat = latents.reshape(-1, latents.shape[-1])
        residual, total = flat, torch.zeros_like(flat)
        columns, commitments, perplexities = [], [], []
        for index, layer in enumerate(self.codebooks()):
            if index >= active:
                columns.append(torch.full((len(flat),), -1, dtype=torch.int64, device=flat.device))
                continue
            left = whole_batch(residual.detach().view_as(latents)).flatten(0, 1) if self.training else residual
            if self.training and layer.needs_initializing():
                layer.initialize(left, generator)
            if self.training and self.temperature > 0:
                ids = layer.sample(residual.detach(), self._gumbel_noise(latents, generator), self.temperature)
            else:
                ids = layer.nearest(residual.detach())
            codes = functional.embedding(ids, layer.codebook)
            commitments.append(functional.mse_loss(residual, codes))
            all_ids = whole_batch(ids.view(latents.shape[:2])).flatten() if self.training else ids
            perplexities.append(_perplexity(all_ids, self.num_codes))
            if self.training:
                layer.update(left, all_ids, generator)
            total = total + codes
            residual = residual - codes
            columns.append(ids)
        # Every layer passes the whole gradient on, as published.
        passed_on = flat * active
        quantized = passed_on + (total - passed_on).detach()
        return QuantizerOutput(
            token_ids=torch.stack(columns, dim=-1).reshape(*latents.shape[:2], num_layers),
            quantized=quantized.reshape(latents.shape),
            commitment=torch.stack(commitments).mean(),
            perplexity=torch.stack(perplexities).mean(),
        )

    def _gumbel_noise(self, latents: Tensor, generator: torch.Generator | None) -> Tensor:
        """(B N, V) for latents (B, N, C)."""
        shape = (len(latents) * num_shares(), latents.shape[1], self.num_codes)
        uniform = own_share(torch.rand(shape, generator=generator, device=latents.device)).flatten(0, 1)
        return uniform.log_().neg_().log_().neg_()  # of 0, which is rare, minus infinity: never drawn


def _perplexity(ids: Tensor, num_codes: int) -> Tensor:
    share = _counts(ids, num_codes) / len(ids)
    return torch.exp(-(share * torch.log(share + 1e-7)).sum())


def _counts(ids: Tensor, num_codes: int) -> Tensor:
    """How often each code is in ids (M,): (V,) float. torch.bincount would wait for the device."""
    return torch.zeros(num_codes, device=ids.device).index_add_(0, ids, torch.ones(len(ids), device=ids.device))
