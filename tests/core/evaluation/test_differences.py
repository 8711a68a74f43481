"""Differences of rows measured with several seeds: against figures by hand."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.evaluation.measures.differences import Difference, Spread, told_apart


def test_welchs_interval_by_hand() -> None:
    """Means 3 and 5, variances 2.5 and 1 of five and three values: error sqrt(2.5 / 5 + 1 / 3) = 0.9129, degrees of
    freedom 0.8333^2 / (0.25 / 4 + 0.1111 / 2) = 5.88, for which Student's t is 2.459."""
    found = Difference.between([1.0, 2.0, 3.0, 4.0, 5.0], [4.0, 5.0, 6.0])
    assert found is not None
    assert found.value == pytest.approx(-2.0)
    assert (found.high - found.low) / 2 == pytest.approx(2.459 * 0.9129, rel=2e-3)
    assert found.high > 0 > found.low
    assert 0.05 < found.chance < 0.1


def test_one_value_says_nothing_of_its_spread() -> None:
    assert Difference.between([1.0], [2.0, 3.0]) is None
    assert Spread((2.0,)).deviation == 0.0
    assert Spread((1.0, 3.0)).deviation == pytest.approx(2**0.5)


def test_values_without_any_spread() -> None:
    same, other = Difference.between([0.5, 0.5], [0.5, 0.5]), Difference.between([0.5, 0.5], [0.25, 0.25])
    assert same is not None
    assert other is not None
    assert (same.chance, other.chance, other.low) == (1.0, 0.0, 0.25)


def test_holm_asks_more_of_many_comparisons() -> None:
    assert told_apart([0.04]) == [True]
    assert told_apart([0.04, 0.9]) == [False, False]
    assert told_apart([0.02, 0.04, 0.01]) == [True, True, True]
    assert told_apart([0.04, 0.01, 0.06]) == [False, True, False]
    assert told_apart([]) == []


def test_rows_that_do_not_differ_are_seldom_told_apart() -> None:
    generator = np.random.default_rng(0)
    wrong = sum(
        any(
            told_apart(
                [
                    found.chance
                    for _ in range(6)
                    if (found := Difference.between(generator.normal(size=5), generator.normal(size=5))) is not None
                ]
            )
        )
        for _ in range(300)
    )
    assert wrong < 0.09 * 300
