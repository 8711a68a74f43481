"""The tokens of motions: base tokens, then residual tokens, with one bundle and one set of settings."""

from __future__ import annotations

import torch
from torch import Tensor

from segmo_core.bundle import Bundle
from segmo_core.models.sampling_settings import SamplingSettings
from segmo_core.models.token_transformers.sampling import TokenPreview, generate_base_tokens, generate_residual_tokens
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.progress import Progress, ProgressPart

BASE_SHARE_OF_TIME = 0.7


def draw_tokens(
    bundle: Bundle,
    condition: TextCondition,
    lengths: Tensor,
    sampling: SamplingSettings,
    generator: torch.Generator,
    *,
    kept_ids: Tensor | None = None,
    kept_mask: Tensor | None = None,
    progress: Progress,
    preview: TokenPreview | None = None,
) -> Tensor:
    """Token ids (B, N, Q) int64 of motions of ``lengths`` (B,) tokens; -1 past the end of a motion.

    kept_ids (B, N, Q), kept_mask (B, N): tokens where the mask is True stay as given, base and residual.
    preview gets the base tokens after each step. Raises CancelledError between steps.
    """
    base = generate_base_tokens(
        bundle.masked_transformer,
        condition,
        lengths.to(bundle.device),
        steps=sampling.steps,
        guidance_scale=sampling.guidance_scale,
        temperature=sampling.temperature,
        top_k_share=sampling.top_k_share,
        generator=generator,
        kept_ids=None if kept_ids is None else kept_ids[..., 0],
        kept_mask=kept_mask,
        progress=ProgressPart(progress, 0.0, BASE_SHARE_OF_TIME),
        preview=preview,
    )
    return generate_residual_tokens(
        bundle.residual_transformer,
        base,
        condition,
        guidance_scale=sampling.residual_guidance_scale,
        temperature=sampling.temperature,
        top_k_share=sampling.top_k_share,
        generator=generator,
        kept_ids=kept_ids,
        kept_mask=kept_mask,
        progress=ProgressPart(progress, BASE_SHARE_OF_TIME, 1.0),
    )
