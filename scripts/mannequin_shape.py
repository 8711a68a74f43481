"""The mannequin's surface as a smooth union of simple solids placed on the model skeleton's rest pose.

All lengths in metres, Y up, facing +Z, pelvis at the origin. A solid is a function from points (..., 3) to a
distance that is negative inside; only its zero level and its slope near zero matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

FloatArray = NDArray[np.floating]
Solid = Callable[[FloatArray], FloatArray]


def ellipsoid(centre: Sequence[float], radii: Sequence[float]) -> Solid:
    middle, size = np.asarray(centre), np.asarray(radii)

    def distance(points: FloatArray) -> FloatArray:
        return (np.linalg.norm((points - middle) / size, axis=-1) - 1.0) * size.min()

    return distance


def capsule(start: Sequence[float], end: Sequence[float], radius_start: float, radius_end: float) -> Solid:
    first, last = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    along = last - first

    def distance(points: FloatArray) -> FloatArray:
        t = np.clip((points - first) @ along / (along @ along), 0.0, 1.0)
        radius = radius_start + (radius_end - radius_start) * t
        return np.linalg.norm(points - first - t[..., None] * along, axis=-1) - radius

    return distance


def loft(
    start: Sequence[float],
    end: Sequence[float],
    side: Sequence[float],
    stations: Sequence[tuple[float, float, float, float, float]],
    caps: tuple[float, float],
    power: float = 2.0,
) -> Solid:
    """A limb or trunk from ``start`` to ``end`` through cross sections, with rounded ends.

    stations: (t, half width along ``side``, half depth, shift along ``side``, shift in depth), t from 0 to 1;
    depth is perpendicular to both axis and side, towards axis x side. caps: how far each end bulges out.
    power: 2 makes sections ellipses, more makes them squarer.
    """
    first = np.asarray(start, dtype=float)
    length = float(np.linalg.norm(np.asarray(end) - first))
    axis = (np.asarray(end) - first) / length
    across = np.asarray(side, dtype=float) - axis * (axis @ np.asarray(side, dtype=float))
    across /= np.linalg.norm(across)
    depth = np.cross(axis, across)
    table = np.asarray(stations, dtype=float)
    profile = PchipInterpolator(table[:, 0], table[:, 1:])

    def distance(points: FloatArray) -> FloatArray:
        relative = points - first
        height = relative @ axis
        inside = np.clip(height, 0.0, length)
        half_width, half_depth, shift_side, shift_depth = np.moveaxis(profile(inside / length), -1, 0)
        cap = np.where(height < 0.0, caps[0], caps[1])
        x = np.abs(relative @ across - shift_side) / half_width
        z = np.abs(relative @ depth - shift_depth) / half_depth
        ring = (x**power + z**power) ** (1.0 / power)
        return (np.hypot(ring, (height - inside) / cap) - 1.0) * np.minimum(half_width, half_depth)

    return distance


def smooth_union(a: FloatArray, b: FloatArray, blend: float) -> FloatArray:
    """Union of two distances, rounded where they differ by less than ``blend`` (quadratic polynomial minimum)."""
    near = np.maximum(blend - np.abs(a - b), 0.0) / blend
    return np.minimum(a, b) - near * near * blend / 4.0


def _near(joint: FloatArray, x: float, y: float, z: float) -> FloatArray:
    return joint + np.array([x, y, z])


def body(points: FloatArray, joints: dict[str, FloatArray]) -> FloatArray:
    """Distance of points (..., 3) to the whole mannequin on rest joints {name: (3,)}."""
    result = _trunk(points, joints)
    legs = np.minimum(_leg(points, joints, "left", 1.0), _leg(points, joints, "right", -1.0))
    result = smooth_union(result, legs, 0.07)
    for name, sign in (("left", 1.0), ("right", -1.0)):
        result = smooth_union(result, _arm(points, joints, name, sign), 0.05)
    return result


def _trunk(points: FloatArray, joints: dict[str, FloatArray]) -> FloatArray:
    pelvis, neck, head = joints["pelvis"], joints["neck"], joints["head"]
    bottom, top = _near(pelvis, 0, -0.10, 0.0), _near(pelvis, 0, 0.50, 0.0)
    result = loft(
        bottom, top, (1, 0, 0),
        # t, half width, half depth, side shift, depth shift (towards the back: axis x side = -Z)
        [
            (0.00, 0.124, 0.090, 0, 0.004), (0.12, 0.143, 0.099, 0, 0.006), (0.26, 0.141, 0.095, 0, 0.000),
            (0.44, 0.127, 0.087, 0, -0.006), (0.60, 0.139, 0.097, 0, -0.002), (0.76, 0.158, 0.107, 0, 0.006),
            (0.88, 0.156, 0.095, 0, 0.014), (1.00, 0.105, 0.062, 0, 0.020),
        ],
        caps=(0.05, 0.03), power=2.3,
    )(points)  # fmt: skip
    for sign in (1.0, -1.0):
        chest = ellipsoid((sign * 0.070, 0.372, 0.050), (0.088, 0.060, 0.044))(points)
        result = smooth_union(result, chest, 0.06)
        seat = ellipsoid((sign * 0.070, -0.088, -0.046), (0.078, 0.085, 0.062))(points)
        result = smooth_union(result, seat, 0.06)
        slope = capsule((sign * 0.03, 0.528, -0.022), (sign * 0.165, 0.466, -0.03), 0.046, 0.050)(points)
        result = smooth_union(result, slope, 0.055)
    throat = loft(
        _near(neck, 0, -0.06, -0.012), _near(head, 0, 0.03, 0.0), (1, 0, 0),
        [(0.0, 0.064, 0.060, 0, 0.004), (0.5, 0.055, 0.056, 0, 0.0), (1.0, 0.053, 0.056, 0, 0.0)],
        caps=(0.03, 0.03),
    )(points)  # fmt: skip
    result = smooth_union(result, throat, 0.045)
    return smooth_union(result, _head(points, head), 0.022)


def _head(points: FloatArray, head: FloatArray) -> FloatArray:
    skull = ellipsoid(_near(head, 0, 0.100, -0.006), (0.076, 0.096, 0.096))(points)
    face = loft(
        _near(head, 0, -0.004, 0.046), _near(head, 0, 0.105, 0.030), (1, 0, 0),
        [(0.0, 0.045, 0.040, 0, 0.0), (0.35, 0.058, 0.050, 0, 0.0), (1.0, 0.068, 0.060, 0, 0.0)],
        caps=(0.032, 0.05), power=2.2,
    )(points)  # fmt: skip
    result = smooth_union(skull, face, 0.05)
    nose = capsule(_near(head, 0, 0.080, 0.090), _near(head, 0, 0.044, 0.101), 0.006, 0.011)(points)
    return smooth_union(result, nose, 0.024)


def _arm(points: FloatArray, joints: dict[str, FloatArray], name: str, sign: float) -> FloatArray:
    shoulder, elbow, wrist = (joints[f"{name}_{part}"] for part in ("shoulder", "elbow", "wrist"))
    # Axis x side with side = Z points down for the left arm and up for the right one.
    upper = loft(
        _near(shoulder, sign * -0.01, 0, 0), elbow, (0, 0, 1),
        [
            (0.00, 0.060, 0.058, 0.000, 0), (0.22, 0.059, 0.059, 0.0, sign * 0.002),
            (0.55, 0.050, 0.053, 0.003, sign * 0.002), (0.85, 0.042, 0.044, 0, 0), (1.00, 0.041, 0.042, -0.003, 0),
        ],
        caps=(0.055, 0.03),
    )(points)  # fmt: skip
    lower = loft(
        elbow, wrist, (0, 0, 1),
        [
            (0.00, 0.041, 0.042, -0.003, 0), (0.25, 0.046, 0.044, 0.002, 0), (0.60, 0.038, 0.037, 0, 0),
            (0.92, 0.029, 0.026, 0, 0), (1.00, 0.029, 0.024, 0, 0),
        ],
        caps=(0.03, 0.025),
    )(points)  # fmt: skip
    # A relaxed mitten: the fingers together, bent a little towards the palm, which faces down.
    knuckles, tips = _near(wrist, sign * 0.090, -0.005, 0.002), _near(wrist, sign * 0.156, -0.026, 0.004)
    palm = loft(
        _near(wrist, sign * 0.008, 0, 0), knuckles, (0, 0, 1),
        [(0.00, 0.028, 0.022, 0, 0), (0.50, 0.039, 0.022, 0.002, 0), (1.00, 0.042, 0.020, 0, 0)],
        caps=(0.02, 0.02), power=2.4,
    )(points)  # fmt: skip
    fingers = loft(
        knuckles, tips, (0, 0, 1),
        [(0.00, 0.041, 0.019, 0, 0), (0.60, 0.036, 0.016, 0, 0), (1.00, 0.025, 0.012, 0, 0)],
        caps=(0.02, 0.016), power=2.4,
    )(points)  # fmt: skip
    thumb = smooth_union(
        capsule(_near(wrist, sign * 0.030, -0.006, 0.022), _near(wrist, sign * 0.066, -0.020, 0.052), 0.018, 0.014)(
            points
        ),
        capsule(_near(wrist, sign * 0.066, -0.020, 0.052), _near(wrist, sign * 0.098, -0.028, 0.056), 0.014, 0.011)(
            points
        ),
        0.008,
    )
    hand = smooth_union(smooth_union(palm, fingers, 0.02), thumb, 0.016)
    return smooth_union(smooth_union(upper, lower, 0.02), hand, 0.02)


def _leg(points: FloatArray, joints: dict[str, FloatArray], name: str, sign: float) -> FloatArray:
    hip, knee, ankle, toe = (joints[f"{name}_{part}"] for part in ("hip", "knee", "ankle", "foot"))
    # Axis points down, side = X: axis x side = +Z, so depth shifts go to the front.
    thigh = loft(
        _near(hip, 0, -0.01, 0), knee, (1, 0, 0),
        [
            (0.00, 0.078, 0.092, sign * 0.014, -0.004), (0.20, 0.079, 0.089, sign * 0.016, 0.000),
            (0.50, 0.069, 0.076, sign * 0.012, 0.006), (0.82, 0.055, 0.059, sign * 0.005, 0.004),
            (1.00, 0.052, 0.056, sign * 0.001, 0.004),
        ],
        caps=(0.06, 0.04),
    )(points)  # fmt: skip
    shin = loft(
        knee, ankle, (1, 0, 0),
        [
            (0.00, 0.052, 0.056, sign * 0.001, 0.004), (0.12, 0.050, 0.055, sign * 0.002, -0.002),
            (0.30, 0.053, 0.060, sign * 0.004, -0.012), (0.55, 0.044, 0.048, sign * 0.002, -0.010),
            (0.85, 0.033, 0.037, 0, -0.006), (1.00, 0.033, 0.039, 0, -0.006),
        ],
        caps=(0.04, 0.03),
    )(points)  # fmt: skip
    sole = toe[1] - 0.022
    across = np.array([1.0, 0.0, 0.0])
    heel, ball = np.array([ankle[0], sole + 0.033, ankle[2] - 0.040]), np.array([toe[0], sole + 0.026, toe[2]])
    foot = loft(
        heel, _near(ball, sign * 0.004, -0.004, 0.055), across,
        [
            (0.00, 0.034, 0.034, 0, 0), (0.30, 0.036, 0.038, 0, 0.003), (0.60, 0.043, 0.031, sign * 0.003, 0.002),
            (0.80, 0.047, 0.025, sign * 0.004, 0), (1.00, 0.038, 0.019, 0, 0),
        ],
        caps=(0.026, 0.030), power=2.4,
    )(points)  # fmt: skip
    instep = capsule(_near(ankle, 0, -0.005, 0.0), _near(ball, 0, 0.002, -0.03), 0.036, 0.022)(points)
    result = smooth_union(smooth_union(thigh, shin, 0.025), smooth_union(foot, instep, 0.03), 0.03)
    flat_sole = sole - points[..., 1]
    # A flat sole, rounded at its rim.
    return -smooth_union(-result, -flat_sole, 0.012)
