"""The figures of grounding against values that are known."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.evaluation.measures.grounding_figures import area_under_curve, fit_calibration, overlap


def test_area_under_curve_counts_pairs_in_the_right_order() -> None:
    scores = np.array([0.9, 0.4, 0.6, 0.1, 0.4])
    is_positive = np.array([True, True, False, False, False])
    # Pairs: 0.9 beats all three; 0.4 loses to 0.6, beats 0.1, ties with 0.4.
    assert area_under_curve(scores, is_positive) == pytest.approx((3 + 1 + 0.5) / 6)


def test_calibration_crosses_a_half_between_the_classes() -> None:
    generator = np.random.default_rng(0)
    scores = np.concatenate([generator.normal(0.8, 0.1, 200), generator.normal(0.3, 0.1, 600)])
    curve = fit_calibration(scores, np.arange(800) < 200)
    assert curve.confidence(0.55) == pytest.approx(0.5, abs=0.1)
    assert curve.confidence(0.8) > 0.95
    assert curve.confidence(0.3) < 0.05


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 10), (5, 15)) == pytest.approx(1 / 3)
    assert overlap((0, 4), (4, 8)) == 0.0
