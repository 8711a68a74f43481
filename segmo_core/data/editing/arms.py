"""Arms that move to targets: along arcs about the shoulder, by minimum-jerk paths, elbows hanging outward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.body import (
    ARM_LENGTHS,
    ELBOWS,
    FRAME_RATE,
    LENGTHS,
    SHOULDERS,
    WRISTS,
    bent_joint,
    chest_frames,
    from_frame,
    minimum_jerk,
    smoothed,
    to_frame,
    unit,
)  # fmt: skip

FloatArray = NDArray[np.floating]

# An arm that hangs: wrist from the shoulder, outward, up and to the front, metres and arm lengths.
_HANGING = np.array([0.13, -0.485, 0.05])
_ELBOW_RULE = np.array([0.35, -1.0, -0.25])  # outward, up, front: median 12 degrees off 148,204 real elbows
_WANDERING = 0.012  # metres that a held hand moves about
_WANDERING_FRAMES = 6.0


@dataclass(frozen=True, eq=False)
class ArmKey:
    """A wrist sets out for ``place`` at ``begin`` and is there at ``end``, seconds.

    place: (3,) or (T, 3) outward, up and to the front of its shoulder, metres, in axes of the chest; None: where it
    would be without any key. elbow: the way the elbow points there, in the same axes; None hangs outward.
    """

    begin: float
    end: float
    place: FloatArray | None
    elbow: FloatArray | None = None


def with_hanging_arms(joints: FloatArray, sides: Sequence[int] = (0, 1)) -> FloatArray:
    """``joints`` whose arms hang at their sides, swinging with the chest."""
    count = len(joints)
    result: FloatArray = joints
    for side in sides:
        place = np.repeat(_HANGING[None], count, axis=0)
        result = with_wrist(result, side, place)
    return result


def with_wrist(
    joints: FloatArray, side: int, places: FloatArray, elbow: FloatArray | None = None, frames: FloatArray | None = None
) -> FloatArray:
    """``joints`` with a wrist at ``places`` (T, 3): outward, up, front of the shoulder in axes of the chest, metres.

    elbow: (T, 3) the way it points, in the same axes. frames: (T, 3, 3) other axes than the chest's.
    """
    outward = np.array([1.0 if side == 0 else -1.0, 1.0, 1.0])
    axes = chest_frames(joints) if frames is None else frames
    shoulder = joints[:, SHOULDERS[side]]
    rule = np.broadcast_to(_ELBOW_RULE, places.shape) if elbow is None else elbow
    target = shoulder + from_frame(axes, places * outward)
    hint = from_frame(axes, rule * outward)
    result: FloatArray = joints.copy()
    middle, end = bent_joint(shoulder, target, hint, LENGTHS[ELBOWS[side]], LENGTHS[WRISTS[side]])
    result[:, ELBOWS[side]], result[:, WRISTS[side]] = middle, end
    return result


def wrist_places(joints: FloatArray, side: int) -> FloatArray:
    """(T, 3) where the wrist is: outward, up and to the front of its shoulder in axes of the chest."""
    outward = np.array([1.0 if side == 0 else -1.0, 1.0, 1.0])
    return np.asarray(to_frame(chest_frames(joints), joints[:, WRISTS[side]] - joints[:, SHOULDERS[side]]) * outward)


def elbow_ways(joints: FloatArray, side: int) -> FloatArray:
    """(T, 3) the way the elbow points off the line from shoulder to wrist, in the same axes."""
    outward = np.array([1.0 if side == 0 else -1.0, 1.0, 1.0])
    arm = unit(joints[:, WRISTS[side]] - joints[:, SHOULDERS[side]])
    off: FloatArray = joints[:, ELBOWS[side]] - joints[:, SHOULDERS[side]]
    off = unit(off - np.sum(off * arm, axis=-1, keepdims=True) * arm)
    return np.asarray(to_frame(chest_frames(joints), off) * outward)


def gesturing(joints: FloatArray, side: int, keys: Sequence[ArmKey], generator: np.random.Generator) -> FloatArray:
    """``joints`` whose arm goes from where it is through ``keys``, each reached along an arc and held."""
    count = len(joints)
    own, own_elbow = wrist_places(joints, side), elbow_ways(joints, side)
    times = np.arange(count) / FRAME_RATE
    wander = smoothed(generator.normal(size=(count, 3)), _WANDERING_FRAMES)
    wander *= _WANDERING / max(float(np.std(wander)), 1e-9)
    places, elbows = own, own_elbow
    reach = 0.985 * ARM_LENGTHS[side]
    for key in keys:
        into = minimum_jerk((times - key.begin) / max(key.end - key.begin, 1e-6))
        if key.place is None:
            goal, hint = own, own_elbow
        else:
            goal = key.place + wander
            size = np.linalg.norm(goal, axis=-1, keepdims=True)
            goal = goal * np.minimum(1.0, reach / np.maximum(size, 1e-9))
            hint = unit(np.broadcast_to(_ELBOW_RULE if key.elbow is None else key.elbow, goal.shape))
        places = _on_a_sphere(places, goal, into)
        elbows = unit(elbows + into[:, None] * (hint - elbows))
    return with_wrist(joints, side, places, elbows)


def _on_a_sphere(here: FloatArray, there: FloatArray, share: FloatArray) -> FloatArray:
    """Between vectors (T, 3) along the arc, lengths in between too."""
    one, other = np.linalg.norm(here, axis=-1), np.linalg.norm(there, axis=-1)
    a, b = unit(here), unit(there)
    angle = np.arccos(np.clip(np.sum(a * b, axis=-1), -0.9999, 0.9999))
    sine = np.sin(angle)
    way = (np.sin((1 - share) * angle) / sine)[:, None] * a + (np.sin(share * angle) / sine)[:, None] * b
    return np.asarray(unit(way) * (one + share * (other - one))[:, None])
