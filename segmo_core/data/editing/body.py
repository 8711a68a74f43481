"""The body as editing sees it: joints by name, frames of heading and chest, legs and arms that reach for targets.

Joints are (T, 22, 3), metres, Y up, 20 frames a second. Somebody who faces +Z has the left hand at +X.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.skeleton import HUMANML3D_BONE_LENGTHS
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX

FloatArray = NDArray[np.floating]

FRAME_RATE = 20
PELVIS, NECK, HEAD = INDEX["pelvis"], INDEX["neck"], INDEX["head"]
SPINE1, SPINE2, SPINE3 = INDEX["spine1"], INDEX["spine2"], INDEX["spine3"]
HIPS, KNEES, ANKLES, TOES, COLLARS, SHOULDERS, ELBOWS, WRISTS = (
    (INDEX[f"left_{part}"], INDEX[f"right_{part}"])
    for part in ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist")
)
FEET = (*ANKLES, *TOES)
UPPER_BODY = [joint for joint in range(22) if joint not in (*KNEES, *ANKLES, *TOES)]
LENGTHS = HUMANML3D_BONE_LENGTHS
UP = np.array([0.0, 1.0, 0.0])
LEG_LENGTHS = tuple(float(LENGTHS[KNEES[side]] + LENGTHS[ANKLES[side]]) for side in (0, 1))
ARM_LENGTHS = tuple(float(LENGTHS[ELBOWS[side]] + LENGTHS[WRISTS[side]]) for side in (0, 1))


def unit(vectors: FloatArray) -> FloatArray:
    """Vectors (..., 3) of length 1; short ones stay short."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def smoothed(values: FloatArray, sigma: float) -> FloatArray:
    """Values (T, ...) low-passed by a Gaussian of ``sigma`` frames; the ends go on in a straight line."""
    from scipy.ndimage import gaussian_filter1d

    width = min(int(4 * sigma) + 1, len(values) - 1)
    if width < 1:
        return values
    before = 2 * values[:1] - values[width:0:-1]
    after = 2 * values[-1:] - values[-2 : -width - 2 : -1]
    filtered = gaussian_filter1d(np.concatenate([before, values, after]), sigma, axis=0, mode="nearest")
    return np.asarray(filtered[width : width + len(values)])


def minimum_jerk(share: FloatArray) -> FloatArray:
    """0 to 1 along the smoothest path (Flash & Hogan, J. Neurosci. 1985), flat outside."""
    s = np.clip(share, 0.0, 1.0)
    return np.asarray(s**3 * (10 - 15 * s + 6 * s**2))


def resampled(values: FloatArray, times: FloatArray) -> FloatArray:
    """Values (T, ...) at ``times`` (K,) in frames, by cubic splines."""
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(np.arange(len(values)), values, axis=0)(np.clip(times, 0, len(values) - 1)))


def headings(joints: FloatArray) -> FloatArray:
    """(T,) the way hips and shoulders face, radians from +Z towards +X (to the left), without jumps."""
    across = joints[:, HIPS[0]] - joints[:, HIPS[1]] + joints[:, SHOULDERS[0]] - joints[:, SHOULDERS[1]]
    return np.asarray(np.unwrap(np.arctan2(-across[:, 2], across[:, 0])))


def turned(points: FloatArray, angles: FloatArray, centres: FloatArray | float = 0.0) -> FloatArray:
    """Points (T, ..., 3) turned about the vertical by ``angles`` (T,), from +Z towards +X, about centres (T, 3)."""
    shape = (len(points),) + (1,) * (points.ndim - 2)
    cosine, sine = np.cos(angles).reshape(shape), np.sin(angles).reshape(shape)
    where = np.asarray(centres)
    if where.ndim == 2 and points.ndim == 3:
        where = where[:, None]
    moved = points - where
    x, y, z = moved[..., 0], moved[..., 1], moved[..., 2]
    return np.asarray(np.stack([cosine * x + sine * z, y, cosine * z - sine * x], axis=-1) + where)


def chest_frames(joints: FloatArray) -> FloatArray:
    """(T, 3, 3) whose rows are the chest's left, up and front in the world."""
    up = unit(joints[:, NECK] - joints[:, SPINE1])
    left: FloatArray = joints[:, SHOULDERS[0]] - joints[:, SHOULDERS[1]]
    left = unit(left - np.sum(left * up, axis=-1, keepdims=True) * up)
    return np.stack([left, up, np.cross(left, up)], axis=1)


