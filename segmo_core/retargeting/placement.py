"""The 22 model joints placed in a foreign body: those it has, and those it lacks from their neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError
from segmo_core.motion import rotations
from segmo_core.motion.rest_pose import rest_positions
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, Skeleton
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.retargeting import joint_tree as tree
from segmo_core.retargeting.joint_map import SPINE_JOINTS, JointMap

FloatArray = NDArray[np.floating]

_PLACEABLE = ("left_collar", "right_collar", "left_foot", "right_foot", "head")
_SHORTEST_BONE = 0.01  # metres
_REST = rest_positions(MODEL_SKELETON)


@dataclass(frozen=True)
class Body:
    """Indices into a foreign skeleton.

    joints: model joint -> index, for all that the file has; the pelvis always. spine: the chain from the pelvis to the
    neck, or to the head where there is no neck, both ends included.
    """

    joints: Mapping[str, int]
    spine: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PlacedJoints:
    """positions: (T, 22, 3) in SMPL order. missing: model joints that were made up."""

    positions: FloatArray
    missing: tuple[str, ...]


def find_body(skeleton: Skeleton, joint_map: JointMap) -> Body:
    """The joints of ``joint_map`` in ``skeleton``. Raises FileFormatError for joints that it has not."""
    joints = joint_map.indices(skeleton)
    if "pelvis" not in joints:
        joints["pelvis"] = tree.common_ancestor(skeleton, joints["left_hip"], joints["right_hip"])
    top = joints["neck"] if "neck" in joints else joints["head"]
    return Body(joints, tree.chain(skeleton, joints["pelvis"], top))


def leg_scale(positions: FloatArray, body: Body) -> float:
    """Metres of the model per unit of ``positions``: the model's leg by the source's, as HumanML3D does it.

    Over all frames, so that one damaged frame, or a first one that is none of the motion, does not decide.
    """
    hip, knee, ankle = (positions[:, body.joints[f"right_{part}"]] for part in ("hip", "knee", "ankle"))
    length = float(np.median(np.linalg.norm(knee - hip, axis=-1) + np.linalg.norm(ankle - knee, axis=-1)))
    if length <= 1e-6:
        raise FileFormatError("skeleton: the right leg has no length, expected a body")
    knee_index, ankle_index = INDEX["right_knee"], INDEX["right_ankle"]
    return float(MODEL_SKELETON.bone_lengths[knee_index] + MODEL_SKELETON.bone_lengths[ankle_index]) / length


def place_model_joints(positions: FloatArray, body: Body) -> PlacedJoints:
    """Source positions (T, J, 3) of any orientation, model scale, as the joints of the model."""
    joints = np.full((len(positions), MODEL_SKELETON.num_joints, 3), np.nan)
    for name, index in body.joints.items():
        joints[:, INDEX[name]] = positions[:, index]
    missing = [name for name in SMPL_JOINT_NAMES if name not in body.joints and name not in SPINE_JOINTS]
    missing += _place_spine(joints, positions, body)
    missing += [name for name in _PLACEABLE if name not in missing and _has_no_bone(joints, name)]
    torso = _turn(joints, ("right_shoulder", "left_shoulder"), ("pelvis", "neck"))
    for name, parent in (("head", "neck"), ("left_collar", "spine3"), ("right_collar", "spine3")):
        if name in missing:
            joints[:, INDEX[name]] = joints[:, INDEX[parent]] + _turned_offset(torso, name)
    for side in ("left", "right"):
        if f"{side}_foot" in missing:
            shin = _turn(joints, ("right_hip", "left_hip"), (f"{side}_ankle", f"{side}_knee"))
            joints[:, INDEX[f"{side}_foot"]] = joints[:, INDEX[f"{side}_ankle"]] + _turned_offset(shin, f"{side}_foot")
    return PlacedJoints(joints, tuple(name for name in SMPL_JOINT_NAMES if name in missing))


def _place_spine(joints: FloatArray, positions: FloatArray, body: Body) -> list[str]:
    """Fill the spine of ``joints`` (and the neck, where there is none); returns which spine joints the source lacks.

    Spine joints that the body names are taken as they are. The others become points on the line through the file's
    own spine, between the named ones, at the model's shares of its length.
    """
    line = positions[:, list(body.spine)]
    lengths = np.linalg.norm(np.diff(line, axis=1), axis=-1).mean(axis=0)
    if lengths.sum() <= _SHORTEST_BONE:
        raise FileFormatError("skeleton: pelvis and neck are at the same place, expected a body")
    num_inner = int(np.sum(lengths > _SHORTEST_BONE)) - 1
    places = [*SPINE_JOINTS, "neck"] if "neck" in body.joints else [*SPINE_JOINTS, "neck", "head"]
    stops, names = [0], list[str]()
    for name in places:
        names.append(name)
        if name in body.joints or name == places[-1]:
            joint = body.joints[name]
            if joint in body.spine and body.spine.index(joint) > stops[-1]:
                piece = line[:, stops[-1] : body.spine.index(joint) + 1]
                stops.append(body.spine.index(joint))
            else:  # a joint beside the chain, chosen by hand: straight towards it
                piece = np.stack([line[:, stops[-1]], positions[:, joint]], axis=1)
            _place_along(joints, piece, names)
            names = []
    unnamed = [name for name in SPINE_JOINTS if name not in body.joints]
    return unnamed[max(0, num_inner - (len(SPINE_JOINTS) - len(unnamed))) :]


def _place_along(joints: FloatArray, line: FloatArray, names: list[str]) -> None:
    """Put ``names`` along ``line`` (T, P, 3), the last at its end, the others at the model's shares of the way."""
    lengths = np.linalg.norm(np.diff(line, axis=1), axis=-1).mean(axis=0)
    is_distinct = np.concatenate([[True], lengths > 1e-3 * lengths.sum()])
    line, lengths = line[:, is_distinct], lengths[is_distinct[1:]]
    shares = np.cumsum(MODEL_SKELETON.bone_lengths[[INDEX[name] for name in names]])
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    for name, distance in zip(names[:-1], shares / shares[-1] * reached[-1], strict=False):
        bone = min(int(np.searchsorted(reached, distance, side="right")) - 1, len(lengths) - 1)
        weight = (distance - reached[bone]) / lengths[bone]
        joints[:, INDEX[name]] = line[:, bone] * (1 - weight) + line[:, bone + 1] * weight


def _has_no_bone(joints: FloatArray, name: str) -> bool:
    """True when a joint sits on the one it hangs from: its bone would have no direction."""
    index = INDEX[name]
    bone = joints[:, index] - joints[:, MODEL_SKELETON.parents[index]]
    return float(np.linalg.norm(bone, axis=-1).mean()) < _SHORTEST_BONE


def _turn(joints: FloatArray, across: tuple[str, str], along: tuple[str, str]) -> FloatArray:
    """Rotations (T, 4) from the model's rest pose that best follow two vectors, each between two joints."""
    pairs = [across, along]
    rest = np.stack([_REST[INDEX[end]] - _REST[INDEX[start]] for start, end in pairs])
    posed = np.stack([joints[:, INDEX[end]] - joints[:, INDEX[start]] for start, end in pairs], axis=1)
    unit = np.broadcast_to(rotations.normalize(rest), posed.shape)
    return rotations.fit_rotation(unit, rotations.normalize(posed))


def _turned_offset(turn: FloatArray, name: str) -> FloatArray:
    return rotations.rotate(turn, MODEL_SKELETON.rest_offsets[INDEX[name]])
