"""Where in a motion does a sentence happen? (paper section 4.4)

The motion is encoded to tokens; sliding windows over them are compared with the query in the space that the
grounding head of the masked transformer learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.bundle_manifest import read_vocabulary
from segmo_core.durations.words import without_stated_time
from segmo_core.errors import BundleError
from segmo_core.grounding.boundary_search import FrameEvidence, boundary_bonus, refine_stretch
from segmo_core.grounding.feature_rows import FeatureRows
from segmo_core.grounding.grounding_result import HEAD, GroundingResult
from segmo_core.grounding.joint_check import JointJudgement, judge_stretches
from segmo_core.grounding.known_words import KnownWords, UnknownWord
from segmo_core.grounding.scored_motion import ScoredMotion
from segmo_core.grounding.window_pooling import mean_and_max_of_windows
from segmo_core.models.sampling_settings import GroundingCalibration
from segmo_core.motion.features import FeatureLayout
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.runtimes.motion_models import MotionModels
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.text_encoders.text_encoder import TextEncoder
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

CURVE_WINDOW = 6
LOCAL_WINDOW = 3
CHUNK_TOKENS = 48
CHUNK_HOP = 24
WINDOW_LENGTHS = (5, 6, 8, 10, 12, 15, 18, 22, 26, 30, 36, 42, 48)


@dataclass(frozen=True, eq=False)
class EncodedMotion:
    """Base tokens (N,) of a motion and vectors (M, d) of its windows (M, 2) in tokens.

    local_vectors: (N, d) of each token with its neighbours, for boundaries; too short to be found as a stretch.
    """

    token_ids: NDArray[np.integer]
    windows: NDArray[np.integer]
    vectors: FloatArray
    local_vectors: FloatArray

    @property
    def num_tokens(self) -> int:
        return len(self.token_ids)


class Grounder:
    """Finds sentences in motions with one bundle, by its grounding head."""

    way = HEAD

    def __init__(self, models: MotionModels, text_encoder: TextEncoder) -> None:
        if not models.manifest.can_ground:
            raise BundleError(
                f"{models.folder}: was trained without a grounding head, so it cannot find text in motion"
            )
        self._models = models
        self._text_encoder = text_encoder
        self._features = FeatureRows(models)
        vocabulary = read_vocabulary(models.folder)
        self._joint_judge = models.load_joint_judge()
        self._known = None if vocabulary is None else KnownWords(vocabulary, lambda: text_encoder)

    def judge_stretches(
        self, joints: FloatArray, stretches: Sequence[tuple[int, int]], texts: Sequence[str], otherwise: Sequence[float]
    ) -> list[JointJudgement]:
        """Of joints (T, 22, 3) at 20 fps every stretch [start, end) against its text, by words that count or measure
        and the bundle's judge on joints. otherwise: confidences to go by where the bundle has none."""
        vectors = self._sentence_vectors(list(texts))
        return judge_stretches(joints, stretches, texts, self._joint_judge, vectors, otherwise)

    def unknown_words(self, texts: Sequence[str]) -> tuple[UnknownWord, ...]:
        """What of ``texts`` no training motion of the bundle has; nothing for bundles that do not say."""
        return () if self._known is None else self._known.unknown_in(texts)

    @property
    def frame_rate(self) -> float:
        """Hz of the frames that four make a token of."""
        return self._features.frame_rate

    @property
    def layout(self) -> FeatureLayout:
        """Of the features that the bundle reads."""
        return self._features.layout

    @property
    def calibration(self) -> GroundingCalibration:
        """What the similarities of this bundle mean."""
        return self._models.manifest.grounding or GroundingCalibration()

    def ground(self, motion: Motion, query: str, progress: Progress | None = None) -> GroundingResult:
        """The best stretch for ``query`` in ``motion`` (on the model's skeleton, any rate)."""
        return self.ground_all(motion, [query], progress)[0]

    def ground_all(self, motion: Motion, queries: list[str], progress: Progress | None = None) -> list[GroundingResult]:
        """As ``ground``, for several queries on one motion that is encoded once."""
        for query in queries:
            check_text(query, "query", "a person waves")
        progress = progress or SilentProgress()
        progress.report(0.05, "Reading the motion")
        rows = self.feature_rows(motion)
        encoded = self.encode_tokens(self.base_tokens(rows), progress)
        progress.report(0.9, "Comparing")
        texts, seen = self.embed_texts(queries), self.frame_evidence(rows, queries)
        bonus = boundary_bonus(rows, seen, self.layout)
        results = []
        for number, (query, text) in enumerate(zip(queries, texts, strict=True)):
            of_frames = None if seen is None else seen.similarity[number]
            scores = encoded.vectors @ text
            start, end, score, curve = find_stretch(scores, encoded.windows, encoded.num_tokens, of_frames)
            frames = refine_stretch(start, end, encoded.local_vectors @ text, bonus, of_frames)
            results.append(self._result(query, frames, score, curve, motion))
        progress.report(1.0, "Found")
        return results

    def scored(self, motion: Motion, texts: Sequence[str], progress: Progress | None = None) -> ScoredMotion:
        """All windows of a motion against all texts."""
        vectors = self.embed_texts(list(texts))
        encoded = self.encode(motion, progress)

        def of(ranges: NDArray[np.integer]) -> FloatArray:
            return self.embed_stretches(encoded, ranges) @ vectors.T

        return ScoredMotion(encoded.windows, encoded.num_tokens, encoded.vectors @ vectors.T, of)

    def confidence(self, score: float) -> float:
        """Calibrated probability that something of this similarity is there."""
        return self.calibration.confidence(score)

    def alike(self, texts: Sequence[str]) -> FloatArray:
        """(K, K) cosines of the texts with each other."""
        vectors = self.embed_texts(list(texts))
        return vectors @ vectors.T

    def encode(self, motion: Motion, progress: Progress | None = None) -> EncodedMotion:
        """Tokens and window vectors of a motion on the model's skeleton."""
        return self.encode_tokens(self.base_tokens(self.feature_rows(motion)), progress)

    def encode_tokens(self, ids: NDArray[np.integer], progress: Progress | None = None) -> EncodedMotion:
        """As ``encode``, from base tokens (N,); long motions are read in overlapping chunks of the trained length."""
        progress = progress or SilentProgress()
        count = len(ids)
        found: dict[tuple[int, int], FloatArray] = {}
        local: list[FloatArray] = []
        starts = range(0, max(1, count - CHUNK_TOKENS + CHUNK_HOP), CHUNK_HOP)
        for number, first in enumerate(starts):
            progress.raise_if_cancelled()
            progress.report(0.1 + 0.8 * number / len(starts), "Reading the motion")
            chunk = ids[first : first + CHUNK_TOKENS]
            windows, surroundings = sliding_windows(len(chunk)), local_windows(len(chunk))
            vectors = self._window_vectors(chunk, np.concatenate([windows, surroundings]))
            for (start, end), vector in zip(windows, vectors[: len(windows)], strict=True):
                found.setdefault((first + int(start), first + int(end)), vector)
            # Of a token in two chunks, the vector of the one that shows more of what is around it.
            middle = 0 if first == 0 else CHUNK_HOP // 2
            local = [*local[: first + middle], *vectors[len(windows) + middle :]]
        keys = sorted(found)
        return EncodedMotion(ids, np.array(keys), np.stack([found[key] for key in keys]), np.stack(local))

    def feature_rows(self, motion: Motion) -> FloatArray:
        """Un-normalised features (T, D) at ``frame_rate`` of a motion on the model's skeleton, whole tokens."""
        return self._features.of(motion)

    def base_tokens(self, rows: FloatArray) -> NDArray[np.integer]:
        """Base token ids (N,) of feature rows (T, D), as ``feature_rows`` gives them."""
        return self._models.encode(self._models.statistics.normalised(rows)[None])[0, :, 0]

    def embed_stretches(self, encoded: EncodedMotion, ranges: NDArray[np.integer]) -> FloatArray:
        """Unit vectors (K, d) of half-open token ranges (K, 2), each read within a chunk of the trained length.

        Of a range longer than that, its middle is read.
        """
        in_chunk: dict[int, list[tuple[int, int, int]]] = {}  # ranges that are read within the same chunk
        for place, (start, end) in enumerate(ranges.tolist()):
            surplus = max(0, end - start - CHUNK_TOKENS)
            start, end = start + surplus // 2, end - (surplus - surplus // 2)
            centred = (start + end - CHUNK_TOKENS) // 2
            first = max(0, min(centred, encoded.num_tokens - CHUNK_TOKENS))
            in_chunk.setdefault(first, []).append((place, start - first, end - first))
        vectors = np.zeros((len(ranges), encoded.vectors.shape[1]), dtype=np.float32)
        for first, rows in in_chunk.items():
            chunk = encoded.token_ids[first : first + CHUNK_TOKENS]
            windows = np.array([row[1:] for row in rows])
            vectors[[row[0] for row in rows]] = self._window_vectors(chunk, windows)
        return vectors

    def _window_vectors(self, ids: NDArray[np.integer], windows: NDArray[np.integer]) -> FloatArray:
        """Unit vectors (M, d) of windows (M, 2) of base tokens (N,)."""
        return self._models.window_vectors(mean_and_max_of_windows(self._models.motion_states(ids), windows))

    def embed_texts(self, texts: list[str]) -> FloatArray:
        """Unit vectors (K, d) of sentences, comparable with those of stretches."""
        return self._models.text_vectors(self._sentence_vectors(texts))

    def _sentence_vectors(self, texts: list[str]) -> FloatArray:
        """Vectors (K, W) of the text encoder."""
        said = [without_stated_time(text) for text in texts]
        return self._text_encoder.encode(said)

    def frame_evidence(self, rows: FloatArray, texts: list[str]) -> FrameEvidence | None:
        """What the bundle's boundary model sees of ``texts`` in feature rows (T, D); None when it has none."""
        features = self._models.statistics.normalised(rows)
        seen = self._models.frame_similarities(features, self._sentence_vectors(texts))
        return None if seen is None else FrameEvidence(seen.similarity, seen.sharpness, seen.begins)

    def _result(
        self, query: str, stretch: tuple[int, int], score: float, curve: FloatArray, motion: Motion
    ) -> GroundingResult:
        """stretch: frames at ``frame_rate``. curve: (N,) of tokens."""
        factor = motion.frame_rate / self.frame_rate
        first = min(round(stretch[0] * factor), motion.num_frames - 1)
        last = max(first + 1, min(round(stretch[1] * factor), motion.num_frames))
        centres = (np.arange(len(curve)) + 0.5) * FRAMES_PER_TOKEN * factor
        frames = np.interp(np.arange(motion.num_frames) + 0.5, centres, curve)
        confidence = self.calibration.confidence(score)
        return GroundingResult(query, first, last, score, confidence, frames.astype(np.float32))


