"""AMASS's .npz files: the pose parameters of SMPL-H and SMPL-X bodies written, Z up, and read on a body of the user's.

Poses are turns since the rest pose of the SMPL body, whose joints do not lie where the model skeleton's do: each joint
is turned by a constant between the two rest poses (``smpl_pose``), so that every bone of the SMPL body has
the direction of the motion's, and twist is kept. SMPL's mean body has shorter legs than the model skeleton; root and
path are scaled by leg length, as in reading (and in HumanML3D), so that feet stand and nothing slides.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.smpl import NUM_BETAS, SmplModel
from segmo_core.body.smpl_pose import pose_smpl_skeleton
from segmo_core.body.smpl_rest_joints import (
    SMPL_REST_PELVIS,
    SMPL_SKELETON,
    SMPLX_REST_PELVIS,
    SMPLX_SKELETON,
    skeleton_of_rest_joints,
)
from segmo_core.errors import FileFormatError
from segmo_core.formats.arrays import smpl_poses
from segmo_core.formats.arrays.npz_arrays import Arrays, load_arrays, numbers
from segmo_core.formats.reading import files
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion import rotations
from segmo_core.motion.hands.hand_shape import relaxed_hands
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import hands_at
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, Skeleton
from segmo_core.progress import Progress
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

_NUM_JOINTS = len(SMPL_JOINT_NAMES)
_SMPLH_WIDTH, _SMPLX_WIDTH = 156, 165
_Z_UP_TO_Y_UP = rotations.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(-np.pi / 2))


def read_amass_with_model(path: Path, model: SmplModel) -> Motion:
    """The motion on the very body that the file's betas describe, when the user has the model files."""
    path = Path(path)
    arrays = load_arrays(path, (*smpl_poses.NAMES, "betas"))
    if not smpl_poses.has_poses(arrays):
        raise FileFormatError(f"{path}: no poses and trans, expected an AMASS file")
    betas = numbers(path, arrays, "betas").ravel() if "betas" in arrays else np.zeros(NUM_BETAS)
    files.require_finite(path, betas, "betas")
    joints = model.rest_joints(betas[: model.shape_directions.shape[-1]])
    found = smpl_poses.poses_of(path, arrays)
    return smpl_poses.motion_of_poses(
        path, replace(found, skeleton=skeleton_of_rest_joints(joints), rest_pelvis=joints[0]), up_axis="z"
    )


def write_amass_smplh(
    motion: Motion, path: Path, options: ExportOptions, track: SegmentTrack | None, progress: Progress
) -> None:
    """Write poses (T, 156), trans (T, 3) and what else an SMPL-H file of AMASS has; betas are zero, hands those of the
    motion, else relaxed.
    """
    body = _placed(motion, options, SMPL_SKELETON, progress)
    num_frames = body.num_frames
    _save(
        path,
        {
            "poses": np.concatenate([_pose_parameters(body), _hand_parameters(body)], axis=1),
            "trans": _translation(body, SMPL_REST_PELVIS),
            "betas": np.zeros(16),
            "dmpls": np.zeros((num_frames, 8)),
            "gender": np.array("neutral"),
            "mocap_framerate": np.array(body.frame_rate),
        },
    )


def write_amass_smplx(
    motion: Motion, path: Path, options: ExportOptions, track: SegmentTrack | None, progress: Progress
) -> None:
    """Write poses (T, 165), whole and in parts, as an SMPL-X file of AMASS has them; betas are zero, hands as for
    SMPL-H.
    """
    body = _placed(motion, options, SMPLX_SKELETON, progress)
    num_frames = body.num_frames
    face = np.zeros((num_frames, _SMPLX_WIDTH - _SMPLH_WIDTH))
    poses = np.concatenate([_pose_parameters(body), face, _hand_parameters(body)], axis=1)
    _save(
        path,
        {
            "poses": poses,
            "root_orient": poses[:, :3],
            "pose_body": poses[:, 3:66],
            "pose_jaw": poses[:, 66:69],
            "pose_eye": poses[:, 69:75],
            "pose_hand": poses[:, 75:],
            "trans": _translation(body, SMPLX_REST_PELVIS),
            "betas": np.zeros(16),
            "num_betas": np.array(16),
            "gender": np.array("neutral"),
            "surface_model_type": np.array("smplx"),
            "mocap_frame_rate": np.array(body.frame_rate),
            "mocap_time_length": np.array(num_frames / body.frame_rate),
        },
    )


def _placed(motion: Motion, options: ExportOptions, skeleton: Skeleton, progress: Progress) -> Motion:
    """``motion`` under ``options``, on ``skeleton``, Y up."""
    progress.raise_if_cancelled()
    motion = to_model_skeleton(motion).motion
    scene = build_export_scene(motion, replace(options, fingers=False), with_mesh=False)
    positions = scene.global_pose()[1]
    progress.raise_if_cancelled()
    hands = hands_at(motion, scene.key_times)
    placed = Motion(positions, scene.frame_rate, MODEL_SKELETON, scene.local_rotations, hands=hands)
    return pose_smpl_skeleton(placed, skeleton)


def _pose_parameters(body: Motion) -> FloatArray:
    """(T, 66) rotation vectors, Z up."""
    assert body.local_rotations is not None
    local = np.array(body.local_rotations)
    local[:, 0] = rotations.multiply(rotations.inverse(_Z_UP_TO_Y_UP), local[:, 0])
    return rotations.to_rotation_vector(local).reshape(body.num_frames, 3 * _NUM_JOINTS)


def _hand_parameters(body: Motion) -> FloatArray:
    """(T, 90) rotation vectors of SMPL-H's fingers: fifteen joints of the left hand, then of the right one."""
    turns = relaxed_hands()[None] if body.hands is None else body.hands.local_rotations
    vectors = rotations.to_rotation_vector(turns).reshape(len(turns), -1)
    return np.broadcast_to(vectors, (body.num_frames, vectors.shape[1]))


def _translation(body: Motion, rest_pelvis: FloatArray) -> FloatArray:
    root = body.joint_positions[:, 0].astype(np.float64)
    return rotations.rotate(rotations.inverse(_Z_UP_TO_Y_UP), root) - rest_pelvis


def _save(path: Path, arrays: Arrays) -> None:
    def write(temporary: Path) -> None:
        with temporary.open("wb") as stream:  # given a name, NumPy would append its own extension to others
            np.savez_compressed(stream, allow_pickle=False, **arrays)

    write_atomically(Path(path), write)
