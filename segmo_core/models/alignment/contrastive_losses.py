"""Contrastive losses between text segments and motion segments."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from segmo_core.models.batch_shares import all_rows, mean_over_batch, whole_batch
from segmo_core.models.devices import in_full_precision

SAME_TEXT_COSINE = 0.98
SAME_SENTENCE_COSINE = 0.9999


def alignment_loss(
    text_segments: Tensor,
    motion_segments: Tensor,
    segment_is_valid: Tensor,
    *,
    temperature: float,
    include_padding: bool = False,
) -> Tensor:
    """Within each sample, text segment i against all motion segments and back (paper section 3.5).

    text_segments, motion_segments: (B, S, d); segment_is_valid: (B, S) bool. The mean over all segments that
    have another one to be told from; samples with one segment contribute nothing (zero if there is no other).
    include_padding: absent segments take part as in the published code.
    """
    text = F.normalize(text_segments.float(), dim=-1)
    motion = F.normalize(motion_segments.float(), dim=-1)
    # In low precision a similarity divided by a small temperature would lose what the loss is about.
    with in_full_precision(text.device):
        similarity = text @ motion.transpose(1, 2) / temperature
    takes_part = torch.ones_like(segment_is_valid) if include_padding else segment_is_valid
    if not include_padding:
        takes_part = takes_part & (segment_is_valid.sum(dim=1, keepdim=True) > 1)
        similarity = similarity.masked_fill(~(takes_part[:, :, None] & takes_part[:, None, :]), -1e9)
    text_to_motion = -similarity.log_softmax(dim=2).diagonal(dim1=1, dim2=2)
    motion_to_text = -similarity.log_softmax(dim=1).diagonal(dim1=1, dim2=2)
    weights = takes_part.to(similarity.dtype)
    return mean_over_batch(((text_to_motion + motion_to_text) / 2 * weights).sum(), weights.sum())


def grounding_loss(
    text_vectors: Tensor,
    motion_vectors: Tensor,
    text_embeddings: Tensor,
    labels: Tensor | None = None,
    *,
    temperature: float,
    takes_part: Tensor | None = None,
) -> Tensor:
    """Symmetric InfoNCE over M pairs of unit vectors (M, d), those of all processes; zero when there are not two.

    Pairs that mean the same are not negatives of each other: those of equal ``labels`` (M,) int64 (negative =
    unknown) or one and the same sentence, and without labels those whose sentence embeddings ``text_embeddings``
    (M, W) are nearly equal. Labels are better: embeddings hardly tell left from right, and put two wordings of one
    action far apart.
    takes_part: (M,) bool, which of the rows are pairs at all, for callers that keep to one M; None: all are.
    """
    gather = all_rows if takes_part is None else whole_batch
    vectors = gather(torch.stack([text_vectors.float(), motion_vectors.float()], dim=1))
    labels = None if labels is None else gather(labels)
    text_embeddings = gather(text_embeddings)
    takes_part = None if takes_part is None else gather(takes_part.to(torch.uint8)).bool()
    text_vectors, motion_vectors = vectors.unbind(dim=1)
    num_pairs = len(vectors)
    if num_pairs < 2:
        return vectors.sum() * 0.0
    with in_full_precision(text_vectors.device):
        similarity = text_vectors @ motion_vectors.T / temperature
        embeddings = F.normalize(text_embeddings.float(), dim=-1)
        if labels is None:
            means_same = embeddings @ embeddings.T > SAME_TEXT_COSINE
        else:
            means_same = embeddings @ embeddings.T > SAME_SENTENCE_COSINE
            means_same = means_same | ((labels[:, None] == labels[None, :]) & (labels >= 0)[:, None])
    means_same.fill_diagonal_(False)
    similarity = similarity.masked_fill(means_same, -1e9)
    if takes_part is not None:
        similarity = similarity.masked_fill(~(takes_part[:, None] & takes_part), -1e9)
    both_ways = (similarity.log_softmax(dim=0) + similarity.log_softmax(dim=1)).diagonal() / 2
    if takes_part is None:
        return -both_ways.mean()
    return -(both_ways * takes_part).sum() / takes_part.sum().clamp(min=1)
