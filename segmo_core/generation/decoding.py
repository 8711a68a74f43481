"""Decoded features to a rigid motion on the model's skeleton, at the model's frame rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.generation.generated_floor import with_own_support
from segmo_core.generation.joint_paths import decoded_joints, with_sound_bones
from segmo_core.motion.features import HUMANML3D_LAYOUT, KIT_LAYOUT
from segmo_core.motion.feet.foot_contact import without_foot_skating
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_positions
from segmo_core.motion.skeleton import KIT_SKELETON, MODEL_SKELETON
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]

_LEFT_TOE_CONTACT, _RIGHT_TOE_CONTACT = -3, -1  # columns
_SURE_CONTACT = 0.8
_ENOUGH_STANDING = 0.2  # toes per frame
_RESTING_TOES = 0.005  # m above the floor of HumanML3D's features, on which the lowest joint of a clip is at 0


def motion_from_features(features: FloatArray, frame_rate: float, *, feet_stand: bool = False) -> Motion:
    """Feature rows (T, D) at ``frame_rate`` Hz, de-normalised -> a motion at MODEL_FRAME_RATE with constant bones.

    D is 263 (HumanML3D, metres) or 251 (KIT-ML, whose 21 joints in millimetres are put on the model's skeleton).
    feet_stand: remove slides of standing feet; the features' own foot contacts tell where they stand.
    """
    is_kit = features.shape[1] == KIT_LAYOUT.dimension
    decoded = decoded_joints(features, KIT_LAYOUT if is_kit else HUMANML3D_LAYOUT)
    joints = resample_positions(decoded, frame_rate, MODEL_FRAME_RATE)
    if is_kit:
        motion = Motion(joints.astype(np.float32), MODEL_FRAME_RATE, KIT_SKELETON)
        motion = to_model_skeleton(motion, up_axis="y", is_foreign=False).motion
    else:
        motion = rigid_motion(MODEL_SKELETON, with_sound_bones(joints, MODEL_SKELETON), MODEL_FRAME_RATE)
    contacts = features[:, [_LEFT_TOE_CONTACT, _RIGHT_TOE_CONTACT], None]
    learned = resample_positions(contacts, frame_rate, MODEL_FRAME_RATE)[..., 0]
    supported = None if is_kit else with_own_support(_on_floor(motion, learned), _RESTING_TOES)
    motion = supported or motion
    if feet_stand:
        motion = without_foot_skating(motion, learned=learned, floor=None if is_kit else _RESTING_TOES)
    return motion if supported is not None else _on_floor(motion, learned)


def _on_floor(motion: Motion, learned: FloatArray) -> Motion:
    """The motion moved vertically so that standing toes, the higher ones aside, rest on a floor of height 0.

    learned: (T, 2) contact signal of the toes. Where they hardly ever stand, the lowest joint is put on the floor, the
    rare lowest frames aside. (Hands that a tumble pushes through the floor must not lift whoever stands up after it.)
    """
    toes = motion.joint_positions[:, [motion.skeleton.index(f"{side}_foot") for side in ("left", "right")], 1]
    standing = toes[learned > _SURE_CONTACT]
    if len(standing) >= _ENOUGH_STANDING * len(toes):
        floor = float(np.percentile(standing, 25)) - _RESTING_TOES
    else:
        floor = float(np.percentile(motion.joint_positions[..., 1].min(axis=1), 5))
    return replace(motion, joint_positions=motion.joint_positions - np.array([0.0, floor, 0.0], dtype=np.float32))
