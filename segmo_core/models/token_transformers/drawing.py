"""Decides tokens: base tokens in a few parallel steps, residual tokens layer by layer. Needs no torch.

What a model says of tokens comes from a function, whatever computes it; what is made of it is the same for all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmo_core.models.finite_outputs import not_finite
from segmo_core.progress import Progress, SilentProgress

FloatArray = NDArray[np.floating]
TokenIds = NDArray[np.int64]
Mask = NDArray[np.bool_]
DrawMethod = Literal["inverse_cdf", "gumbel", "argmax"]
UniformSource = Callable[[tuple[int, ...]], FloatArray]
TokenPreview = Callable[[int, TokenIds], None]
# (ids (B, N), the mask id where undecided; which are hidden (B, N)) -> guided logits (R, V) of the R hidden ones.
BaseLogits = Callable[[TokenIds, Mask], FloatArray]
# (decided ids (B, N) of the layer below, that layer's number + 1, which are asked for (B, N)) -> guided logits (R, V).
ResidualLogits = Callable[[TokenIds, int, Mask], FloatArray]

DECIDED_SCORE = 1e5
SMALLEST_UNIFORM = 1e-20
_MANTISSA = 24  # bits of a float32


class Uniforms:
    """Uniform float32 numbers in [0, 1) of a seed: those of torch's generator on a processor, without torch.

    Both are the Mersenne twister, seeded by the lower 32 bits, and take the lower 24 bits of every number.
    """

    def __init__(self, seed: int) -> None:
        self._numbers = np.random.RandomState(seed % 2**32)

    def __call__(self, shape: tuple[int, ...]) -> FloatArray:
        """Numbers of ``shape``, in the order in which they are drawn."""
        drawn = self._numbers.randint(0, 2**32, size=shape, dtype=np.uint32) & np.uint32(2**_MANTISSA - 1)
        return drawn.astype(np.float32) * np.float32(2.0**-_MANTISSA)


def hidden_counts(num_tokens: NDArray[np.integer], step: int, steps: int) -> NDArray[np.integer]:
    """How many of num_tokens (B,) are still hidden at ``step``: cosine schedule, half to even, at least one."""
    time = np.float32(step / (steps - 1) if steps > 1 else 0.0)
    share = np.cos(time * np.float32(math.pi / 2), dtype=np.float32)
    counts = np.rint(share * num_tokens.astype(np.float32))
    return np.asarray(np.maximum(counts, 1), dtype=np.int64)


def keep_top_classes(logits: FloatArray, share: float) -> FloatArray:
    """All but the largest ceil(share * V) logits of (R, V) become -inf."""
    count = max(1, math.ceil(share * logits.shape[-1] - 1e-9))
    if count >= logits.shape[-1]:
        return logits
    places = np.argpartition(logits, -count, axis=-1)[:, -count:]
    kept = np.full_like(logits, -np.inf)
    np.put_along_axis(kept, places, np.take_along_axis(logits, places, axis=-1), axis=-1)
    return kept


def softmax(logits: FloatArray) -> FloatArray:
    """Shares (R, V) float32 of logits (R, V)."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: FloatArray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def draw_classes(logits: FloatArray, uniforms: FloatArray | None, method: DrawMethod) -> TokenIds:
    """logits (R, V) with temperature applied -> (R,) int64.

    uniforms: (R,) for "inverse_cdf", (R, V) for "gumbel", None for "argmax".
    """
    if method == "argmax" or uniforms is None:
        return np.asarray(logits.argmax(axis=-1), dtype=np.int64)
    if method == "gumbel":
        noise = -np.log(np.maximum(-np.log(np.maximum(uniforms, SMALLEST_UNIFORM)), SMALLEST_UNIFORM))
        return np.asarray((logits + noise).argmax(axis=-1), dtype=np.int64)
    cumulative = np.cumsum(softmax(logits), axis=-1, dtype=np.float64).astype(np.float32)
    cumulative = cumulative / cumulative[:, -1:]
    passed = (cumulative <= uniforms[:, None]).sum(axis=-1)
    return np.asarray(np.minimum(passed, logits.shape[-1] - 1), dtype=np.int64)


