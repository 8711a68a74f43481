"""Figures of the battery as tables."""

from __future__ import annotations

from segmo_core.evaluation.measures.tables import Table, percent
from segmo_core.evaluation.words.word_suite import WordFigures


def word_tables(figures: WordFigures) -> list[Table]:
    return [_kinds(figures), _check(figures), _amounts(figures), _paraphrases(figures), _failures(figures)]


def _kinds(figures: WordFigures) -> Table:
    settings = figures.settings
    rows = tuple(
        (kind, percent(share), percent((figures.real or {}).get(kind))) for kind, share in figures.by_kind.items()
    )
    best = "" if settings.candidates == 1 else f", each the best of {settings.candidates} by the bundle's own check"
    return Table(
        f"{figures.bundle}: free sentences that do what they say",
        ("kind", "generated", "recorded clips"),
        rows,
        (
            f"{figures.by_kind['all'].total // settings.seeds} sentences, {settings.seeds} motions each{best}, prompts "
            f"alone, seed {settings.seed}; judged by geometry on joints. Recorded clips: those with a label that a "
            "sentence is about, whole, idle ends and all.",
            f"Off the floor (8 cm for 0.8 s, without cause): {percent(figures.floating)}. Through the floor (5 cm): "
            f"{percent(figures.sinking)}.",
        ),
    )


def _check(figures: WordFigures) -> Table:
    found = figures.self_check
    auroc = "-" if found.auroc is None else f"{found.auroc:.2f}"
    return Table(
        f"{figures.bundle}: its own check beside the truth",
        ("of the battery's motions", "AUROC of found", "failures called found", "right ones flagged"),
        (("all", auroc, percent(found.failures_found), percent(found.right_flagged)),),
    )


def _amounts(figures: WordFigures) -> Table:
    rows = tuple((row.text, row.unit, row.asked, f"{row.value:.2f}", percent(row.right)) for row in figures.amounts)
    return Table(f"{figures.bundle}: amounts", ("prompt", "measured in", "asked", "mean", "right"), rows)


def _paraphrases(figures: WordFigures) -> Table:
    rows = tuple(
        (row.text, percent(row.table), percent(row.held_out)) for row in (*figures.paraphrases, figures.paraphrases_all)
    )
    return Table(
        f"{figures.bundle}: the same in other words",
        ("sentence of the caption tables", "as it stands", "in words that stand in no table"),
        rows,
    )


def _failures(figures: WordFigures) -> Table:
    """One row for each sentence that fails at least once."""
    rows = []
    for outcomes in figures.outcomes.values():
        for prompt in dict.fromkeys(one.prompt for one in outcomes if not one.passed):
            made = [one for one in outcomes if one.prompt == prompt]
            failed = [one for one in made if not one.passed]
            found = "-" if failed[0].is_found is None else str(sum(bool(one.is_found) for one in failed))
            rows.append((prompt, f"{len(failed)} of {len(made)}", found, failed[0].told))
    columns = ("sentence", "failed", "of these called found", "measured, first failure")
    return Table(f"{figures.bundle}: what failed", columns, tuple(rows))
