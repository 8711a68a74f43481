"""Any human motion on the model skeleton: joints found by name, scaled by leg length, bones of the model's length."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError
from segmo_core.formats.joint_matching import BodyJoints, match_joints
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.features import HUMANML3D_LAYOUT, uniform_skeleton
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]

_INDEX = {name: index for index, name in enumerate(SMPL_JOINT_NAMES)}
_SPINE = ("spine1", "spine2", "spine3")
_PLACEABLE = ("left_collar", "right_collar", "left_foot", "right_foot", "head")
_FEET = ("left_ankle", "right_ankle", "left_foot", "right_foot")
_SHORTEST_BONE = 0.01  # metres
_REST = kinematics.forward_kinematics(
    MODEL_SKELETON, np.tile(rotations.IDENTITY_QUATERNION, (1, MODEL_SKELETON.num_joints, 1)), np.zeros((1, 3))
)[0]


@dataclass(frozen=True, eq=False)
class RetargetResult:
    """motion: on MODEL_SKELETON, rigid, at the source's frame rate and facing, Y up, metres.

    mean_error, worst_error: metres between the scaled source joints and the result, over the joints that the
    source has; they hold what different proportions cost. missing_joints: model joints the source lacks, placed
    from their neighbours.
    """

    motion: Motion
    mean_error: float
    worst_error: float
    missing_joints: tuple[str, ...]


def to_model_skeleton(motion: Motion, *, is_y_up: bool = False) -> RetargetResult:
    """``motion`` of any human hierarchy, unit and Y or Z up, on the model skeleton.

    is_y_up: Y is known to be up; otherwise this is found out. A rigid motion that is already on the model skeleton
    comes back as it is. Raises FileFormatError when joints of a body cannot be found.
    """
    if motion.skeleton.same_as(MODEL_SKELETON) and motion.local_rotations is not None:
        return RetargetResult(motion, 0.0, 0.0, ())
    body = match_joints(motion.skeleton)
    positions = motion.joint_positions.astype(np.float64)
    if not is_y_up and _is_z_up(motion, body):
        positions = np.stack([positions[..., 0], positions[..., 2], -positions[..., 1]], axis=-1)
    positions = positions * _scale(positions, body)
    source, missing = _model_joints(positions, body)
    target = uniform_skeleton(source, MODEL_SKELETON.bone_lengths, HUMANML3D_LAYOUT)
    result = kinematics.rigid_motion(MODEL_SKELETON, target, motion.frame_rate)
    present = [index for name, index in _INDEX.items() if name not in missing]
    feet = [_INDEX[name] for name in _FEET if name not in missing]
    sunk = source[:, feet, 1].min() - result.joint_positions[:, feet, 1].min()
    result = _raised(result, float(sunk))
    error = np.linalg.norm(result.joint_positions - source, axis=-1)[:, present]
    return RetargetResult(result, float(error.mean()), float(error.max()), missing)


def _is_z_up(motion: Motion, body: BodyJoints) -> bool:
    """True when Z is up, False when Y is; no other axes are considered.

    Decided by how upright the body is in the rest pose and, on average, in motion, and by where the floor is:
    along the true axis the lowest joint stays near zero. Y wins where nothing speaks for Z.
    """
    positions = motion.joint_positions.astype(np.float64)
    top = positions[:, body.spine[-1]]
    ankles = (positions[:, body.joints["left_ankle"]] + positions[:, body.joints["right_ankle"]]) / 2
    upright = rotations.normalize(top - ankles).mean(axis=0)
    rest = np.zeros((motion.skeleton.num_joints, 3))
    for joint, parent in enumerate(motion.skeleton.parents):
        if parent >= 0:
            rest[joint] = rest[parent] + motion.skeleton.rest_offsets[joint]
    rest_upright = rotations.normalize(
        rest[body.spine[-1]] - (rest[body.joints["left_ankle"]] + rest[body.joints["right_ankle"]]) / 2
    )
    height = max(float(np.linalg.norm(top - ankles, axis=-1).max()), 1e-9)
    lowest = positions[:, list(body.joints.values())].min(axis=1) / height
    off_floor = np.minimum(np.abs(np.median(lowest, axis=0)) + lowest.std(axis=0), 1.0)
    score = upright + 0.5 * rest_upright - off_floor
    return bool(score[2] > score[1])


def _scale(positions: FloatArray, body: BodyJoints) -> float:
    """Metres of the model per unit of the source: the model's leg by the source's, as HumanML3D does it."""
    hip, knee, ankle = (positions[0, body.joints[f"right_{part}"]] for part in ("hip", "knee", "ankle"))
    length = float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
    if length <= 1e-6:
        raise FileFormatError("skeleton: the right leg has no length in the first frame, expected a body")
    knee_index, ankle_index = _INDEX["right_knee"], _INDEX["right_ankle"]
    return float(MODEL_SKELETON.bone_lengths[knee_index] + MODEL_SKELETON.bone_lengths[ankle_index]) / length


def _model_joints(positions: FloatArray, body: BodyJoints) -> tuple[FloatArray, tuple[str, ...]]:
    """Source positions (T, J, 3), Y up, model scale, as (T, 22, 3) in SMPL order, and the joints made up."""
    joints = np.full((len(positions), MODEL_SKELETON.num_joints, 3), np.nan)
    for name, index in body.joints.items():
        joints[:, _INDEX[name]] = positions[:, index]
    missing = [name for name in SMPL_JOINT_NAMES if name not in body.joints and name not in _SPINE]
    spine_found = _place_spine(joints, positions, body)
    missing += _SPINE[spine_found:]
    missing += [name for name in _PLACEABLE if name not in missing and _has_no_bone(joints, name)]
    torso = _turn(joints, ("right_shoulder", "left_shoulder"), ("pelvis", "neck"))
    for name, parent in (("head", "neck"), ("left_collar", "spine3"), ("right_collar", "spine3")):
        if name in missing:
            joints[:, _INDEX[name]] = joints[:, _INDEX[parent]] + _turned_offset(torso, name)
    for side in ("left", "right"):
        if f"{side}_foot" in missing:
            shin = _turn(joints, ("right_hip", "left_hip"), (f"{side}_ankle", f"{side}_knee"))
            joints[:, _INDEX[f"{side}_foot"]] = joints[:, _INDEX[f"{side}_ankle"]] + _turned_offset(
                shin, f"{side}_foot"
            )
    return joints, tuple(name for name in SMPL_JOINT_NAMES if name in missing)


def _place_spine(joints: FloatArray, positions: FloatArray, body: BodyJoints) -> int:
    """Fill spine1 to spine3 (and the neck, where there is none) of ``joints``; returns how many the source has.

    Three distinct joints between pelvis and neck are taken as they are; any other number is replaced by points
    on the line through them, at the model's shares of its length.
    """
    line = positions[:, list(body.spine)]
    lengths = np.linalg.norm(np.diff(line, axis=1), axis=-1).mean(axis=0)
    is_distinct = np.concatenate([[True], lengths > _SHORTEST_BONE])
    line, lengths = line[:, is_distinct], lengths[is_distinct[1:]]
    if len(lengths) == 0:
        raise FileFormatError("skeleton: pelvis and neck are at the same place, expected a body")
    num_inner = line.shape[1] - 2
    wanted = [*_SPINE, "neck"] if "neck" in body.joints else [*_SPINE, "neck", "head"]
    if num_inner == len(_SPINE) and wanted[-1] == "neck":
        joints[:, [_INDEX[name] for name in _SPINE]] = line[:, 1:-1]
        return num_inner
    shares = np.cumsum(MODEL_SKELETON.bone_lengths[[_INDEX[name] for name in wanted]])
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    for name, distance in zip(wanted[:-1], shares / shares[-1] * reached[-1], strict=False):
        bone = min(int(np.searchsorted(reached, distance, side="right")) - 1, len(lengths) - 1)
        weight = (distance - reached[bone]) / lengths[bone]
        joints[:, _INDEX[name]] = line[:, bone] * (1 - weight) + line[:, bone + 1] * weight
    return min(num_inner, len(_SPINE))


def _has_no_bone(joints: FloatArray, name: str) -> bool:
    """True when a joint sits on the one it hangs from: its bone would have no direction."""
    index = _INDEX[name]
    bone = joints[:, index] - joints[:, MODEL_SKELETON.parents[index]]
    return float(np.linalg.norm(bone, axis=-1).mean()) < _SHORTEST_BONE


def _turn(joints: FloatArray, across: tuple[str, str], along: tuple[str, str]) -> FloatArray:
    """Rotations (T, 4) from the model's rest pose that best follow two vectors, each between two joints."""
    pairs = [across, along]
    rest = np.stack([_REST[_INDEX[end]] - _REST[_INDEX[start]] for start, end in pairs])
    posed = np.stack([joints[:, _INDEX[end]] - joints[:, _INDEX[start]] for start, end in pairs], axis=1)
    unit = np.broadcast_to(rotations.normalize(rest), posed.shape)
    return rotations.fit_rotation(unit, rotations.normalize(posed))


def _turned_offset(turn: FloatArray, name: str) -> FloatArray:
    return rotations.rotate(turn, MODEL_SKELETON.rest_offsets[_INDEX[name]])


def _raised(motion: Motion, height: float) -> Motion:
    """Moved up, so that the feet meet the floor where the source's do whatever the proportions of the hips."""
    return replace(motion, joint_positions=motion.joint_positions + np.array([0.0, height, 0.0], dtype=np.float32))
