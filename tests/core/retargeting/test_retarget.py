"""Foreign skeletons on the model's: names of many programs, both up axes, other units, missing joints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from sample_motions import body_turns, somersault, turning_walk
from scipy.spatial.transform import Rotation

from segmo_core.errors import FileFormatError
from segmo_core.formats.bvh.bvh_files import read_bvh, write_bvh
from segmo_core.motion.features import HUMANML3D_LAYOUT, facing_direction
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, SMPL_PARENTS, Skeleton
from segmo_core.retargeting.to_model_skeleton import RetargetResult, to_model_skeleton

PARITY = Path(__file__).resolve().parents[4] / "shared" / "parity"

# The 22 joints under the names of other programs, in SMPL order.
STYLES = {
    "mixamo": "Hips LeftUpLeg RightUpLeg Spine LeftLeg RightLeg Spine1 LeftFoot RightFoot Spine2 LeftToeBase "
    "RightToeBase Neck LeftShoulder RightShoulder Head LeftArm RightArm LeftForeArm RightForeArm LeftHand RightHand",
    "unreal": "pelvis thigh_l thigh_r spine_01 calf_l calf_r spine_02 foot_l foot_r spine_03 ball_l ball_r neck_01 "
    "clavicle_l clavicle_r head upperarm_l upperarm_r lowerarm_l lowerarm_r hand_l hand_r",
    "unity": "Hips LeftUpperLeg RightUpperLeg Spine LeftLowerLeg RightLowerLeg Chest LeftFoot RightFoot UpperChest "
    "LeftToes RightToes Neck LeftShoulder RightShoulder Head LeftUpperArm RightUpperArm LeftLowerArm RightLowerArm "
    "LeftHand RightHand",
    "vroid": "J_Bip_C_Hips J_Bip_L_UpperLeg J_Bip_R_UpperLeg J_Bip_C_Spine J_Bip_L_LowerLeg J_Bip_R_LowerLeg "
    "J_Bip_C_Chest J_Bip_L_Foot J_Bip_R_Foot J_Bip_C_UpperChest J_Bip_L_ToeBase J_Bip_R_ToeBase J_Bip_C_Neck "
    "J_Bip_L_Shoulder J_Bip_R_Shoulder J_Bip_C_Head J_Bip_L_UpperArm J_Bip_R_UpperArm J_Bip_L_LowerArm "
    "J_Bip_R_LowerArm J_Bip_L_Hand J_Bip_R_Hand",
    "rokoko": "Hips LeftThigh RightThigh Spine1 LeftShin RightShin Spine2 LeftFoot RightFoot Spine3 LeftToe RightToe "
    "Neck LeftShoulder RightShoulder Head LeftArm RightArm LeftForeArm RightForeArm LeftHand RightHand",
    "biovision": "Hips LeftHip RightHip Chest LeftKnee RightKnee Chest2 LeftAnkle RightAnkle Chest3 LeftToe RightToe "
    "Neck LeftCollar RightCollar Head LeftShoulder RightShoulder LeftElbow RightElbow LeftWrist RightWrist",
    "smpl of a game engine": "m_avg_Pelvis m_avg_L_Hip m_avg_R_Hip m_avg_Spine1 m_avg_L_Knee m_avg_R_Knee "
    "m_avg_Spine2 m_avg_L_Ankle m_avg_R_Ankle m_avg_Spine3 m_avg_L_Foot m_avg_R_Foot m_avg_Neck m_avg_L_Collar "
    "m_avg_R_Collar m_avg_Head m_avg_L_Shoulder m_avg_R_Shoulder m_avg_L_Elbow m_avg_R_Elbow m_avg_L_Wrist "
    "m_avg_R_Wrist",
    "acclaim": "root lfemur rfemur lowerback ltibia rtibia upperback lfoot rfoot thorax ltoes rtoes lowerneck "
    "lclavicle rclavicle head lhumerus rhumerus lradius rradius lwrist rwrist",
    "rigify": "DEF-spine DEF-thigh.L DEF-thigh.R DEF-spine.001 DEF-shin.L DEF-shin.R DEF-spine.002 DEF-foot.L "
    "DEF-foot.R DEF-spine.003 DEF-toe.L DEF-toe.R DEF-neck DEF-shoulder.L DEF-shoulder.R DEF-head DEF-upper_arm.L "
    "DEF-upper_arm.R DEF-forearm.L DEF-forearm.R DEF-hand.L DEF-hand.R",
    "shouting": " ".join(SMPL_JOINT_NAMES).upper(),
}  # fmt: skip


def renamed(motion: Motion, names: tuple[str, ...], unit: float = 1.0, z_up: bool = False) -> Motion:
    """The same movement as another program would tell it: other names, ``unit`` per metre, perhaps Z up."""
    positions, offsets = motion.joint_positions * unit, motion.skeleton.rest_offsets * unit
    if z_up:
        positions, offsets = (np.stack([a[..., 0], -a[..., 2], a[..., 1]], axis=-1) for a in (positions, offsets))
    return Motion(positions, motion.frame_rate, Skeleton(names, motion.skeleton.parents, offsets))


def distance(result: RetargetResult, motion: Motion) -> float:
    return float(np.linalg.norm(result.motion.joint_positions - motion.joint_positions, axis=-1).max())


@pytest.mark.parametrize("z_up", [False, True], ids=["Y up", "Z up"])
@pytest.mark.parametrize("style", STYLES)
def test_the_models_own_body_under_other_names_comes_back_exactly(style: str, z_up: bool) -> None:
    names = STYLES[style].split()
    assert len(names) == 22
    prefixed = tuple(f"mixamorig7:{name}" if style == "mixamo" else name for name in names)
    motion = turning_walk()
    result = to_model_skeleton(renamed(motion, prefixed, unit=39.37, z_up=z_up))
    assert distance(result, motion) < 1e-4
    assert result.missing_joints == ()
    assert result.worst_error < 1e-4
    assert result.motion.skeleton is MODEL_SKELETON
    assert result.motion.frame_rate == motion.frame_rate
    assert result.motion.local_rotations is not None


@pytest.mark.parametrize("motion", [turning_walk(), somersault()], ids=["turning walk", "somersault"])
def test_our_own_bvh_comes_back_where_it_was(tmp_path: Path, motion: Motion) -> None:
    write_bvh(motion, tmp_path / "walk.bvh")
    result = to_model_skeleton(read_bvh(tmp_path / "walk.bvh"))
    assert distance(result, motion) < 1e-5


def test_a_motion_on_the_model_skeleton_passes_unchanged() -> None:
    motion = turning_walk()
    assert to_model_skeleton(motion).motion is motion
    without_rotations = Motion(motion.joint_positions, 20.0, MODEL_SKELETON)
    result = to_model_skeleton(without_rotations)
    assert distance(result, motion) < 1e-5
    assert result.motion.local_rotations is not None


@pytest.mark.skipif(not PARITY.is_dir(), reason="needs the parity fixtures beside the repository")
@pytest.mark.parametrize("variant", ["ik0", "ik1"])
def test_another_projects_file_keeps_facing_path_and_limbs(variant: str) -> None:
    expected = load_file(PARITY / "bvh.safetensors")[f"glb_{variant}_it100"].astype(np.float64)
    result = to_model_skeleton(read_bvh(PARITY / f"000612_{variant}_it100.bvh"))
    assert result.missing_joints == ()
    assert result.mean_error < 0.025
    joints = result.motion.joint_positions.astype(np.float64)
    legs = [np.linalg.norm(body[0, 5] - body[0, 2]) + np.linalg.norm(body[0, 8] - body[0, 5]) for body in
            (joints, expected)]  # fmt: skip
    np.testing.assert_allclose(joints[:, 0, [0, 2]], expected[:, 0, [0, 2]] * legs[0] / legs[1], atol=1e-4)
    facing = [facing_direction(body, HUMANML3D_LAYOUT) for body in (joints, expected)]
    assert np.sum(facing[0] * facing[1], axis=-1).min() > np.cos(np.radians(8))
    for joint in (4, 5, 7, 8, 18, 19, 20, 21):
        bones = [body[:, joint] - body[:, SMPL_PARENTS[joint]] for body in (joints, expected)]
        cosine = np.sum(bones[0] * bones[1], axis=-1) / np.prod([np.linalg.norm(bone, axis=-1) for bone in bones], 0)
        assert np.degrees(np.arccos(cosine.clip(-1, 1))).mean() < 8


# name, parent, offset; two bodies as other programs build them, each in its own unit.
MIXAMO_BODY = [
    ("mixamorig:Hips", "", (0, 0, 0)), ("mixamorig:Spine", "Hips", (0, 9.9, -1.2)),
    ("mixamorig:Spine1", "Spine", (0, 11.7, 0)), ("mixamorig:Spine2", "Spine1", (0, 13.5, 0)),
    ("mixamorig:Neck", "Spine2", (0, 15.0, 0.9)), ("mixamorig:Head", "Neck", (0, 10.3, 3.1)),
    ("mixamorig:HeadTop_End", "Head", (0, 18.5, 6.6)),
    ("mixamorig:LeftShoulder", "Spine2", (6.1, 9.1, 0.7)), ("mixamorig:LeftArm", "LeftShoulder", (12.9, 0, -0.2)),
    ("mixamorig:LeftForeArm", "LeftArm", (27.4, 0, 0)), ("mixamorig:LeftHand", "LeftForeArm", (27.6, 0, 0)),
    ("mixamorig:LeftHandThumb1", "LeftHand", (3.0, -1.0, 2.5)), ("mixamorig:LeftHandIndex1", "LeftHand", (12, 0, 2)),
    ("mixamorig:RightShoulder", "Spine2", (-6.1, 9.1, 0.7)), ("mixamorig:RightArm", "RightShoulder", (-12.9, 0, -0.2)),
    ("mixamorig:RightForeArm", "RightArm", (-27.4, 0, 0)), ("mixamorig:RightHand", "RightForeArm", (-27.6, 0, 0)),
    ("mixamorig:LeftUpLeg", "Hips", (9.1, -6.6, 0)), ("mixamorig:LeftLeg", "LeftUpLeg", (0, -40.6, 0)),
    ("mixamorig:LeftFoot", "LeftLeg", (0, -42.1, 0)), ("mixamorig:LeftToeBase", "LeftFoot", (0, -10.6, 12.9)),
    ("mixamorig:LeftToe_End", "LeftToeBase", (0, 0, 8)),
    ("mixamorig:RightUpLeg", "Hips", (-9.1, -6.6, 0)), ("mixamorig:RightLeg", "RightUpLeg", (0, -40.6, 0)),
    ("mixamorig:RightFoot", "RightLeg", (0, -42.1, 0)), ("mixamorig:RightToeBase", "RightFoot", (0, -10.6, 12.9)),
]  # fmt: skip
CMU_BODY = [
    ("Hips", "", (0, 0, 0)), ("LHipJoint", "Hips", (0, 0, 0)), ("LeftUpLeg", "LHipJoint", (1.65, -1.71, 0.85)),
    ("LeftLeg", "LeftUpLeg", (2.25, -6.18, 0)), ("LeftFoot", "LeftLeg", (2.72, -7.47, 0)),
    ("LeftToeBase", "LeftFoot", (0.19, -0.52, 2.25)),
    ("RHipJoint", "Hips", (0, 0, 0)), ("RightUpLeg", "RHipJoint", (-1.61, -1.71, 0.85)),
    ("RightLeg", "RightUpLeg", (-2.25, -6.18, 0)), ("RightFoot", "RightLeg", (-2.72, -7.47, 0)),
    ("RightToeBase", "RightFoot", (-0.22, -0.62, 2.22)),
    ("LowerBack", "Hips", (0, 0, 0)), ("Spine", "LowerBack", (0.03, 2.10, -0.11)),
    ("Spine1", "Spine", (-0.02, 2.11, -0.07)), ("Neck", "Spine1", (0, 2.05, 0)), ("Neck1", "Neck", (-0.01, 1.74, 0.05)),
    ("Head", "Neck1", (0.07, 1.58, 0.03)),
    ("LeftShoulder", "Spine1", (0, 2.05, 0)), ("LeftArm", "LeftShoulder", (3.37, 1.20, -0.31)),
    ("LeftForeArm", "LeftArm", (4.98, 0, 0)), ("LeftHand", "LeftForeArm", (3.45, 0, 0)),
    ("LThumb", "LeftHand", (0.5, -0.1, 0.5)),
    ("RightShoulder", "Spine1", (0, 2.05, 0)), ("RightArm", "RightShoulder", (-3.10, 1.30, -0.34)),
    ("RightForeArm", "RightArm", (-5.24, 0, 0)), ("RightHand", "RightForeArm", (-3.44, 0, 0)),
]  # fmt: skip


def moving_body(
    body: list[tuple[str, str, tuple[float, float, float]]], order: str, height: float
) -> tuple[str, dict[str, np.ndarray]]:
    """BVH text of a foreign body that turns around as it travels, and its joints (T, 3) by scipy's rotations."""
    names = [name.rsplit(":", 1)[-1] for name, _, _ in body]
    num_frames = 40
    turns = [Rotation.from_rotvec(rows) for rows in np.swapaxes(body_turns(len(body), num_frames, seed=11), 0, 1)]
    share = np.linspace(0, 1, num_frames)
    turns[0] = Rotation.from_rotvec(share[:, None] * [0, 3 * np.pi, 0]) * turns[0]
    root = np.stack([height * share, height + 0 * share, -2 * height * share], axis=-1)
    world: dict[str, tuple[Rotation, np.ndarray]] = {}
    for turn, name, (_, parent, offset) in zip(turns, names, body, strict=True):
        if parent:
            rotation, place = world[parent]
            world[name] = (rotation * turn, place + rotation.apply(offset))
        else:
            world[name] = (turn, root)

    def block(index: int) -> list[str]:
        children = [i for i, (_, parent, _) in enumerate(body) if parent == names[index]]
        channels = " ".join(f"{axis}rotation" for axis in order)
        written.append(index)
        inner = [line for child in children for line in block(child)] or ["End Site", "{", "OFFSET 0 1 0", "}"]
        first = "6 Xposition Yposition Zposition" if index == 0 else "3"
        offset = "OFFSET " + " ".join(map(str, body[index][2]))
        return [f"{'JOINT' if index else 'ROOT'} {body[index][0]}", "{", offset, f"CHANNELS {first} {channels}", *inner,
                "}"]  # fmt: skip

    written: list[int] = []
    lines = ["HIERARCHY", *block(0), "MOTION", f"Frames: {num_frames}", "Frame Time: .0083333"]
    rows = np.hstack([root, *(turns[index].as_euler(order, degrees=True) for index in written)])
    lines += [" ".join(f"{value:.6f}" for value in row) for row in rows]
    return "\n".join(lines), {name: place for name, (_, place) in world.items()}


