"""A bundle's models computed by torch, on a processor or a GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmo_core.bundle import Bundle, load_joint_judge
from segmo_core.bundle_manifest import BundleManifest
from segmo_core.models.devices import on_one_thread
from segmo_core.models.estimators.configs import JointJudgeConfig
from segmo_core.models.estimators.duration_model import DurationModel
from segmo_core.models.estimators.joint_judge import JointJudge
from segmo_core.models.finite_outputs import finite
from segmo_core.models.token_transformers.drawing import BaseLogits, ResidualLogits
from segmo_core.models.token_transformers.sampling import base_logits, residual_logits
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.runtimes.condition import SegmentCondition
from segmo_core.runtimes.motion_models import FrameSimilarities, SecondsOfTexts

FloatArray = NDArray[np.floating]
TokenIds = NDArray[np.int64]


class TorchModels:
    """See ``MotionModels``."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @property
    def folder(self) -> Path:
        return self.bundle.folder

    @property
    def manifest(self) -> BundleManifest:
        return self.bundle.manifest

    @property
    def statistics(self) -> FeatureStatistics:
        return self.bundle.statistics

    def base_logits(self, condition: SegmentCondition, guidance_scale: float) -> BaseLogits:
        told = text_condition(condition).to(self.bundle.device)
        return base_logits(self.bundle.masked_transformer, told, guidance_scale)

    def residual_logits(self, condition: SegmentCondition, guidance_scale: float) -> ResidualLogits:
        told = text_condition(condition).to(self.bundle.device)
        return residual_logits(self.bundle.residual_transformer, told, guidance_scale)

    @torch.inference_mode()
    def decode(self, token_ids: TokenIds) -> FloatArray:
        with on_one_thread(self.bundle.device):
            return _array(self.bundle.tokenizer.decode(self._there(token_ids)).float())

    @torch.inference_mode()
    def encode(self, features: FloatArray) -> TokenIds:
        with on_one_thread(self.bundle.device):
            return _array(self.bundle.tokenizer.encode(self._there(features)))

    @torch.inference_mode()
    def motion_states(self, token_ids: NDArray[np.integer]) -> FloatArray:
        return _array(self.bundle.masked_transformer.motion_states(self._there(token_ids)))

    @torch.inference_mode()
    def window_vectors(self, pooled: FloatArray) -> FloatArray:
        head = self.bundle.masked_transformer.grounding
        if head is None:
            raise ValueError("this model was trained without a grounding head")
        return _array(finite(head.embed_pooled(self._there(pooled)), "grounding head"))

    @torch.inference_mode()
    def text_vectors(self, texts: FloatArray) -> FloatArray:
        vectors = self.bundle.masked_transformer.embed_text_segments(self._there(texts))
        return _array(finite(vectors, "grounding head"))

    @torch.inference_mode()
    def frame_similarities(self, features: FloatArray, texts: FloatArray) -> FrameSimilarities | None:
        model = self.bundle.boundary_model
        if model is None:
            return None
        rows = self._there(features).float()[None]
        vectors, begins = model(rows, torch.ones(rows.shape[:2], dtype=torch.bool, device=rows.device))
        similarity = model.embed_texts(self._there(texts)) @ vectors[0].T
        sharpness = model.sharpness.exp()
        for values in (similarity, begins, sharpness):
            finite(values, "boundary model")
        return FrameSimilarities(_array(similarity), _array(begins[0]), float(sharpness))

    @torch.inference_mode()
    def expected_lengths(self, texts: FloatArray) -> FloatArray | None:
        estimator = self.bundle.length_estimator
        return None if estimator is None else _array(estimator.expected_lengths(self._there(texts)))

    def load_joint_judge(self) -> TorchJudge | None:
        model = load_joint_judge(self.bundle.folder)
        return None if model is None else TorchJudge(model)

    def _there(self, values: NDArray[Any]) -> Tensor:
        """``values`` on the bundle's device."""
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.bundle.device)


class TorchJudge:
    """See ``JointJudging``."""

    def __init__(self, model: JointJudge) -> None:
        self._model = model

    @property
    def config(self) -> JointJudgeConfig:
        return self._model.config

    @torch.inference_mode()
    def similarity(self, rows: FloatArray, is_valid: NDArray[np.bool_], texts: FloatArray) -> FloatArray:
        moved = self._model.embed_motions(torch.from_numpy(rows), torch.from_numpy(is_valid))
        said = self._model.embed_texts(torch.from_numpy(texts).float())
        return _array(finite((moved * said).sum(dim=1), "joint judge"))


def seconds_by_torch(model: DurationModel) -> SecondsOfTexts:
    """What a duration model says of sentence vectors."""
    return lambda texts: _array(model.seconds(torch.from_numpy(texts)))


def text_condition(condition: SegmentCondition) -> TextCondition:
    """The same as tensors, on the processor."""
    told = TextCondition.from_embeddings(
        *(
            torch.from_numpy(np.ascontiguousarray(part))
            for part in (condition.caption, condition.segments, condition.segment_is_valid, condition.token_segments)
        )
    )
    if condition.words is None or condition.word_counts is None:
        return told
    return told.with_words(torch.from_numpy(condition.words), torch.from_numpy(condition.word_counts))


def _array(values: Tensor) -> NDArray[Any]:
    found: NDArray[Any] = values.cpu().numpy()
    return found
