"""What other programs call the 22 joints of the model skeleton.

Sources: SMPL's joint list; Mixamo's FBX downloads; Unreal's mannequins of UE4 and UE5; Unity's HumanBodyBones; the VRM
1.0 specification (humanoid bones).
"""

from __future__ import annotations

from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

_MIXAMO = (
    "Hips", "LeftUpLeg", "RightUpLeg", "Spine", "LeftLeg", "RightLeg", "Spine1", "LeftFoot", "RightFoot", "Spine2",
    "LeftToeBase", "RightToeBase", "Neck", "LeftShoulder", "RightShoulder", "Head", "LeftArm", "RightArm",
    "LeftForeArm", "RightForeArm", "LeftHand", "RightHand",
)  # fmt: skip
_UNREAL = (
    "pelvis", "thigh_l", "thigh_r", "spine_01", "calf_l", "calf_r", "spine_02", "foot_l", "foot_r", "spine_03",
    "ball_l", "ball_r", "neck_01", "clavicle_l", "clavicle_r", "head", "upperarm_l", "upperarm_r", "lowerarm_l",
    "lowerarm_r", "hand_l", "hand_r",
)  # fmt: skip
_MANNY = tuple({"spine_02": "spine_03", "spine_03": "spine_05"}.get(name, name) for name in _UNREAL)
_UNITY = (
    "Hips", "LeftUpperLeg", "RightUpperLeg", "Spine", "LeftLowerLeg", "RightLowerLeg", "Chest", "LeftFoot",
    "RightFoot", "UpperChest", "LeftToes", "RightToes", "Neck", "LeftShoulder", "RightShoulder", "Head",
    "LeftUpperArm", "RightUpperArm", "LeftLowerArm", "RightLowerArm", "LeftHand", "RightHand",
)  # fmt: skip

BONE_NAMES: dict[str, tuple[str, ...]] = {
    "smpl": SMPL_JOINT_NAMES,
    "mixamo": tuple(f"mixamorig:{name}" for name in _MIXAMO),
    "unreal": _UNREAL,
    "manny": _MANNY,
    "unity": _UNITY,
    "vrm": tuple(name[0].lower() + name[1:] for name in _UNITY),
}
"""Naming -> 22 names in the order of the model skeleton. "unreal" is UE4's mannequin, "manny" UE5's, which has bones
between these (scene/added_bones.py)."""