@pytest.mark.parametrize(
    ("body", "order", "leg", "worst", "missing"),
    [(MIXAMO_BODY, "XYZ", 82.7, 0.08, ()), (CMU_BODY, "ZYX", 14.53, 0.13, ("left_collar", "right_collar"))],
    ids=["Mixamo", "CMU"],
)
def test_bodies_of_other_programs_keep_limbs_facing_and_path(
    tmp_path: Path, body: list, order: str, leg: float, worst: float, missing: tuple[str, ...]
) -> None:
    text, joints = moving_body(body, order, height=1.1 * leg)
    (tmp_path / "other.bvh").write_text(text)
    source = read_bvh(tmp_path / "other.bvh")
    assert source.frame_rate == 120.0
    for name, place in joints.items():
        index = [joint.rsplit(":", 1)[-1] for joint in source.skeleton.joint_names].index(name)
        np.testing.assert_allclose(source.joint_positions[:, index], place, atol=1e-3)
    result = to_model_skeleton(source)
    assert result.missing_joints == missing
    assert result.worst_error < worst
    motion = result.motion
    # A leg of the model is 0.39019 + 0.42564 m; the root's path is scaled like it.
    scale = 0.8158318 / leg
    path = joints["Hips"][:, [0, 2]]
    np.testing.assert_allclose(motion.joint("pelvis")[:, [0, 2]], path * scale, atol=0.002)
    for ours, theirs in (
        (("left_hip", "left_knee"), ("LeftUpLeg", "LeftLeg")),
        (("left_knee", "left_ankle"), ("LeftLeg", "LeftFoot")),
        (("right_ankle", "right_foot"), ("RightFoot", "RightToeBase")),
        (("right_shoulder", "right_elbow"), ("RightArm", "RightForeArm")),
        (("left_elbow", "left_wrist"), ("LeftForeArm", "LeftHand")),
        (("neck", "head"), ("Neck1" if "Neck1" in joints else "Neck", "Head")),
    ):
        bone = motion.joint(ours[1]) - motion.joint(ours[0])
        expected = joints[theirs[1]] - joints[theirs[0]]
        cosine = np.sum(bone * expected, -1) / np.linalg.norm(bone, axis=-1) / np.linalg.norm(expected, axis=-1)
        # The short neck aims at where the head is, from a chest of other proportions.
        assert np.degrees(np.arccos(cosine.clip(-1, 1))).max() < (20 if ours[1] == "head" else 8), ours
    across = joints["LeftUpLeg"] - joints["RightUpLeg"] + joints["LeftArm"] - joints["RightArm"]
    forward = np.cross(across, [0, 1, 0])
    forward /= np.linalg.norm(forward, axis=-1, keepdims=True)
    facing = facing_direction(motion.joint_positions.astype(np.float64), HUMANML3D_LAYOUT)
    assert np.sum(facing * forward, axis=-1).min() > np.cos(np.radians(10))
    lowest = [min(joints[f"{side}{part}"][:, 1].min() for side in ("Left", "Right") for part in ("Foot", "ToeBase"))
              * scale, motion.joint_positions[:, [7, 8, 10, 11], 1].min()]  # fmt: skip
    assert lowest[0] == pytest.approx(lowest[1], abs=0.002)


