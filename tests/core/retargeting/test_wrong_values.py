"""What was once read wrongly without a word: each kind against a truth that is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from foreign_bodies import NAMINGS, Body, body_of
from sample_motions import standing
from scipy.spatial.transform import Rotation

from segmo_core import motion_files
from segmo_core.errors import FileFormatError
from segmo_core.motion import kinematics
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES
from segmo_core.retargeting.to_model_skeleton import RetargetResult

STANDING = standing(20, slide=0.3)
MIXAMO = NAMINGS["Mixamo"].split()


def opened(tmp_path: Path, body: Body, ends: dict[str, tuple[float, float, float]] | None = None) -> RetargetResult:
    path = tmp_path / "foreign.bvh"
    path.write_text(body.text(ends), encoding="utf-8")
    return motion_files.open_retargeted(path)


def distance(result: RetargetResult, first: str, second: str) -> np.ndarray:
    return np.linalg.norm(result.motion.joint(first) - result.motion.joint(second), axis=-1)


def is_left_on_the_left(result: RetargetResult, part: str) -> bool:
    """By the line of the hips and, for the hips themselves, by where the feet point."""
    across = result.motion.joint(f"left_{part}") - result.motion.joint(f"right_{part}")
    toes = result.motion.joint("left_foot") - result.motion.joint("left_ankle")
    return bool((np.sum(np.cross(across, [0.0, 1.0, 0.0]) * toes, axis=-1) > 0).all())


def with_collars_at(body: Body, names: list[str], apart: float, arm: float = 0.18) -> Body:
    """Collars begin ``apart`` metres to their own side of the middle; shoulders stay where they are."""
    for side, sign in (("left", 1.0), ("right", -1.0)):
        collar, shoulder = (names[SMPL_JOINT_NAMES.index(f"{side}_{part}")] for part in ("collar", "shoulder"))
        offsets = body.offsets[body.names.index(collar)], body.offsets[body.names.index(shoulder)]
        reach = offsets[0] + offsets[1]
        body.offsets[body.names.index(collar)] = np.array([sign * apart, offsets[0][1], offsets[0][2]])
        body.offsets[body.names.index(shoulder)] = reach - body.offsets[body.names.index(collar)]
    return body


@pytest.mark.parametrize("apart", [0.04, 0.01, 0.0005, 0.0, -0.0005, -0.005])
@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_collars_that_begin_at_one_point(tmp_path: Path, apart: float, unit: float) -> None:
    body = with_collars_at(body_of(STANDING, MIXAMO), MIXAMO, apart).turned(Rotation.identity(), unit)
    result = opened(tmp_path, body)
    truth = np.linalg.norm(STANDING.joint("left_shoulder") - STANDING.joint("right_shoulder"), axis=-1)
    assert result.matched_by == "names"
    assert np.allclose(distance(result, "left_shoulder", "right_shoulder"), truth, atol=0.08)
    assert is_left_on_the_left(result, "shoulder")
    assert is_left_on_the_left(result, "collar")


def test_a_chest_that_turns_is_followed_where_its_collars_say_nothing(tmp_path: Path) -> None:
    turn = Rotation.from_euler("y", np.linspace(0, 80, STANDING.num_frames)[:, None], degrees=True)
    body = with_collars_at(body_of(STANDING, MIXAMO), MIXAMO, 0.0)
    body.turns[body.names.index("mixamorig:Spine1")] = turn
    result = opened(tmp_path, body)
    across = result.motion.joint("left_shoulder") - result.motion.joint("right_shoulder")
    angle = np.degrees(np.arctan2(-across[:, 2], across[:, 0]))
    assert np.abs(angle - np.linspace(0, 80, STANDING.num_frames)).max() < 3.0


def test_of_joints_with_one_word_the_one_with_the_bone(tmp_path: Path) -> None:
    names = NAMINGS["Xsens BVH"].split()
    plain = opened(tmp_path, body_of(STANDING, names))
    body = body_of(STANDING, names)
    body.insert("LHipJoint", "LeftHip", 0.0)
    body.insert("RHipJoint", "RightHip", 0.0)
    result = opened(tmp_path, body)
    assert result.joint_map.joints["left_hip"] == "LeftHip"
    assert result.scale == pytest.approx(plain.scale)
    assert result.mean_error == pytest.approx(plain.mean_error, abs=1e-4)


@pytest.mark.parametrize("degrees", [0.0, 60.0])
def test_toes_and_the_top_of_the_neck_may_be_ends(tmp_path: Path, degrees: float) -> None:
    keep = [name for name in SMPL_JOINT_NAMES if name not in ("left_foot", "right_foot", "head")]
    body = body_of(STANDING, MIXAMO)
    ends = {}
    for part, bearer in (("left_foot", "left_ankle"), ("right_foot", "right_ankle"), ("head", "neck")):
        joint, name = SMPL_JOINT_NAMES.index(part), MIXAMO[SMPL_JOINT_NAMES.index(bearer)]
        sign = {"left_foot": 1.0, "right_foot": -1.0, "head": 0.0}[part]
        turn = Rotation.from_euler("y", sign * degrees, degrees=True)
        ends[name] = tuple(turn.apply(np.array(MODEL_SKELETON.rest_offsets[joint])))
    for part in ("left_foot", "right_foot", "head"):
        body.remove(MIXAMO[SMPL_JOINT_NAMES.index(part)])
    assert len(body.names) == len(keep)
    result = opened(tmp_path, body, ends)
    assert result.missing_joints == ()
    assert result.joint_map.joints["left_foot"] == "mixamorig:LeftFoot_End"
    turned = kinematics.global_rotations(MODEL_SKELETON, STANDING.local_rotations)
    for side in ("left", "right"):
        bearer = SMPL_JOINT_NAMES.index(f"{side}_ankle")
        truth = Rotation.from_quat(np.roll(turned[:, bearer], -1, axis=-1)).apply(ends[MIXAMO[bearer]])
        toes = result.motion.joint(f"{side}_foot") - result.motion.joint(f"{side}_ankle")
        cosine = np.sum(toes * truth, axis=-1) / np.linalg.norm(toes, axis=-1) / np.linalg.norm(truth, axis=-1)
        assert np.degrees(np.arccos(cosine.clip(-1, 1))).max() < 1.0


@pytest.mark.parametrize("height", [1.0, -0.9, 0.7])
def test_who_is_not_on_the_floor_is_put_there_and_told(tmp_path: Path, height: float) -> None:
    body = body_of(STANDING, MIXAMO)
    body.root = body.root + np.array([0.0, height, 0.0])
    start = float(STANDING.joint_positions[..., 1].min())
    result = opened(tmp_path, body)
    assert result.lowered == pytest.approx(start + height, abs=0.02)
    assert abs(result.motion.joint("left_foot")[:, 1].min()) < 0.06
    assert f"{abs(result.lowered):.2f} m {'above' if height > 0 else 'below'} the floor" in result.summary
    kept = motion_files.open_retargeted(tmp_path / "foreign.bvh", keep_height=True)
    assert kept.lowered == 0.0
    assert np.allclose(
        kept.motion.joint_positions[..., 1] - result.motion.joint_positions[..., 1], result.lowered, atol=1e-4
    )


@pytest.mark.parametrize("noise", [0.0, 1e-6, 0.003])
def test_position_channels_that_would_take_every_bone_away_are_added(tmp_path: Path, noise: float) -> None:
    body = body_of(STANDING, MIXAMO).turned(Rotation.identity(), 0.01)
    plain = opened(tmp_path, body)
    result = opened(tmp_path, body.with_position_channels(100 * noise))
    apart = np.linalg.norm(result.motion.joint_positions - plain.motion.joint_positions, axis=-1)
    assert apart.max() < 0.002 + 10 * noise


def test_position_channels_that_hold_whole_bones_replace_them(tmp_path: Path) -> None:
    body = body_of(STANDING, MIXAMO).turned(Rotation.identity(), 0.01)
    plain = opened(tmp_path, body)
    result = opened(tmp_path, body.with_position_channels(0.0, whole=True))
    assert np.allclose(result.motion.joint_positions, plain.motion.joint_positions, atol=1e-4)


def test_a_body_in_a_mirror_is_seen_from_the_right_side(tmp_path: Path) -> None:
    body = body_of(STANDING, MIXAMO)
    body.turns[body.names.index("mixamorig:LeftArm")] = Rotation.from_euler(
        "z", np.full((len(body.root), 1), 50.0), degrees=True
    )
    plain = opened(tmp_path, body)
    result = opened(tmp_path, body.mirrored())
    assert result.is_mirrored
    assert not plain.is_mirrored
    assert is_left_on_the_left(result, "hip")
    assert np.allclose(result.motion.joint_positions, plain.motion.joint_positions, atol=1e-4)


def four_legged() -> Body:
    """A fox: the trunk lies, four legs stand, a tail."""
    still = Rotation.identity(5)
    rows = [("Hips", "", (0, 0, 0)), ("Spine1", "Hips", (0, 0, 25)), ("Spine2", "Spine1", (0, 0, 25)),
            ("Neck", "Spine2", (0, 12, 12)), ("Head", "Neck", (0, 10, 10)), ("Tail", "Hips", (0, 4, -20))]  # fmt: skip
    for side, sign in (("Left", 1), ("Right", -1)):
        rows += [(f"{side}UpLeg", "Hips", (6 * sign, -4, 0)), (f"{side}Leg", f"{side}UpLeg", (0, -22, 4)),
                 (f"{side}Foot", f"{side}Leg", (0, -18, -6)), (f"{side}Toe", f"{side}Foot", (0, -6, 4)),
                 (f"{side}Arm", "Spine2", (6 * sign, -4, 0)), (f"{side}ForeArm", f"{side}Arm", (0, -22, -2)),
                 (f"{side}Hand", f"{side}ForeArm", (0, -22, 0))]  # fmt: skip
    names = [name for name, _, _ in rows]
    parents = [names.index(parent) if parent else -1 for _, parent, _ in rows]
    offsets = [np.array(offset, dtype=float) for _, _, offset in rows]
    root = np.tile([0.0, 50.0, 0.0], (5, 1))
    return Body(names, parents, offsets, [still] * len(names), root)


def test_a_fox_is_no_person(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"foreign\.bvh: no person: it stands on four legs"):
        opened(tmp_path, four_legged())


def test_a_value_out_of_place_is_no_way_of_a_person(tmp_path: Path) -> None:
    body = body_of(STANDING, MIXAMO)
    body.root = body.root.copy()
    body.root[7] += [0.0, 0.0, 9.0]
    with pytest.raises(FileFormatError, match=r"no person: frame 7 is .* away from those before and after"):
        opened(tmp_path, body)


def test_a_t_pose_before_a_run_is_left_out(tmp_path: Path) -> None:
    """Limbs that swing so fast that the leap from the T-pose is no rare step: the file's rest pose tells it."""
    swing = np.radians(75) * np.sin(0.4 + np.arange(24) * 2 * np.pi / 5)
    local = np.tile([1.0, 0.0, 0.0, 0.0], (24, 22, 1))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        arm = Rotation.from_rotvec(-sign * (np.radians(60) + 0.5 * swing)[:, None] * [0.0, 0.0, 1.0])
        leg = Rotation.from_rotvec(-sign * swing[:, None] * [1.0, 0.0, 0.0])
        for part, turn in (("shoulder", arm), ("hip", leg)):
            local[:, SMPL_JOINT_NAMES.index(f"{side}_{part}")] = np.roll(turn.as_quat(), 1, axis=-1)
    root = np.stack([np.zeros(24), np.full(24, 0.93), 0.15 * np.arange(24)], axis=-1)
    run = Motion(kinematics.forward_kinematics(MODEL_SKELETON, local, root), 20.0, MODEL_SKELETON, local)
    body = body_of(run, NAMINGS["Mixamo"].split())
    still = Rotation.identity(1)
    body.turns = [Rotation.concatenate([still, turn]) for turn in body.turns]
    body.root = np.concatenate([[[0.0, 0.93, 0.0]], body.root])
    (tmp_path / "run.bvh").write_text(body.text())
    found = motion_files.open_retargeted(tmp_path / "run.bvh")
    assert (found.dropped_frames, found.motion.num_frames) == (1, 24)
    body.turns = [turn[1:] for turn in body.turns]
    body.root = body.root[1:]
    (tmp_path / "without.bvh").write_text(body.text())
    assert motion_files.open_retargeted(tmp_path / "without.bvh").dropped_frames == 0
