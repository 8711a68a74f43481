"""What generation, grounding and checks ask of a bundle's models, whatever computes them: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmo_core.bundle_manifest import BundleManifest
from segmo_core.models.estimators.configs import JointJudgeConfig
from segmo_core.models.token_transformers.drawing import BaseLogits, ResidualLogits
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.runtimes.condition import SegmentCondition

FloatArray = NDArray[np.floating]
TokenIds = NDArray[np.int64]
# Sentence vectors (K, W) -> (K, 4) seconds by a duration model, in the columns of ``estimators.configs``.
SecondsOfTexts = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class FrameSimilarities:
    """similarity: (K, T) cosines of K texts with T frames. begins: (T,) logits of a segment's beginning with a frame.
    sharpness: of the competition of texts for a frame."""

    similarity: FloatArray
    begins: FloatArray
    sharpness: float


class JointJudging(Protocol):
    """A bundle's judge on joints."""

    @property
    def config(self) -> JointJudgeConfig:
        """Its sizes and calibration."""
        ...

    def similarity(self, rows: FloatArray, is_valid: NDArray[np.bool_], texts: FloatArray) -> FloatArray:
        """(P,) cosines of motions, rows (P, T, D) of which is_valid (P, T) are there, with sentence vectors (P, W)."""
        ...


class MotionModels(Protocol):
    """The models of one bundle. BundleError where what they give is no finite numbers."""

    @property
    def folder(self) -> Path:
        """Of the bundle."""
        ...

    @property
    def manifest(self) -> BundleManifest:
        """Of the bundle: sizes, frame rate, settings, calibration."""
        ...

    @property
    def statistics(self) -> FeatureStatistics:
        """Of the features that the tokenizer reads."""
        ...

    def base_logits(self, condition: SegmentCondition, guidance_scale: float) -> BaseLogits:
        """What the masked transformer says of hidden tokens, guided by the text."""
        ...

    def residual_logits(self, condition: SegmentCondition, guidance_scale: float) -> ResidualLogits:
        """What the residual transformer says of the next layer; asked for layers 1, 2, ... once each."""
        ...

    def decode(self, token_ids: TokenIds) -> FloatArray:
        """Normalised features (B, T, D) of ids (B, N, q); fewer columns than there are or -1 leave those codes out."""
        ...

    def encode(self, features: FloatArray) -> TokenIds:
        """Ids (B, N, Q) of normalised features (B, T, D), T a multiple of four."""
        ...

    def motion_states(self, token_ids: NDArray[np.integer]) -> FloatArray:
        """(N, d) of base tokens (N,) without any text, to be pooled over windows."""
        ...

    def window_vectors(self, pooled: FloatArray) -> FloatArray:
        """Unit vectors (M, d) of windows, of the means and maxima (M, 2 d) of their states."""
        ...

    def text_vectors(self, texts: FloatArray) -> FloatArray:
        """Unit vectors (K, d) of sentence vectors (K, W), comparable with ``window_vectors``."""
        ...

    def frame_similarities(self, features: FloatArray, texts: FloatArray) -> FrameSimilarities | None:
        """What the boundary model sees of sentence vectors (K, W) in normalised features (T, D); None without one."""
        ...

    def expected_lengths(self, texts: FloatArray) -> FloatArray | None:
        """(K,) mean lengths in tokens by the length estimator; None without one."""
        ...

    def load_joint_judge(self) -> JointJudging | None:
        """The judge on joints; None where the bundle has none."""
        ...
