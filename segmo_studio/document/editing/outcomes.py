"""How what a job made comes into the project: into the take it was made for, or into takes of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from segmo_core.generation.request import GenerationResult
from segmo_core.project.project import Project, Take
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_core.timeline.segment_track import SegmentTrack

NameOf = Callable[[Take, int, GenerationResult], str]
"""The name of a further take: the first take, its own place among the results from 2, and its result."""


def proposed(take: Take, prompt: str, segmented: SegmentedText, track: SegmentTrack) -> Take:
    """``take`` with the segments of ``prompt`` and nothing of what it had before."""
    return replace(
        take,
        prompt=prompt,
        segmented=segmented,
        track=track,
        result=None,
        opened=None,
        source=None,
        read_as=None,
        locked=(),
        given=(),
    )


def by_rank(first: Take, place: int, _result: GenerationResult) -> str:
    """Candidates are named by their place among all."""
    return f"{first.name} · rank {place}"


def by_seed(first: Take, _place: int, result: GenerationResult) -> str:
    """Variations are named by what makes them differ."""
    return f"{first.name.partition(' · ')[0]} · seed {result.request.seed}"


def with_outcome(
    project: Project, take: Take, outcome: Take, results: Sequence[GenerationResult], name_of: NameOf = by_rank
) -> tuple[Project, Take]:
    """The project with ``outcome`` in it and current, and the outcome as it is there.

    It goes into ``take``, from which it was made, while that is unchanged and has no motion, else into a new take.
    results: the motions of ``outcome``, the first its own; each further one becomes a take.
    """
    outcome = replace(outcome, groundings=(), alignment=None, described=())
    if results:
        outcome = replace(outcome, track=results[0].track, result=results[0], given=())
    if not take.is_same_work_as(project.find(take.take_id)) or take.motion is not None:
        fresh = project.next_take()
        outcome = replace(outcome, take_id=fresh.take_id, name=fresh.name, starred=False)
    project = project.with_take(outcome)
    for place, result in enumerate(results[1:], start=2):
        number = project.next_take().take_id
        name = name_of(outcome, place, result)
        project = project.with_take(replace(outcome, take_id=number, name=name, track=result.track, result=result))
    return replace(project, current_id=outcome.take_id), outcome
