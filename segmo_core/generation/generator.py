"""Prompt and timed segments to motion: text -> condition -> tokens -> features -> rigid motion."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.constraints import Constraint
from segmo_core.durations.words import without_stated_time
from segmo_core.errors import BundleError, InvalidRequestError
from segmo_core.generation.decoding import motion_from_features
from segmo_core.generation.drawing import draw_tokens
from segmo_core.generation.held_motion import held_motion
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.generation.windows import Window, plan_windows
from segmo_core.generation.word_condition import with_words_of
from segmo_core.models.token_transformers.drawing import Mask, TokenIds, Uniforms
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.runtimes.condition import SegmentCondition, segments_of_tokens
from segmo_core.runtimes.motion_models import MotionModels
from segmo_core.segmentation.prompt_text import one_caption
from segmo_core.text_encoders.text_encoder import TextEncoder
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, token_ends

FloatArray = NDArray[np.floating]
PREVIEW_STEPS = 3
_SEED_STRIDE = 1_000_003  # from window to window
_LARGEST_FEATURE = 1e5  # metres or millimetres, of places and of steps; no body is anywhere near


class MotionGenerator:
    """Generates motions from one bundle. The same request gives the same motion."""

    def __init__(self, models: MotionModels, text_encoder: TextEncoder) -> None:
        if models.manifest.masked_transformer.text_width != text_encoder.width:
            raise InvalidRequestError(
                f"text encoder {text_encoder.name}: vectors of {text_encoder.width}, "
                f"the bundle expects {models.manifest.masked_transformer.text_width}"
            )
        self._models = models
        self._text_encoder = text_encoder

    def generate(
        self,
        request: GenerationRequest,
        progress: Progress | None = None,
        preview: Callable[[Motion], None] | None = None,
    ) -> GenerationResult:
        """The motion of a request. ``preview`` gets rough motions (base tokens only) while tokens are decided.

        Raises CancelledError between decoding steps when the user cancels.
        """
        progress = progress or SilentProgress()
        started = time.perf_counter()
        ends = request.token_ends
        num_frames = ends[-1] * FRAMES_PER_TOKEN
        ids = self._decide(request, progress, preview)
        durations = np.diff([0, *ends]) * FRAMES_PER_TOKEN
        track = SegmentTrack.from_durations(request.track.texts, [int(frames) for frames in durations])
        free = self.decode(ids, feet_stand=True).frames(0, num_frames)
        motion = held_motion(free, track, request)
        progress.report(1.0, "Motion ready")
        return GenerationResult(
            request=request,
            motion=motion,
            track=track,
            token_ids=ids,
            seconds=time.perf_counter() - started,
            origin=self._models.manifest.token_origin,
        )

    def _decide(
        self, request: GenerationRequest, progress: Progress, preview: Callable[[Motion], None] | None
    ) -> TokenIds:
        """All token ids (N, Q) of a request, window by window; kept ones stay."""
        manifest = self._models.manifest
        sampling = request.sampling_with(manifest.sampling)
        ends = token_ends(request.track, manifest.frame_rate)
        ids, is_kept = self._kept(request, ends)
        windows = plan_windows(ends, manifest.masked_transformer.max_segments)
        windows = tuple(window for window in windows if not is_kept[window.begin : window.end].all())
        shown = {round(sampling.steps * (i + 1) / (PREVIEW_STEPS + 1)) for i in range(PREVIEW_STEPS)}
        for number, window in enumerate(windows):
            seen = slice(window.start, window.stop)
            told = is_kept[seen].copy()
            told[: window.begin - window.start] = True

            def show(step: int, base_ids: TokenIds, window: Window = window) -> None:
                if preview is not None and step + 1 in shown:
                    rough = np.concatenate([ids[: window.start, 0], base_ids[0, : window.end - window.start]])
                    preview(self.decode(rough[:, None]).frames(0, request.num_tokens * FRAMES_PER_TOKEN))

            drawn = draw_tokens(
                self._models,
                self._condition(request, window, is_whole=len(windows) == 1 and window.stop == ends[-1]),
                np.array([window.stop - window.start]),
                sampling,
                Uniforms((request.seed + number * _SEED_STRIDE) % 2**63),
                kept_ids=ids[None, seen] if told.any() else None,
                kept_mask=told[None] if told.any() else None,
                progress=ProgressPart(progress, 0.95 * number / len(windows), 0.95 * (number + 1) / len(windows)),
                preview=show,
            )[0]
            new = slice(window.begin, window.end)
            ids[new] = drawn[window.begin - window.start : window.end - window.start]
        return ids

    def estimated_seconds(self, prompt: str) -> float | None:
        """The expected length of a motion of ``prompt``; None when the bundle has no length estimator."""
        if self._models.manifest.length_estimator is None:
            return None
        lengths = self._models.expected_lengths(self._text_encoder.encode([prompt]))
        return None if lengths is None else float(lengths[0]) * FRAMES_PER_TOKEN / self._models.manifest.frame_rate

    def regenerate(
        self,
        plan: TokenPlan,
        seed: int | None = None,
        progress: Progress | None = None,
        preview: Callable[[Motion], None] | None = None,
    ) -> GenerationResult:
        """The result of ``plan`` on its track: what the plan keeps stays, base and residual, the rest is made anew.

        InvalidRequestError when the plan's result was made with another tokenizer.
        """
        self._check_origin(plan.result)
        return replace(self.generate(plan.request(seed), progress, preview), seeds=plan.seeds(seed))

    def free_motion(self, result: GenerationResult) -> Motion:
        """The motion of a result's tokens as they are, before it was held to anything.

        InvalidRequestError when the result was made with another tokenizer.
        """
        self._check_origin(result)
        return self.decode(np.asarray(result.token_ids, dtype=np.int64), feet_stand=True).frames(
            0, result.motion.num_frames
        )

    def hold(self, result: GenerationResult, constraints: Sequence[Constraint]) -> GenerationResult:
        """The result of the same tokens, held to ``constraints`` instead of those it has."""
        started = time.perf_counter()
        request = replace(result.request, constraints=tuple(constraints))
        motion = held_motion(self.free_motion(result), result.track, request)
        return replace(result, request=request, motion=motion, seconds=time.perf_counter() - started)

    def _check_origin(self, result: GenerationResult) -> None:
        """Raise InvalidRequestError when the token ids of ``result`` mean something else to this bundle."""
        own = self._models.manifest.token_origin
        if not result.origin.means_the_same_as(own):
            raise InvalidRequestError(
                f"regenerate: the take was made with another bundle ({result.origin.bundle!r}) than the one in use "
                f"({own.bundle!r}), expected its own"
            )

    def _condition(self, request: GenerationRequest, window: Window, is_whole: bool) -> SegmentCondition:
        """The text condition (batch of one) of a window, padded to the model's number of segments.

        A window that is the whole motion reads the prompt; others read the texts of their segments, joined. A model
        that takes no segments reads only that.
        """
        config = self._models.manifest.masked_transformer
        texts = request.track.texts[slice(*window.segments)]
        prompt = request.prompt if is_whole else one_caption(texts)
        count = min(len(texts), config.max_segments)
        told = [without_stated_time(text) for text in (prompt, *texts[:count])]
        vectors = self._text_encoder.encode(told)
        segments = np.zeros((config.max_segments, config.text_width), dtype=np.float32)
        segments[:count] = vectors[1:]
        condition = SegmentCondition(
            vectors[:1],
            segments[None],
            (np.arange(config.max_segments) < count)[None],
            segments_of_tokens(window.segment_ends[:count], window.segment_ends[-1])[None],
        )
        condition = condition if request.is_timed else condition.without_timing()
        if self._models.manifest.reads_words:
            absent = [""] * (config.max_segments - count)
            condition = with_words_of([[*told[1:], *absent]], self._text_encoder, condition)
        return condition

    def decode(self, token_ids: TokenIds, *, feet_stand: bool = False) -> Motion:
        """The rigid motion of token ids (N, q); without slides of standing feet where ``feet_stand`` is set.

        BundleError where the tokenizer's outputs are those of no body.
        """
        rows = self._models.statistics.restored(self._models.decode(token_ids[None])[0])
        largest = float(np.abs(rows).max(initial=0.0))
        if not largest <= _LARGEST_FEATURE:
            raise BundleError(
                f"tokenizer: decodes to features of {largest:.3g}, expected at most {_LARGEST_FEATURE:g}, "
                "from the weights and statistics of a finished training"
            )
        return motion_from_features(rows, self._models.manifest.frame_rate, feet_stand=feet_stand)

    def encode(self, features: FloatArray) -> TokenIds:
        """Token ids (T / 4, Q) of feature rows (T, D), un-normalised, of the bundle's kind and rate, whole tokens."""
        rows = self._models.statistics.normalised(features).astype(np.float32)
        token_ids: TokenIds = self._models.encode(rows[None])[0]
        return token_ids

    def _kept(self, request: GenerationRequest, token_ends: tuple[int, ...]) -> tuple[TokenIds, Mask]:
        """Token ids (N, Q), -1 where not kept, and which of the N are kept. token_ends: of this bundle's tokens."""
        num_tokens = token_ends[-1]
        sizes = self._models.manifest.tokenizer
        num_quantizers, num_codes = sizes.num_quantizers, sizes.num_codes
        ids = np.full((num_tokens, num_quantizers), -1, dtype=np.int64)
        is_kept = np.zeros(num_tokens, dtype=bool)
        if request.kept_segments and request.kept_token_ids is not None:
            if request.kept_token_ids.shape != (num_tokens, num_quantizers):
                raise InvalidRequestError(
                    f"kept token ids: shape {request.kept_token_ids.shape}, expected {(num_tokens, num_quantizers)}"
                )
            ends = (0, *token_ends)
            for index in request.kept_segments:
                is_kept[ends[index] : ends[index + 1]] = True
            kept = request.kept_token_ids[is_kept]
            if kept.size and not 0 <= kept.min() <= kept.max() < num_codes:
                raise InvalidRequestError(
                    f"kept token ids: {kept.min()} to {kept.max()}, expected 0 to {num_codes - 1}"
                )
            ids = np.where(is_kept[:, None], np.asarray(request.kept_token_ids, dtype=np.int64), ids)
        return ids, is_kept
