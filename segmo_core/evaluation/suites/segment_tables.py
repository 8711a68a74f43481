"""The figures of the segment suite as tables."""

from __future__ import annotations

from segmo_core.evaluation.judges.action_classifier import CLASS_NAMES
from segmo_core.evaluation.measures.boundary_figures import BoundaryError, BoundaryFigures
from segmo_core.evaluation.measures.tables import Table, mean, percent
from segmo_core.evaluation.suites.segment_recognition import Recognition, RecognitionFigures
from segmo_core.evaluation.suites.segment_suite import SegmentFigures

_TOLD = {"true": "told the asked boundaries", "even": "told equal parts", "none": "told no boundaries"}


def segment_tables(figures: SegmentFigures) -> list[Table]:
    """Recognition by number of segments, boundaries (where they were looked for), and recognition by action."""
    tables = [_recognition(figures)]
    if figures.boundaries is not None and figures.boundaries.real is not None:
        tables.append(_boundaries(figures.boundaries))
    return [*tables, _actions(figures)]


def _recognition(figures: SegmentFigures) -> Table:
    settings, sampling = figures.settings, figures.sampling
    told = _TOLD[settings.timing] if figures.can_be_timed else "a model that cannot be told boundaries"
    how = "plain" if settings.candidates == 1 else f"the best of {settings.candidates} candidates"
    if settings.repaired:
        how += ", flagged segments repaired"
    return Table(
        f"{figures.bundle}: segments recognised as asked",
        (
            "segments in the prompt",
            "recognised",
            "order errors",
            "missing",
            "wrong side",
            "whole prompts",
            "real joined",
        ),
        tuple(
            _recognition_row(name, row, figures.joined, count)
            for name, row, count in [
                *((str(count), row, count) for count, row in figures.generated.by_count.items()),
                ("all", figures.generated.overall, None),
            ]
        ),
        (
            f"{settings.prompts} prompts of each number of segments, which last 1.6 to 4 s each, drawn independently; "
            f"{how}; {told}; guidance {sampling.guidance_scale:g} and {sampling.residual_guidance_scale:g}, "
            f"{sampling.steps} steps, temperature {sampling.temperature:g}; seed {settings.seed}. 95 % intervals.",
            f"The judge recognises {figures.judge_accuracy['all']:.1%} of whole real test clips, and the share under "
            '"real joined" of segments of real test clips joined and cut at the known boundaries: the ceiling.',
            "Order error: the segment shows an action that the same prompt asks for in another segment (of these, two "
            f"segments exchanged: {percent(figures.generated.overall.swapped)}). Missing: no segment of the motion "
            "shows the action. Wrong side: of segments with a left or right action, the other side is shown.",
            *figures.notices,
        ),
    )


def _recognition_row(name: str, row: Recognition, joined: RecognitionFigures, count: int | None) -> tuple[str, ...]:
    real = joined.overall if count is None else joined.by_count[count]
    return (
        name,
        percent(row.recognised),
        percent(row.order_errors),
        percent(row.missing),
        percent(row.wrong_side),
        percent(row.all_recognised),
        percent(real.recognised),
    )


def _boundaries(figures: BoundaryFigures) -> Table:
    counts = sorted(figures.real_by_count)
    rows = [(str(n), figures.generated_by_count.get(n), figures.real_by_count.get(n)) for n in counts]
    return Table(
        "Boundaries found again without being told, mean distance in frames (0.05 s)",
        (
            "segments",
            "generated",
            "found later by",
            "within 4 frames",
            "real joined",
            "found later by",
            "within 4 frames",
        ),
        tuple(
            (name, *_boundary_cells(generated), *_boundary_cells(real))
            for name, generated, real in [*rows, ("all", figures.generated, figures.real)]
        ),
        (
            "Of generated motions the distance is to the asked boundary, of joined real test clips to the true one. "
            f"Generated boundaries with both segments recognised: {mean(recognised.error)}."
            if (recognised := figures.generated_recognised) is not None
            else "The distance is to the asked boundary, of joined real test clips to the true one.",
        ),
    )


def _boundary_cells(row: BoundaryError | None) -> tuple[str, str, str]:
    if row is None:
        return "-", "-", "-"
    return mean(row.error), f"{row.bias.value:+.1f}", percent(row.within_token)


def _actions(figures: SegmentFigures) -> Table:
    rows = []
    for name in CLASS_NAMES:
        made = figures.generated.by_action.get(name)
        if made is None:
            continue
        real = figures.joined.by_action.get(name)
        clips = figures.judge_accuracy.get(name)
        rows.append(
            (
                name,
                percent(made.recognised),
                percent(made.wrong_side),
                ", ".join(f"{other} {number}" for other, number in list(made.seen_as.items())[:3]),
                "-" if real is None else percent(real.recognised),
                "no test clip" if clips is None else f"{clips:.0%}",
            )
        )
    return Table(
        "The same by action",
        ("action", "generated", "wrong side", "otherwise seen as", "real joined", "real clips"),
        tuple(rows),
    )
