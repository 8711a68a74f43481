"""Pose parameters of SMPL bodies as many programs write them: AMASS, GVHMR, WHAM, ROMP, HY-Motion, AIST++, Motion-X.

Whatever the names of the arrays, they are one thing: a turn of the root, turns of 21 or more joints, a translation, and
with luck a rate. Which axis is up differs (AMASS: Z; most others: Y, or Y down in a camera's space); the body tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.smpl_rest_joints import SMPL_REST_PELVIS, SMPL_SKELETON, SMPLX_REST_PELVIS, SMPLX_SKELETON
from segmo_core.errors import FileFormatError, in_short
from segmo_core.formats.arrays.foreign_values import array_of, numbers_in, positive_number
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.hands.hand_shape import FINGER_JOINTS
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import Provenance
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX, SMPL_JOINT_NAMES, Skeleton

FloatArray = NDArray[np.floating]

WHOLE = ("pose_world", "poses", "smpl_poses", "smpl_thetas", "thetas", "full_pose", "fullpose", "pose")
ROOT = ("root_orient", "global_orient", "smpl_root_orient")
BODY = ("pose_body", "body_pose", "smpl_body_pose")
TRANSLATION = ("trans_world", "trans", "transl", "smpl_trans", "translation", "cam_trans", "root_trans")
RATES = ("mocap_framerate", "mocap_frame_rate", "fps", "frame_rate", "framerate", "mocap_time_step")
SCALING = "smpl_scaling"
HANDS = (("pose_hand",), ("hand_pose",), ("left_hand_pose", "right_hand_pose"))
_ALL_HANDS = tuple(name for names in HANDS for name in names)
NAMES = (*WHOLE, *ROOT, *BODY, *TRANSLATION, *RATES, SCALING, "pose_jaw", "jaw_pose", *_ALL_HANDS)
"""What is read of such a file; most carry more."""

ASSUMED_RATE = 30.0
AIST_RATE = 60.0
_NUM_JOINTS = len(SMPL_JOINT_NAMES)
_SMPLX_WIDTH = 165
_HAND_WIDTH = 3 * len(FINGER_JOINTS)
_HANDS_OF_WIDTH = {156: slice(66, 156), _SMPLX_WIDTH: slice(75, 165)}  # SMPL-X has jaw and eyes before its hands
_MOTION_X = {"poses": slice(0, 66), "hands": slice(66, 156), "trans": slice(309, 312)}
MOTION_X_WIDTH = 322
_MOST_RADIANS = 1e4  # beyond, sine and cosine of a number in single precision mean nothing
_CLEARLY_UPRIGHT = 0.5  # by how much more upright a body must be along another axis than the format's own
_AXES = {"z": (2, 1.0), "y": (1, 1.0), "-y": (1, -1.0)}


@dataclass(frozen=True, eq=False)
class SmplPoses:
    """poses: (T, 66) rotation vectors. translation: (T, 3) metres, of the root from where it rests. frame_rate: Hz,
    None where it is not told. repairs: what was put right. hands: (T, 90) rotation vectors of FINGER_JOINTS; None where
    the file has none.
    """

    poses: FloatArray
    translation: FloatArray
    frame_rate: float | None
    skeleton: Skeleton
    rest_pelvis: FloatArray
    repairs: tuple[str, ...] = ()
    hands: FloatArray | None = None


def has_poses(record: Mapping[str, Any]) -> bool:
    """Whether ``record`` (names to arrays) holds pose parameters."""
    whole = any(name in record for name in WHOLE)
    return whole or (any(name in record for name in ROOT) and any(name in record for name in BODY))


def poses_of(path: Path, record: Mapping[str, Any]) -> SmplPoses:
    """The poses of ``record``. Raises FileFormatError for shapes that are none of poses."""
    whole = _first(record, WHOLE)
    if whole is not None:
        poses = _flat(path, *whole)
    else:
        root, body = (_first(record, names) for names in (ROOT, BODY))
        if root is None or body is None:
            raise FileFormatError(f"{path}: no poses, expected pose parameters of an SMPL body")
        parts = _flat(path, *root), _flat(path, *body)
        if len(parts[0]) != len(parts[1]) or parts[0].shape[1] != 3 or parts[1].shape[1] < 63:
            raise FileFormatError(
                f"{path}: {root[0]} of shape {parts[0].shape} and {body[0]} of shape {parts[1].shape}, "
                "expected (T, 3) and (T, 63 or more)"
            )
        poses = np.concatenate(parts, axis=1)
    if poses.shape[1] < 3 * _NUM_JOINTS or len(poses) == 0:
        raise FileFormatError(f"{path}: poses of shape {poses.shape}, expected (T, 66 or more)")
    repairs = []
    found = _first(record, TRANSLATION)
    if found is None:
        translation: FloatArray = np.zeros((len(poses), 3))
        repairs.append("There is no translation in the file: the body stays on its spot.")
    else:
        translation = _numbers(path, *found)
        translation = translation.reshape(-1, 3) if translation.size == 3 * len(poses) else translation
        if translation.shape != (len(poses), 3):
            raise FileFormatError(
                f"{path}: {found[0]} of shape {translation.shape}, expected ({len(poses)}, 3) as there are poses"
            )
    scaling = positive_number(record.get(SCALING))
    if scaling is not None:
        with np.errstate(over="ignore"):  # what overflows is refused below
            translation = translation / scaling
    files.check_size(path, len(poses), _NUM_JOINTS)
    files.require_finite(path, poses, "poses")
    files.require_finite(path, translation, found[0] if found is not None else "translation")
    is_smplx = "pose_jaw" in record or "jaw_pose" in record or poses.shape[1] == _SMPLX_WIDTH
    skeleton, pelvis = (SMPLX_SKELETON, SMPLX_REST_PELVIS) if is_smplx else (SMPL_SKELETON, SMPL_REST_PELVIS)
    rate = _rate(path, record)
    if rate is None and SCALING in record:
        rate = AIST_RATE
    hands = _hands(path, record, poses)
    return SmplPoses(poses[:, : 3 * _NUM_JOINTS], translation, rate, skeleton, pelvis, tuple(repairs), hands)


def motion_x_poses(path: Path, rows: FloatArray) -> SmplPoses:
    """Poses of Motion-X's rows (T, 322): root, body, hands, jaw, expression, face shape, translation, shape; 30 Hz."""
    files.check_size(path, len(rows), _NUM_JOINTS)
    files.require_finite(path, rows, "values")
    poses, hands, translation = (rows[:, columns] for columns in _MOTION_X.values())
    return SmplPoses(poses, translation, ASSUMED_RATE, SMPLX_SKELETON, SMPLX_REST_PELVIS, hands=hands)


