"""What segments carry along through edits of their track: locks, and tokens that came from another take."""

from __future__ import annotations

from dataclasses import replace

from segmo_core.generation.kept_tokens import TokenPlan, same_segments
from segmo_core.models.sampling_settings import SamplingOverrides
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE


def with_track(take: Take, track: SegmentTrack, keeps_times: bool = False) -> Take:
    """``take`` on an edited ``track``; marks go with their segments, and go where those do.

    keeps_times: the edit cuts, joins or names segments and moves none, so that one is known by its place.
    """
    before = _former(take, track, keeps_times)
    after = {old: new for new, old in before.items()}
    return replace(
        take,
        track=track,
        locked=tuple(sorted(after[index] for index in take.locked if index in after)),
        given=tuple(replace(given, index=after[given.index]) for given in take.given if given.index in after),
    )


def changed_locks(take: Take, track: SegmentTrack, keeps_times: bool = False) -> tuple[int, ...]:
    """Indices of the locked segments of ``take`` that are not the same on ``track`` any more."""
    left = set(_former(take, track, keeps_times).values())
    return tuple(index for index in take.locked if index not in left)


def with_lock(take: Take, index: int, is_locked: bool) -> Take:
    """Segment ``index`` locked, or free again."""
    others = {other for other in take.locked if other != index}
    return replace(take, locked=tuple(sorted(others | {index} if is_locked else others)))


def plan_but_locked(take: Take, sampling: SamplingOverrides | None) -> TokenPlan | None:
    """The plan that makes all of a take anew but its locked segments; None while it has no motion."""
    if take.result is None or take.track is None:
        return None
    free = tuple(index for index in range(len(take.track)) if index not in take.locked)
    result = replace(take.result, request=replace(take.result.request, sampling=sampling))
    return TokenPlan(result, take.track, again=free, given=take.given)


def _former(take: Take, track: SegmentTrack, keeps_times: bool) -> dict[int, int]:
    """For every segment of ``track`` that the edit left as it was, which one of the take's it is."""
    if take.track is None or not (take.locked or take.given):
        return {}
    if not keeps_times:
        rate = MODEL_FRAME_RATE if take.result is None else take.result.origin.frame_rate
        return same_segments(take.track, track, rate)
    places = {segment: index for index, segment in enumerate(take.track)}
    return {index: places[segment] for index, segment in enumerate(track) if segment in places}
