"""The published metrics of text-to-motion work, as pure functions of embeddings (Guo 2022; MoMask and SegMo use them).

Embeddings are rows (M, E) of the evaluator: text and motion row i belong together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]

RETRIEVAL_BATCH = 32


def distances(first: FloatArray, second: FloatArray) -> FloatArray:
    """Euclidean distances (A, B) float64 between the rows of (A, E) and (B, E)."""
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * a @ b.T
    distances: FloatArray = np.sqrt(np.maximum(squared, 0.0))
    return distances


def r_precision(text: FloatArray, motion: FloatArray, *, top: int = 3, batch_size: int = RETRIEVAL_BATCH) -> FloatArray:
    """Shares (top,) of texts whose motion is among the nearest 1, 2, ... of its batch of ``batch_size`` rows.

    Rows past the last whole batch are left out, as the published loader drops them.
    """
    ranks = retrieval_ranks(text, motion, batch_size=batch_size)
    return np.array([(ranks < places).mean() for places in range(1, top + 1)])


def retrieval_ranks(text: FloatArray, motion: FloatArray, *, batch_size: int = RETRIEVAL_BATCH) -> IntArray:
    """Of each text of the whole batches, how many motions of its batch are nearer than its own (0: none)."""
    count = _whole_batches(text, motion, batch_size)
    ranks = []
    for first in range(0, count, batch_size):
        rows = slice(first, first + batch_size)
        order = np.argsort(distances(text[rows], motion[rows]), axis=1, kind="stable")
        ranks.append(np.argmax(order == np.arange(batch_size)[:, None], axis=1))
    return np.concatenate(ranks)


def matching_score(text: FloatArray, motion: FloatArray, *, batch_size: int = RETRIEVAL_BATCH) -> float:
    """Mean distance between a text and its own motion (MM-Dist), over the same rows as ``r_precision``."""
    count = _whole_batches(text, motion, batch_size)
    difference = np.asarray(text[:count], dtype=np.float64) - np.asarray(motion[:count], dtype=np.float64)
    return float(np.linalg.norm(difference, axis=1).mean())


def frechet_distance(first: FloatArray, second: FloatArray) -> float:
    """FID: distance of the Gaussians that fit the rows of (A, E) and (B, E).

    The trace of the root of the product of covariances is the sum of the roots of the eigenvalues of
    R C2 R, R = root of C1: real and symmetric, so it also holds where fewer rows than columns make the
    covariances singular and a general matrix root does not converge.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if min(len(a), len(b)) < 2:
        raise InvalidRequestError(f"FID: {min(len(a), len(b))} rows, expected at least 2")
    covariance_a, covariance_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(np.atleast_2d(covariance_a))
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    product = root @ np.atleast_2d(covariance_b) @ root
    overlap = np.sqrt(np.maximum(np.linalg.eigvalsh((product + product.T) / 2), 0.0)).sum()
    means = a.mean(axis=0) - b.mean(axis=0)
    return float(
        means @ means + np.trace(np.atleast_2d(covariance_a)) + np.trace(np.atleast_2d(covariance_b)) - 2 * overlap
    )


def random_pairs(count: int, num_pairs: int, generator: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Two draws of ``num_pairs`` of ``count`` rows, each without repeats; a row may meet itself, as published."""
    if num_pairs > count:
        raise InvalidRequestError(f"random pairs: {num_pairs} of {count} rows, expected at most as many as rows")
    return (
        generator.choice(count, num_pairs, replace=False),
        generator.choice(count, num_pairs, replace=False),
    )


def diversity(motion: FloatArray, first: IntArray, second: IntArray) -> float:
    """Mean distance between rows ``first`` and rows ``second`` of motion (M, E); published: 300 random pairs."""
    difference = np.asarray(motion[first], dtype=np.float64) - np.asarray(motion[second], dtype=np.float64)
    return float(np.linalg.norm(difference, axis=1).mean())


def multimodality(motion: FloatArray, first: IntArray, second: IntArray) -> float:
    """Mean distance within a text: motion (M, R, E), R motions of each of M texts; pairs index R (published: 10)."""
    difference = np.asarray(motion[:, first], dtype=np.float64) - np.asarray(motion[:, second], dtype=np.float64)
    return float(np.linalg.norm(difference, axis=2).mean())


def joint_position_error(truth: FloatArray, predicted: FloatArray) -> FloatArray:
    """MPJPE of each pose (T,): mean joint distance of joints (T, J, 3) after moving both roots to the origin."""
    aligned_truth, aligned = truth - truth[:, :1], predicted - predicted[:, :1]
    distances = np.linalg.norm(np.asarray(aligned_truth - aligned, dtype=np.float64), axis=-1)
    error: FloatArray = distances.mean(axis=-1)
    return error


def _whole_batches(text: FloatArray, motion: FloatArray, batch_size: int) -> int:
    if text.shape != motion.shape:
        raise InvalidRequestError(f"retrieval: text {text.shape} and motion {motion.shape}, expected the same shape")
    count = len(text) // batch_size * batch_size
    if count == 0:
        raise InvalidRequestError(f"retrieval: {len(text)} rows, expected at least {batch_size}")
    return count