def motion_of_poses(
    path: Path, found: SmplPoses, choices: ReadingChoices = PLAIN_READING, *, up_axis: str | None = None
) -> Motion:
    """The motion on the mean body, Y up, metres, whichever axis of the file is up. Raises FileFormatError.

    up_axis: "y", "z" or "-y"; None finds out. Without a rate 30 frames a second are assumed, and told.
    """
    local = _turns(path, found.poses.reshape(len(found.poses), _NUM_JOINTS, 3))
    root = found.translation + found.rest_pelvis
    positions = kinematics.forward_kinematics(found.skeleton, local, root)
    axis = up_axis or _up_axis(positions)
    turn = _to_y_up(axis)
    local[:, 0] = rotations.multiply(turn, local[:, 0])
    positions = kinematics.forward_kinematics(found.skeleton, local, rotations.rotate(turn, root))
    rate = choices.frame_rate or found.frame_rate
    repairs = found.repairs if axis == "z" else (*found.repairs, f"The file's {axis.upper()} axis is up.")
    hands = None if found.hands is None else _hand_poses(path, found.hands)
    motion = files.build_motion(
        path, positions, rate or ASSUMED_RATE, found.skeleton, rotations.continuous(local), hands
    )
    return replace(motion, provenance=Provenance(repairs=repairs, rate_origin="file" if rate else "assumed"))


def _hands(path: Path, record: Mapping[str, Any], poses: FloatArray) -> FloatArray | None:
    """(T, 90) of the arrays that hold nothing but hands, or of whole poses (T, 156 or 165); None where there are none,
    or only weights of a hand's principal components.
    """
    found: FloatArray | None = None
    for names in HANDS:
        if all(record.get(name) is not None for name in names):
            parts = [_flat(path, name, record[name]) for name in names]
            if all(len(part) == len(poses) and part.shape[1] * len(names) == _HAND_WIDTH for part in parts):
                found = np.concatenate(parts, axis=1)
                break
    if found is None and poses.shape[1] in _HANDS_OF_WIDTH:
        found = poses[:, _HANDS_OF_WIDTH[poses.shape[1]]]
    if found is not None:
        files.require_finite(path, found, "hands")
    return found


