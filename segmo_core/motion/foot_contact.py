"""Feet that stand still where they stand: contacts found, slides removed by two-bone inverse kinematics.

Only legs change, and only around contacts; everything above the hips stays as it is. (Moving the whole body by its
standing feet instead makes generated walks too short: their stride is, and turns while walking were no longer
recognised as such.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class FootContactSettings:
    """When a toe counts as standing, and how much may be corrected.

    max_height: metres above the floor. max_speed: m/s of the toe. min_seconds: shorter contacts are left alone.
    fade_seconds: how long before and after a contact its correction fades. max_correction: metres; a foot that
    slides farther is meant to slide.
    """

    max_height: float = 0.055
    max_speed: float = 1.6
    min_seconds: float = 0.1
    fade_seconds: float = 0.2
    max_correction: float = 0.35


def toe_contacts(toes: FloatArray, frame_rate: float, settings: FootContactSettings) -> BoolArray:
    """(T,) True where a toe (T, 3) is low and slow, in runs of at least min_seconds."""
    floor = np.percentile(toes[:, 1], 5)
    velocity = np.gradient(toes, axis=0) * frame_rate if len(toes) > 1 else np.zeros_like(toes)
    is_down = (toes[:, 1] < floor + settings.max_height) & (np.linalg.norm(velocity, axis=-1) < settings.max_speed)
    shortest = max(2, round(settings.min_seconds * frame_rate))
    result = np.zeros(len(toes), dtype=bool)
    for start, end in _runs(is_down):
        if end - start >= shortest:
            result[start:end] = True
    return result


def without_foot_skating(motion: Motion, settings: FootContactSettings | None = None) -> Motion:
    """``motion`` (22 joints, SMPL names) with standing toes pinned to where they stand on average.

    Bone lengths and frame rate stay; a motion of fewer than 3 frames comes back as it is.
    """
    settings = settings or FootContactSettings()
    if motion.num_frames < 3:
        return motion
    positions = motion.joint_positions.astype(np.float64)
    index = motion.skeleton.index
    for side in ("left", "right"):
        hip, knee, ankle, toe = (index(f"{side}_{name}") for name in ("hip", "knee", "ankle", "foot"))
        is_down = toe_contacts(positions[:, toe], motion.frame_rate, settings)
        shift = _corrections(positions[:, toe], is_down, motion.frame_rate, settings)
        moved = positions[:, ankle] + shift
        new_knee, new_ankle = two_bone_knee(positions[:, hip], positions[:, knee], positions[:, ankle], moved)
        positions[:, toe] += new_ankle - positions[:, ankle]
        positions[:, knee], positions[:, ankle] = new_knee, new_ankle
    return rigid_motion(motion.skeleton, positions, motion.frame_rate)


def two_bone_knee(
    hip: FloatArray, knee: FloatArray, ankle: FloatArray, target: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Knee and ankle (T, 3) of legs that reach for ``target`` (T, 3), bone lengths and bending plane kept.

    A target out of reach is approached as far as the leg goes.
    """
    thigh = np.linalg.norm(knee - hip, axis=-1)
    shin = np.linalg.norm(ankle - knee, axis=-1)
    to_target = target - hip
    wanted = np.linalg.norm(to_target, axis=-1)
    distance = np.clip(wanted, np.abs(thigh - shin) + 1e-4, (thigh + shin) * 0.9995)
    # Where nothing is asked, a straight leg must stay as straight as it is.
    unchanged = np.linalg.norm(target - ankle, axis=-1) < 1e-9
    axis = rotations.normalize(to_target, np.array([0.0, -1.0, 0.0]))
    old_axis = rotations.normalize(ankle - hip, np.array([0.0, -1.0, 0.0]))
    bend = (knee - hip) - np.sum((knee - hip) * old_axis, axis=-1, keepdims=True) * old_axis
    bend = rotations.rotate(rotations.between(old_axis, axis), bend)
    bend = rotations.normalize(bend - np.sum(bend * axis, axis=-1, keepdims=True) * axis, np.array([0.0, 0.0, 1.0]))
    along = (thigh**2 - shin**2 + distance**2) / (2 * distance)
    out = np.sqrt(np.maximum(thigh**2 - along**2, 0.0))
    new_knee = hip + axis * along[:, None] + bend * out[:, None]
    new_ankle = hip + axis * distance[:, None]
    return np.where(unchanged[:, None], knee, new_knee), np.where(unchanged[:, None], ankle, new_ankle)


def _corrections(toes: FloatArray, is_down: BoolArray, frame_rate: float, settings: FootContactSettings) -> FloatArray:
    """(T, 3) horizontal shift of a foot: full in contacts, faded around them, blended between near ones."""
    fade = max(1, round(settings.fade_seconds * frame_rate))
    known = np.zeros(len(toes), dtype=bool)
    shift = np.zeros_like(toes)
    for start, end in _runs(is_down):
        pinned = toes[start:end].mean(axis=0) - toes[start:end]
        pinned[:, 1] = 0.0
        if np.linalg.norm(pinned, axis=-1).max() <= settings.max_correction:
            shift[start:end] = pinned
            known[start:end] = True
    frames = np.arange(len(toes))
    anchors = set(frames[known].tolist())
    for frame in frames[~known]:  # zero where no contact is near
        if not known[max(0, frame - fade) : frame + fade + 1].any():
            anchors.add(int(frame))
    if not known.any():
        return shift
    order = np.array(sorted(anchors))
    filled = np.empty_like(shift)
    for column in range(3):
        filled[:, column] = np.interp(frames, order, shift[order, column])
    return filled


def _runs(flags: BoolArray) -> list[tuple[int, int]]:
    """Half-open runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
