"""How well a tokenizer gives motion back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from segmo_core.data.pools.feature_clips import C, FeatureClips
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import joints_from_features

FloatArray = NDArray[np.floating]


@torch.no_grad()
def reconstruction_error(
    model: RVQVAE,
    data: FeatureClips[C],
    clips: Sequence[C],
    statistics: FeatureStatistics,
    num_quantizers: int = 0,
) -> float:
    """Mean per-joint position error, root-aligned, in millimetres over all frames of clips.

    num_quantizers: use only the first layers (0: all).
    """
    total, count = 0.0, 0
    unit, device = model.config.frames_per_token, next(model.parameters()).device
    for clip in clips:
        length = clip.num_frames // unit * unit
        features = np.asarray(data.clip_features(clip)[:length], dtype=np.float32)
        ids = model.encode(torch.from_numpy(statistics.normalised(features))[None].to(device))
        if num_quantizers:
            ids = ids[..., :num_quantizers]
        decoded = statistics.restored(model.decode(ids)[0].float().cpu().numpy())
        real, found = (joints_from_features(rows, data.layout) for rows in (features, decoded))
        difference = (real - real[:, :1]) - (found - found[:, :1])
        total += float(np.linalg.norm(difference, axis=-1).sum())
        count += difference.shape[0] * difference.shape[1]
    return total / max(count, 1) * 1000.0