def _hand_poses(path: Path, vectors: FloatArray) -> HandPoses:
    turns = _turns(path, vectors.reshape(len(vectors), len(FINGER_JOINTS), 3))
    return HandPoses(rotations.continuous(turns))


def _turns(path: Path, vectors: FloatArray) -> FloatArray:
    """Quaternions (T, J, 4) of rotation vectors (T, J, 3) in radians, none larger than any body turns."""
    largest = np.abs(vectors).max(axis=(1, 2))
    if (largest > _MOST_RADIANS).any():
        frame = int(np.argmax(largest > _MOST_RADIANS))
        raise FileFormatError(
            f"{path}: frame {frame}: a joint turned by {largest[frame]:.3g} radians, "
            f"expected rotation vectors of at most {_MOST_RADIANS:,.0f}"
        )
    return rotations.from_rotation_vector(vectors)


def _up_axis(positions: FloatArray) -> str:
    """The axis that is up: Z, as AMASS has it, unless the body stands clearly along Y, on a steadier floor."""
    names = SMPL_JOINT_INDEX
    along = positions[:, names["neck"]] - positions[:, [names["left_ankle"], names["right_ankle"]]].mean(axis=1)
    upright = rotations.normalize(along).mean(axis=0)
    height = max(float(np.linalg.norm(along, axis=-1).max()), 1e-9)
    scores = {}
    for name, (component, sign) in _AXES.items():
        lowest = (sign * positions[..., component]).min(axis=1) / height
        scores[name] = sign * upright[component], min(abs(float(np.median(lowest))) + float(lowest.std()), 1.0)
    best = max(("y", "-y"), key=lambda name: scores[name][0])
    stands = scores[best][0] - scores["z"][0] > _CLEARLY_UPRIGHT
    return best if stands and scores[best][1] <= scores["z"][1] else "z"


def _to_y_up(axis: str) -> FloatArray:
    angle = {"z": -np.pi / 2, "y": 0.0, "-y": np.pi}[axis]
    return rotations.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(angle))


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, Any] | None:
    return next(((name, record[name]) for name in names if record.get(name) is not None), None)


def _numbers(path: Path, name: str, values: Any) -> NDArray[np.float64]:
    numbers = numbers_in(values)
    if numbers is None:
        raise FileFormatError(f"{path}: {name} holds {in_short(array_of(values).dtype, 40)}, expected numbers")
    return numbers


def _flat(path: Path, name: str, values: Any) -> FloatArray:
    """(T, W) rotation vectors of (T, W), (1, T, W), (T, J, 3), (T, J, 1, 3) or rotation matrices (T, J, 3, 3)."""
    array: FloatArray = _numbers(path, name, values)
    while array.ndim > 3 and array.shape[0] == 1:
        array = array[0]
    if array.ndim == 4 and array.shape[-2:] == (3, 3):
        array = rotations.to_rotation_vector(rotations.from_matrix(array))
    if array.ndim == 3 and array.shape[-1] == 3 and array.shape[1] != 3:
        return array.reshape(len(array), -1)
    if array.ndim == 3 and array.shape[1:] == (3, 3):
        array = rotations.to_rotation_vector(rotations.from_matrix(array))
    if array.ndim == 3 and array.shape[0] == 1:
        array = array.reshape(array.shape[1:])
    if array.ndim == 3 and array.shape[1] == 1:
        return array[:, 0]
    if array.ndim == 1 and array.size % 3 == 0 and array.size >= 3:
        return array[None]
    if array.ndim != 2:
        raise FileFormatError(f"{path}: {name} of shape {in_short(array.shape, 60)}, expected (T, numbers)")
    return array


def _rate(path: Path, record: Mapping[str, Any]) -> float | None:
    found = _first(record, RATES[:-1])
    if found is None:
        return None
    values = _numbers(path, *found)
    if values.size == 1 and np.isfinite(values).all() and values.item() > 0:
        return float(values.item())
    raise FileFormatError(f"{path}: {found[0]} is not one positive number, expected frames per second")
