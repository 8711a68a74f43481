"""Banded least squares give what the whole matrix gives."""

from __future__ import annotations

import numpy as np

from segmo_core.motion.feet.least_squares import Bands


def test_the_same_as_the_full_matrix() -> None:
    generator = np.random.default_rng(1)
    count = 12
    wanted, weights = generator.normal(size=(count, 2)), generator.uniform(0.1, 2.0, size=count)
    jumps, pull = generator.normal(size=(5, 2)), generator.uniform(0.5, 3.0, size=5)
    bands = Bands(count, width=3, columns=2)
    bands.add({0: 1.0}, weights, wanted)
    bands.add({0: 1.0, 1: -2.0, 2: 1.0}, 0.7)
    bands.add({0: -1.0, 3: 1.0}, pull, jumps, first=0, step=2)  # unknowns 0-3, 2-5, 4-7, 6-9, 8-11
    second, apart = np.zeros((count - 2, count)), np.zeros((5, count))
    for n in range(count - 2):
        second[n, n : n + 3] = 1.0, -2.0, 1.0
    for n in range(5):
        apart[n, 2 * n], apart[n, 2 * n + 3] = -1.0, 1.0
    rows = np.concatenate([np.eye(count), second, apart])
    roots = np.sqrt(np.concatenate([weights, np.full(count - 2, 0.7), pull]))[:, None]
    target = np.concatenate([wanted, np.zeros((count - 2, 2)), jumps])
    expected = np.linalg.lstsq(roots * rows, roots * target, rcond=None)[0]
    np.testing.assert_allclose(bands.solve(), expected, atol=1e-10)


def test_means_by_hand() -> None:
    # Two unknowns wanted at 0 and 1, tied to each other twice as strongly: (x, y) minimises x^2 + (y-1)^2 + 2(y-x)^2.
    bands = Bands(2, width=1, columns=1)
    bands.add({0: 1.0}, 1.0, np.array([[0.0], [1.0]]))
    bands.add({0: -1.0, 1: 1.0}, 2.0)
    np.testing.assert_allclose(bands.solve(), [[0.4], [0.6]], atol=1e-12)
