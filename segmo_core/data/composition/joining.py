"""Motions put one after another, or one over another, so that nothing jumps and no foot slides to its new place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import features as motion_features
from segmo_core.motion import rotations
from segmo_core.motion.features import HUMANML3D_LAYOUT
from segmo_core.motion.feet.leg_reach import two_bone_knee
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as _INDEX

FloatArray = NDArray[np.floating]

_LEGS = tuple(
    tuple(_INDEX[f"{side}_{part}"] for part in ("hip", "knee", "ankle", "foot")) for side in ("left", "right")
)
_ARMS = {
    side: [_INDEX[f"{side}_{part}"] for part in ("shoulder", "elbow", "wrist")] for side in ("left", "right")
}  # the collar stays with the body below it
_HORIZONTAL = np.array([1.0, 0.0, 1.0])

# A foot that must get farther than this during a transition makes a step instead of sliding there.
_STEP_DISTANCE = 0.05
_STEP_LIFT_SHARE, _HIGHEST_STEP = 0.3, 0.12
_STEP_SHARE = 0.65  # of the transition; the two feet's steps overlap a little
_FASTEST_CHANGE = 0.12  # metres a frame; what speed may be carried over from one motion into the next
_SETTLING_FRAMES = 3.0


@dataclass(frozen=True, eq=False)
class LocalPoses:
    """poses (T, 22, 3): each turned to face +Z, from the point on the ground below the pelvis, metres. speeds
    (T, 22, 3): metres to the next frame, turned like the pose; the last is that of the frame before."""

    poses: FloatArray
    speeds: FloatArray

    @classmethod
    def of(cls, joints: FloatArray) -> LocalPoses:
        """Those of joints (T, 22, 3)."""
        facing = motion_features.facing_direction(joints, HUMANML3D_LAYOUT)
        turns = rotations.between(facing, np.array([0.0, 0.0, 1.0]))[:, None]
        speeds = np.zeros_like(joints)
        speeds[:-1] = np.diff(joints, axis=0)
        if len(joints) > 1:
            speeds[-1] = speeds[-2]
        return cls(rotations.rotate(turns, joints - joints[:, :1] * _HORIZONTAL), rotations.rotate(turns, speeds))

    def join_distances(self, other: LocalPoses, frames: NDArray[np.integer]) -> FloatArray:
        """(K,) how badly ``frames`` (K,) of ``other`` continue our last frame, in metres: the mean distance of the
        joints, and a share of their distance after four more frames at each one's own speed."""
        now = other.poses[frames] - self.poses[-1]
        then = now + 4 * (other.speeds[frames] - self.speeds[-1])
        distances = np.linalg.norm(now, axis=-1).mean(axis=-1) + 0.3 * np.linalg.norm(then, axis=-1).mean(axis=-1)
        return np.asarray(distances)


def join_motions(first: FloatArray, second: FloatArray, blend_frames: int) -> FloatArray:
    """Joints (T1 + T2, 22, 3): ``second`` turned and moved to go on where ``first`` ends.

    What remains of the difference in pose and speed is added to the beginning of ``second`` and fades out along a
    quintic (inertialisation, Bollo, GDC 2018). A foot that stands elsewhere in ``second`` steps there, lifted, one
    foot after the other; the knees follow.
    """
    facing = motion_features.facing_direction(first[-1], HUMANML3D_LAYOUT)
    turn = rotations.between(motion_features.facing_direction(second[0], HUMANML3D_LAYOUT), facing)
    if turn[0] < 1e-6:  # a half turn must be about the vertical
        turn = np.array([0.0, 0.0, 1.0, 0.0])
    moved = rotations.rotate(turn, second - second[0, 0] * _HORIZONTAL)
    step = first[-1] - first[-2] if len(first) > 1 else np.zeros_like(first[-1])
    expected = first[-1] + step
    moved = moved + expected[0] * _HORIZONTAL
    offset = expected - moved[0]
    speed = step - (moved[1] - moved[0]) if len(moved) > 1 else np.zeros_like(step)
    size = np.linalg.norm(speed, axis=-1, keepdims=True)
    speed = speed * np.minimum(1.0, _FASTEST_CHANGE / np.maximum(size, 1e-9))
    length = min(blend_frames, len(moved))
    blended = moved.copy()
    blended[:length] += _fading(np.arange(length) / length, offset, speed * length)
    _step_with_the_feet(blended, moved, offset, length)
    return np.concatenate([first, blended])


