"""The published metrics against numbers found another way."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.measures import metrics


def test_distances_are_euclidean_and_never_nan() -> None:
    rows = np.random.default_rng(0).standard_normal((5, 7)).astype(np.float32) * 1e3
    found = metrics.distances(rows, rows)
    np.testing.assert_allclose(found, np.linalg.norm(rows[:, None].astype(np.float64) - rows[None], axis=-1), atol=1e-3)
    assert np.isfinite(found).all()


def test_r_precision_counts_ranks_within_a_batch() -> None:
    text = np.eye(4) * 10
    motion = text.copy()
    motion[[0, 1]] = motion[[1, 0]]  # the first two are swapped: each finds the other
    found = metrics.r_precision(text, motion, batch_size=4)
    np.testing.assert_allclose(found[0], 0.5)
    assert found[2] >= found[1] >= found[0]
    perfect = metrics.r_precision(np.arange(70.0)[:, None], np.arange(70.0)[:, None])  # 64 rows make whole batches
    np.testing.assert_allclose(perfect, 1.0)


def test_matching_score_is_the_mean_distance_of_pairs() -> None:
    text = np.zeros((32, 2))
    motion = np.tile([3.0, 4.0], (32, 1))
    assert metrics.matching_score(text, motion) == pytest.approx(5.0)


def test_frechet_distance_of_gaussians_in_closed_form() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((4000, 3)), rng.standard_normal((4000, 3)) @ np.diag([2.0, 1.0, 0.5]) + [1.0, 0.0, 0.0]
    covariances = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    difference = a.mean(0) - b.mean(0)
    expected = difference @ difference + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert metrics.frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)
    assert metrics.frechet_distance(a, b) == pytest.approx(1.0 + 1.0 + 0.25, rel=0.1)  # means, then (sigma - 1)^2
    assert metrics.frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)


def test_frechet_distance_of_fewer_rows_than_columns() -> None:
    rng = np.random.default_rng(2)
    a, shift = rng.standard_normal((10, 64)), np.zeros(64)
    shift[0] = 3.0
    assert metrics.frechet_distance(a, a + shift) == pytest.approx(9.0, rel=1e-6)


def test_diversity_and_multimodality_by_hand() -> None:
    rows = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    assert metrics.diversity(rows, np.array([0, 0]), np.array([1, 2])) == pytest.approx(7.5)
    assert metrics.multimodality(rows[None], np.array([0, 1]), np.array([2, 1])) == pytest.approx(5.0)
    first, second = metrics.random_pairs(30, 10, np.random.default_rng(0))
    assert len(set(first)) == len(set(second)) == 10
    with pytest.raises(InvalidRequestError, match="10 of 5 rows"):
        metrics.random_pairs(5, 10, np.random.default_rng(0))


def test_joint_position_error_ignores_where_the_root_is() -> None:
    truth = np.zeros((2, 3, 3))
    predicted = truth + 5.0
    predicted[1, 2, 0] += 0.3
    np.testing.assert_allclose(metrics.joint_position_error(truth, predicted), [0.0, 0.1])


def test_rows_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="5 rows, expected at least 32"):
        metrics.r_precision(np.zeros((5, 2)), np.zeros((5, 2)))
    with pytest.raises(InvalidRequestError, match="expected the same shape"):
        metrics.matching_score(np.zeros((32, 2)), np.zeros((32, 3)))
    with pytest.raises(InvalidRequestError, match="1 rows, expected at least 2"):
        metrics.frechet_distance(np.zeros((1, 2)), np.zeros((9, 2)))
