"""Training an evaluator: captions and their motions near each other, all others apart (T2M's matching loss)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segmo_core.data.text_motion_set import TextMotion, TextMotionSet
from segmo_core.evaluation.judges.feature_extractor import pad_motions
from segmo_core.evaluation.judges.word_vectors import WordVectors
from segmo_core.evaluation.measures import metrics
from segmo_core.models.batch_shares import positions_of_share, whole_batch
from segmo_core.models.estimators.text_motion_evaluator import FRAMES_PER_MOVEMENT, TextMotionEvaluator
from segmo_core.motion.feature_statistics import FeatureStatistics

FloatArray = NDArray[np.floating]
MAX_VALIDATION = 512


@dataclass(frozen=True)
class MatchingLoss:
    """pull: mean squared distance of pairs. push: mean of (margin - distance)^2 over negatives nearer than the margin.
    choice: cross-entropy of finding the pair among the negatives, with logits -distance^2 / margin, both ways.
    """

    pull: Tensor
    push: Tensor
    choice: Tensor

    @property
    def total(self) -> Tensor:
        return self.pull + self.push + self.choice


def matching_loss(text: Tensor, motion: Tensor, is_negative: Tensor, margin: float) -> MatchingLoss:
    """Losses of embeddings (B, E) of B pairs; is_negative (B, B) bool: text i and motion j do not belong together.

    pull and push are T2M's, which draws one negative a caption; here all of the batch are used, and those far enough
    apart do not dilute the rest. From scratch these two alone first draw everything to one point and stay there for
    long; ``choice`` (times the margin, for a like gradient) tells pairs apart from the first step on.
    """
    distances = torch.cdist(text.float(), motion.float(), compute_mode="donot_use_mm_for_euclid_dist")
    pull = distances.diagonal().square().mean()
    is_near = is_negative & (distances < margin)
    push = ((margin - distances).square() * is_near).sum() / is_near.sum().clamp(min=1)
    is_pair = torch.eye(len(distances), dtype=torch.bool, device=distances.device)
    logits = (-distances.square() / margin).masked_fill(~is_negative & ~is_pair, -1e9)
    choice = -(logits.log_softmax(dim=0) + logits.log_softmax(dim=1)).diagonal().mean() / 2
    return MatchingLoss(pull, push, margin * choice)


class EvaluatorObjective:
    """Validation is retrieval on the validation split, in batches of 32."""

    def __init__(
        self,
        model: TextMotionEvaluator,
        train: TextMotionSet,
        validation: TextMotionSet,
        words: WordVectors,
        *,
        batch_size: int,
        margin: float,
        statistics: FeatureStatistics,
    ) -> None:
        self.model: nn.Module = model
        self._evaluator, self._train, self._words = model, train, words
        self._batch_size, self._margin, self._statistics = batch_size, margin, statistics
        generator = np.random.default_rng(0)
        count = min(len(validation), MAX_VALIDATION)
        rows = generator.permutation(len(validation))[:count]
        self._validation = [validation.draw(int(row), generator, with_segments=False) for row in rows]

    def loss(self, step: int, generator: torch.Generator) -> tuple[Tensor, Mapping[str, Tensor]]:
        numpy_generator = np.random.default_rng(generator.initial_seed())
        rows = numpy_generator.choice(len(self._train), self._batch_size, replace=len(self._train) < self._batch_size)
        items = [self._train.draw(int(row), numpy_generator, with_segments=False) for row in rows]
        text, motion = (whole_batch(share) for share in self._embed(items[positions_of_share()]))
        meanings = np.array([item.meaning for item in items])
        is_negative = torch.from_numpy(meanings[:, None] != meanings[None, :]).to(text.device)
        loss = matching_loss(text, motion, is_negative, self._margin)
        return loss.total, {name: value.detach() for name, value in vars(loss).items()}

    def validate(self) -> Mapping[str, float]:
        blocks = [self._embed(self._validation[start : start + 64]) for start in range(0, len(self._validation), 64)]
        text, motion = (torch.cat(parts).float().cpu().numpy() for parts in zip(*blocks, strict=True))
        figures = {"distance": float(np.linalg.norm(text - motion, axis=1).mean())}
        if len(text) >= metrics.RETRIEVAL_BATCH:
            figures |= {f"top_{n}": float(v) for n, v in enumerate(metrics.r_precision(text, motion), start=1)}
        return figures

    def _embed(self, items: Sequence[TextMotion]) -> tuple[Tensor, Tensor]:
        device = next(self.model.parameters()).device
        padded, lengths = pad_motions([item.features for item in items], self._statistics)
        longest = min(int(lengths.max()) + FRAMES_PER_MOVEMENT, padded.shape[1])
        words = self._words.encode([item.caption for item in items])
        return (
            self._evaluator.embed_text(words.vectors.to(device), words.classes.to(device), words.lengths),
            self._evaluator.embed_motion(padded[:, :longest].clamp(-30, 30).to(device), lengths),
        )
