"""The transformer that decides residual tokens, one layer at a time (paper section 3.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from segmo_core.models.batch_shares import mean_over_batch, num_shares, own_share
from segmo_core.models.randomness import generator_on
from segmo_core.models.trunk.conditioned_transformer import (
    INITIAL_STANDARD_DEVIATION,
    ConditionedTransformer,
    PredictionHead,
    initialise_weights,
)
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.models.trunk.configs import ResidualTransformerConfig

NO_TARGET = -100


@dataclass(frozen=True)
class ResidualTransformerDraws:
    """The randomness of a training step: time (B,) uniform picks the layer; drop_* (B,) bool."""

    time: Tensor
    drop_condition: Tensor
    drop_timing: Tensor

    def own_share(self) -> ResidualTransformerDraws:
        """Those of this process's samples."""
        return ResidualTransformerDraws(**{name: own_share(tensor) for name, tensor in vars(self).items()})


@dataclass(frozen=True)
class ResidualTransformerLoss:
    """Scalars over all valid tokens of the drawn layers."""

    total: Tensor
    accuracy: Tensor


class ResidualTransformer(nn.Module):
    """Predicts the tokens of layer q from the sum of the embeddings of layers 0 to q-1.

    Ids: 0 to V-1 codes, V padding. Logits have V+1 classes; the padding class is there for converted weights
    and is never a training target.
    """

    def __init__(self, config: ResidualTransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.pad_id = config.num_codes
        num_layers, rows = config.num_quantizers - 1, config.num_codes + 1
        if config.share_weights:
            self.first_embedding = nn.Parameter(torch.empty(1, rows, config.code_width))
            self.shared_weights = nn.Parameter(torch.empty(num_layers - 1, rows, config.code_width))
            self.last_projection = nn.Parameter(torch.empty(1, rows, config.code_width))
        else:
            self.embeddings = nn.Parameter(torch.empty(num_layers, rows, config.code_width))
            self.projections = nn.Parameter(torch.empty(num_layers, rows, config.code_width))
            self.projection_bias = nn.Parameter(torch.empty(num_layers, rows))
        self.layer_projection = nn.Linear(config.num_quantizers, config.latent_width)
        self.trunk = ConditionedTransformer(config)
        self.head = PredictionHead(config.latent_width, config.code_width)
        initialise_weights(self)
        for parameter in self.parameters(recurse=False):
            nn.init.normal_(parameter, std=INITIAL_STANDARD_DEVIATION)
        if not config.share_weights:
            nn.init.zeros_(self.projection_bias)

    def embed_layer(self, token_ids: Tensor, layer: int) -> Tensor:
        """token_ids (..., ) of code layer ``layer`` (0 to Q-2), negative = padding -> (..., C)."""
        return F.embedding(torch.where(token_ids < 0, self.pad_id, token_ids), self._embedding_table(layer))

    def hidden(
        self,
        history: Tensor,
        layers: Tensor,
        token_is_valid: Tensor,
        condition: TextCondition,
        fixed_shapes: bool = False,
    ) -> Tensor:
        """history (B, N, C) summed embeddings, layers (B,) int64 the layer to predict -> (B, N, C).

        fixed_shapes: see the trunk.
        """
        layer_token = F.embedding(layers, self.layer_projection.weight.T) + self.layer_projection.bias
        output = self.trunk(history, token_is_valid, condition, extra_token=layer_token, fixed_shapes=fixed_shapes)
        logits: Tensor = self.head(output.motion)
        return logits

    def project(self, hidden: Tensor, layer: int, num_classes: int | None = None) -> Tensor:
        """hidden (..., C) -> logits (..., V + 1) of code layer ``layer`` (1 to Q-1), or of its first num_classes."""
        classes = slice(num_classes)
        if self.config.share_weights:
            is_last = layer == self.config.num_quantizers - 1
            table = self.last_projection[0] if is_last else self.shared_weights[layer - 1]
            return F.linear(hidden, table[classes])
        weight = self.projections[layer - 1, classes] * (2.0 if self.config.doubled_projection else 1.0)
        return F.linear(hidden, weight, self.projection_bias[layer - 1, classes])

    def logits(self, history: Tensor, layer: int, token_is_valid: Tensor, condition: TextCondition) -> Tensor:
        """history (B, N, C) of layers 0 to layer-1 -> (B, N, V + 1)."""
        layers = torch.full((len(history),), layer, dtype=torch.int64, device=history.device)
        return self.project(self.hidden(history, layers, token_is_valid, condition), layer)

    def training_loss(
        self,
        token_ids: Tensor,
        token_is_valid: Tensor,
        condition: TextCondition,
        generator: torch.Generator | None = None,
        *,
        draws: ResidualTransformerDraws | None = None,
    ) -> ResidualTransformerLoss:
        """token_ids (B, N, Q) int64, token_is_valid (B, N) bool; one layer is drawn for each sample.

        Layer q = round((1 - cos(u pi/2)) (Q - 2)) + 1: low layers, which matter more, are drawn more often. The
        samples may be one process's share of a batch, with a generator that is the same in all.
        """
        if draws is None:
            if generator is None:
                raise ValueError("training_loss: no generator and no draws, expected one of them")
            whole = len(token_ids) * num_shares()
            draws = self._draw(whole, generator_on(token_ids.device, generator)).own_share()
        device = token_ids.device
        fixed_shapes = self.trunk.fixes_shapes_on(device)
        condition = condition.with_drops(draws.drop_condition.to(device), draws.drop_timing.to(device))
        share = 1 - torch.cos(draws.time * (math.pi / 2))
        layers = (torch.round(share * (self.config.num_quantizers - 2)).long() + 1).to(device)
        token_ids = torch.where(token_is_valid[..., None], token_ids, self.pad_id)
        history = self._history(token_ids, layers, fixed_shapes)
        hidden = self.hidden(history, layers, token_is_valid, condition, fixed_shapes)
        sums = self._sums_of_all if fixed_shapes else self._sums_of_rows
        loss, correct = sums(hidden, token_ids, token_is_valid, layers)
        num_targets = token_is_valid.sum()
        return ResidualTransformerLoss(mean_over_batch(loss, num_targets), mean_over_batch(correct, num_targets))

    def _sums_of_rows(
        self, hidden: Tensor, token_ids: Tensor, token_is_valid: Tensor, layers: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Cross-entropy and number of right answers, summed over valid tokens; each layer projects its rows alone."""
        loss, correct = hidden.new_zeros((), dtype=torch.float32), hidden.new_zeros((), dtype=torch.float32)
        flat_hidden, flat_ids = hidden.flatten(0, 1), token_ids.flatten(0, 1)
        for layer in range(1, self.config.num_quantizers):
            rows = (token_is_valid & (layers == layer)[:, None]).flatten().nonzero()[:, 0]
            if len(rows):
                logits = self.project(flat_hidden.index_select(0, rows), layer).float()
                targets = flat_ids[rows, layer]
                loss = loss + F.cross_entropy(logits, targets, reduction="sum")
                correct = correct + (logits.argmax(dim=-1) == targets).sum()
        return loss, correct

    def _sums_of_all(
        self, hidden: Tensor, token_ids: Tensor, token_is_valid: Tensor, layers: Tensor
    ) -> tuple[Tensor, Tensor]:
        """As ``_sums_of_rows``, in shapes that say nothing of the layers: every layer projects everything."""
        logits = self.project(hidden, 1).float()
        for layer in range(2, self.config.num_quantizers):
            logits = torch.where((layers == layer)[:, None, None], self.project(hidden, layer).float(), logits)
        targets = token_ids.gather(-1, layers[:, None, None].expand(-1, token_ids.shape[1], 1))[..., 0]
        targets = targets.masked_fill(~token_is_valid, NO_TARGET)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=NO_TARGET, reduction="sum")
        return loss, (logits.argmax(dim=-1) == targets).sum()

    def _history(self, token_ids: Tensor, layers: Tensor, fixed_shapes: bool = False) -> Tensor:
        """token_ids (B, N, Q), layers (B,) -> (B, N, C): embeddings of the layers below ``layers``, summed."""
        history = self.embed_layer(token_ids[..., 0], 0)
        for layer in range(1, self.config.num_quantizers - 1):
            if fixed_shapes:
                is_below = (layers > layer)[:, None, None]
                history = history + self.embed_layer(token_ids[..., layer], layer) * is_below
                continue
            rows = (layers > layer).nonzero()[:, 0]
            if len(rows):
                history = history.index_add(0, rows, self.embed_layer(token_ids[rows, :, layer], layer))
        return history

    def _embedding_table(self, layer: int) -> Tensor:
        if not self.config.share_weights:
            return self.embeddings[layer]
        return self.first_embedding[0] if layer == 0 else self.shared_weights[layer - 1]

    def _draw(self, batch_size: int, generator: torch.Generator) -> ResidualTransformerDraws:
        time, drop_condition, drop_timing = torch.rand(3, batch_size, generator=generator, device=generator.device)
        return ResidualTransformerDraws(
            time,
            drop_condition < self.config.condition_dropout,
            drop_timing < self.config.timed_conditioning_dropout,
        )
