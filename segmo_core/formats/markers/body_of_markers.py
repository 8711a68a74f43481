"""A body from markers on the skin, or from the joints that video tools write as markers.

Joints under their own names (hip, knee, ankle, shoulder, elbow, wrist, as OpenCap, Pose2Sim and OpenPose write them)
are taken as they are. Where there are only markers of the usual sets (Plug-in Gait and its kin), joints are placed from
them: hips by the width of the pelvis (Bell, Pedersen and Brand 1990), the others between or inside of the markers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, in_short
from segmo_core.formats.reading import files
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES, SMPL_PARENTS, Skeleton

FloatArray = NDArray[np.floating]

# Bell, Pedersen and Brand 1990: shares of the distance between the front marks of the pelvis, from their middle.
_HIP_ASIDE, _HIP_DOWN, _HIP_BACK = 0.36, 0.30, 0.19
_ROWS = {
    "shoulder": ("sho", "shoulder", "acr", "acromion", "sjc"), "elbow": ("elb", "elbow", "ejc", "elbl", "lelbow"),
    "wrist": ("wrist", "wjc"), "knee": ("kne", "knee", "kjc", "knel"), "ankle": ("ank", "ankle", "ajc", "ankl"),
    "foot": ("toe", "bigtoe", "mt1", "mt2", "mtp2", "footindex"), "hip": ("hip", "hjc", "hipjoint"),
}  # fmt: skip
_INNER = {"elbow": ("elbm", "melb", "melbow", "elbowmedial"), "knee": ("knm", "knem", "mknee", "kneemedial"),
          "ankle": ("mma", "ankm", "mankle", "anklemedial")}  # fmt: skip
_PAIRS = {"wrist": (("wra", "wrr", "lwrist"), ("wrb", "wru", "mwrist"))}
_PELVIS = {"front": ("asi", "asis"), "back": ("psi", "psis")}
_NECK, _HEAD = ("neck", "c7", "clav", "strn"), ("head", "headtop", "vertex", "nose")
_HEAD_MARKS = ("fhd", "bhd")
_FULL = {"lasis": "lasi", "rasis": "rasi", "lpsis": "lpsi", "rpsis": "rpsi"}
_EMPTY_SHARE = 0.5  # of the frames in which a marker may be missing


def motion_of_markers(path: Path, names: Sequence[str], points: FloatArray, rate: float, metres: float) -> Motion:
    """The joints of the body that ``points`` (T, M, 3) are on; NaN where a marker was not seen.

    metres: of a unit. Raises FileFormatError where they are none of a body.
    """
    marks = _Marks(names, points * metres)
    joints: dict[str, FloatArray] = {}
    for side in ("left", "right"):
        for part in ("shoulder", "elbow", "wrist", "knee", "ankle", "foot", "hip"):
            found = marks.joint(side, part)
            if found is not None:
                joints[f"{side}_{part}"] = found
    _place_hips(joints, marks)
    lacking = [
        f"{side}_{part}"
        for side in ("left", "right")
        for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
        if f"{side}_{part}" not in joints
    ]
    if lacking:
        some = ", ".join(in_short(name, 20) for name in names[:8])
        raise FileFormatError(
            f"{path}: no markers for {', '.join(lacking)} among {len(names)} ({some}, ...), expected a whole body"
        )  # fmt: skip
    hips = (joints["left_hip"] + joints["right_hip"]) / 2
    shoulders = (joints["left_shoulder"] + joints["right_shoulder"]) / 2
    up = shoulders - hips
    joints["pelvis"] = hips + 0.15 * up
    neck = marks.middle(_NECK)
    joints["neck"] = neck if neck is not None else shoulders + 0.15 * up
    head = marks.middle(_HEAD)
    head = head if head is not None else marks.middle([f"{side}{mark}" for side in "lr" for mark in _HEAD_MARKS])
    if head is not None:
        joints["head"] = head
    return _motion(path, joints, rate)


class _Marks:
    """Markers by their short names; gaps are filled by straight lines."""

    def __init__(self, names: Sequence[str], points: FloatArray) -> None:
        self._points: dict[str, FloatArray] = {}
        for index, name in enumerate(names):
            filled = _filled(points[:, index])
            if filled is not None:
                self._points.setdefault(_short(name), filled)

    def joint(self, side: str, part: str) -> FloatArray | None:
        """A joint that is marked itself, or between two marks, the outer one alone where there is no inner one."""
        letter = side[0]
        outer = self._first(side, _ROWS[part])
        inner = self._first(side, _INNER.get(part, ()))
        if outer is not None and inner is not None:
            return (outer + inner) / 2
        if outer is None and part in _PAIRS:
            ends = [self._first(letter, row) for row in _PAIRS[part]]
            seen = [each for each in ends if each is not None]
            return sum(seen[1:], seen[0]) / len(seen) if seen else None
        return outer

    def pelvis(self, place: str) -> tuple[FloatArray, FloatArray] | None:
        """Left and right mark of the front or the back of the pelvis."""
        left, right = (self._first(side, _PELVIS[place]) for side in ("left", "right"))
        return None if left is None or right is None else (left, right)

    def middle(self, words: Sequence[str]) -> FloatArray | None:
        """The first of ``words`` that is marked; of four head marks all together."""
        seen = [self._points[word] for word in words if word in self._points]
        if not seen:
            return None
        return np.mean(seen, axis=0) if words[0].endswith(_HEAD_MARKS) else seen[0]

    def _first(self, side: str, words: Sequence[str]) -> FloatArray | None:
        for word in words:
            for name in (f"{side[0]}{word}", f"{side}{word}", f"{word}{side[0]}", f"{word}{side}"):
                if name in self._points:
                    return self._points[name]
        return None


def _short(name: str) -> str:
    """The letters of a marker's name without what stands before a colon (the subject), in lower case."""
    letters = re.sub(r"[^a-z0-9]", "", re.split(r"[:|]", name)[-1].lower())
    letters = re.sub(r"(study|jnt|joint|marker)$", "", letters)
    return _FULL.get(letters, letters)


