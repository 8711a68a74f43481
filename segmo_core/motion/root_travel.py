"""How far the body travels, taken from the feet: a foot that stands does not move, so the body moves by it.

A generated motion tells the travel of the root and the pose of the legs apart from each other, and they disagree by
some decimetres a second. The poses stay as they are; only the horizontal path of the whole body changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]


@dataclass(frozen=True)
class RootTravelSettings:
    """What counts as a standing foot, softly.

    height, height_softness: metres of the toe above the floor. pelvis_height, pelvis_softness: metres; a body below it
    sits, crawls or lies, and says nothing by its feet. speeds: m/s of a toe, one for each round of estimation, from
    loose to strict. seconds: how smoothly the correction changes. least_weight: how much standing is needed at all.
    """

    height: float = 0.05
    height_softness: float = 0.02
    pelvis_height: float = 0.6
    pelvis_softness: float = 0.05
    speeds: tuple[float, ...] = (1.2, 1.2, 1.0, 0.7, 0.5)
    seconds: float = 0.12
    least_weight: float = 0.05


def with_travel_of_feet(motion: Motion, settings: RootTravelSettings | None = None) -> Motion:
    """``motion`` (22 joints, SMPL names) moved horizontally so that standing toes stand; its pose is unchanged."""
    if motion.num_frames < 3:
        return motion
    shift = travel_correction(motion, settings or RootTravelSettings())
    moved = motion.joint_positions.astype(np.float64)
    moved[..., [0, 2]] += shift[:, None]
    return replace(motion, joint_positions=moved.astype(np.float32))


def travel_correction(motion: Motion, settings: RootTravelSettings) -> FloatArray:
    """(T, 2) metres along X and Z to add to all joints of each frame; zero at the first.

    The velocity that both toes share while they are low and slow is taken as an error of the root. What slow means is
    narrowed round by round, so that a swinging foot loses its say as the error is found.
    """
    rate = motion.frame_rate
    toes = np.stack([motion.joint("left_foot"), motion.joint("right_foot")], axis=1).astype(np.float64)
    floor = np.percentile(toes[..., 1], 5)
    pelvis = motion.joint("pelvis")[:, 1].astype(np.float64) - floor
    is_low = _step((floor + settings.height - toes[..., 1]) / settings.height_softness)
    is_low *= _step((pelvis - settings.pelvis_height) / settings.pelvis_softness)[:, None]
    is_low = np.minimum(is_low[1:], is_low[:-1])
    velocity = np.diff(toes[..., [0, 2]], axis=0) * rate
    error = np.zeros((len(velocity), 2))
    for speed in settings.speeds:
        own_speed = np.linalg.norm(velocity - error[:, None], axis=-1)
        weight = is_low * np.exp(-((own_speed / speed) ** 2))
        width = settings.seconds * rate
        shared = gaussian_filter1d((weight[..., None] * velocity).sum(axis=1), width, axis=0)
        error = shared / (gaussian_filter1d(weight.sum(axis=1), width) + settings.least_weight)[:, None]
    return np.concatenate([np.zeros((1, 2)), -np.cumsum(error, axis=0) / rate])


def _step(values: FloatArray) -> FloatArray:
    """0 far below zero, 1 far above it."""
    return 1.0 / (1.0 + np.exp(-np.clip(values, -50.0, 50.0)))
