"""Triangles to pixels, against the definition worked out triangle by triangle and pixel by pixel."""

from __future__ import annotations

import numpy as np

from segmo_core.rendering.rasterizer import rasterize

SIZE = 40
CENTRES = np.arange(SIZE) + 0.5


def seen_triangles(points: np.ndarray, nearness: np.ndarray, triangles: np.ndarray, size: int = SIZE) -> np.ndarray:
    """(size, size) the triangle at every pixel, -1 where there is none."""
    fragments = rasterize(points, nearness, triangles, size, size)
    image = np.full(size * size, -1)
    image[fragments.places] = fragments.faces
    return image.reshape(size, size)


def edge_distances(corners: np.ndarray) -> np.ndarray:
    """(SIZE, SIZE, 3) pixels from each pixel centre to the edges of a triangle (3, 2), positive inside."""
    x, y = np.meshgrid(CENTRES, CENTRES)
    distances = []
    for i in range(3):
        (ax, ay), (bx, by) = corners[i], corners[(i + 1) % 3]
        cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        distances.append(-cross / np.hypot(bx - ax, by - ay))
    return np.stack(distances, axis=-1)


def test_random_triangles_as_by_definition() -> None:
    generator = np.random.default_rng(5)
    points = generator.uniform(-5, SIZE + 5, size=(90, 2))
    nearness = generator.uniform(0.1, 0.5, size=90)
    triangles = np.arange(90).reshape(30, 3)
    nearest = np.full((SIZE, SIZE), -np.inf)
    expected = np.full((SIZE, SIZE), -1)
    is_clear = np.ones((SIZE, SIZE), dtype=bool)  # of edges, where rounding decides
    for number, corners in enumerate(points[triangles]):
        along, across = corners[1] - corners[0], corners[2] - corners[0]
        if along[0] * across[1] - along[1] * across[0] >= 0:  # y points down: the far side
            continue
        distances = edge_distances(corners)
        is_clear &= np.abs(distances).min(axis=-1) > 5e-3
        plane = np.linalg.solve(np.column_stack([corners, np.ones(3)]), nearness[triangles[number]])
        depth = plane[0] * CENTRES[None, :] + plane[1] * CENTRES[:, None] + plane[2]
        wins = (distances > 0).all(axis=-1) & (depth > nearest)
        nearest[wins], expected[wins] = depth[wins], number
    found = seen_triangles(points, nearness, triangles)
    assert is_clear.mean() > 0.9
    assert len(np.unique(expected)) > 8
    np.testing.assert_array_equal(found[is_clear], expected[is_clear])


def test_weights_give_back_the_pixel_centre() -> None:
    points = np.array([[3.0, 35.0], [37.0, 30.0], [15.0, 2.0]])
    fragments = rasterize(points, np.ones(3), np.array([[0, 1, 2]]), SIZE, SIZE)
    rows, columns = np.divmod(fragments.places, SIZE)
    centres = np.stack([columns, rows], axis=1) + 0.5
    np.testing.assert_allclose(fragments.weights @ points, centres, atol=0.01)
    area = 0.5 * abs((37 - 3) * (2 - 35) - (15 - 3) * (30 - 35))
    assert abs(len(fragments.places) - area) < 20


def test_neighbours_leave_no_gap() -> None:
    generator = np.random.default_rng(1)
    cells = 16
    x, y = np.meshgrid(np.linspace(0, SIZE, cells + 1), np.linspace(0, SIZE, cells + 1))
    inner = np.zeros_like(x)
    inner[1:-1, 1:-1] = 1
    points = np.stack([x, y], axis=-1) + generator.uniform(-0.8, 0.8, size=(*x.shape, 2)) * inner[..., None]
    index = np.arange((cells + 1) ** 2).reshape(cells + 1, cells + 1)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    triangles = np.concatenate(
        [np.stack([a, c, b], axis=-1).reshape(-1, 3), np.stack([b, c, d], axis=-1).reshape(-1, 3)]
    )
    assert (seen_triangles(points.reshape(-1, 2), np.ones(index.size), triangles) >= 0).all()


def test_the_nearer_one_hides_the_farther_in_any_order() -> None:
    square = np.array([[5.0, 5.0], [5.0, 35.0], [35.0, 5.0]])
    points, nearness = np.concatenate([square, square]), np.array([0.2, 0.2, 0.2, 0.4, 0.4, 0.4])
    for triangles, near in (([[0, 1, 2], [3, 4, 5]], 1), ([[3, 4, 5], [0, 1, 2]], 0)):
        assert set(np.unique(seen_triangles(points, nearness, np.array(triangles)))) == {-1, near}


def test_the_far_side_and_what_is_outside_is_not_drawn() -> None:
    points = np.array([[5.0, 5.0], [5.0, 35.0], [35.0, 5.0], [-50.0, -50.0], [-50.0, -20.0], [-20.0, -50.0]])
    turned_away, outside = np.array([[0, 2, 1]]), np.array([[3, 4, 5]])
    for triangles in (turned_away, outside, np.zeros((0, 3), dtype=int)):
        assert (seen_triangles(points, np.ones(6), triangles) == -1).all()
