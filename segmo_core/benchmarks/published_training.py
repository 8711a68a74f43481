"""Training steps the published way, kept as a yardstick of speed: our modules, in the order of the public code bases.

What they do and ours does not (measured there; nothing is copied): motion is encoded to ids in every step, with
gradients and with all codebooks; every motion is padded to 49 tokens; torch's encoder layers, sequence first; the head
on every position; the alignment's (B, S, N, d) copy; gradients for whole tables of embeddings of each sample; AdamW
that is not fused; float32; and torch's search for anomalies, which both leave on for the transformers. Text encoding
is left out.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.benchmarks.published_generation import PublishedTrunk, gathered_segments
from segmo_core.models.alignment.contrastive_losses import alignment_loss
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.masking import MaskingDraws, mask_tokens
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.quantization import ResidualVectorQuantizer
from segmo_core.models.tokenizer.rvqvae import RVQVAE, UpsampledConvolution
from segmo_core.models.trunk.conditioned_transformer import ConditionedTransformer
from segmo_core.models.trunk.conditioning import TextCondition

IGNORED = -100
DROPOUT = 0.2


class PublishedStep:
    """One training step after another on the same batch."""

    def __init__(self, parameters: Iterable[nn.Parameter], *, finds_anomalies: bool) -> None:
        self._optimizer = torch.optim.AdamW(list(parameters), lr=2e-4, betas=(0.9, 0.99), weight_decay=1e-5)
        self._finds_anomalies = finds_anomalies

    def loss(self) -> Tensor:
        raise NotImplementedError

    def __call__(self) -> float:
        """Take a step; the loss before it."""
        with torch.autograd.set_detect_anomaly(self._finds_anomalies):
            loss = self.loss()
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
        return float(loss.detach())


class _TokenStep(PublishedStep):
    """features: (B, T, D) normalised, padded to the longest motion. lengths: (B,) in tokens."""

    def __init__(
        self,
        model: MaskedTransformer | ResidualTransformer,
        tokenizer: RVQVAE,
        features: Tensor,
        lengths: Tensor,
        condition: TextCondition,
    ) -> None:
        self._trunk = PublishedTrunk(model.trunk, DROPOUT)
        self._trunk.encoder.to(features.device)
        super().__init__([*_without_layers(model), *self._trunk.encoder.parameters()], finds_anomalies=True)
        self._tokenizer, self._features, self._condition = tokenizer.eval(), features, condition
        self._num_tokens = features.shape[1] // tokenizer.config.frames_per_token
        self._is_valid = torch.arange(self._num_tokens, device=lengths.device) < lengths[:, None]

    def _encode(self) -> Tensor:
        """Ids (B, N, Q), with what is computed beside them."""
        ids = self._tokenizer.quantizer.encode(self._tokenizer.latents(self._features))
        for column in ids.unbind(dim=-1):
            one_hot = functional.one_hot(column.flatten(), self._tokenizer.config.num_codes).float()
            _perplexity(one_hot.mean(dim=0))
        return ids

    def _dropped(self) -> TextCondition:
        drop = torch.rand(len(self._is_valid), device=self._is_valid.device) < DROPOUT
        return self._condition.with_drops(drop, drop)


class PublishedMaskedStep(_TokenStep):
    """Masked modelling with in-sample alignment. segment_ends: (B, S) in tokens, 0 where absent."""

    def __init__(
        self,
        model: MaskedTransformer,
        tokenizer: RVQVAE,
        features: Tensor,
        lengths: Tensor,
        condition: TextCondition,
        segment_ends: Tensor,
    ) -> None:
        super().__init__(model, tokenizer, features, lengths, condition)
        self._model, self._ends = model, segment_ends

    def loss(self) -> Tensor:
        model, ids = self._model, self._encode()[..., 0]
        draws = MaskingDraws.draw(len(ids), ids.shape[1], model.config.num_codes, torch.Generator().manual_seed(0))
        masked = mask_tokens(
            ids, self._is_valid, draws.to(ids.device), mask_id=model.mask_id, pad_id=model.pad_id, count_padding=True
        )
        embedded = model.token_embedding(masked.input_ids)
        outputs = self._trunk.outputs(embedded, self._is_valid, self._dropped())
        motion, segments = outputs[:, -self._num_tokens :], outputs[:, 1 : 1 + self._ends.shape[1]]
        labels = torch.where(masked.is_target, ids, IGNORED)
        logits = model.head(motion).permute(0, 2, 1)
        cross_entropy = functional.cross_entropy(logits, labels, ignore_index=IGNORED)
        combined = getattr(model.alignment_aggregator, "combine")(gathered_segments(motion, self._ends))  # noqa: B009
        is_valid = self._condition.segment_is_valid
        return cross_entropy + alignment_loss(segments, combined, is_valid, temperature=0.1, include_padding=True)


class PublishedResidualStep(_TokenStep):
    """Prediction of one residual layer per sample, with tables of embeddings and of projections for each."""

    def __init__(
        self,
        model: ResidualTransformer,
        tokenizer: RVQVAE,
        features: Tensor,
        lengths: Tensor,
        condition: TextCondition,
    ) -> None:
        super().__init__(model, tokenizer, features, lengths, condition)
        self._model = model

    def loss(self) -> Tensor:
        model = self._model
        ids = torch.where(self._is_valid[..., None], self._encode(), model.pad_id)
        batch, width, last = len(ids), model.config.code_width, model.config.num_quantizers - 1
        layers = torch.randint(1, last + 1, (batch,), device=ids.device)
        embeddings = torch.cat([model.first_embedding, model.shared_weights]).permute(1, 2, 0)  # (V + 1, C, Q - 1)
        index = ids[..., None, :last].expand(-1, -1, width, -1)
        history = embeddings.expand(batch, -1, -1, -1).gather(1, index).cumsum(dim=-1)
        history = history.gather(-1, (layers - 1)[:, None, None, None].expand(-1, *history.shape[1:3], 1))[..., 0]
        one_hot = functional.one_hot(layers, model.config.num_quantizers).float()
        hidden = model.head(self._trunk(history, self._is_valid, self._dropped(), model.layer_projection(one_hot)))
        projections = torch.cat([model.shared_weights, model.last_projection])[layers - 1]  # (B, V + 1, C)
        logits = torch.einsum("bnc,bvc->bvn", hidden, projections)
        targets = ids.gather(-1, layers[:, None, None].expand(-1, ids.shape[1], 1))[..., 0]
        return functional.cross_entropy(logits, targets, ignore_index=model.pad_id)


class PublishedTokenizerStep(PublishedStep):
    """Reconstruction of windows (B, T, D) with codebooks by moving averages of one-hot products."""

    def __init__(self, model: RVQVAE, windows: Tensor) -> None:
        super().__init__(model.parameters(), finds_anomalies=False)
        self._model, self._windows = model.train(), windows
        for stage in model.decoder.stages:
            assert isinstance(stage, nn.Sequential)
            upsampled = stage[-1]
            assert isinstance(upsampled, UpsampledConvolution)
            stage[-1] = _RepeatedFrames(upsampled)

    def loss(self) -> Tensor:
        config, windows = self._model.config, self._windows
        latents = self._model.encoder(windows.transpose(1, 2))
        quantized, commitment = self._quantize(self._model.quantizer, latents.transpose(1, 2).flatten(0, 1))
        shape = (len(windows), -1, config.code_width)
        decoded = self._model.decoder(quantized.view(shape).transpose(1, 2)).transpose(1, 2)
        where = slice(config.position_start, config.position_stop)
        everything = functional.smooth_l1_loss(decoded, windows)
        positions = functional.smooth_l1_loss(decoded[..., where], windows[..., where])
        return everything + config.position_weight * positions + config.commitment_weight * commitment

    def _quantize(self, quantizer: ResidualVectorQuantizer, rows: Tensor) -> tuple[Tensor, Tensor]:
        """(M, C) -> its straight-through codes (M, C) and the commitment loss; codebooks learn."""
        config, residual, total, losses = self._model.config, rows, torch.zeros_like(rows), []
        for layer in quantizer.codebooks():
            book = layer.codebook
            distances = residual.square().sum(1, keepdim=True) - 2 * residual @ book.t() + book.square().sum(1)
            noise = -torch.log(-torch.log(torch.rand_like(distances).clamp(1e-20, 1 - 1e-7)))
            ids = (noise - distances / config.quantizer_temperature).argmax(dim=-1)
            codes = functional.embedding(ids, book)
            losses.append(functional.mse_loss(residual, codes))
            with torch.no_grad():
                one_hot = torch.zeros(len(book), len(residual), device=rows.device)
                one_hot.scatter_(0, ids[None], 1.0)
                layer.code_sum.lerp_(one_hot @ residual, 1 - layer.decay)
                layer.code_count.lerp_(one_hot.sum(dim=1), 1 - layer.decay)
                is_used = (layer.code_count >= 1.0)[:, None]
                mean = layer.code_sum / layer.code_count.clamp(min=1e-5)[:, None]
                book.copy_(torch.where(is_used, mean, residual[: len(book)]))
                _perplexity(one_hot.mean(dim=1))
            total = total + residual + (codes - residual).detach()
            residual = residual - codes.detach()
        return total, torch.stack(losses).mean()


class _RepeatedFrames(nn.Module):
    """``UpsampledConvolution`` with frames that really are doubled."""

    def __init__(self, convolution: UpsampledConvolution) -> None:
        super().__init__()
        self._convolution = convolution

    def forward(self, x: Tensor) -> Tensor:
        convolution = self._convolution
        return functional.conv1d(
            functional.interpolate(x, scale_factor=2), convolution.weight, convolution.bias, padding=1
        )


def _perplexity(shares: Tensor) -> Tensor:
    return torch.exp(-(shares * torch.log(shares + 1e-7)).sum())


def _without_layers(model: MaskedTransformer | ResidualTransformer) -> list[nn.Parameter]:
    """Parameters outside the trunk's layers, in place of which torch's are trained."""
    trunk: ConditionedTransformer = model.trunk
    layers = {id(parameter) for parameter in trunk.layers.parameters()}
    return [parameter for parameter in model.parameters() if id(parameter) not in layers]
