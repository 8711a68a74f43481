"""Skeletons that arrays of positions come in without a word about their joints: what NVIDIA's Kimodo and ARDY write.

Names and parents after their published skeleton definitions: SOMA (77 joints, 78 with a root, 30 in older files), the
robot Unitree G1 (34) and ARDY's core skeleton (27).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]

_NECK_SHARE = 0.25  # of the trunk's length that the base of a neck is above the line of the shoulders of a robot


@dataclass(frozen=True)
class JointLayout:
    """rows: (joint, the one it hangs from) in the order of the arrays. parts: joints that go by other names here; where
    given, only these are taken, and a neck is put between the shoulders.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def num_joints(self) -> int:
        return len(self.rows)

    def named(self, positions: FloatArray) -> tuple[tuple[str, ...], tuple[int, ...], FloatArray]:
        """Names, parents and positions (T, J', 3) of the joints to take from positions (T, J, 3)."""
        names = [name for name, _ in self.rows]
        above = dict(self.rows)
        if not self.parts:
            return tuple(names), tuple(names.index(above[name]) if above[name] else -1 for name in names), positions
        taken = {own: name for name, own in self.parts.items()}
        order = [name for name in names if name in taken]
        parents = []
        for name in order:
            parent = above[name]
            while parent and parent not in taken:
                parent = above[parent]
            parents.append(order.index(parent) if parent else -1)
        chosen = positions[:, [names.index(name) for name in order]]
        shoulders = [order.index(self.parts[f"{side}_shoulder"]) for side in ("left", "right")]
        middle = chosen[:, shoulders].mean(axis=1)
        neck = middle + _NECK_SHARE * (middle - chosen[:, 0])
        return (
            (*(taken[name] for name in order), "neck"),
            (*parents, parents[shoulders[0]]),
            np.concatenate([chosen, neck[:, None]], axis=1),
        )


def _chains(*chains: str) -> tuple[tuple[str, str], ...]:
    """Rows of chains "parent > joint > joint ..."; the first joint of the first chain is the root."""
    rows: list[tuple[str, str]] = []
    for number, chain in enumerate(chains):
        names = chain.split()
        if number == 0:
            rows.append((names[0], ""))
        rows += list(zip(names[1:], names[:-1], strict=True))
    return tuple(rows)


def _sided(side: str, *chains: str) -> tuple[str, ...]:
    return tuple(chain.replace("*", side) for chain in chains)


def _fingers(count: int) -> tuple[str, ...]:
    four = ("Index", "Middle", "Ring", "Pinky")
    thumb = "*Hand *HandThumb1 *HandThumb2 *HandThumb3 *HandThumbEnd"
    return (thumb, *(" ".join(["*Hand", *(f"*Hand{name}{n}" for n in range(1, count + 1)), f"*Hand{name}End"])
                     for name in four))  # fmt: skip


_SOMA_TRUNK = "Hips Spine1 Spine2 Chest Neck1 Neck2 Head"
_ARM, _LEG = "Chest *Shoulder *Arm *ForeArm *Hand", "Hips *Leg *Shin *Foot *ToeBase"
_SOMA_77 = _chains(
    f"{_SOMA_TRUNK} HeadEnd", "Head Jaw", "Head LeftEye", "Head RightEye",
    *_sided("Left", _ARM, *_fingers(4)), *_sided("Right", _ARM, *_fingers(4)),
    *_sided("Left", f"{_LEG} *ToeEnd"), *_sided("Right", f"{_LEG} *ToeEnd"),
)  # fmt: skip
_SOMA_30 = _chains(
    _SOMA_TRUNK, "Head Jaw", "Head LeftEye", "Head RightEye",
    *_sided("Left", _ARM, "*Hand *HandThumbEnd", "*Hand *HandMiddleEnd"),
    *_sided("Right", _ARM, "*Hand *HandThumbEnd", "*Hand *HandMiddleEnd"),
    *_sided("Left", _LEG), *_sided("Right", _LEG),
)  # fmt: skip
_CORE_ARM = ("Spine3 *Shoulder *Arm *ForeArm *Hand *HandEnd", "*Hand *HandThumb1")
_CORE_27 = _chains(
    "Hips Spine Spine1 Spine2 Spine3 Neck Head", *_sided("Right", *_CORE_ARM), *_sided("Left", *_CORE_ARM),
    *_sided("Right", "Hips *UpLeg *Leg *Foot *ToeBase"), *_sided("Left", "Hips *UpLeg *Leg *Foot *ToeBase"),
)  # fmt: skip
_G1_LEG = "pelvis *_hip_pitch *_hip_roll *_hip_yaw *_knee *_ankle_pitch *_ankle_roll *_toe_base"
_G1_ARM = (
    "waist_pitch *_shoulder_pitch *_shoulder_roll *_shoulder_yaw *_elbow *_wrist_roll *_wrist_pitch *_wrist_yaw "
    "*_hand_roll"
)
_G1_34 = _chains(
    *_sided("left", _G1_LEG), *_sided("right", _G1_LEG), "pelvis waist_yaw waist_roll waist_pitch",
    *_sided("left", _G1_ARM), *_sided("right", _G1_ARM),
)  # fmt: skip
_G1_PARTS = {
    "pelvis": "pelvis", "spine1": "waist_yaw", "spine2": "waist_pitch",
    **{f"{side}_{part}": f"{side}_{own}" for side in ("left", "right")
       for part, own in (("hip", "hip_pitch"), ("knee", "knee"), ("ankle", "ankle_pitch"), ("foot", "toe_base"),
                         ("shoulder", "shoulder_pitch"), ("elbow", "elbow"), ("wrist", "wrist_yaw"))},
}  # fmt: skip

LAYOUTS: tuple[JointLayout, ...] = (
    JointLayout("SOMA", _SOMA_77),
    JointLayout("SOMA with a root", (("Root", ""), ("Hips", "Root"), *_SOMA_77[1:])),
    JointLayout("SOMA, 30 joints", _SOMA_30),
    JointLayout("Unitree G1", _G1_34, _G1_PARTS),
    JointLayout("ARDY core", _CORE_27),
)
"""By their number of joints, which no two share."""
