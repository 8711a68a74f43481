"""Motion segmentation: equal parts, change points, clusters; against hand-made signals and brute force."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

from segmo_core import catalog
from segmo_core.errors import DataError, FileFormatError, InvalidRequestError, MissingDependencyError, SegmoError
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT
from segmo_core.segmentation.boundary_metrics import boundary_error
from segmo_core.segmentation.motion_change_point import ChangePointSegmenter
from segmo_core.segmentation.motion_clustering import (
    ClusteringSegmenter,
    cheapest_cut,
    distances_to_primitives,
    segment_costs,
)
from segmo_core.segmentation.motion_primitives import PrimitiveLibrary, build_library
from segmo_core.segmentation.motion_segmenter import MotionSegmenter, token_rows
from segmo_core.segmentation.motion_uniform import UniformSegmenter

LEVELS = np.array([[0.0, 4.0, 0.0], [5.0, 0.0, 0.0], [0.0, 0.0, -4.0], [3.0, 3.0, 3.0]])


def steps(lengths: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Rows that stay near one of the levels for each length."""
    noise = np.random.default_rng(seed).normal(scale=0.3, size=(sum(lengths), 3))
    return np.repeat(LEVELS[: len(lengths)], lengths, axis=0) + noise


def library() -> PrimitiveLibrary:
    return build_library([steps((9, 9, 9, 9), seed) for seed in range(6)], num_primitives=4, window=1)


def segmenters() -> list[MotionSegmenter]:
    return [UniformSegmenter(), ChangePointSegmenter(), ClusteringSegmenter(library())]


@pytest.mark.parametrize(
    ("num_rows", "num_segments", "ends"),
    [(49, 5, (10, 20, 30, 40, 49)), (7, 3, (3, 5, 7)), (6, 3, (2, 4, 6)), (5, 1, (5,)), (3, 3, (1, 2, 3))],
)
def test_uniform_gives_the_rest_to_the_first_segments(num_rows, num_segments, ends):
    assert UniformSegmenter().segment(np.zeros((num_rows, 2)), num_segments) == ends


@pytest.mark.parametrize("lengths", [(12, 7), (5, 14, 9), (6, 20, 5, 11), (4, 4), (15,)])
def test_change_points_and_clusters_find_clear_steps_exactly(lengths):
    expected = tuple(itertools.accumulate(lengths))
    for segmenter in segmenters()[1:]:
        assert segmenter.segment(steps(lengths, seed=5), len(lengths)) == expected


def test_a_change_of_scatter_alone_is_a_change_point():
    """A Gaussian kernel sees more than the mean: calm, then wild around the same mean."""
    generator = np.random.default_rng(1)
    calm, wild = generator.normal(scale=0.05, size=(20, 4)), generator.normal(scale=3.0, size=(15, 4))
    (first, last) = ChangePointSegmenter().segment(np.concatenate([calm, wild]), 2)
    assert (abs(first - 20) <= 1, last) == (True, 35)


@pytest.mark.parametrize("num_rows", [1, 2, 3, 7, 20])
def test_every_possible_number_of_segments_tiles_the_motion(num_rows):
    rows = np.random.default_rng(2).normal(size=(num_rows, 3))
    for segmenter, num_segments in itertools.product(segmenters(), range(1, num_rows + 1)):
        ends = segmenter.segment(rows, num_segments)
        assert len(ends) == num_segments
        assert ends[-1] == num_rows
        assert all(a < b for a, b in itertools.pairwise((0, *ends)))


def test_motion_without_any_movement_is_still_cut():
    for segmenter in segmenters():
        assert segmenter.segment(np.zeros((20, 3)), 3)[-1] == 20


@pytest.mark.parametrize(
    ("rows", "num_segments", "sentence"),
    [
        (np.zeros((4, 3)), 5, "5 segments of 4 rows, expected 1 to 4"),
        (np.zeros((4, 3)), 0, "0 segments of 4 rows"),
        (np.zeros((0, 3)), 1, "1 segments of 0 rows"),
        (np.full((4, 3), np.nan), 2, "NaN or infinity"),
        (np.zeros(4), 1, "expected rows and columns"),
    ],
)
def test_what_cannot_be_cut_is_refused_in_a_sentence(rows, num_segments, sentence):
    for segmenter in segmenters():
        with pytest.raises(InvalidRequestError, match=sentence):
            segmenter.segment(rows, num_segments)


def test_dynamic_programming_equals_trying_every_cut():
    distances = np.random.default_rng(3).random((11, 4))
    costs = segment_costs(distances)
    for num_segments, shortest in itertools.product((1, 2, 3, 4), (1, 2)):
        best = min(
            (
                sum(distances[a:b].sum(axis=0).min() for a, b in itertools.pairwise((0, *cut, 11))),
                (*cut, 11),
            )
            for cut in itertools.combinations(range(1, 11), num_segments - 1)
            if all(b - a >= shortest for a, b in itertools.pairwise((0, *cut, 11)))
        )
        assert cheapest_cut(costs, num_segments, shortest) == best[1]


