"""A segment taken out of a take, to be put somewhere else: its words, its time, and its tokens where it has any."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.bundle_manifest import TokenOrigin
from segmo_core.generation.kept_tokens import GivenTokens, tokens_of
from segmo_core.project.project import Take
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE


@dataclass(frozen=True, eq=False)
class SegmentClip:
    """num_frames: at 20 a second. token_ids: (n, Q) int, whose meaning ``origin`` says; None where its motion is not
    generated, or not yet. seed: they were drawn with. take_name, index: where it comes from.
    """

    text: str
    num_frames: int
    take_name: str
    index: int
    token_ids: NDArray[np.integer] | None = None
    seed: int = 0
    origin: TokenOrigin | None = None

    @classmethod
    def of(cls, take: Take, index: int) -> SegmentClip:
        """Segment ``index`` of a take. Raises IndexError where there is none."""
        if take.track is None or not 0 <= index < len(take.track):
            raise IndexError(f"segment {index + 1} of {take.name}: there is none")
        segment, plan = take.track[index], take.plan
        num_frames = max(1, round(segment.num_frames / take.frame_rate * MODEL_FRAME_RATE))
        bare = cls(segment.text, num_frames, take.name, index)
        if plan is None:
            return bare
        origin = plan.result.origin
        brought = plan.brought.get(index)
        if brought is not None:
            return cls(segment.text, num_frames, take.name, index, brought.token_ids, brought.seed, origin)
        former = plan.origins.get(index)
        token_ids = None if former is None else tokens_of(plan.result, former)
        if former is None or token_ids is None or not len(token_ids):
            return bare
        seed = plan.result.segment_seeds[former]
        return cls(segment.text, num_frames, take.name, index, token_ids, seed, origin)

    def given_to(self, index: int) -> GivenTokens | None:
        """Its tokens for segment ``index`` of another track; None where it has none."""
        return None if self.token_ids is None else GivenTokens(index, self.token_ids, self.seed)


@dataclass(frozen=True)
class DropPlace:
    """Where segments go: before segment ``index`` (the number of segments: at the end), or in its place."""

    index: int
    replaces: bool