def _fading(share: FloatArray, offset: FloatArray, speed: FloatArray) -> FloatArray:
    """(T, 22, 3): from ``offset`` at ``speed`` (per whole transition) to nothing, at rest, at share 1."""
    s = share[:, None, None]
    return offset * (1 - 10 * s**3 + 15 * s**4 - 6 * s**5) + speed * (s - 6 * s**3 + 8 * s**4 - 3 * s**5)


def _step_with_the_feet(blended: FloatArray, moved: FloatArray, offset: FloatArray, length: int) -> None:
    """Move the feet of the first ``length`` frames in steps, in place; ``moved`` is the motion without transition."""
    distances = [float(np.linalg.norm(offset[ankle] * _HORIZONTAL)) for _, _, ankle, _ in _LEGS]
    leads = int(np.argmax(distances))  # the foot farthest from its place goes first
    share = np.arange(length) / length
    for number, (hip, knee, ankle, foot) in enumerate(_LEGS):
        distance = distances[number]
        if distance < _STEP_DISTANCE:
            continue
        start = 0.0 if number == leads else 1.0 - _STEP_SHARE
        own = np.clip((share - start) / _STEP_SHARE, 0.0, 1.0)
        left = 1 - 3 * own**2 + 2 * own**3
        lift = min(_STEP_LIFT_SHARE * distance, _HIGHEST_STEP) * np.sin(np.pi * own) ** 2
        targets = []
        for joint in (ankle, foot):
            target = moved[:length, joint] + left[:, None] * offset[joint]
            target[:, 1] += lift
            targets.append(target)
        hips, knees, ankles = (blended[:length, joint].copy() for joint in (hip, knee, ankle))
        new_knees, new_ankles = two_bone_knee(hips, knees, ankles, targets[0])
        blended[:length, knee], blended[:length, ankle] = new_knees, new_ankles
        blended[:length, foot] = targets[1] + (new_ankles - targets[0])


def end_speed(joints: FloatArray) -> float:
    """Mean joint speed (metres a frame) at the end of joints (T, 22, 3)."""
    return float(np.linalg.norm(joints[-1] - joints[-2], axis=-1).mean()) if len(joints) > 1 else 0.0


def hold(joints: FloatArray, num_frames: int) -> FloatArray:
    """Joints (T + num_frames, 22, 3): the last pose is held, what moved comes to rest within a few frames."""
    speed = joints[-1] - joints[-2] if len(joints) > 1 else np.zeros_like(joints[-1])
    times = np.arange(1, num_frames + 1)[:, None, None]
    travelled = _SETTLING_FRAMES * (1 - np.exp(-times / _SETTLING_FRAMES))
    return np.concatenate([joints, joints[-1] + speed * travelled])


def with_arms_of(base: FloatArray, arms: FloatArray, sides: tuple[str, ...]) -> FloatArray:
    """``base`` (T, 22, 3) doing with the arms of ``sides`` what ``arms`` (at least T frames) does, chest to chest.

    The arms fade in and out over a quarter of a second, so that both ends are those of ``base``.
    """
    count = len(base)
    turn = rotations.between(
        motion_features.facing_direction(arms[:count], HUMANML3D_LAYOUT),
        motion_features.facing_direction(base, HUMANML3D_LAYOUT),
    )
    result = base.copy()
    weight = np.clip(np.minimum(np.arange(count) + 1, count - np.arange(count)) / 5, 0.0, 1.0)[:, None]
    for side in sides:
        shoulder = _ARMS[side][0]
        for joint in _ARMS[side][1:]:
            relative = rotations.rotate(turn, arms[:count, joint] - arms[:count, shoulder])
            placed = base[:, shoulder] + relative
            result[:, joint] = base[:, joint] + weight * (placed - base[:, joint])
    return result
