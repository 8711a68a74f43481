"""The tokens of motions: base tokens, then residual tokens, with one bundle and one set of settings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.models.sampling_settings import SamplingSettings
from segmo_core.models.token_transformers.drawing import (
    Mask,
    TokenIds,
    TokenPreview,
    UniformSource,
    draw_base_tokens,
    draw_residual_tokens,
)
from segmo_core.progress import Progress, ProgressPart
from segmo_core.runtimes.condition import SegmentCondition
from segmo_core.runtimes.motion_models import MotionModels

BASE_SHARE_OF_TIME = 0.7


def draw_tokens(
    models: MotionModels,
    condition: SegmentCondition,
    lengths: NDArray[np.integer],
    sampling: SamplingSettings,
    uniforms: UniformSource,
    *,
    kept_ids: TokenIds | None = None,
    kept_mask: Mask | None = None,
    progress: Progress,
    preview: TokenPreview | None = None,
) -> TokenIds:
    """Token ids (B, N, Q) int64 of motions of ``lengths`` (B,) tokens; -1 past the end of a motion.

    kept_ids (B, N, Q), kept_mask (B, N): tokens where the mask is True stay as given, base and residual.
    preview gets the base tokens after each step. Raises CancelledError between steps.
    """
    sizes = models.manifest.tokenizer
    base = draw_base_tokens(
        models.base_logits(condition, sampling.guidance_scale),
        lengths,
        sizes.num_codes,
        steps=sampling.steps,
        temperature=sampling.temperature,
        top_k_share=sampling.top_k_share,
        uniforms=uniforms,
        kept_ids=None if kept_ids is None else kept_ids[..., 0],
        kept_mask=kept_mask,
        progress=ProgressPart(progress, 0.0, BASE_SHARE_OF_TIME),
        preview=preview,
    )
    return draw_residual_tokens(
        models.residual_logits(condition, sampling.residual_guidance_scale),
        base,
        sizes.num_quantizers,
        sizes.num_codes,
        temperature=sampling.temperature,
        top_k_share=sampling.top_k_share,
        uniforms=uniforms,
        kept_ids=kept_ids,
        kept_mask=kept_mask,
        progress=ProgressPart(progress, BASE_SHARE_OF_TIME, 1.0),
    )
