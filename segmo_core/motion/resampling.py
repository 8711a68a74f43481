"""Motion at another frame rate: positions on straight lines, rotations along the shortest arcs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]

_SAME_RATE = 1e-6


def resample_positions(joint_positions: FloatArray, source_rate: float, target_rate: float) -> FloatArray:
    """Joints (T, J, 3) at source_rate Hz, linearly interpolated to target_rate Hz; the first frame stays first."""
    positions = np.asarray(joint_positions, dtype=np.float64)
    if abs(source_rate - target_rate) < _SAME_RATE or len(positions) < 2:
        return positions
    below, weight = _times(len(positions), source_rate, target_rate)
    weight = weight[:, None, None]
    return positions[below] * (1 - weight) + positions[below + 1] * weight


def resample_motion(motion: Motion, frame_rate: float) -> Motion:
    """``motion`` at ``frame_rate`` Hz, from its first frame to the last that is not after its end.

    Where rotations are known, those are interpolated and bones keep their length; otherwise positions are.
    """
    if abs(motion.frame_rate - frame_rate) < _SAME_RATE:
        return motion
    if motion.local_rotations is None:
        positions = resample_positions(motion.joint_positions, motion.frame_rate, frame_rate)
        times = np.arange(len(positions)) / frame_rate
        return Motion(positions, frame_rate, motion.skeleton, hands=hands_at(motion, times))
    if motion.num_frames < 2:
        positions, turned = motion.joint_positions, motion.local_rotations
        return Motion(positions, frame_rate, motion.skeleton, turned, hands=motion.hands)
    seconds = (motion.num_frames - 1) / motion.frame_rate
    times = np.arange(int(np.floor(seconds * frame_rate + 1e-6)) + 1) / frame_rate
    turned, root = pose_at(motion, times)
    positions = kinematics.forward_kinematics(motion.skeleton, turned, root)
    return Motion(positions, frame_rate, motion.skeleton, turned, hands=hands_at(motion, times))


def pose_at(motion: Motion, seconds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Local rotations (K, J, 4), signs continuous, and root positions (K, 3) metres at ``seconds`` (K,).

    Seconds count from the first frame; ``motion`` must have rotations. Beyond its ends, the pose there.
    """
    assert motion.local_rotations is not None
    below, above, share = _neighbours(motion, seconds)
    local, root = motion.local_rotations, motion.joint_positions[:, 0].astype(np.float64)
    turned = rotations.slerp(local[below], local[above], share)
    return rotations.continuous(turned), root[below] * (1 - share) + root[above] * share


def hands_at(motion: Motion, seconds: FloatArray) -> HandPoses | None:
    """The fingers at ``seconds`` (K,), as ``pose_at`` has the body; None where nothing is known of them."""
    if motion.hands is None:
        return None
    below, above, share = _neighbours(motion, seconds)
    local = motion.hands.local_rotations
    turned = rotations.continuous(rotations.slerp(local[below], local[above], share))
    return replace(motion.hands, local_rotations=turned)


def _neighbours(motion: Motion, seconds: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]:
    """For each of ``seconds`` (K,) the frames (K,) before and after it and the share (K, 1) of the one after."""
    own = np.clip(seconds * motion.frame_rate, 0.0, motion.num_frames - 1.0)
    below = np.clip(np.floor(own).astype(int), 0, max(motion.num_frames - 2, 0))
    return below, np.minimum(below + 1, motion.num_frames - 1), (own - below)[:, None]


def _times(num_frames: int, source_rate: float, target_rate: float) -> tuple[NDArray[np.intp], FloatArray]:
    """For every new frame, the source frame before it (the last but one at most) and the weight of the next."""
    seconds = (num_frames - 1) / source_rate
    times = np.arange(int(np.floor(seconds * target_rate + 1e-6)) + 1) / target_rate * source_rate
    below = np.clip(np.floor(times).astype(int), 0, num_frames - 2)
    return below, times - below