def without(motion: Motion, *dropped: str) -> Motion:
    """Joints taken out; their children hang on the parent. Rest offsets add up."""
    old = motion.skeleton
    kept = [index for index, name in enumerate(old.joint_names) if name not in dropped]
    parents, offsets = [], []
    for index in kept:
        parent, offset = old.parents[index], old.rest_offsets[index]
        while parent >= 0 and parent not in kept:
            parent, offset = old.parents[parent], offset + old.rest_offsets[parent]
        parents.append(kept.index(parent) if parent >= 0 else -1)
        offsets.append(offset)
    names = tuple(old.joint_names[index] for index in kept)
    return Motion(motion.joint_positions[:, kept], 20.0, Skeleton(names, tuple(parents), np.array(offsets)))


@pytest.mark.parametrize(
    ("dropped", "missing", "allowed"),
    [
        (("spine2",), ("spine3",), 0.03),
        (("spine1", "spine2", "spine3"), ("spine1", "spine2", "spine3"), 0.07),
        (("neck",), ("neck",), 0.08),
        (("head",), ("head",), 0.08),
        (("left_collar", "right_collar"), ("left_collar", "right_collar"), 0.08),
        (("left_foot", "right_foot"), ("left_foot", "right_foot"), 0.09),
    ],
)
def test_missing_joints_are_placed_near_where_they_belong(
    dropped: tuple[str, ...], missing: tuple[str, ...], allowed: float
) -> None:
    motion = turning_walk()
    result = to_model_skeleton(without(motion, *dropped))
    assert result.missing_joints == missing
    assert distance(result, motion) < allowed


