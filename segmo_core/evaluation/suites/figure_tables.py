"""The figures of the grounding, movement and long suites as tables."""

from __future__ import annotations

from segmo_core.evaluation.measures.grounding_figures import GroundingFigures
from segmo_core.evaluation.measures.tables import Table, mean, percent
from segmo_core.evaluation.suites.long_suite import LongFigures
from segmo_core.evaluation.suites.movement_suite import MovementFigures, Stages


def grounding_tables(figures: GroundingFigures) -> list[Table]:
    """One row for each way of looking for text."""
    return [
        Table(
            f"{figures.bundle}: sentences looked for in joined real test clips",
            ("way", "R@1, IoU 0.5", "R@1, IoU 0.7", "mean IoU", "absent actions, AUROC", "clip to label, R@1"),
            tuple(
                (
                    way.name,
                    percent(way.localisation.recall_05),
                    percent(way.localisation.recall_07),
                    mean(way.localisation.mean_overlap, 2),
                    "-" if way.absent_auroc is None else f"{way.absent_auroc:.3f}",
                    percent(way.label_recall),
                )
                for way in figures.ways
            ),
            (
                f"{figures.sequences} sequences of two to four segments, "
                f"{figures.ways[0].localisation.recall_05.total} sentences whose action occurs once in its sequence; "
                f"labels: whole test clips, {figures.num_labels} sentences to choose from. 95 % intervals.",
            ),
        )
    ]


def movement_tables(figures: MovementFigures) -> list[Table]:
    """Foot skating, jitter, and what the tokenizer costs."""
    skating = {name: row.skating for name, row in figures.by_action.items()} | {"all actions": figures.overall.skating}
    jitter = {name: row.jitter for name, row in figures.by_action.items()} | {"all actions": figures.overall.jitter}
    counts = ", ".join(str(number) for number in sorted({row.num_generated for row in figures.by_action.values()}))
    notes = (
        f"{counts} generated motions of each action beside at most as many real test clips. Each as it is, then after "
        "the foot-skate clean-up, which users get; the ratio is that of generated, cleaned, to real as it is. The last "
        "row is the mean over the actions, joined ones aside.",
        f"Tokenizer: mean joint error (root-aligned MPJPE) of {figures.num_clips} test clips "
        f"{figures.tokenizer_error:.1f} mm, from base tokens alone {figures.base_error:.1f} mm.",
    )
    return [
        _stages(f"{figures.bundle}: foot skating, m/s of toes near the floor", skating, 2, ()),
        _stages(f"{figures.bundle}: jitter, mean joint acceleration in m/s²", jitter, 1, notes),
    ]


def long_tables(figures: LongFigures) -> list[Table]:
    """What is seen at joins and boundaries beside what is seen inside segments."""

    def cell(value: float | None) -> str:
        return "-" if value is None else f"{value:.2f}"

    def share(value: float | None) -> str:
        return "-" if value is None else f"{value:.0%}"

    memory = "" if figures.peak_memory_mb is None else f", peak memory of the process {figures.peak_memory_mb:.0f} MB"
    return [
        Table(
            f"{figures.bundle}: motions of {figures.seconds:g} s with {figures.segments} segments",
            (
                "measure",
                "inside: median",
                "99th percentile",
                "largest",
                "window joins: largest",
                "above 99th",
                "segment boundaries: largest",
                "above 99th",
            ),
            tuple(
                (
                    f"{name}, {row.unit}",
                    cell(row.inside_median),
                    cell(row.inside_99),
                    cell(row.inside_largest),
                    cell(row.joins_largest),
                    share(row.joins_above_99),
                    cell(row.boundaries_largest),
                    share(row.boundaries_above_99),
                )
                for name, row in figures.discontinuities.items()
            ),
            (
                f"{figures.motions} motions of {figures.windows:.1f} windows on average; {figures.seconds_taken:.1f} s "
                f"each, the check included{memory}. Of joints, the fastest in each frame; everywhere the "
                "largest of four frames in a row, so one in a hundred is above the 99th percentile where none jumps.",
            ),
        )
    ]


def _stages(title: str, rows: dict[str, Stages], digits: int, notes: tuple[str, ...]) -> Table:
    def cell(value: float) -> str:
        return f"{value:.{digits}f}"

    return Table(
        title,
        ("action", "real", "cleaned", "tokenizer", "cleaned", "generated", "cleaned", "ratio"),
        tuple((name, *(cell(value) for value in vars(row).values()), f"{row.ratio:.2f}") for name, row in rows.items()),
        notes,
    )
