"""What commands say about how well a motion does what was asked, and by what they look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from segmo_core.errors import InvalidRequestError
from segmo_core.progress import Progress, ProgressPart

if TYPE_CHECKING:
    from segmo_core.durations.segment_duration import SegmentDuration
    from segmo_core.engine import Engine
    from segmo_core.generation.request import GenerationRequest, GenerationResult
    from segmo_core.grounding.segment_check import SegmentCheck, TrackAlignment

WayOption = Annotated[
    Literal["head", "aligned"] | None,
    typer.Option(
        help="head: the bundle's grounding head. aligned: as in the paper, sliding windows in the space of its "
        "alignment loss. Left out: the head where there is one."
    ),
]


def generate_checked(
    engine: Engine, request: GenerationRequest, count: int, repair: bool, progress: Progress
) -> tuple[GenerationResult, TrackAlignment | None, list[int]]:
    """The best of ``count`` motions, its check, and the seeds of all from best to worst.

    A bundle that cannot find text in motion makes one motion and no check.
    """
    if not engine.can_ground:
        if count != 1 or repair:
            raise InvalidRequestError(
                "candidates and repair: the bundle has no grounding head to compare motions with, expected neither"
            )
        return engine.generate(request, progress), None, [request.seed]
    share = 0.8 if repair else 1.0
    ranked = engine.generate_candidates(request, count, ProgressPart(progress, 0.0, share))
    best = engine.repair(ranked[0], ProgressPart(progress, share, 1.0)) if repair else ranked[0]
    return best.result, best.alignment, [candidate.result.request.seed for candidate in ranked]


def found_column(check: SegmentCheck | None) -> str:
    """How sure it is that the segment is there, or what is wrong with it."""
    if check is None:
        return "-"
    if check.finding == "swapped" and check.other is not None:
        return f"swapped with {check.other + 1}"
    return f"{check.finding}?" if check.finding else f"{check.confidence:.0%}"


def plain_check(check: SegmentCheck) -> dict[str, Any]:
    """One check for JSON."""
    return {
        "confidence": round(check.confidence, 4),
        "found_start": check.start,
        "found_end": check.end,
        "finding": check.finding,
    }


def plain_duration(usual: SegmentDuration, seconds: float | None = None) -> dict[str, Any]:
    """What a text usually takes, for JSON, and whether ``seconds`` are too short for it."""
    values = {name: round(getattr(usual, name), 2) for name in ("shortest", "typical", "longest")}
    return {"usual_seconds": values} | ({} if seconds is None else {"is_too_short": usual.is_too_short(seconds)})


def print_way(way: str) -> None:
    """Say what looked, where it is not what bundles of ours look with."""
    if way == "aligned":
        typer.echo("Looked for in the aligned space, the best of sliding windows (as in the paper); not calibrated.")
