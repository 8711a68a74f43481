"""What a generation is asked for and gives back. Torch-free values; a request validates itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.bundle_manifest import TokenOrigin
from segmo_core.control.constraints import Constraint
from segmo_core.control.feasibility import check_constraints
from segmo_core.errors import InvalidRequestError
from segmo_core.models.sampling_settings import SamplingOverrides as SamplingOverrides
from segmo_core.models.sampling_settings import SamplingSettings as SamplingSettings
from segmo_core.motion.motion import Motion
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import (
    MAX_FRAMES,
    MAX_SECONDS,
    MAX_SEGMENTS,
    MIN_SEGMENT_FRAMES,
    MODEL_FRAME_RATE,
    check_token_rate,
    token_ends,
)


@dataclass(frozen=True)
class GenerationRequest:
    """A prompt and its timed segments.

    track: segments in frames at 20 Hz; segment boundaries are rounded to whole tokens (4 frames).
    sampling: None takes the bundle's own settings, SamplingOverrides changes single ones.
    is_timed: tell every token the segment it belongs to; False leaves the boundaries to the model.
    kept_segments: indices of segments whose tokens stay as in ``kept_token_ids``; the others are generated.
    kept_token_ids: (N, Q) int, the token ids of the take being edited, laid out on the new track's tokens.
    kept_frame_rate: Hz of the bundle that made them, on whose tokens they are laid out.
    constraints: places and poses that the motion is held to, in the frame of ``--from-origin``.
    holds_numbers: make distances and turns as long as the texts say ("walks 4 m", "turns 90 degrees left").
    """

    prompt: str
    track: SegmentTrack
    seed: int = 0
    sampling: SamplingSettings | SamplingOverrides | None = None
    is_timed: bool = True
    kept_segments: tuple[int, ...] = ()
    kept_token_ids: NDArray[np.integer] | None = None
    kept_frame_rate: float = MODEL_FRAME_RATE
    constraints: tuple[Constraint, ...] = ()
    holds_numbers: bool = True

    def __post_init__(self) -> None:
        check_text(self.prompt, "prompt")
        for number, segment in enumerate(self.track, start=1):
            if not segment.text.strip():
                raise InvalidRequestError(f"segment {number}: empty text, expected an action")
            check_text(segment.text, f"segment {number}")
            if segment.num_frames < MIN_SEGMENT_FRAMES:
                raise InvalidRequestError(
                    f"segment {number}: {segment.num_frames / MODEL_FRAME_RATE:.2f} s, expected at least "
                    f"{MIN_SEGMENT_FRAMES / MODEL_FRAME_RATE:.1f} s"
                )
        if self.track.num_frames > MAX_FRAMES:
            raise InvalidRequestError(
                f"duration: {self.track.num_frames / MODEL_FRAME_RATE:.1f} s, expected at most {MAX_SECONDS:.0f} s"
            )
        if len(self.track) > MAX_SEGMENTS:
            raise InvalidRequestError(f"prompt: {len(self.track)} segments, expected at most {MAX_SEGMENTS}")
        if not 0 <= self.seed < 2**63:
            raise InvalidRequestError(f"seed: {self.seed}, expected 0 to 2^63 - 1")
        check_constraints(self.constraints, self.track.num_frames / MODEL_FRAME_RATE)
        if self.kept_segments:
            if self.kept_token_ids is None:
                raise InvalidRequestError("kept segments: no token ids given to keep them from")
            if any(not 0 <= index < len(self.track) for index in self.kept_segments):
                raise InvalidRequestError(f"kept segments: {self.kept_segments}, expected indices of the track")
            check_token_rate(self.kept_frame_rate)
            expected = token_ends(self.track, self.kept_frame_rate)[-1]
            if len(self.kept_token_ids) != expected:
                raise InvalidRequestError(
                    f"kept token ids: {len(self.kept_token_ids)} tokens, expected {expected} for this track"
                )

    def sampling_with(self, own: SamplingSettings) -> SamplingSettings:
        """The settings to draw with, given a bundle's ``own``. Raises InvalidRequestError for one out of range.

        Example:
            >>> request = GenerationRequest("a person walks", track, sampling=SamplingOverrides(steps=20))
            >>> request.sampling_with(SamplingSettings()).steps
            20
        """
        if isinstance(self.sampling, SamplingOverrides):
            return self.sampling.applied_to(own)
        return self.sampling or own

    @property
    def token_ends(self) -> tuple[int, ...]:
        """End of each segment in tokens; every segment keeps at least one."""
        return token_ends(self.track)

    @property
    def num_tokens(self) -> int:
        return self.token_ends[-1]


@dataclass(frozen=True)
class GenerationResult:
    """A generated motion.

    track: the request's track with boundaries on whole tokens, tiling the motion's frames.
    token_ids: (N, Q) int64. seconds: time spent generating. origin: whose token ids they are. seeds: the seed that each
    segment was drawn with, which for a kept one is that of an earlier request; None where all have the request's.
    """

    request: GenerationRequest
    motion: Motion
    track: SegmentTrack
    token_ids: NDArray[np.integer]
    seconds: float
    origin: TokenOrigin
    seeds: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.seeds is not None and len(self.seeds) != len(self.track):
            raise InvalidRequestError(f"seeds: {len(self.seeds)}, expected one for each of {len(self.track)} segments")

    @property
    def segment_seeds(self) -> tuple[int, ...]:
        """The seed of every segment of ``track``."""
        return self.seeds if self.seeds is not None else (self.request.seed,) * len(self.track)
