"""Several motions of one request, ranked by how well each segment is found at its place; and single segments redone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from segmo_core.generation.generator import MotionGenerator
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.grounding.grounder import Grounder
from segmo_core.grounding.segment_check import TrackAlignment
from segmo_core.grounding.track_alignment import align_track
from segmo_core.progress import Progress, ProgressPart, SilentProgress

REPAIR_ATTEMPTS = 4


@dataclass(frozen=True)
class Candidate:
    """A generated motion (its seed stands in result.request) and how well it does what was asked."""

    result: GenerationResult
    alignment: TrackAlignment


def generate_candidates(
    generator: MotionGenerator,
    grounder: Grounder,
    request: GenerationRequest,
    count: int,
    progress: Progress | None = None,
) -> tuple[Candidate, ...]:
    """``count`` motions of seeds request.seed, request.seed + 1, ..., the best first."""
    progress = progress or SilentProgress()
    found = []
    for number in range(count):
        part = ProgressPart(progress, number / count, (number + 1) / count)
        result = generator.generate(replace(request, seed=request.seed + number), part)
        found.append(Candidate(result, align_track(grounder, result.motion, result.track)))
    return tuple(sorted(found, key=lambda candidate: -candidate.alignment.score))


def repair(
    generator: MotionGenerator,
    grounder: Grounder,
    candidate: Candidate,
    progress: Progress | None = None,
    attempts: int = REPAIR_ATTEMPTS,
    keep: Sequence[int] = (),
) -> Candidate:
    """``candidate`` with its flagged segments generated anew; itself when that never helps.

    All other segments keep their tokens, and so do those of words that no training motion has, and those of the indices
    ``keep``. Stops as soon as nothing
    else is flagged any more.
    """
    progress = progress or SilentProgress()
    best = candidate
    for number in range(attempts):
        wanted = tuple(index for index in best.alignment.repairable if index not in keep)
        if not wanted:
            break
        result = generator.regenerate(
            TokenPlan(best.result, best.result.track, wanted),
            seed=candidate.result.request.seed + 1 + number,
            progress=ProgressPart(progress, number / attempts, (number + 1) / attempts),
        )
        alignment = align_track(grounder, result.motion, result.track)
        fewer = len(best.alignment.flagged) - len(alignment.flagged)
        if fewer > 0 or (fewer == 0 and alignment.score > best.alignment.score):
            best = Candidate(result, alignment)
    progress.report(1.0, "Checked")
    return best
