"""CLIP ViT-B/32 (OpenAI), the text encoder of the published models: the projected feature, not normalised.

The text tower is a causal transformer with 12 layers of width 512, 8 heads and the quick GELU (x sigmoid(1.702 x));
a text's vector is its end token after the final norm, projected. Sizes are read off the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from segmo_core.errors import FileFormatError
from segmo_core.text_encoders.clip_tokenizer import ClipTokenizer, clip_vocabulary
from segmo_core.text_encoders.clip_weights import HEAD_WIDTH, find_clip_weights, read_clip_weights
from segmo_core.text_encoders.vector_cache import VectorCache, encode_by_length

LAYER_NORM_EPS = 1e-5
QUICK_GELU = 1.702


class ClipTextEncoder:
    """Text features of width 512. Frozen: holds plain tensors, is no submodule of what is trained or saved."""

    name = "clip"
    width = 512

    def __init__(self, weights: Path | None = None, device: str | torch.device = "cpu") -> None:
        """weights: a file of CLIP weights; None looks where ``find_clip_weights`` does.

        Raises MissingDependencyError, whose sentence says what to install or to fetch, or FileFormatError.
        """
        vocabulary = clip_vocabulary()
        path = Path(weights) if weights is not None else find_clip_weights()
        self.device = torch.device(device)
        self._weights = {name: tensor.to(self.device) for name, tensor in read_clip_weights(path).items()}
        self._num_layers = sum(name.endswith(".ln_1.weight") for name in self._weights)
        context_length, state_width = self._weights["positional_embedding"].shape
        self._tokenizer = ClipTokenizer(vocabulary, context_length)
        self._num_heads = state_width // HEAD_WIDTH
        rows, projected = len(self._weights["token_embedding.weight"]), self._weights["text_projection"].shape[-1]
        if rows != self._tokenizer.vocabulary_size or projected != self.width or state_width % HEAD_WIDTH:
            raise FileFormatError(
                f"{path}: {rows} words and features of {projected}, "
                f"expected {self._tokenizer.vocabulary_size} and {self.width} (CLIP ViT-B/32)"
            )
        self._cache = VectorCache(self.width)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features (M, 512) float32 of M texts, in their order; texts longer than 77 tokens lose their tail."""
        return self._cache.encode(texts, self._encode_new)

    def _encode_new(self, texts: list[str]) -> dict[str, NDArray[np.float32]]:
        return encode_by_length(dict(zip(texts, self._tokenizer.encode(texts), strict=True)), self._encode_batch)

    @torch.inference_mode()
    def _encode_batch(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Padding follows the end token, which therefore never attends to it."""
        lengths = torch.tensor([len(ids) for ids in token_ids], device=self.device)
        padded = torch.zeros(len(token_ids), int(lengths.max()), dtype=torch.long)
        for row, ids in zip(padded, token_ids, strict=True):
            row[: len(ids)] = torch.tensor(ids)
        states = self._weights["token_embedding.weight"][padded.to(self.device)]
        states = states + self._weights["positional_embedding"][: padded.shape[1]]
        for layer in range(self._num_layers):
            states = self._layer(states, f"transformer.resblocks.{layer}")
        ends = states[torch.arange(len(states), device=self.device), lengths - 1]
        vectors: NDArray[np.float32] = (self._norm(ends, "ln_final") @ self._weights["text_projection"]).cpu().numpy()
        return vectors

    def _layer(self, states: Tensor, name: str) -> Tensor:
        normed = self._norm(states, f"{name}.ln_1")
        joint = F.linear(
            normed, self._weights[f"{name}.attn.in_proj_weight"], self._weights[f"{name}.attn.in_proj_bias"]
        )
        query, key, value = (
            part.unflatten(-1, (self._num_heads, -1)).transpose(1, 2) for part in joint.chunk(3, dim=-1)
        )
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2).flatten(2)
        states = states + self._linear(mixed, f"{name}.attn.out_proj")
        wide = self._linear(self._norm(states, f"{name}.ln_2"), f"{name}.mlp.c_fc")
        return states + self._linear(wide * torch.sigmoid(QUICK_GELU * wide), f"{name}.mlp.c_proj")

    def _linear(self, value: Tensor, name: str) -> Tensor:
        return F.linear(value, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, value: Tensor, name: str) -> Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return F.layer_norm(value, (value.shape[-1],), weight, bias, LAYER_NORM_EPS)