def _filled(points: FloatArray) -> FloatArray | None:
    """(T, 3) without gaps; None where too much is missing."""
    seen = np.isfinite(points).all(axis=-1)
    if seen.mean() < _EMPTY_SHARE:
        return None
    times = np.arange(len(points))
    return np.stack([np.interp(times, times[seen], points[seen, axis]) for axis in range(3)], axis=-1)


def _place_hips(joints: dict[str, FloatArray], marks: _Marks) -> None:
    """Hip joints from the marks of the pelvis, where they are not marked themselves."""
    front = marks.pelvis("front")
    if "left_hip" in joints or front is None:
        return
    back = marks.pelvis("back")
    left, right = front
    middle = (left + right) / 2
    across = rotations.normalize(left - right)
    width = np.linalg.norm(left - right, axis=-1, keepdims=True)
    knees = [joints[name] for name in ("left_knee", "right_knee") if name in joints]
    behind = (back[0] + back[1]) / 2 if back is not None else None
    if behind is not None:
        forward = rotations.normalize(middle - behind)
        up = rotations.normalize(np.cross(forward, across))
    elif knees:
        up = rotations.normalize(middle - np.mean(knees, axis=0))
        forward = rotations.normalize(np.cross(across, up))
    else:
        return
    shoulders = [joints[name] for name in ("left_shoulder", "right_shoulder") if name in joints]
    if shoulders and float(np.sum(up * (np.mean(shoulders, axis=0) - middle), axis=-1).mean()) < 0:
        up = -up
    for side, sign in (("left", 1.0), ("right", -1.0)):
        joints[f"{side}_hip"] = (
            middle + sign * _HIP_ASIDE * width * across - _HIP_DOWN * width * up - _HIP_BACK * width * forward
        )


def _motion(path: Path, joints: Mapping[str, FloatArray], rate: float) -> Motion:
    """Positions on a skeleton of the joints that are there, under the model's names."""
    above = {
        name: SMPL_JOINT_NAMES[max(parent, 0)] for name, parent in zip(SMPL_JOINT_NAMES, SMPL_PARENTS, strict=True)
    }
    names = ["pelvis", *(name for name in SMPL_JOINT_NAMES if name in joints and name != "pelvis")]
    parents = [-1]
    for name in names[1:]:
        parent = above[name]
        while parent not in names:
            parent = above[parent]
        parents.append(names.index(parent))
    positions = np.stack([joints[name] for name in names], axis=1)
    files.require_finite(path, positions, "markers")
    offsets = np.zeros((len(names), 3))
    for joint, above_it in enumerate(parents):
        if above_it >= 0:
            offsets[joint] = np.median(positions[:, joint] - positions[:, above_it], axis=0)
    return files.build_motion(path, positions, rate, Skeleton(tuple(names), tuple(parents), offsets))
