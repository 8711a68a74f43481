"""Motions of a bundle for many captions at a time, as features, for measuring."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from segmo_core.bundle import Bundle
from segmo_core.data.text_motion_set import TextMotion
from segmo_core.generation.drawing import draw_tokens
from segmo_core.generation.word_condition import with_words_of
from segmo_core.models.sampling_settings import SamplingSettings
from segmo_core.models.token_transformers.drawing import Uniforms, UniformSource
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.runtimes.condition import SegmentCondition, segments_of_tokens
from segmo_core.runtimes.torch_models import TorchModels, text_condition
from segmo_core.segmentation.motion_uniform import UniformSegmenter
from segmo_core.text_encoders.text_encoder import TextEncoder

FloatArray = NDArray[np.floating]
TokenIds = NDArray[np.integer]

# What a model with timed conditioning is told: equal parts (which need no knowledge of the motion), the true
# boundaries where the data set has them, or nothing.
Timing = Literal["even", "true", "none"]
TIMINGS: tuple[Timing, ...] = ("even", "true", "none")
BATCH_SIZE = 32


class BundleSampler:
    """Generates, encodes and decodes with one bundle. Batches hold motions of like length."""

    def __init__(
        self,
        bundle: Bundle,
        text_encoder: TextEncoder,
        sampling: SamplingSettings | None = None,
        timing: Timing = "even",
        batch_size: int = BATCH_SIZE,
        known_tokens: dict[str, TokenIds] | None = None,
    ) -> None:
        """known_tokens: of motions that this tokenizer encoded before, by what they are; added to."""
        self.bundle = bundle
        self._known_tokens = {} if known_tokens is None else known_tokens
        self._text_encoder, self._timing, self._batch_size = text_encoder, timing, batch_size
        self._sampling = sampling or bundle.sampling
        self._unit = bundle.tokenizer.config.frames_per_token

    def generate(
        self, items: Sequence[TextMotion], seed: int, progress: Progress | None = None
    ) -> tuple[list[FloatArray], list[TokenIds]]:
        """For each item, from its caption, segments and length: features (T, D) un-normalised, token ids (N, Q)."""
        progress = progress or SilentProgress()
        uniforms = Uniforms(seed)
        ids: list[TokenIds] = [np.zeros((0, 0), dtype=np.int64)] * len(items)
        batches = self._batches(items)
        for number, rows in enumerate(batches):
            part = ProgressPart(progress, number / len(batches), (number + 1) / len(batches))
            batch = [items[row] for row in rows]
            for row, found in zip(rows, self._generate_batch(batch, uniforms, part), strict=True):
                ids[row] = found
        return self.decode(ids), ids

    @torch.inference_mode()
    def encode(self, motions: Sequence[FloatArray]) -> list[TokenIds]:
        """Token ids (N, Q) of un-normalised features (T, D)."""
        bundle = self.bundle
        found: list[TokenIds] = []
        for features in motions:
            key = hashlib.sha256(np.ascontiguousarray(features).tobytes()).hexdigest()
            if key not in self._known_tokens:
                rows = bundle.statistics.normalised(np.asarray(features)).astype(np.float32)
                tensor = torch.from_numpy(rows[: len(rows) // self._unit * self._unit])[None].to(bundle.device)
                self._known_tokens[key] = bundle.tokenizer.encode(tensor)[0].cpu().numpy()
            found.append(self._known_tokens[key])
        return found

    @torch.inference_mode()
    def decode(self, token_ids: Sequence[TokenIds]) -> list[FloatArray]:
        """Features (T, D) un-normalised; equal lengths together, so that no padding enters the convolutions."""
        bundle = self.bundle
        found: list[FloatArray] = [np.zeros(0)] * len(token_ids)
        lengths = np.array([len(ids) for ids in token_ids])
        for length in np.unique(lengths):
            rows = np.flatnonzero(lengths == length)
            for start in range(0, len(rows), self._batch_size):
                chunk = rows[start : start + self._batch_size]
                stacked = torch.from_numpy(np.stack([token_ids[row] for row in chunk])).to(bundle.device)
                decoded = bundle.statistics.restored(bundle.tokenizer.decode(stacked).float().cpu().numpy())
                for row, features in zip(chunk, decoded, strict=True):
                    found[row] = features
        return found

    @torch.inference_mode()
    def consistency(
        self, items: Sequence[TextMotion], token_ids: Sequence[TokenIds], ends: Sequence[Sequence[int]]
    ) -> FloatArray:
        """ISC of each item (M,): mean cosine of its text segments with its motion segments (paper section 4.3).

        token_ids: (N, Q) each. ends: of the motion segments, in tokens. The model is not told the timing.
        """
        model, device = self.bundle.masked_transformer, self.bundle.device
        found = np.zeros(len(items))
        for start in range(0, len(items), self._batch_size):
            rows = range(start, min(start + self._batch_size, len(items)))
            lengths = [len(token_ids[row]) for row in rows]
            base = torch.zeros(len(rows), max(lengths), dtype=torch.int64)
            for place, row in enumerate(rows):
                base[place, : lengths[place]] = torch.from_numpy(np.asarray(token_ids[row])[:, 0]).clamp(min=0)
            is_valid = torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]
            told = self._padded_ends([ends[row] for row in rows])
            padded = torch.from_numpy(told)
            starts = torch.cat([torch.zeros_like(padded[:, :1]), padded[:, :-1]], dim=1) * (padded > 0)
            condition = self._condition([items[row] for row in rows], told, max(lengths)).without_timing()
            cosines = model.segment_similarity(
                base.to(device),
                is_valid.to(device),
                text_condition(condition).to(device),
                starts.to(device),
                padded.to(device),
            ).cpu()
            counts = (padded > 0)[:, : cosines.shape[1]]
            found[list(rows)] = ((cosines * counts).sum(dim=1) / counts.sum(dim=1)).numpy()
        return found

    def _batches(self, items: Sequence[TextMotion]) -> list[NDArray[np.integer]]:
        order = np.argsort([len(item.features) for item in items], kind="stable")
        return [order[start : start + self._batch_size] for start in range(0, len(items), self._batch_size)]

    def _generate_batch(
        self, items: Sequence[TextMotion], uniforms: UniformSource, progress: Progress
    ) -> list[TokenIds]:
        lengths = np.array([len(item.features) // self._unit for item in items])
        ends = self._padded_ends([self._told_ends(item) for item in items])
        condition = self._condition(items, ends, int(lengths.max()))
        condition = condition.without_timing() if self._timing == "none" else condition
        models = TorchModels(self.bundle)
        ids = draw_tokens(models, condition, lengths, self._sampling, uniforms, progress=progress)
        return [row[:length] for row, length in zip(ids, lengths.tolist(), strict=True)]

    def _told_ends(self, item: TextMotion) -> tuple[int, ...]:
        if self._timing == "true" and item.ends is not None:
            return tuple(end // self._unit for end in item.ends)
        tokens = np.zeros((len(item.features) // self._unit, 1))
        return UniformSegmenter().segment(tokens, len(item.segments))

    def _padded_ends(self, ends: Sequence[Sequence[int]]) -> NDArray[np.int64]:
        """(B, S) int64, 0 where a sample has fewer segments; segments that the model has no place for are left out."""
        width = self.bundle.masked_transformer.config.max_segments
        padded = np.zeros((len(ends), width), dtype=np.int64)
        for row, found in enumerate(ends):
            padded[row, : len(found)] = list(found[:width])
        return padded

    def _condition(self, items: Sequence[TextMotion], ends: NDArray[np.int64], num_tokens: int) -> SegmentCondition:
        config = self.bundle.masked_transformer.config
        segments = np.zeros((len(items), config.max_segments, config.text_width), dtype=np.float32)
        for row, item in enumerate(items):
            texts = item.segments[: config.max_segments]
            if texts:
                segments[row, : len(texts)] = self._text_encoder.encode(list(texts))
        captions = self._text_encoder.encode([item.caption.text for item in items])
        timing = np.stack([segments_of_tokens(row[row > 0].tolist(), num_tokens) for row in ends])
        condition = SegmentCondition(captions, segments, ends > 0, timing)
        if not self.bundle.manifest.reads_words:
            return condition
        count = config.max_segments
        sentences = [[*item.segments[:count], *[""] * (count - len(item.segments))] for item in items]
        return with_words_of(sentences, self._text_encoder, condition)