def to_frame(frames: FloatArray, vectors: FloatArray) -> FloatArray:
    """World vectors (T, 3) in frames (T, 3, 3)."""
    return np.asarray(np.einsum("tij,tj->ti", frames, vectors))


def from_frame(frames: FloatArray, vectors: FloatArray) -> FloatArray:
    """Vectors (T, 3) of frames (T, 3, 3) in the world."""
    return np.asarray(np.einsum("tij,ti->tj", frames, vectors))


def bent_joint(
    start: FloatArray, target: FloatArray, hint: FloatArray, upper: float, lower: float
) -> tuple[FloatArray, FloatArray]:
    """Middle joint and end (T, 3) of a limb of two bones from ``start`` to ``target``, bent towards ``hint`` (T, 3).

    hint: a direction. A target out of reach is approached as far as the limb goes.
    """
    way = target - start
    distance = np.linalg.norm(way, axis=-1, keepdims=True)
    axis = way / np.maximum(distance, 1e-9)
    distance = np.clip(distance, abs(upper - lower) + 1e-3, (upper + lower) * 0.9995)
    bend = unit(hint - np.sum(hint * axis, axis=-1, keepdims=True) * axis)
    along = (upper**2 - lower**2 + distance**2) / (2 * distance)
    out = np.sqrt(np.maximum(upper**2 - along**2, 0.0))
    return start + axis * along + bend * out, start + axis * distance


def with_legs(
    joints: FloatArray,
    ankles: FloatArray,
    toes: FloatArray,
    knees: FloatArray | None = None,
    planted: tuple[int, ...] = (0, 1),
) -> FloatArray:
    """``joints`` whose legs reach ``ankles`` (T, 2, 3); toes (T, 2, 3) keep their length. Knees bend as they did.

    knees: (T, 2, 3) directions that they bend towards instead. The whole body is lowered where the leg of a
    ``planted`` side would be too short, so that no foot is torn from its place.
    """
    result: FloatArray = joints.copy()
    for side in planted:
        horizontal = np.linalg.norm((result[:, HIPS[side]] - ankles[:, side])[:, [0, 2]], axis=-1)
        reach = 0.998 * LEG_LENGTHS[side]
        highest = ankles[:, side, 1] + np.sqrt(np.maximum(reach**2 - horizontal**2, 0.01))
        result[..., 1] += smoothed_minimum(highest - result[:, HIPS[side], 1])[:, None]
    for side in (0, 1):
        hip, knee, ankle, toe = HIPS[side], KNEES[side], ANKLES[side], TOES[side]
        axis = unit(joints[:, ankle] - joints[:, hip])
        bend = joints[:, knee] - joints[:, hip]
        bend = bend - np.sum(bend * axis, axis=-1, keepdims=True) * axis
        front = turned(np.broadcast_to([0.0, 0.0, 1.0], bend.shape), headings(joints))
        hint = bend + 0.02 * front if knees is None else knees[:, side]
        result[:, knee], result[:, ankle] = bent_joint(
            result[:, hip], ankles[:, side], hint, LENGTHS[knee], LENGTHS[ankle]
        )
        foot = toes[:, side] - ankles[:, side]
        result[:, toe] = result[:, ankle] + unit(foot) * LENGTHS[toe]
    return result


def smoothed_minimum(values: FloatArray) -> FloatArray:
    """(T,) what is below 0 of ``values``, reached and left smoothly; never above ``values``."""
    from scipy.ndimage import gaussian_filter1d, minimum_filter1d

    deep = minimum_filter1d(np.minimum(values, 0.0), 7, mode="nearest")
    return np.asarray(gaussian_filter1d(deep, 1.0, truncate=3.0, mode="nearest"))


def extended(joints: FloatArray, frames: int, generator: np.random.Generator) -> FloatArray:
    """Joints (frames, 22, 3): a quiet stretch, longer by going back and forth in it, smoothly."""
    length = len(joints)
    if length >= frames:
        first = int(generator.integers(length - frames + 1))
        return np.asarray(joints[first : first + frames])
    phase = generator.uniform(0, 2 * np.pi)
    cycles = frames / (2.0 * length)
    wave = np.arccos(0.98 * np.cos(phase + 2 * np.pi * cycles * np.arange(frames) / frames)) / np.pi
    return resampled(joints, wave * (length - 1))
