"""The suite on the starter bundle, with one sentence of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from segmo_core.engine import starter_bundle_path
from segmo_core.evaluation.words.battery.sentence import KINDS
from segmo_core.evaluation.words.outcomes import area_under_curve
from segmo_core.evaluation.words.run import run_words
from segmo_core.evaluation.words.word_suite import WordSettings
from segmo_core.evaluation.words.word_tables import word_tables


def test_figures_tables_and_the_same_again_from_the_cache(tmp_path: Path) -> None:
    settings = WordSettings(seeds=1, limit=1)
    figures = run_words(starter_bundle_path(), tmp_path, settings)
    assert set(figures.by_kind) == {*KINDS, "all"}
    assert figures.by_kind["all"].total == len(KINDS)
    assert len(figures.amounts) == 5
    assert figures.paraphrases_all.held_out.total == 3
    made = sorted(path.name for path in tmp_path.glob("prompted-*.npz"))
    assert len(made) == 3
    again = run_words(starter_bundle_path(), tmp_path, settings)
    assert again.by_kind == figures.by_kind
    assert again.amounts == figures.amounts
    assert sorted(path.name for path in tmp_path.glob("prompted-*.npz")) == made
    text = "".join(table.markdown() for table in word_tables(figures))
    assert "free sentences that do what they say" in text
    assert "AUROC" in text


def test_the_area_under_the_curve() -> None:
    assert area_under_curve([0.9, 0.8, 0.2], [True, True, False]) == 1.0
    assert area_under_curve([0.1, 0.9], [True, False]) == 0.0
    assert area_under_curve([0.5, 0.5], [True, False]) == pytest.approx(0.5)
    assert area_under_curve([0.5], [True]) is None
