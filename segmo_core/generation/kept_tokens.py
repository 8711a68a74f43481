"""Which tokens an edit keeps: the one rule, for whoever shows, offers or makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.constraints import constraints_within
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE, token_ends, token_ranges

_Key = tuple[str, int]


@dataclass(frozen=True, eq=False)
class GivenTokens:
    """Tokens that segment ``index`` of a track brings along from another motion of the same tokenizer.

    token_ids: (n, Q) int, base and residual. seed: they were drawn with.
    """

    index: int
    token_ids: NDArray[np.integer]
    seed: int


@dataclass(frozen=True, eq=False)
class TokenPlan:
    """What becomes of the tokens of ``result`` on ``track``, which may have other segments, more, fewer or reordered.

    A segment is kept when the result has one of the same text and number of tokens, each used once: the one in the
    same place first, counted from the start, then from the end, then the nearest from elsewhere; while all texts are
    in their old places, only the one in the same place. again: segments to be generated anew all the same. given:
    tokens that segments bring along from elsewhere; those that do not fill their segment are left out.

    Tokens are counted on the grid of the result's bundle. One of another frame rate than the track's makes one token
    more or fewer of a segment that moves by half a token, which is then generated anew.
    """

    result: GenerationResult
    track: SegmentTrack
    again: tuple[int, ...] = ()
    given: tuple[GivenTokens, ...] = ()

    @cached_property
    def origins(self) -> dict[int, int]:
        """For every kept segment of ``track`` the segment of the result whose tokens it has."""
        if self.is_shown:
            return {index: index for index in range(len(self.track))}
        old_track = self.result.track
        rate = self.result.origin.frame_rate
        if len(self.result.token_ids) != token_ends(old_track, rate)[-1]:
            return {}  # of an old project, which does not say what grid its tokens are on
        may_move = self.track.texts != old_track.texts
        origins = _origins(_keys(old_track, rate), _keys(self.track, rate), may_move)
        taken = {*self.again, *self.brought}
        return {index: origin for index, origin in sorted(origins.items()) if index not in taken}

    @cached_property
    def brought(self) -> dict[int, GivenTokens]:
        """By segment, the given tokens that fill it."""
        ranges = token_ranges(self.track, self.result.origin.frame_rate)
        fitting = (given for given in self.given if 0 <= given.index < len(ranges) and given.index not in self.again)
        width = self.result.token_ids.shape[1]
        return {
            given.index: given
            for given in fitting
            if given.token_ids.shape == (ranges[given.index][1] - ranges[given.index][0], width)
        }

    @property
    def kept(self) -> tuple[int, ...]:
        """Indices of the segments whose tokens are there, base and residual, also where they move in time."""
        return tuple(sorted({*self.origins, *self.brought}))

    @property
    def anew(self) -> tuple[int, ...]:
        """Indices of the segments to be generated."""
        return tuple(index for index in range(len(self.track)) if index not in {*self.origins, *self.brought})

    @cached_property
    def is_shown(self) -> bool:
        """Whether the motion of the result already is what is asked for: same texts on the same tokens.

        It may be another one although nothing is to be generated anew: kept segments have moved and must be joined.
        """
        shown = self.result.track
        return (
            not (self.again or self.brought)
            and self.track.texts == shown.texts
            and token_ends(self.track) == token_ends(shown)
        )

    def request(self, seed: int | None = None) -> GenerationRequest:
        """What has to be generated. seed: of what is new; None takes the result's.

        Raises InvalidRequestError where the track cannot be generated.

        Example:
            >>> plan = TokenPlan(result, result.track.with_text(1, "A person claps."))
            >>> plan.kept, plan.anew, plan.request().kept_segments
            ((0,), (1,), (0,))
        """
        asked = self.result.request
        request = replace(
            asked,
            track=self.track,
            seed=asked.seed if seed is None else seed,
            kept_segments=(),
            kept_token_ids=None,
            kept_frame_rate=MODEL_FRAME_RATE,
            constraints=constraints_within(asked.constraints, self.track.num_frames / MODEL_FRAME_RATE),
        )
        if not self.kept:
            return request
        rate = self.result.origin.frame_rate
        old, new = token_ranges(self.result.track, rate), token_ranges(self.track, rate)
        token_ids = np.zeros((new[-1][1], self.result.token_ids.shape[1]), dtype=np.int64)
        for index, origin in self.origins.items():
            token_ids[slice(*new[index])] = self.result.token_ids[slice(*old[origin])]
        for index, given in self.brought.items():
            token_ids[slice(*new[index])] = given.token_ids
        return replace(request, kept_segments=self.kept, kept_token_ids=token_ids, kept_frame_rate=rate)

    def seeds(self, seed: int | None = None) -> tuple[int, ...]:
        """The seed of every segment of ``track`` once ``request(seed)`` is there. Raises nothing.

        Example:
            >>> TokenPlan(result, result.track, again=(1,)).seeds(5)
            (1, 5)
        """
        new, old = self.result.request.seed if seed is None else seed, self.result.segment_seeds
        drawn = {index: old[origin] for index, origin in self.origins.items()}
        drawn |= {index: given.seed for index, given in self.brought.items()}
        return tuple(drawn.get(index, new) for index in range(len(self.track)))


def same_segments(before: SegmentTrack, after: SegmentTrack, frame_rate: float = MODEL_FRAME_RATE) -> dict[int, int]:
    """For every segment of ``after`` that an edit left as it was, which one of ``before`` it is: the rule of TokenPlan.

    frame_rate: of the bundle whose tokens are counted.

    Example:
        >>> same_segments(track, track.reordered([1, 0]))
        {0: 1, 1: 0}
    """
    found = _origins(_keys(before, frame_rate), _keys(after, frame_rate), before.texts != after.texts)
    return dict(sorted(found.items()))


def tokens_of(result: GenerationResult, index: int) -> NDArray[np.integer]:
    """(n, Q) token ids of segment ``index`` of a result; none where nothing says what grid they are on."""
    ranges = token_ranges(result.track, result.origin.frame_rate)
    if len(result.token_ids) != ranges[-1][1]:
        return result.token_ids[:0]
    return result.token_ids[slice(*ranges[index])]


def relabelled(result: GenerationResult, track: SegmentTrack) -> GenerationResult:
    """The same motion and tokens under a new track of the same length (a split, or a label for a stretch)."""
    durations = [(end - start) * FRAMES_PER_TOKEN for start, end in token_ranges(track)]
    track = SegmentTrack.from_durations(track.texts, durations)
    request = replace(
        result.request, track=track, kept_segments=(), kept_token_ids=None, kept_frame_rate=MODEL_FRAME_RATE
    )
    seeds = tuple(result.segment_seeds[result.track.index_at(segment.start)] for segment in track)
    return replace(result, request=request, track=track, seeds=seeds)


def _keys(track: SegmentTrack, frame_rate: float) -> list[_Key]:
    """Text and number of tokens of every segment."""
    ranges = token_ranges(track, frame_rate)
    return [(segment.text, end - start) for segment, (start, end) in zip(track, ranges, strict=True)]


def _origins(old: Sequence[_Key], new: Sequence[_Key], may_move: bool) -> dict[int, int]:
    origins = {index: index for index in range(min(len(old), len(new))) if old[index] == new[index]}
    if not may_move:
        return origins
    unused = set(range(len(old))) - set(origins.values())
    shift = len(old) - len(new)
    for index in range(max(-shift, 0), len(new)):
        if index not in origins and index + shift in unused and old[index + shift] == new[index]:
            origins[index] = index + shift
            unused.remove(index + shift)
    places: dict[_Key, list[int]] = {}
    for candidate in sorted(unused):
        places.setdefault(old[candidate], []).append(candidate)
    for index in range(len(new)):
        fitting = places.get(new[index])
        if index not in origins and fitting:
            origins[index] = min(fitting, key=lambda candidate: abs(candidate - index))
            fitting.remove(origins[index])
    return origins
