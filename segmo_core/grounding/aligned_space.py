"""The paper's way of finding text in motion (section 4.4): the space that the alignment loss made, sliding windows,
the best one.

Query and motion go through the masked transformer together, the query as its caption and only segment; nothing is
hidden. Windows of the motion's outputs are pooled as segments are in training and compared with the output at the
segment. It needs no head of its own, so published checkpoints can do it; similarities are not calibrated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from segmo_core.bundle import Bundle
from segmo_core.durations.words import without_stated_time
from segmo_core.errors import BundleError
from segmo_core.generation.word_condition import with_words_of
from segmo_core.grounding.feature_rows import FeatureRows
from segmo_core.grounding.grounder import CHUNK_HOP, CHUNK_TOKENS, sliding_windows, token_curve
from segmo_core.grounding.grounding_result import ALIGNED, GroundingResult
from segmo_core.grounding.scored_motion import ScoredMotion
from segmo_core.models.devices import on_one_thread
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.runtimes.condition import SegmentCondition
from segmo_core.runtimes.torch_models import TorchModels, text_condition
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.text_encoders.text_encoder import TextEncoder
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

UNCALIBRATED = 0.5  # the confidence of a way that has none to give
_QUERIES_AT_ONCE = 4


class AlignedSpace:
    """Finds sentences in motions with one bundle, in its aligned space."""

    way = ALIGNED

    def __init__(self, bundle: Bundle, text_encoder: TextEncoder) -> None:
        if not bundle.masked_transformer.aligns_segments:
            raise BundleError(
                f"{bundle.folder}: was trained without aligned segments, so it cannot find text in motion"
            )
        self._bundle = bundle
        self._text_encoder = text_encoder
        self._features = FeatureRows(TorchModels(bundle))

    @property
    def frame_rate(self) -> float:
        """Hz of the frames that four make a token of."""
        return self._features.frame_rate

    def confidence(self, score: float) -> float:
        """Nothing is known of what a similarity in this space means."""
        del score
        return UNCALIBRATED

    def alike(self, texts: Sequence[str]) -> FloatArray:
        """(K, K) cosines of the text encoder's vectors: a text has none of its own in this space."""
        vectors = self._text_encoder.encode(list(texts))
        unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return np.asarray(unit @ unit.T)

    def ground_all(
        self, motion: Motion, queries: Sequence[str], progress: Progress | None = None
    ) -> list[GroundingResult]:
        """The window of highest similarity for each query, in frames of ``motion`` (model skeleton, any rate)."""
        for query in queries:
            check_text(query, "query", "a person waves")
        scored = self.scored(motion, queries, progress)
        factor = FRAMES_PER_TOKEN * motion.frame_rate / self.frame_rate
        results = []
        for query, scores in zip(queries, scored.scores.T, strict=True):
            best = int(scores.argmax())
            first, last = (scored.windows[best] * factor).round().astype(int).tolist()
            first = min(first, motion.num_frames - 1)
            last = max(first + 1, min(last, motion.num_frames))
            curve = token_curve(scores, scored.windows, scored.num_tokens)
            frames = np.interp(
                np.arange(motion.num_frames) + 0.5, (np.arange(len(curve)) + 0.5) * factor, curve
            ).astype(np.float32)
            results.append(GroundingResult(query, first, last, float(scores[best]), UNCALIBRATED, frames, ALIGNED))
        return results

    @torch.inference_mode()
    def scored(self, motion: Motion, texts: Sequence[str], progress: Progress | None = None) -> ScoredMotion:
        """All windows of a motion against all texts; long motions are read in overlapping chunks."""
        progress = progress or SilentProgress()
        rows = self._features.of(motion)
        features = torch.from_numpy(self._bundle.statistics.normalised(rows))
        with on_one_thread(self._bundle.device):
            ids = self._bundle.tokenizer.encode(features[None].to(self._bundle.device))[0, :, 0]
        vectors = self._text_encoder.encode([without_stated_time(text) for text in texts])
        found: dict[tuple[int, int], FloatArray] = {}
        starts = range(0, max(1, len(ids) - CHUNK_TOKENS + CHUNK_HOP), CHUNK_HOP)
        for number, first in enumerate(starts):
            progress.raise_if_cancelled()
            progress.report(0.9 * number / len(starts), "Comparing")
            chunk = ids[first : first + CHUNK_TOKENS]
            windows = sliding_windows(len(chunk))
            for (start, end), scores in zip(windows, self._scores(chunk, texts, vectors, windows), strict=True):
                found.setdefault((first + int(start), first + int(end)), scores)
        keys = sorted(found)

        def of(ranges: NDArray[np.integer]) -> FloatArray:
            return np.stack([self._range_scores(ids, texts, vectors, int(start), int(end)) for start, end in ranges])

        progress.report(1.0, "Compared")
        return ScoredMotion(np.array(keys), len(ids), np.stack([found[key] for key in keys]), of)

    def _range_scores(
        self, ids: torch.Tensor, texts: Sequence[str], vectors: FloatArray, start: int, end: int
    ) -> FloatArray:
        """(K,) of tokens [start, end), read within a chunk; of a longer range, its middle."""
        surplus = max(0, end - start - CHUNK_TOKENS)
        start, end = start + surplus // 2, end - (surplus - surplus // 2)
        first = max(0, min((start + end - CHUNK_TOKENS) // 2, len(ids) - CHUNK_TOKENS))
        chunk = ids[first : first + CHUNK_TOKENS]
        (scores,) = self._scores(chunk, texts, vectors, np.array([[start - first, end - first]]))
        return np.asarray(scores)

    @torch.inference_mode()
    def _scores(
        self, ids: torch.Tensor, texts: Sequence[str], vectors: FloatArray, windows: NDArray[np.integer]
    ) -> FloatArray:
        """(M, K) cosines of windows (M, 2) of tokens (N,) with K texts, each read beside the motion alone."""
        device, config = self._bundle.device, self._bundle.masked_transformer.config
        bounds = torch.from_numpy(np.asarray(windows, dtype=np.int64)).to(device)
        parts = []
        for first in range(0, len(texts), _QUERIES_AT_ONCE):
            own = vectors[first : first + _QUERIES_AT_ONCE].astype(np.float32)
            segments = np.zeros((len(own), config.max_segments, own.shape[1]), dtype=np.float32)
            segments[:, 0] = own
            is_there = np.tile(np.arange(config.max_segments) == 0, (len(own), 1))
            untold = np.full((len(own), len(ids)), -1, dtype=np.int64)
            condition = SegmentCondition(own, segments, is_there, untold)
            if self._bundle.manifest.reads_words:
                absent = [""] * (config.max_segments - 1)
                said = [[without_stated_time(text), *absent] for text in texts[first : first + len(own)]]
                condition = with_words_of(said, self._text_encoder, condition)
            similarity = self._bundle.masked_transformer.window_similarity(
                ids, text_condition(condition).to(device), bounds
            )
            parts.append(similarity.cpu().numpy())
        return np.concatenate(parts).T
