"""Rotations as pure functions over trailing axes: quaternions (w, x, y, z), matrices, 6D, Euler angles.

The only quaternion code of the project. Arrays may have any leading axes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]

IDENTITY_QUATERNION = np.array([1.0, 0.0, 0.0, 0.0])


def normalize(vectors: FloatArray, fallback: FloatArray | None = None) -> FloatArray:
    """Unit vectors (..., n); vectors shorter than 1e-8 become ``fallback`` (default: zero)."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit = vectors / np.maximum(length, 1e-8)
    if fallback is None:
        return np.where(length > 1e-8, unit, 0.0)
    return np.where(length > 1e-8, unit, fallback)


def multiply(a: FloatArray, b: FloatArray) -> FloatArray:
    """Hamilton product of quaternions (..., 4): first rotates by ``b``, then by ``a``."""
    aw, ax, ay, az = (a[..., i] for i in range(4))
    bw, bx, by, bz = (b[..., i] for i in range(4))
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def inverse(q: FloatArray) -> FloatArray:
    """Inverse of unit quaternions (..., 4)."""
    return q * np.array([1.0, -1.0, -1.0, -1.0], dtype=q.dtype)


def rotate(q: FloatArray, vectors: FloatArray) -> FloatArray:
    """Vectors (..., 3) rotated by unit quaternions (..., 4); leading axes broadcast."""
    w, xyz = q[..., :1], q[..., 1:]
    cross = 2.0 * _cross(xyz, vectors)
    return vectors + w * cross + _cross(xyz, cross)


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """np.cross of vectors (..., 3), to the last bit, without its checks of axes: kinematics spends its time here."""
    ax, ay, az = (a[..., i] for i in range(3))
    bx, by, bz = (b[..., i] for i in range(3))
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def between(a: FloatArray, b: FloatArray) -> FloatArray:
    """Shortest-arc quaternion (..., 4) that turns direction ``a`` into direction ``b``; w >= 0.

    For opposite directions, where the published formula gives NaN, the half turn is about an axis
    perpendicular to ``a``; for a zero-length vector the identity.
    """
    a, b = np.broadcast_arrays(normalize(a), normalize(b))
    w = 1.0 + np.sum(a * b, axis=-1, keepdims=True)
    q = np.concatenate([w, np.cross(a, b)], axis=-1)
    helper = np.where(np.abs(a[..., 1:2]) < 0.9, np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]))
    half_turn = np.concatenate([np.zeros_like(w), normalize(np.cross(a, helper))], axis=-1)
    q = np.where(w < 1e-9, half_turn, q)
    return normalize(q, IDENTITY_QUATERNION)


def from_axis_angle(axis: FloatArray, angle: FloatArray) -> FloatArray:
    """Quaternion (..., 4) of a turn by ``angle`` (...) radians about unit ``axis`` (..., 3)."""
    half = np.asarray(angle)[..., None] / 2.0
    return np.concatenate([np.cos(half), np.sin(half) * axis], axis=-1)


def to_matrix(q: FloatArray) -> FloatArray:
    """Unit quaternions (..., 4) as rotation matrices (..., 3, 3)."""
    w, x, y, z = np.moveaxis(q, -1, 0)
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w),
        2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
        2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return np.stack(rows, axis=-1).reshape(*q.shape[:-1], 3, 3)


def from_matrix(matrix: FloatArray) -> FloatArray:
    """Rotation matrices (..., 3, 3) as unit quaternions (..., 4) with w >= 0 (Shepperd's method)."""
    m = matrix
    trace = m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2]
    squares = np.stack(
        [
            1 + trace,
            1 + 2 * m[..., 0, 0] - trace,
            1 + 2 * m[..., 1, 1] - trace,
            1 + 2 * m[..., 2, 2] - trace,
        ],
        axis=-1,
    )  # four times the square of each component
    a, b, c = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    d, e, f = m[..., 1, 0] + m[..., 0, 1], m[..., 0, 2] + m[..., 2, 0], m[..., 2, 1] + m[..., 1, 2]
    candidates = np.stack(
        [
            np.stack([squares[..., 0], a, b, c], axis=-1),
            np.stack([a, squares[..., 1], d, e], axis=-1),
            np.stack([b, d, squares[..., 2], f], axis=-1),
            np.stack([c, e, f, squares[..., 3]], axis=-1),
        ],
        axis=-2,
    )
    best = np.argmax(squares, axis=-1)[..., None, None]
    q = normalize(np.take_along_axis(candidates, best, axis=-2)[..., 0, :], IDENTITY_QUATERNION)
    return np.where(q[..., :1] < 0, -q, q)


def to_rotation_6d(q: FloatArray) -> FloatArray:
    """First two COLUMNS of the matrix, concatenated (..., 6), as in HumanML3D's features."""
    matrix = to_matrix(q)
    return np.concatenate([matrix[..., 0], matrix[..., 1]], axis=-1)


def slerp(a: FloatArray, b: FloatArray, weight: FloatArray | float) -> FloatArray:
    """Spherical interpolation (..., 4) along the shorter arc; ``weight`` (...) 0 gives a, 1 gives b."""
    cosine = np.sum(a * b, axis=-1, keepdims=True)
    b = np.where(cosine < 0, -b, b)
    angle = np.arccos(np.clip(np.abs(cosine), -1.0, 1.0))
    weight = np.asarray(weight)[..., None] if np.ndim(weight) else np.asarray(weight)
    sine = np.sin(angle)
    small = sine < 1e-6
    safe = np.where(small, 1.0, sine)
    from_a = np.where(small, 1.0 - weight, np.sin((1.0 - weight) * angle) / safe)
    from_b = np.where(small, weight, np.sin(weight * angle) / safe)
    return normalize(from_a * a + from_b * b, IDENTITY_QUATERNION)