def draw_base_tokens(
    logits_of: BaseLogits,
    lengths: NDArray[np.integer],
    num_codes: int,
    *,
    steps: int = 10,
    temperature: float = 1.0,
    top_k_share: float = 0.1,
    uniforms: UniformSource,
    kept_ids: TokenIds | None = None,
    kept_mask: Mask | None = None,
    method: DrawMethod = "inverse_cdf",
    progress: Progress | None = None,
    preview: TokenPreview | None = None,
) -> TokenIds:
    """Base tokens (B, N) int64 of motions of ``lengths`` (B,) tokens; -1 past the end of a motion.

    logits_of is asked once a step, with ids of which num_codes is the mask and num_codes + 1 the padding.
    kept_ids, kept_mask: (B, N); tokens where the mask is True stay as given, the rest is generated around them.
    progress is asked once a step. preview(step, ids): all tokens as far as decided after each step, the undecided ones
    as guessed. Raises BundleError where the logits are no finite numbers.
    """
    progress = progress or SilentProgress()
    mask_id, pad_id = num_codes, num_codes + 1
    num_tokens = int(lengths.max())
    is_valid = np.arange(num_tokens) < lengths[:, None]
    is_free = is_valid if kept_mask is None else is_valid & ~kept_mask[:, :num_tokens]
    ids = np.where(is_valid, mask_id, pad_id)
    if kept_ids is not None:
        ids = np.where(is_valid & ~is_free, kept_ids[:, :num_tokens], ids)
    free_counts = is_free.sum(axis=1)
    scores = np.where(is_free, np.float32(0.0), np.float32(DECIDED_SCORE))
    for step in range(steps):
        progress.raise_if_cancelled()
        ranks = scores.argsort(axis=-1, kind="stable").argsort(axis=-1, kind="stable")
        # Without the second condition the "at least one" of the schedule would reopen a kept token.
        is_hidden = (ranks < hidden_counts(free_counts, step, steps)[:, None]) & is_free
        ids = np.where(is_hidden, mask_id, ids)
        if not is_hidden.any():
            break
        logits = logits_of(ids, is_hidden)
        if not np.isfinite(logits).all():
            raise not_finite("masked transformer")
        filtered = keep_top_classes(logits, top_k_share) / np.float32(temperature)
        drawn = draw_classes(filtered, _uniforms_at(uniforms, method, is_hidden, logits.shape[-1]), method)
        ids[is_hidden] = drawn
        scores = np.full_like(scores, DECIDED_SCORE)
        scores[is_hidden] = np.take_along_axis(softmax(logits), drawn[:, None], axis=-1)[:, 0]
        progress.report((step + 1) / steps, "Deciding the motion")
        if preview is not None:
            preview(step, np.where(is_valid, ids, -1))
    return np.where(is_valid, ids, -1)


def draw_residual_tokens(
    logits_of: ResidualLogits,
    base_ids: TokenIds,
    num_quantizers: int,
    num_codes: int,
    *,
    temperature: float = 1.0,
    top_k_share: float = 0.1,
    uniforms: UniformSource,
    kept_ids: TokenIds | None = None,
    kept_mask: Mask | None = None,
    method: DrawMethod = "inverse_cdf",
    progress: Progress | None = None,
) -> TokenIds:
    """All tokens (B, N, Q) int64 for base tokens (B, N), negative past the end of a motion and there -1 in all layers.

    kept_ids (B, N, Q) with kept_mask (B, N): tokens where the mask is True stay as given in every layer; their
    base ids must agree with ``base_ids``. A class of num_codes, which the published code may draw, counts as no code.
    Raises BundleError as ``draw_base_tokens`` does.
    """
    progress = progress or SilentProgress()
    is_valid = base_ids >= 0
    keep = np.zeros_like(is_valid) if kept_mask is None else kept_mask & is_valid
    is_asked = is_valid & ~keep
    decided = [base_ids]
    for layer in range(1, num_quantizers):
        progress.raise_if_cancelled()
        logits = logits_of(decided[-1], layer, is_asked)
        if not np.isfinite(logits).all():
            raise not_finite("residual transformer")
        filtered = keep_top_classes(logits, top_k_share) / np.float32(temperature)
        drawn = draw_classes(filtered, _uniforms_at(uniforms, method, is_asked, logits.shape[-1]), method)
        ids = np.full_like(base_ids, -1) if kept_ids is None else np.where(keep, kept_ids[..., layer], -1)
        ids[is_asked] = np.where(drawn == num_codes, -1, drawn)
        decided.append(ids)
        progress.report(layer / (num_quantizers - 1), "Adding detail")
    return np.stack(decided, axis=-1)


def two_of(values: NDArray[Any], guidance_scale: float) -> NDArray[Any]:
    """values (B, ...) twice (2 B, ...), with text and without; once where there is no guidance."""
    return values if guidance_scale == 1 else np.concatenate([values, values])


def guided(outputs: FloatArray, where: Mask, guidance_scale: float) -> FloatArray:
    """outputs (B or 2 B, N, V), where (B, N) -> (R, V): without text + scale * (with text - without text)."""
    if guidance_scale == 1:
        return outputs[where]
    told, untold = (half[where] for half in np.split(outputs, 2))
    return np.asarray(untold + (told - untold) * np.float32(guidance_scale))


def _uniforms_at(uniforms: UniformSource, method: DrawMethod, where: Mask, num_classes: int) -> FloatArray | None:
    """Numbers are drawn for all tokens, so that what one motion gets does not hang on what is decided elsewhere."""
    if method == "argmax":
        return None
    return uniforms((*where.shape, num_classes) if method == "gumbel" else where.shape)[where]
