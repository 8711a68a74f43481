"""Feet that stand still where they stand: contacts found, slides removed by two-bone inverse kinematics.

Only legs change, and only around contacts; everything above the hips stays as it is. (Moving the whole body by its
standing feet instead makes generated walks too short: their stride is, and turns while walking were no longer
recognised as such.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.feet.foot_paths import grounded, pinned, runs, swing_clearance
from segmo_core.motion.feet.leg_reach import two_bone_knee
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]

_HORIZONTAL = [0, 2]


@dataclass(frozen=True)
class FootContactSettings:
    """When a toe counts as standing, and how much may be corrected. Pairs: surely so at one, surely not at the other.

    height: metres above the floor, or above the lower toe where both are above it. learned: a model's own contact
    signal, none to sure. speed: m/s of the toe over the floor, and the same for every m/s of the body, as even a
    foot that slides is slower than the body while it stands. min_seconds: shorter contacts are none.
    max_correction: metres; a foot that slides farther is meant to slide.
    """

    height: tuple[float, float] = (0.06, 0.11)
    learned: tuple[float, float] = (0.45, 0.9)
    speed: tuple[float, float] = (0.25, 0.4)
    speed_of_body: tuple[float, float] = (0.2, 0.5)
    min_seconds: float = 0.1
    max_correction: float = 0.3


def toe_contacts(
    toes: FloatArray,
    root: FloatArray,
    frame_rate: float,
    settings: FootContactSettings,
    learned: FloatArray | None = None,
) -> FloatArray:
    """(T, 2) from 0 to 1: how surely left and right toe (T, 2, 3), heights above the floor, stand.

    root: (T, 3) of the body. learned: (T, 2) a model's contact signal, about 1 where a toe hardly moves.
    """
    height = toes[..., 1]
    both = np.clip(height.min(axis=1, keepdims=True), 0.0, settings.height[1])
    speed = np.linalg.norm(np.diff(toes[..., _HORIZONTAL], axis=0), axis=-1) * frame_rate
    speed = np.concatenate([speed, speed[-1:]])
    body_speed = _body_speed(root, frame_rate)[:, None]
    slow, fast = (settings.speed[end] + settings.speed_of_body[end] * body_speed for end in (0, 1))
    contact = 1.0 - _smooth_step((speed - slow) / (fast - slow))
    if learned is not None:
        none, sure = settings.learned
        contact = np.maximum(contact, _smooth_step((learned - none) / (sure - none)))
    low, high = settings.height
    contact *= 1.0 - _smooth_step((height - both - low) / (high - low))
    shortest = max(2, round(settings.min_seconds * frame_rate))
    for side in (0, 1):
        for start, end in runs(contact[:, side] > 0.3):
            if end - start < shortest:
                contact[start:end, side] = 0.0
    return contact


def without_foot_skating(
    motion: Motion,
    settings: FootContactSettings | None = None,
    *,
    learned: FloatArray | None = None,
    floor: float | None = None,
) -> Motion:
    """``motion`` (22 joints, SMPL names) whose toes stand still on the floor while they stand, and clear it in swing.

    learned: (T, 2) contact signals of left and right toe from a model, else contacts are told from the motion alone.
    floor: height (m) of resting toes; the lowest the toes are for longer where not given. Bone lengths and frame
    rate stay; a motion of fewer than 3 frames comes back as it is.
    """
    settings = settings or FootContactSettings()
    if motion.num_frames < 3:
        return motion
    positions = motion.joint_positions.astype(np.float64)
    legs = [
        [motion.skeleton.index(f"{side}_{name}") for name in ("hip", "knee", "ankle", "foot")]
        for side in ("left", "right")
    ]
    toes = positions[:, [leg[3] for leg in legs]]
    toes[..., 1] -= np.percentile(toes[..., 1], 5) if floor is None else floor
    contacts = toe_contacts(toes, positions[:, 0], motion.frame_rate, settings, learned)
    for side, (hip, knee, ankle, toe) in enumerate(legs):
        shift = _toe_shift(toes[:, side], contacts[:, side], motion.frame_rate, settings.max_correction)
        new_knee, new_ankle = two_bone_knee(
            positions[:, hip], positions[:, knee], positions[:, ankle], positions[:, ankle] + shift
        )
        positions[:, toe] += new_ankle - positions[:, ankle]
        positions[:, knee], positions[:, ankle] = new_knee, new_ankle
    return rigid_motion(motion.skeleton, positions, motion.frame_rate)


def _toe_shift(toe: FloatArray, contact: FloatArray, frame_rate: float, max_correction: float) -> FloatArray:
    """(T, 3) what to add to a toe (T, 3) whose height is that above the floor."""
    contact = contact.copy()
    shift = np.zeros_like(toe)
    shift[:, _HORIZONTAL] = pinned(toe[:, _HORIZONTAL], contact, frame_rate, max_correction)
    moved = toe[:, _HORIZONTAL] + shift[:, _HORIZONTAL]
    shift[:, 1] = grounded(toe[:, 1], contact, frame_rate)
    shift[:, 1] += swing_clearance(toe[:, 1] + shift[:, 1], moved, contact, frame_rate)
    return shift


def _body_speed(root: FloatArray, frame_rate: float) -> FloatArray:
    """(T,) m/s over the floor, of a root (T, 3) smoothed over a step."""
    from scipy.ndimage import gaussian_filter1d  # slow to import, and a window that starts does not need it

    smoothed = gaussian_filter1d(root[:, _HORIZONTAL], 0.1 * frame_rate, axis=0, mode="nearest")
    speed: FloatArray = np.linalg.norm(np.gradient(smoothed, axis=0), axis=-1) * frame_rate
    return speed


def _smooth_step(values: FloatArray) -> FloatArray:
    """0 up to 0, 1 from 1 on, smooth between."""
    clipped = np.clip(values, 0.0, 1.0)
    return clipped**2 * (3.0 - 2.0 * clipped)
