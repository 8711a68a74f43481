"""Kimodo's constraint files: a JSON list of root waypoints, poses of the whole body, and hands and feet.

As its documentation has them (nv-tlabs/kimodo, user guide, "Constraints JSON Format"): ``type``, ``frame_indices`` at
30 frames a second, Y up, metres, the body of frame 0 at the origin facing +Z, +X its left; ``root2d`` has
``smooth_root_2d`` [x, z] and maybe ``global_root_heading`` [cos, sin] of the angle from +Z towards +X; all others
``local_joints_rot`` (axis and angle of every joint relative to its parent, T-pose at rest) and ``root_positions``.
Rotations of its SMPL-X (22 joints) and SOMA (30 or 77) bodies are put on the model's bones; other bodies' poses are
refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.constraints import (
    JOINT_OF_PIN,
    MAX_PATH_POINTS,
    BodyKey,
    Constraint,
    Pin,
    PinnedJoint,
    RootPath,
    RootWaypoint,
)
from segmo_core.errors import FileFormatError, InvalidRequestError, one_of, shown
from segmo_core.motion import rotations
from segmo_core.motion.kinematics import forward_kinematics, rotations_from_positions
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.serialization import write_atomically

FloatArray = NDArray[np.floating]

KIMODO_FRAME_RATE = 30.0
_PINS: dict[str, PinnedJoint] = {
    "left-hand": "left_hand", "right-hand": "right_hand", "left-foot": "left_foot", "right-foot": "right_foot",
}  # fmt: skip
_JOINTS: dict[str, PinnedJoint] = {
    "LeftHand": "left_hand", "RightHand": "right_hand", "LeftFoot": "left_foot", "RightFoot": "right_foot",
}  # fmt: skip
_TYPES = ("root2d", "fullbody", "end-effector", *_PINS)
# Of its SOMA body of 30 joints (and of 77, whose fingers, toes and face lie between): names in order, and parents.
_SOMA = (
    "pelvis", "spine1", "spine2", "spine3", "neck", "", "head", "", "", "", "left_collar", "left_shoulder",
    "left_elbow", "left_wrist", "", "", "right_collar", "right_shoulder", "right_elbow", "right_wrist", "", "",
    "left_hip", "left_knee", "left_ankle", "left_foot", "right_hip", "right_knee", "right_ankle", "right_foot",
)  # fmt: skip
_SOMA_PARENTS = (
    -1, 0, 1, 2, 3, 4, 5, 6, 6, 6, 3, 10, 11, 12, 13, 13, 3, 16, 17, 18, 19, 19, 0, 22, 23, 24, 0, 26, 27, 28,
)  # fmt: skip
_SOMA_OF_77 = (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 18, 28, 39, 40, 41, 42, 46, 56,
               67, 68, 69, 70, 72, 73, 74, 75)  # fmt: skip
_CLOSE = 1.5 / KIMODO_FRAME_RATE  # seconds between waypoints that are a path


def constraints_of_kimodo(document: Sequence[Any], where: str) -> tuple[Constraint, ...]:
    """The constraints of a parsed file. FileFormatError names the entry of ``where``."""
    made: list[Constraint] = []
    for number, entry in enumerate(document, start=1):
        place = f"{where}, constraint {number}"
        if not isinstance(entry, dict):
            raise FileFormatError(f"{place}: found {shown(entry)}, expected an object")
        kind = entry.get("type")
        if kind not in _TYPES:
            raise FileFormatError(f"{place}: type {shown(kind)}, expected one of {one_of(_TYPES, str(kind))}")
        try:
            made += _root(entry, place) if kind == "root2d" else _posed(entry, str(kind), place)
        except InvalidRequestError as error:
            raise FileFormatError(f"{place}: {error}") from None
    return tuple(made)


def write_kimodo(constraints: Sequence[Constraint], path: Path) -> None:
    """Write waypoints, paths with times, poses and pins as Kimodo's file for its SMPL-X body.

    InvalidRequestError for what it has no room for: distances, turns, planted feet, the head, poses in place, paths
    without times, and pins without a pose.
    """
    document = [entry for constraint in constraints for entry in _entries(constraint)]
    text = json.dumps(document, indent=1) + "\n"
    write_atomically(Path(path), lambda temporary: temporary.write_text(text, encoding="ascii"))


def _root(entry: dict[str, Any], where: str) -> list[Constraint]:
    seconds = _seconds(entry, where)
    places = _numbers(entry, "smooth_root_2d", (len(seconds), 2), where)
    headings = None
    if entry.get("global_root_heading") is not None:
        vectors = _numbers(entry, "global_root_heading", (len(seconds), 2), where)
        headings = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0]))
    gaps = np.diff(seconds)
    if len(seconds) > 2 and (gaps > 0).all() and gaps.max() <= _CLOSE:
        points = tuple((float(x), float(z)) for x, z in places)
        facing = None if headings is None else tuple(np.degrees(np.unwrap(np.radians(headings))).tolist())
        return [RootPath(points, tuple(seconds.tolist()), facing)]
    return [
        RootWaypoint(float(time), float(x), float(z), None if headings is None else float(headings[number]))
        for number, (time, (x, z)) in enumerate(zip(seconds, places, strict=True))
    ]


def _posed(entry: dict[str, Any], kind: str, where: str) -> list[Constraint]:
    seconds = _seconds(entry, where)
    roots = _numbers(entry, "root_positions", (len(seconds), 3), where)
    joints = _joints(entry, roots, where)
    if kind == "fullbody":
        return [BodyKey(float(time), pose) for time, pose in zip(seconds, joints, strict=True)]
    if kind == "end-effector":
        names = entry.get("joint_names")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise FileFormatError(f"{where}: joint_names {shown(names)}, expected a list of names")
        pins = [_JOINTS[name] for name in names if name in _JOINTS]
    else:
        pins = [_PINS[kind]]
    made: list[Constraint] = []
    for time, pose in zip(seconds.tolist(), joints, strict=True):
        made.append(RootWaypoint(time, float(pose[0, 0]), float(pose[0, 2]), _facing(pose)))
        for pin in pins:
            x, y, z = pose[INDEX[JOINT_OF_PIN[pin]]].tolist()
            made.append(Pin(pin, time, (x, max(y, 0.0), z)))
    return made


def _facing(pose: FloatArray) -> float:
    """Degrees that the hips of joints (22, 3) face away from +Z."""
    across = pose[INDEX["left_hip"]] - pose[INDEX["right_hip"]]
    return math.degrees(math.atan2(-across[2], across[0]))


def _joints(entry: dict[str, Any], roots: FloatArray, where: str) -> FloatArray:
    """(K, 22, 3) metres."""
    plain = entry.get("local_joints_rot")
    try:
        vectors = np.array(plain, dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        vectors = np.zeros(0)
    if vectors.ndim != 3 or vectors.shape[0] != len(roots) or vectors.shape[2] != 3 or not np.isfinite(vectors).all():
        raise FileFormatError(f"{where}: local_joints_rot, expected for each frame and joint [x, y, z] in radians")
    count = vectors.shape[1]
    local = rotations.from_rotation_vector(vectors)
    if count == len(SMPL_JOINT_NAMES):
        return forward_kinematics(MODEL_SKELETON, local, roots)
    if count == 77:
        local = local[:, list(_SOMA_OF_77)]
    elif count != len(_SOMA):
        raise FileFormatError(f"{where}: poses of {count} joints, expected 22 (SMPL-X), 30 or 77 (SOMA)")
    world = local.copy()
    for joint, parent in enumerate(_SOMA_PARENTS):
        if parent >= 0:
            world[:, joint] = rotations.multiply(world[:, parent], local[:, joint])
    own = world[:, [_SOMA.index(name) for name in SMPL_JOINT_NAMES]]
    back = own.copy()
    for joint, parent in enumerate(MODEL_SKELETON.parents):
        if parent >= 0:
            back[:, joint] = rotations.multiply(rotations.inverse(own[:, parent]), own[:, joint])
    return forward_kinematics(MODEL_SKELETON, back, roots)


def _seconds(entry: dict[str, Any], where: str) -> FloatArray:
    frames = entry.get("frame_indices")
    if (
        not isinstance(frames, list)
        or not 0 < len(frames) <= MAX_PATH_POINTS
        or any(type(frame) is not int or not 0 <= frame < 10**6 for frame in frames)
    ):
        raise FileFormatError(f"{where}: frame_indices, expected whole numbers from 0 on")
    return np.array(frames) / KIMODO_FRAME_RATE


def _numbers(entry: dict[str, Any], key: str, shape: tuple[int, int], where: str) -> FloatArray:
    try:
        found = np.array(entry.get(key), dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        found = np.zeros(0)
    if found.shape != shape or not np.isfinite(found).all():
        raise FileFormatError(f"{where}: {key}, expected {shape[0]} times {shape[1]} numbers")
    return found


def _entries(constraint: Constraint) -> Iterator[dict[str, Any]]:
    if isinstance(constraint, RootWaypoint):
        heading = None if constraint.heading is None else [constraint.heading]
        yield _root_entry([constraint.seconds], [[constraint.x, constraint.z]], heading)
    elif isinstance(constraint, RootPath) and constraint.times is not None:
        frames = np.arange(math.ceil(constraint.times[0] * 30 - 1e-6), math.floor(constraint.times[-1] * 30 + 1e-6) + 1)
        seconds = frames / KIMODO_FRAME_RATE
        points = np.array(constraint.points)
        places = np.stack([np.interp(seconds, constraint.times, points[:, axis]) for axis in (0, 1)], axis=-1)
        headings = None
        if constraint.headings is not None:
            headings = np.interp(seconds, constraint.times, constraint.headings).tolist()
        yield _root_entry(seconds.tolist(), places.tolist(), headings)
    elif isinstance(constraint, BodyKey) and not constraint.in_place:
        local = rotations_from_positions(MODEL_SKELETON, constraint.joints[None])
        yield {
            "type": "fullbody",
            "frame_indices": [round(constraint.seconds * KIMODO_FRAME_RATE)],
            "local_joints_rot": np.round(rotations.to_rotation_vector(local), 6).tolist(),
            "root_positions": np.round(constraint.joints[:1], 6).tolist(),
        }
    else:
        name = type(constraint).__name__
        raise InvalidRequestError(
            f"constraints: Kimodo's files have no room for {name}, expected waypoints, paths with times and poses"
        )


def _root_entry(seconds: list[float], places: list[list[float]], headings: list[float] | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": "root2d",
        "frame_indices": [round(time * KIMODO_FRAME_RATE) for time in seconds],
        "smooth_root_2d": np.round(places, 6).tolist(),
    }
    if headings is not None:
        angles = np.radians(headings)
        entry["global_root_heading"] = np.round(np.stack([np.cos(angles), np.sin(angles)], axis=-1), 6).tolist()
    return entry