def continuous(q: FloatArray) -> FloatArray:
    """Quaternions (T, ..., 4) with signs chosen so that neighbours in time lie on the same half sphere."""
    dots = np.sum(q[1:] * q[:-1], axis=-1, keepdims=True)
    signs = np.cumprod(np.concatenate([np.ones_like(q[:1, ..., :1]), np.where(dots < 0, -1.0, 1.0)]), axis=0)
    return q * signs


_AXES = {"X": 0, "Y": 1, "Z": 2}


def to_euler(q: FloatArray, order: str) -> FloatArray:
    """Intrinsic Tait-Bryan angles (..., 3) in radians, in the order of ``order`` (three different axes).

    ``order`` "ZXY" means R = Rz(a) Rx(b) Ry(c), the meaning of BVH channel order. b lies in [-pi/2, pi/2].
    """
    i, j, k = (_AXES[letter] for letter in order)
    sign = 1.0 if (j - i) % 3 == 1 else -1.0
    m = to_matrix(q)
    middle = np.arcsin(np.clip(sign * m[..., i, k], -1.0, 1.0))
    locked = np.abs(m[..., i, k]) > 1.0 - 1e-12
    first = np.where(
        locked,
        np.arctan2(sign * m[..., k, j], m[..., j, j]),
        np.arctan2(-sign * m[..., j, k], m[..., k, k]),
    )
    last = np.where(locked, 0.0, np.arctan2(-sign * m[..., i, j], m[..., i, i]))
    return np.stack([first, middle, last], axis=-1)


def from_euler(angles: FloatArray, order: str) -> FloatArray:
    """Inverse of ``to_euler``: quaternions (..., 4) of R = R_order[0](a) R_order[1](b) R_order[2](c).

    Also accepts repeated axes and fewer than three, as foreign BVH files may have.
    """
    result = np.broadcast_to(IDENTITY_QUATERNION, (*angles.shape[:-1], 4))
    for position, letter in enumerate(order):
        axis = np.zeros(3)
        axis[_AXES[letter]] = 1.0
        result = multiply(result, from_axis_angle(axis, angles[..., position]))
    return result


def unroll_euler(angles: FloatArray) -> FloatArray:
    """For angles (T, ..., 3) of any order, the equivalent triplets nearest to the previous frame's.

    A triplet (a, b, c) equals (a + pi, pi - b, c + pi) and any multiple of 2 pi added to each; without
    this choice, interpolated Euler curves go wrong between keys.
    """
    result = np.array(angles, dtype=np.float64)
    # The other form of a frame is as far from one form of the frame before as the frame itself is from the other, so
    # where to change between the forms can be told from the given angles alone, for all frames at once.
    other = np.stack([result[..., 0] + np.pi, np.pi - result[..., 1], result[..., 2] + np.pi], axis=-1)
    changes = _angle_distance(other[1:] - result[:-1]) < _angle_distance(result[1:] - result[:-1])
    is_other = np.cumsum(changes, axis=0) % 2 == 1
    result[1:] = np.where(is_other[..., None], other[1:], result[1:])
    result[1:] -= 2 * np.pi * np.cumsum(np.round(np.diff(result, axis=0) / (2 * np.pi)), axis=0)
    return result


def _angle_distance(difference: FloatArray) -> FloatArray:
    """Summed distance (...) between triplets whose angles differ by ``difference`` (..., 3), whole turns left out."""
    distance: FloatArray = np.abs(difference - 2 * np.pi * np.round(difference / (2 * np.pi))).sum(axis=-1)
    return distance


def fit_rotation(rest: FloatArray, posed: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """Least-squares rotation of vector sets (..., N, 3): posed ~ R rest (Kabsch 1976); (..., 4)."""
    return fit_with_certainty(rest, posed, weights)[0]


def fit_with_certainty(
    rest: FloatArray, posed: FloatArray, weights: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """As ``fit_rotation``, with how well the vectors determine the rotation: (...), from 0 to 1.

    0: they lie on one line, so that any turn about it fits as well, and the smallest error decides which one is found.
    It is the curvature of the fit's error about its weakest axis as a share of that about the strongest (Umeyama 1991).
    """
    if weights is not None:
        rest = rest * weights[..., None]
    covariance = np.swapaxes(posed, -1, -2) @ rest
    u, strength, vt = np.linalg.svd(covariance)
    determinant = np.sign(np.linalg.det(u @ vt))
    correction = np.ones(u.shape[:-1])
    correction[..., 2] = np.where(determinant == 0, 1.0, determinant)
    weakest = strength[..., 1] + correction[..., 2] * strength[..., 2]
    certainty = np.clip(weakest / np.maximum(strength[..., 0] + strength[..., 1], 1e-12), 0.0, 1.0)
    return from_matrix((u * correction[..., None, :]) @ vt), certainty


def from_rotation_vector(vectors: FloatArray) -> FloatArray:
    """Quaternions (..., 4) of rotation vectors (..., 3): axis times angle in radians (axis-angle of SMPL)."""
    return from_axis_angle(normalize(vectors), np.linalg.norm(vectors, axis=-1))


def to_rotation_vector(q: FloatArray) -> FloatArray:
    """Inverse of ``from_rotation_vector``; angles from 0 to pi."""
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sine, q[..., :1])
    # Near the identity the angle is twice the sine, to the last digit.
    return q[..., 1:] * np.where(sine > 1e-8, angle / np.maximum(sine, 1e-8), 2.0)
