"""Drawing tokens with transformers of torch: what they say of tokens, as ``drawing`` asks for it.

Guidance is one batched forward of twice the batch: conditional and unconditional.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmo_core.models.token_transformers.drawing import (
    BaseLogits,
    DrawMethod,
    Mask,
    ResidualLogits,
    TokenPreview,
    draw_base_tokens,
    draw_residual_tokens,
)
from segmo_core.models.token_transformers.drawing import UniformSource as ArraySource
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.progress import Progress

UniformSource = Callable[[tuple[int, ...]], Tensor]


def uniforms_from(generator: torch.Generator, device: torch.device) -> UniformSource:
    """Uniform numbers of the generator, on ``device``; the same on every device for a CPU generator."""
    return lambda shape: torch.rand(shape, generator=generator, device=generator.device).to(device)


def base_logits(model: MaskedTransformer, condition: TextCondition, guidance_scale: float) -> BaseLogits:
    """What the model says of hidden tokens, guided by ``condition`` (B), which lies on its device."""
    pair = _guidance_condition(condition, guidance_scale)

    @torch.inference_mode()
    def logits_of(ids: NDArray[np.int64], is_hidden: Mask) -> NDArray[np.floating]:
        _check_tokens(condition, ids.shape[1])
        given, hidden = (torch.from_numpy(part).to(condition.is_dropped.device) for part in (ids, is_hidden))
        positions = hidden.flatten().nonzero()[:, 0]
        given, hidden = _twice(given, guidance_scale), _twice(hidden, guidance_scale)
        states = model.hidden(given, given != model.pad_id, pair, hidden)
        return _array(_guided(model.head(_select(states, positions, guidance_scale)), guidance_scale))

    return logits_of


def residual_logits(
    model: ResidualTransformer, condition: TextCondition, guidance_scale: float, *, padding_is_drawable: bool = False
) -> ResidualLogits:
    """What the model says of the next layer, guided by ``condition`` (B); asked for layers 1, 2, ... once each.

    padding_is_drawable: with the padding class, which the published code may draw.
    """
    pair = _guidance_condition(condition, guidance_scale)
    num_classes = None if padding_is_drawable else model.pad_id
    history: Tensor | None = None
    is_valid: Tensor | None = None  # of the base tokens: a padding class drawn later ends no motion

    @torch.inference_mode()
    def logits_of(ids: NDArray[np.int64], layer: int, is_asked: Mask) -> NDArray[np.floating]:
        nonlocal history, is_valid
        _check_tokens(condition, ids.shape[1])
        given, asked = (torch.from_numpy(part).to(condition.is_dropped.device) for part in (ids, is_asked))
        embedded = model.embed_layer(given, layer - 1)
        history = embedded if history is None else history + embedded
        is_valid = given >= 0 if is_valid is None else is_valid
        pair_history, pair_is_valid = _twice(history, guidance_scale), _twice(is_valid, guidance_scale)
        layers = torch.full((len(pair_history),), layer, dtype=torch.int64, device=given.device)
        hidden = model.hidden(pair_history, layers, pair_is_valid, pair)
        states = _select(hidden, asked.flatten().nonzero()[:, 0], guidance_scale)
        return _array(_guided(model.project(states, layer, num_classes), guidance_scale))

    return logits_of


def generate_base_tokens(
    model: MaskedTransformer,
    condition: TextCondition,
    lengths: Tensor,
    *,
    steps: int = 10,
    guidance_scale: float = 4.0,
    temperature: float = 1.0,
    top_k_share: float = 0.1,
    generator: torch.Generator | None = None,
    kept_ids: Tensor | None = None,
    kept_mask: Tensor | None = None,
    method: DrawMethod = "inverse_cdf",
    uniforms: UniformSource | None = None,
    progress: Progress | None = None,
    preview: TokenPreview | None = None,
) -> Tensor:
    """Base tokens (B, N) int64, on the device of lengths (B,); arguments as of ``draw_base_tokens``.

    Randomness: ``generator``, or ``uniforms`` giving numbers of a shape.
    """
    ids = draw_base_tokens(
        base_logits(model, condition, guidance_scale),
        _array(lengths),
        model.config.num_codes,
        steps=steps,
        temperature=temperature,
        top_k_share=top_k_share,
        uniforms=_source(method, uniforms, generator),
        kept_ids=None if kept_ids is None else _array(kept_ids),
        kept_mask=None if kept_mask is None else _array(kept_mask),
        method=method,
        progress=progress,
        preview=preview,
    )
    return torch.from_numpy(ids).to(lengths.device)


def generate_residual_tokens(
    model: ResidualTransformer,
    base_ids: Tensor,
    condition: TextCondition,
    *,
    guidance_scale: float = 5.0,
    temperature: float = 1.0,
    top_k_share: float = 0.1,
    generator: torch.Generator | None = None,
    kept_ids: Tensor | None = None,
    kept_mask: Tensor | None = None,
    method: DrawMethod = "inverse_cdf",
    uniforms: UniformSource | None = None,
    padding_is_drawable: bool = False,
    progress: Progress | None = None,
) -> Tensor:
    """All tokens (B, N, Q) int64 for base tokens (B, N), on their device; arguments as of ``draw_residual_tokens``.

    padding_is_drawable: the published code may draw the padding class; ours does not.
    """
    ids = draw_residual_tokens(
        residual_logits(model, condition, guidance_scale, padding_is_drawable=padding_is_drawable),
        _array(base_ids),
        model.config.num_quantizers,
        model.config.num_codes,
        temperature=temperature,
        top_k_share=top_k_share,
        uniforms=_source(method, uniforms, generator),
        kept_ids=None if kept_ids is None else _array(kept_ids),
        kept_mask=None if kept_mask is None else _array(kept_mask),
        method=method,
        progress=progress,
    )
    return torch.from_numpy(ids).to(base_ids.device)


def _source(method: DrawMethod, uniforms: UniformSource | None, generator: torch.Generator | None) -> ArraySource:
    if uniforms is not None:
        given = uniforms
    elif generator is not None:
        given = uniforms_from(generator, torch.device("cpu"))
    elif method == "argmax":
        return lambda shape: np.zeros(shape, dtype=np.float32)
    else:
        raise ValueError("sampling: no generator and no uniforms, expected one of them")
    return lambda shape: _array(given(shape))


def _guidance_condition(condition: TextCondition, guidance_scale: float) -> TextCondition:
    return condition if guidance_scale == 1 else condition.for_guidance()


def _check_tokens(condition: TextCondition, num_tokens: int) -> None:
    if condition.token_segments.shape[1] != num_tokens:
        raise ValueError(
            f"sampling: the condition tells segments of {condition.token_segments.shape[1]} tokens, "
            f"expected {num_tokens}"
        )


def _twice(values: Tensor, guidance_scale: float) -> Tensor:
    return values if guidance_scale == 1 else torch.cat([values, values])


def _select(hidden: Tensor, positions: Tensor, guidance_scale: float) -> Tensor:
    """hidden (B or 2B, N, d) -> (1 or 2, R, d) at the flat positions (R,) of a batch of B."""
    halves: Tensor = hidden.unflatten(0, (1 if guidance_scale == 1 else 2, -1))
    return halves.flatten(1, 2).index_select(1, positions)


def _guided(logits: Tensor, guidance_scale: float) -> Tensor:
    """logits (1 or 2, R, V) -> (R, V) float32: unconditional + scale * (conditional - unconditional)."""
    logits = logits.float()
    if guidance_scale == 1:
        return logits[0]
    return logits[1] + (logits[0] - logits[1]) * guidance_scale


def _array(values: Tensor) -> NDArray[Any]:
    found: NDArray[Any] = values.cpu().numpy()
    return found
