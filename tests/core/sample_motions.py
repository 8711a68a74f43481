"""Motions made from plain formulas, for tests of files and retargeting."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton

BEND_DEGREES = 25.0


def scipy_quaternions(rotation: Rotation) -> np.ndarray:
    """(w, x, y, z) of a scipy rotation, which keeps w last."""
    return np.roll(rotation.as_quat(), 1, axis=-1)


def body_turns(num_joints: int, num_frames: int, seed: int = 0) -> np.ndarray:
    """(T, J, 3) rotation vectors, radians: every joint sways smoothly by up to BEND_DEGREES about its own axis."""
    generator = np.random.default_rng(seed)
    axes = generator.normal(size=(num_joints, 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    phase = generator.uniform(0, 2 * np.pi, num_joints)
    time = np.linspace(0, 4 * np.pi, num_frames)
    return np.radians(BEND_DEGREES) * np.sin(time[:, None] + phase)[..., None] * axes


def turning_walk(skeleton: Skeleton = MODEL_SKELETON, num_frames: int = 60, frame_rate: float = 20.0) -> Motion:
    """Travels 2 m along a curve while turning twice around; forward kinematics, so exactly rigid."""
    quaternions = scipy_quaternions(Rotation.from_rotvec(body_turns(skeleton.num_joints, num_frames).reshape(-1, 3)))
    quaternions = quaternions.reshape(num_frames, skeleton.num_joints, 4)
    share = np.linspace(0, 1, num_frames)
    quaternions[:, 0] = scipy_quaternions(Rotation.from_rotvec(share[:, None] * [0, 4 * np.pi, 0]))
    legs = skeleton.bone_lengths[skeleton.index("left_knee")] if "left_knee" in skeleton.joint_names else 0.4
    height = 2.3 * legs + 0.02 * np.sin(share * 30)
    root = np.stack([np.sin(3 * share), height, 2 * share], axis=-1)
    positions = kinematics.forward_kinematics(skeleton, quaternions, root)
    return Motion(positions, frame_rate, skeleton, quaternions)


def somersault(num_frames: int = 40) -> Motion:
    """A full forward turn about the body's own X axis, through the pole of ZXY angles, and on to lying down."""
    quaternions = scipy_quaternions(Rotation.from_rotvec(body_turns(22, num_frames, seed=3).reshape(-1, 3)))
    quaternions = quaternions.reshape(num_frames, 22, 4)
    turn = np.linspace(0, 450, num_frames)
    quaternions[:, 0] = scipy_quaternions(Rotation.from_euler("YX", np.stack([turn * 0 + 30, turn], -1), degrees=True))
    root = np.stack([turn * 0, 0.9 + 0 * turn, turn / 300], axis=-1)
    positions = kinematics.forward_kinematics(MODEL_SKELETON, quaternions, root)
    return Motion(positions, 20.0, MODEL_SKELETON, quaternions)


def standing(num_frames: int, slide: float) -> Motion:
    """A body standing with slightly bent legs whose root drifts sideways by ``slide`` metres in all."""
    local = np.zeros((num_frames, 22, 4))
    local[..., 0] = 1.0
    x_axis = np.array([1.0, 0.0, 0.0])
    for side in ("left", "right"):
        local[:, MODEL_SKELETON.index(f"{side}_hip")] = rotations.from_axis_angle(x_axis, np.full(num_frames, -0.3))
        local[:, MODEL_SKELETON.index(f"{side}_knee")] = rotations.from_axis_angle(x_axis, np.full(num_frames, 0.6))
    root = np.zeros((num_frames, 3))
    root[:, 0] = np.linspace(0.0, slide, num_frames)
    root[:, 1] = 0.9
    positions = kinematics.forward_kinematics(MODEL_SKELETON, local, root)
    return kinematics.rigid_motion(MODEL_SKELETON, positions, 20.0)
