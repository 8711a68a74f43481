"""Decoded features to a rigid motion on the model's skeleton, at the model's frame rate."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.retarget import to_model_skeleton
from segmo_core.generation.request import FRAMES_PER_TOKEN, MODEL_FRAME_RATE, token_ends
from segmo_core.motion.features import HUMANML3D_LAYOUT, KIT_LAYOUT, joints_from_features
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_positions
from segmo_core.motion.skeleton import KIT_SKELETON, MODEL_SKELETON
from segmo_core.segmentation.segments import SegmentTrack

FloatArray = NDArray[np.floating]


def motion_from_features(features: FloatArray, frame_rate: float) -> Motion:
    """Feature rows (T, D) at ``frame_rate`` Hz, de-normalised -> a motion at MODEL_FRAME_RATE with constant bones.

    D is 263 (HumanML3D, metres) or 251 (KIT-ML, whose 21 joints in millimetres are put on the model's skeleton).
    """
    if features.shape[1] == KIT_LAYOUT.dimension:
        joints = joints_from_features(features, KIT_LAYOUT)
        joints = resample_positions(joints, frame_rate, MODEL_FRAME_RATE).astype(np.float32)
        motion = to_model_skeleton(Motion(joints, MODEL_FRAME_RATE, KIT_SKELETON), up_axis="y").motion
    else:
        joints = joints_from_features(features, HUMANML3D_LAYOUT)
        joints = resample_positions(joints, frame_rate, MODEL_FRAME_RATE)
        motion = rigid_motion(MODEL_SKELETON, joints, MODEL_FRAME_RATE)
    return _on_floor(motion)


def bundle_token_ends(track: SegmentTrack, frame_rate: float) -> tuple[int, ...]:
    """Ends of the segments of ``track`` (frames at MODEL_FRAME_RATE) in tokens of a bundle at ``frame_rate`` Hz.

    The last end reaches at least as far as the track; every segment keeps at least one token.
    """
    ends = token_ends(track)
    if frame_rate == MODEL_FRAME_RATE:
        return ends
    scaled: list[int] = []
    for end in ends:
        scaled.append(max((scaled[-1] if scaled else 0) + 1, round(end * frame_rate / MODEL_FRAME_RATE)))
    last_frame = (ends[-1] * FRAMES_PER_TOKEN - 1) / MODEL_FRAME_RATE * frame_rate
    scaled[-1] = max(scaled[-1], math.ceil((last_frame + 1) / FRAMES_PER_TOKEN))
    return tuple(scaled)


def _on_floor(motion: Motion) -> Motion:
    """The motion moved vertically so that its lowest joint, the rare lowest frames aside, is at height 0."""
    lowest = motion.joint_positions[..., 1].min(axis=1)
    floor = float(np.percentile(lowest, 5))
    return replace(motion, joint_positions=motion.joint_positions - np.array([0.0, floor, 0.0], dtype=np.float32))