def test_distances_are_those_of_the_window_around_a_row():
    centres = np.array([[0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]], dtype=np.float32)
    rows = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    found = distances_to_primitives(rows, PrimitiveLibrary(centres, window=2))
    # Windows: (0, 0), (0, 1), (1, 2), each twice per column; the first row stands in for the one before it.
    np.testing.assert_allclose(found**2, [[2.0, 16.0], [0.0, 10.0], [4.0, 2.0]], atol=1e-9)


def test_library_is_the_same_after_saving_and_for_the_same_seed(tmp_path: Path):
    first, again = library(), library()
    np.testing.assert_array_equal(first.centres, again.centres)
    assert np.abs(first.centres[:, None] - LEVELS[None]).sum(axis=2).min(axis=0).max() < 0.6  # the four levels
    first.save(tmp_path / "primitives.npz")
    loaded = PrimitiveLibrary.load(tmp_path / "primitives.npz")
    assert loaded.window == first.window
    np.testing.assert_array_equal(loaded.centres, first.centres)
    assert [path.name for path in tmp_path.iterdir()] == ["primitives.npz"]


def test_files_that_are_no_library_are_refused(tmp_path: Path):
    path = tmp_path / "primitives.npz"
    good = {"version": np.array(1), "window": np.array(2), "centres": np.zeros((4, 6), np.float32)}
    np.savez(path, **good)
    assert PrimitiveLibrary.load(path).num_columns == 3
    wrong = [
        {"version": np.array(9)},
        {"window": np.array(4)},
        {"window": np.array(0)},
        {"window": np.zeros((2, 2))},
        {"centres": np.zeros((4, 6))},
        {"centres": np.zeros(6, np.float32)},
        {"centres": np.full((4, 6), np.nan, np.float32)},
        {"centres": np.array([{}, 1], dtype=object)},
    ]
    for change in wrong:
        np.savez(path, **(good | change))
        with pytest.raises(FileFormatError, match=r"primitives\.npz"):
            PrimitiveLibrary.load(path)
    whole = path.read_bytes()
    for content in (b"", b"not a zip", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match=r"primitives\.npz"):
            PrimitiveLibrary.load(path)
    with pytest.raises(FileFormatError, match="no such file"):
        PrimitiveLibrary.load(tmp_path / "missing.npz")


def test_library_needs_more_windows_than_primitives_and_reads_no_more_than_it_may():
    with pytest.raises(DataError, match="9 windows of 2 tokens, expected at least 20"):
        build_library([np.zeros((10, 3)), np.zeros((1, 3))], num_primitives=20, window=2)
    read = []

    def motions():
        for seed in range(50):
            read.append(seed)
            yield steps((6, 6, 6), seed)

    build_library(motions(), num_primitives=3, window=1, max_windows=40)
    assert read == [0, 1, 2]


def test_features_of_another_width_are_refused():
    with pytest.raises(InvalidRequestError, match="rows of 5 features, expected 3"):
        ClusteringSegmenter(library()).segment(np.zeros((9, 5)), 2)


@pytest.mark.parametrize("package", ["ruptures", "sklearn.cluster"])
def test_a_missing_package_is_named_with_its_install_line(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    install = {"ruptures": "pip install ruptures", "sklearn.cluster": "pip install scikit-learn"}[package]
    with pytest.raises(MissingDependencyError, match=install):
        _ = ChangePointSegmenter().segment(np.eye(9), 2) if package == "ruptures" else library()
    assert UniformSegmenter().segment(np.eye(9), 2) == (5, 9)


def test_the_catalog_knows_all_three():
    for name in ("uniform", "change-point", "clustering"):
        assert catalog.load(catalog.MOTION_SEGMENTERS, "motion segmenter", name).name == name
    with pytest.raises(SegmoError, match="expected one of change-point, clustering, uniform"):
        catalog.load(catalog.MOTION_SEGMENTERS, "motion segmenter", "guess")


def test_token_rows_are_means_of_normalised_poses_and_velocities():
    features = np.random.default_rng(4).normal(size=(11, 263))
    statistics = FeatureStatistics(np.full(263, 0.5), np.full(263, 2.0))
    rows = token_rows(features, statistics, HUMANML3D_LAYOUT, 4)
    assert rows.shape == (2, 63 + 66)
    assert rows[1, 0] == pytest.approx((features[4:8, 4].mean() - 0.5) / 2.0)
    assert rows[0, 63] == pytest.approx((features[:4, 193].mean() - 0.5) / 2.0)
    moved = features.copy()
    moved[:, :4] += 1.0  # where the root is and goes says nothing about what the body does
    np.testing.assert_array_equal(token_rows(moved, statistics, HUMANML3D_LAYOUT, 4), rows)


def test_boundary_error_by_hand():
    error = boundary_error([(4, 9, 12), (5, 10), (8,)], [(5, 9, 12), (9, 10), (8,)])
    assert (error.mean, error.count) == (pytest.approx(5 / 3), 3)  # 1, 0 and 4 tokens away
    assert error.std == pytest.approx((26 / 9) ** 0.5)
    with pytest.raises(ValueError, match="2 segments found, expected 3"):
        boundary_error([(4, 9)], [(2, 4, 9)])
    with pytest.raises(ValueError, match="at least one boundary"):
        boundary_error([(9,)], [(9,)])