def test_a_still_standing_body_without_feet_points_its_toes_forward() -> None:
    rest = np.zeros((2, 22, 3))
    for joint, parent in enumerate(SMPL_PARENTS):
        if parent >= 0:
            rest[:, joint] = rest[:, parent] + MODEL_SKELETON.rest_offsets[joint]
    rest[..., 1] += 0.95
    result = to_model_skeleton(without(Motion(rest, 20.0, MODEL_SKELETON), "left_foot", "right_foot"))
    toes = result.motion.joint("left_foot") - result.motion.joint("left_ankle")
    np.testing.assert_allclose(toes[0], MODEL_SKELETON.rest_offsets[10], atol=1e-4)


def test_a_lying_body_stays_lying_and_a_standing_one_standing() -> None:
    standing = turning_walk()
    down = Rotation.from_rotvec([-np.pi / 2, 0, 0])
    lying = down.apply(standing.joint_positions.reshape(-1, 3)).reshape(standing.joint_positions.shape)
    lying[..., 1] += 0.3 - lying[..., 1].min()
    result = to_model_skeleton(Motion(lying, 20.0, MODEL_SKELETON))
    height = result.motion.joint("head")[0, 1] - result.motion.joint("left_ankle")[0, 1]
    assert abs(height) < 0.6
    # Bodies whose rest pose is Y up, while their root turns them to Z up (SMPL parameters of AMASS in a BVH).
    z_up = renamed(standing, SMPL_JOINT_NAMES, z_up=True)
    turned = Motion(z_up.joint_positions, 20.0, MODEL_SKELETON)
    assert distance(to_model_skeleton(turned), standing) < 1e-4


def test_what_is_no_body_is_named() -> None:
    names = ("Base", "Middle", "Tip")
    chain = Motion(np.ones((2, 3, 3)), 20.0, Skeleton(names, (-1, 0, 1), np.ones((3, 3))))
    with pytest.raises(FileFormatError, match=r"no joint found for left_hip, left_knee.* among 3 joints \(Base, Mid"):
        to_model_skeleton(chain)
    with pytest.raises(FileFormatError, match="no joint found for left_knee, right_knee among 20 joints"):
        to_model_skeleton(without(turning_walk(), "left_knee", "right_knee"))
    collapsed = Motion(np.zeros((2, 22, 3)), 20.0, MODEL_SKELETON)
    with pytest.raises(FileFormatError, match="the right leg has no length"):
        to_model_skeleton(collapsed)
