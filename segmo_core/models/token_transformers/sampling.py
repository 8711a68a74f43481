"""Decides tokens: base tokens in a few parallel steps, residual tokens layer by layer.

Guidance is one batched forward of twice the batch: conditional and unconditional.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from segmo_core.models.finite_outputs import not_finite
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.progress import Progress, SilentProgress

DrawMethod = Literal["inverse_cdf", "gumbel", "argmax"]
UniformSource = Callable[[tuple[int, ...]], Tensor]
TokenPreview = Callable[[int, Tensor], None]
DECIDED_SCORE = 1e5
SMALLEST_UNIFORM = 1e-20


def uniforms_from(generator: torch.Generator, device: torch.device) -> UniformSource:
    """Uniform numbers of the generator, on ``device``; the same on every device for a CPU generator."""
    return lambda shape: torch.rand(shape, generator=generator, device=generator.device).to(device)


def hidden_counts(num_tokens: Tensor, step: int, steps: int) -> Tensor:
    """How many of num_tokens (B,) are still hidden at ``step``: cosine schedule, half to even, at least one."""
    time = torch.linspace(0, 1, steps)[step]
    return torch.round(torch.cos(time * (math.pi / 2)) * num_tokens).clamp(min=1)


def keep_top_classes(logits: Tensor, share: float) -> Tensor:
    """All but the largest ceil(share * V) logits of (..., V) become -inf."""
    count = max(1, math.ceil(share * logits.shape[-1] - 1e-9))
    if count >= logits.shape[-1]:
        return logits
    values, indices = logits.topk(count, dim=-1, sorted=False)
    return torch.full_like(logits, -torch.inf).scatter(-1, indices, values)


def draw_classes(logits: Tensor, uniforms: Tensor | None, method: DrawMethod) -> Tensor:
    """logits (R, V) with temperature applied -> (R,) int64.

    uniforms: (R,) for "inverse_cdf", (R, V) for "gumbel", None for "argmax".
    """
    if method == "argmax" or uniforms is None:
        return logits.argmax(dim=-1)
    if method == "gumbel":
        noise = -torch.log((-torch.log(uniforms.clamp(min=SMALLEST_UNIFORM))).clamp(min=SMALLEST_UNIFORM))
        return (logits + noise).argmax(dim=-1)
    cumulative = logits.softmax(dim=-1).cumsum(dim=-1)
    cumulative = cumulative / cumulative[:, -1:]
    return (cumulative <= uniforms[:, None]).sum(dim=-1).clamp(max=logits.shape[-1] - 1)


@torch.inference_mode()
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
    """Base tokens (B, N) int64 of motions of ``lengths`` (B,) tokens; -1 past the end of a motion.

    kept_ids, kept_mask: (B, N); tokens where the mask is True stay as given, the rest is generated around them.
    Randomness: ``generator``, or ``uniforms`` giving numbers of a shape. progress is asked once a step.
    preview(step, ids): all tokens as far as decided after each step, the undecided ones as guessed.
    Raises BundleError where the model's outputs are no finite numbers.
    """
    progress = progress or SilentProgress()
    device = lengths.device
    num_tokens = int(lengths.max())
    token_is_valid = torch.arange(num_tokens, device=device) < lengths[:, None]
    is_free = token_is_valid if kept_mask is None else token_is_valid & ~kept_mask[:, :num_tokens]
    ids = torch.where(token_is_valid, model.mask_id, model.pad_id)
    if kept_ids is not None:
        ids = torch.where(token_is_valid & ~is_free, kept_ids[:, :num_tokens], ids)
    free_counts = is_free.sum(dim=1)
    scores = torch.where(is_free, 0.0, DECIDED_SCORE)
    source = _uniform_source(method, uniforms, generator, device)
    pair = _guidance_condition(condition, guidance_scale, num_tokens)
    is_sound = torch.ones((), dtype=torch.bool, device=device)  # read once, at the end
    for step in range(steps):
        progress.raise_if_cancelled()
        ranks = scores.argsort(dim=-1).argsort(dim=-1)
        # Without the second condition the "at least one" of the schedule would reopen a kept token.
        is_hidden = (ranks < hidden_counts(free_counts, step, steps)[:, None]) & is_free
        ids = torch.where(is_hidden, model.mask_id, ids)
        positions = is_hidden.flatten().nonzero()[:, 0]
        if len(positions) == 0:
            break
        pair_ids, pair_is_valid = _twice(ids, token_is_valid, guidance_scale)
        pair_is_hidden, _ = _twice(is_hidden, is_hidden, guidance_scale)
        hidden = model.hidden(pair_ids, pair_is_valid, pair, pair_is_hidden)
        logits = _guided(model.head(_select(hidden, positions, guidance_scale)), guidance_scale)
        filtered = keep_top_classes(logits, top_k_share) / temperature
        drawn = draw_classes(filtered, _uniforms_at(source, method, ids.shape, positions, logits.shape[-1]), method)
        ids = ids.flatten().scatter(0, positions, drawn).view_as(ids)
        confidence = logits.softmax(dim=-1).gather(-1, drawn[:, None])[:, 0]
        is_sound &= torch.isfinite(confidence).all()
        scores = torch.full_like(scores, DECIDED_SCORE).flatten().scatter(0, positions, confidence).view_as(scores)
        progress.report((step + 1) / steps, "Deciding the motion")
        if preview is not None:
            preview(step, torch.where(token_is_valid, ids, -1))
    if not is_sound:
        raise not_finite("masked transformer")
    return torch.where(token_is_valid, ids, -1)


@torch.inference_mode()
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
    """All tokens (B, N, Q) int64 for base tokens (B, N), negative past the end of a motion and there -1 in all layers.

    kept_ids (B, N, Q) with kept_mask (B, N): tokens where the mask is True stay as given in every layer; their
    base ids must agree with ``base_ids``. padding_is_drawable: the published code may draw the padding class
    (which then counts as no code, -1); ours does not. Raises BundleError as ``generate_base_tokens`` does.
    """
    progress = progress or SilentProgress()
    token_is_valid = base_ids >= 0
    keep = torch.zeros_like(token_is_valid) if kept_mask is None else kept_mask & token_is_valid
    positions = (token_is_valid & ~keep).flatten().nonzero()[:, 0]
    num_tokens, num_layers = base_ids.shape[1], model.config.num_quantizers
    source = _uniform_source(method, uniforms, generator, base_ids.device)
    pair = _guidance_condition(condition, guidance_scale, num_tokens)
    decided = [base_ids]
    history: Tensor | None = None
    is_sound = torch.ones((), dtype=torch.bool, device=base_ids.device)
    for layer in range(1, num_layers):
        progress.raise_if_cancelled()
        embedded = model.embed_layer(decided[-1], layer - 1)
        history = embedded if history is None else history + embedded
        pair_history, pair_is_valid = _twice(history, token_is_valid, guidance_scale)
        layers = torch.full((len(pair_history),), layer, dtype=torch.int64, device=base_ids.device)
        hidden = model.hidden(pair_history, layers, pair_is_valid, pair)
        num_classes = None if padding_is_drawable else model.pad_id
        logits = model.project(_select(hidden, positions, guidance_scale), layer, num_classes)
        logits = _guided(logits, guidance_scale)
        is_sound &= torch.isfinite(logits).all()
        filtered = keep_top_classes(logits, top_k_share) / temperature
        drawn = draw_classes(
            filtered, _uniforms_at(source, method, base_ids.shape, positions, logits.shape[-1]), method
        )
        ids = torch.full_like(base_ids, -1) if kept_ids is None else torch.where(keep, kept_ids[..., layer], -1)
        drawn = torch.where(drawn == model.pad_id, -1, drawn)
        decided.append(ids.flatten().scatter(0, positions, drawn).view_as(base_ids))
        progress.report(layer / (num_layers - 1), "Adding detail")
    if not is_sound:
        raise not_finite("residual transformer")
    return torch.stack(decided, dim=-1)


def _uniform_source(
    method: DrawMethod, uniforms: UniformSource | None, generator: torch.Generator | None, device: torch.device
) -> UniformSource | None:
    if method == "argmax":
        return None
    if uniforms is not None:
        return uniforms
    if generator is None:
        raise ValueError("sampling: no generator and no uniforms, expected one of them")
    return uniforms_from(generator, device)


def _uniforms_at(
    source: UniformSource | None, method: DrawMethod, shape: torch.Size, positions: Tensor, num_classes: int
) -> Tensor | None:
    """Numbers are drawn for all tokens, so that what one motion gets does not hang on what is decided elsewhere."""
    if source is None:
        return None
    if method == "gumbel":
        return source((*shape, num_classes)).flatten(0, 1)[positions]
    return source(tuple(shape)).flatten()[positions]


def _guidance_condition(condition: TextCondition, guidance_scale: float, num_tokens: int) -> TextCondition:
    if condition.token_segments.shape[1] != num_tokens:
        raise ValueError(
            f"sampling: the condition tells segments of {condition.token_segments.shape[1]} tokens, "
            f"expected {num_tokens}"
        )
    return condition if guidance_scale == 1 else condition.for_guidance()


def _twice(tokens: Tensor, token_is_valid: Tensor, guidance_scale: float) -> tuple[Tensor, Tensor]:
    if guidance_scale == 1:
        return tokens, token_is_valid
    return torch.cat([tokens, tokens]), torch.cat([token_is_valid, token_is_valid])


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