def sliding_windows(num_tokens: int) -> NDArray[np.integer]:
    """(M, 2) all windows of the known lengths, and the whole motion."""
    lengths = sorted({min(length, num_tokens) for length in WINDOW_LENGTHS})
    windows = [(start, start + length) for length in lengths for start in range(num_tokens - length + 1)]
    return np.array(windows, dtype=np.int64)


def local_windows(num_tokens: int) -> NDArray[np.integer]:
    """(N, 2) of each token the window of LOCAL_WINDOW tokens around it, within the motion."""
    length = min(LOCAL_WINDOW, num_tokens)
    starts = np.clip(np.arange(num_tokens) - length // 2, 0, num_tokens - length)
    return np.stack([starts, starts + length], axis=1).astype(np.int64)


def find_stretch(
    scores: FloatArray, windows: NDArray[np.integer], num_tokens: int, of_frames: FloatArray | None = None
) -> tuple[int, int, float, FloatArray]:
    """Best stretch [start, end) in tokens, its score, and the curve (num_tokens,), from window scores (M,).

    The stretch is the one whose own window scores high while the curve inside stands out from the curve outside, so
    that neither a short peak nor the whole motion wins by itself. of_frames: (4 num_tokens,) similarity with each frame
    by a boundary model, which then has half a say in which stretch it is.
    """
    lengths = windows[:, 1] - windows[:, 0]
    places = scores if of_frames is None else (scores + _window_means(of_frames, windows)) / 2
    curve = token_curve(places, windows, num_tokens)
    cumulative = np.concatenate([[0.0], np.cumsum(curve)])
    inside = (cumulative[windows[:, 1]] - cumulative[windows[:, 0]]) / lengths
    outside_length = num_tokens - lengths
    outside = np.where(
        outside_length > 0,
        (cumulative[-1] - inside * lengths) / np.maximum(outside_length, 1),
        float(np.median(curve)),
    )
    # Contrast of a cut explains more of the curve the more even the two parts are (between-group variance).
    share = lengths / num_tokens
    contrast = np.where(inside > outside, (inside - outside) * np.sqrt(share * (1 - share)), 0.0)
    best = int(np.argmax(places + 2.0 * contrast))
    return int(windows[best, 0]), int(windows[best, 1]), float(scores[best]), curve


def _window_means(of_frames: FloatArray, windows: NDArray[np.integer]) -> FloatArray:
    """(M,) means of a curve of frames over windows (M, 2) in tokens."""
    sums = np.concatenate([[0.0], np.cumsum(of_frames, dtype=np.float64)])
    first, last = windows[:, 0] * FRAMES_PER_TOKEN, windows[:, 1] * FRAMES_PER_TOKEN
    return np.asarray((sums[last] - sums[first]) / (last - first))


def token_curve(scores: FloatArray, windows: NDArray[np.integer], num_tokens: int) -> FloatArray:
    """(num_tokens,) per token the mean score of the short windows that cover it, from window scores (M,)."""
    lengths = windows[:, 1] - windows[:, 0]
    short = lengths == lengths[np.argmin(np.abs(lengths - CURVE_WINDOW))]
    change, weight = np.zeros(num_tokens + 1), np.zeros(num_tokens + 1)
    np.add.at(change, windows[short, 0], scores[short])
    np.add.at(change, windows[short, 1], -scores[short])
    np.add.at(weight, windows[short, 0], 1.0)
    np.add.at(weight, windows[short, 1], -1.0)
    return np.cumsum(change)[:-1] / np.maximum(np.cumsum(weight)[:-1], 1.0)
