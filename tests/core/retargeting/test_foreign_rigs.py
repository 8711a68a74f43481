"""BVH files as many programs write them: names, rest poses, units, axes and extra joints, against a known truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from foreign_bodies import A_POSE, ARMS_DOWN, NAMINGS, Body, body_of
from sample_motions import turning_walk
from scipy.spatial.transform import Rotation

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.bvh.bvh_files import read_bvh
from segmo_core.motion.kinematics import forward_kinematics
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES, Skeleton
from segmo_core.retargeting.to_model_skeleton import RetargetResult, to_model_skeleton

WALK = turning_walk()
Z_UP = Rotation.from_rotvec([np.pi / 2, 0, 0])
UPRIGHT = Rotation.identity()
BY_STRUCTURE = ("German", "Japanese", "numbers")


def read(tmp_path: Path, body: Body) -> Motion:
    path = tmp_path / "foreign.bvh"
    path.write_text(body.text(), encoding="utf-8")
    return read_bvh(path)


def worst(result: RetargetResult, motion: Motion = WALK) -> float:
    """Metres between the result and the truth."""
    assert result.motion.num_frames == motion.num_frames
    return float(np.linalg.norm(result.motion.joint_positions - motion.joint_positions, axis=-1).max())


def turned_alike(result: RetargetResult, motion: Motion = WALK) -> float:
    """Degrees by which the worst joint is turned otherwise than in the truth."""
    assert result.motion.local_rotations is not None
    assert motion.local_rotations is not None
    cosine = np.abs(np.sum(result.motion.local_rotations * motion.local_rotations, axis=-1)).clip(0, 1)
    return float(np.degrees(2 * np.arccos(cosine)).max())


@pytest.mark.parametrize(
    ("rest_pose", "turn", "unit", "axis"),
    [(A_POSE, UPRIGHT, 0.01, "y"), (ARMS_DOWN, Z_UP, 0.0254, "z"), (None, UPRIGHT, 1.0, "y")],
    ids=["A-pose in cm", "arms down in inches, Z up", "T-pose in metres"],
)
@pytest.mark.parametrize("naming", NAMINGS)
def test_names_of_other_programs(
    tmp_path: Path, naming: str, rest_pose: dict | None, turn: Rotation, unit: float, axis: str
) -> None:
    names = NAMINGS[naming].split()
    result = to_model_skeleton(read(tmp_path, body_of(WALK, names, rest_pose).turned(turn, unit)))
    assert result.joint_map.joints == dict(zip(SMPL_JOINT_NAMES, names, strict=True))
    expected = "names" if naming not in BY_STRUCTURE else "structure"
    assert result.matched_by == ("names and structure" if naming == "Rigify" else expected)
    shaped = {"names": (), "structure": SMPL_JOINT_NAMES}
    assert result.by_structure == shaped.get(result.matched_by, ("spine1", "spine2", "spine3", "neck", "head"))
    assert result.up_axis == axis
    assert result.scale == pytest.approx(unit, rel=1e-5)
    assert worst(result) < 1e-4
    assert result.uses_rotations
    assert turned_alike(result) < 0.05  # the twist of arms and the turn of the head are kept
    assert result.worst_error < 1e-4


def test_what_names_say_of_sides_counts_before_shape(tmp_path: Path) -> None:
    result = to_model_skeleton(read(tmp_path, body_of(WALK, NAMINGS["Japanese"].split())))
    assert result.sides == "left and right by name"
    numbered = to_model_skeleton(read(tmp_path, body_of(WALK, NAMINGS["numbers"].split())))
    assert "feet" in numbered.sides
    assert "matched by structure" in numbered.summary
    assert numbered.sides in numbered.summary


def relabelled(motion: Motion, dropped: tuple[str, ...] = ()) -> Motion:
    """Without names, children before their siblings' order is turned around, and without some joints at the ends."""
    kept = [i for i in reversed(range(22)) if SMPL_JOINT_NAMES[i] not in dropped]
    kept.sort(key=lambda index: len(_line(index)))
    place = {old: new for new, old in enumerate(kept)}
    parents = tuple(place.get(motion.skeleton.parents[old], -1) for old in kept)
    skeleton = Skeleton(tuple(f"n{i}" for i in range(len(kept))), parents, motion.skeleton.rest_offsets[kept])
    return Motion(motion.joint_positions[:, kept], motion.frame_rate, skeleton)


def _line(index: int) -> list[int]:
    return [index] if index == 0 else [index, *_line(WALK.skeleton.parents[index])]


def bent_knees(arms_down: float = 0.0) -> Motion:
    """The walk with knees bent by 20 to 50 degrees, straight elbows and arms lowered by so many degrees."""
    body = body_of(WALK, list(SMPL_JOINT_NAMES))
    bend = np.radians(35 + 15 * np.sin(np.arange(60) / 5))[:, None] * [1, 0, 0]
    for side in ("left", "right"):
        body.turns[SMPL_JOINT_NAMES.index(f"{side}_knee")] = Rotation.from_rotvec(bend)
        body.turns[SMPL_JOINT_NAMES.index(f"{side}_elbow")] = Rotation.identity(60)
        if arms_down:
            lowered = np.radians(arms_down) * np.array([0, 0, -1 if side == "left" else 1])
            body.turns[SMPL_JOINT_NAMES.index(f"{side}_shoulder")] = Rotation.from_rotvec(np.tile(lowered, (60, 1)))
    quaternions = np.stack([np.roll(turn.as_quat(), 1, axis=-1) for turn in body.turns], axis=1)
    positions = forward_kinematics(WALK.skeleton, quaternions, body.root)
    return Motion(positions, 20.0, WALK.skeleton, quaternions)


def test_sides_by_feet_and_without_feet_by_knees() -> None:
    by_feet = to_model_skeleton(relabelled(WALK))
    assert worst(by_feet) < 1e-4
    assert "feet" in by_feet.sides
    motion = bent_knees()
    by_knees = to_model_skeleton(relabelled(motion, ("left_foot", "right_foot")))
    assert by_knees.sides == "left and right by where the knees point"
    kept = [index for index, name in enumerate(SMPL_JOINT_NAMES) if "foot" not in name]
    gap = np.linalg.norm(by_knees.motion.joint_positions - motion.joint_positions, axis=-1)[:, kept]
    assert gap.max() < 1e-4


def test_a_stiff_body_without_feet_is_assumed_to_face_forward() -> None:
    still = np.tile(np.zeros((1, 22, 3)), (3, 1, 1))
    for joint, parent in enumerate(WALK.skeleton.parents):
        if parent >= 0:
            still[:, joint] = still[:, parent] + WALK.skeleton.rest_offsets[joint]
    motion = Motion(still + np.array([0.0, 0.95, 0.0]), 20.0, WALK.skeleton)
    result = to_model_skeleton(relabelled(motion, ("left_foot", "right_foot")))
    assert "assumed" in result.sides
    assert result.motion.joint("left_wrist")[0, 0] > 0.5


@pytest.mark.parametrize("names", [list(SMPL_JOINT_NAMES), NAMINGS["numbers"].split()], ids=["named", "numbered"])
def test_extra_joints_are_passed_over(tmp_path: Path, names: list[str]) -> None:
    """Twist bones in line and beside, fingers, eyes, a top of the head, a ground bone that carries the body."""
    body = body_of(WALK, names, A_POSE)
    twist = Rotation.from_rotvec(
        np.radians(30 * np.sin(np.arange(60) / 7))[:, None] * A_POSE["left_shoulder"].apply([1, 0, 0])
    )
    played = dict(zip(SMPL_JOINT_NAMES, names, strict=True))
    shoulder, elbow, wrist = (played[f"left_{part}"] for part in ("shoulder", "elbow", "wrist"))
    head, knee = played["head"], played["left_knee"]
    body.insert("upper arm twist", elbow, 0.5, twist)
    body.insert("upper leg twist", knee, 0.4)
    body.append("side twist", shoulder, (0.1, -0.1, 0))
    for finger in range(5):
        body.append(f"finger {finger}a", wrist, (0.06, -0.06, 0.02 * finger - 0.04))
        body.append(f"finger {finger}b", f"finger {finger}a", (0.02, -0.02, 0))
    body.append("eye a", head, (0.03, 0.08, 0.1))
    body.append("eye b", head, (-0.03, 0.08, 0.1))
    body.append("top", head, (0, 0.2, 0))
    body.with_root("ground")
    result = to_model_skeleton(read(tmp_path, body.turned(Z_UP, 0.01)))
    assert result.joint_map.joints == dict(zip(SMPL_JOINT_NAMES, names, strict=True))
    assert result.uses_rotations
    assert worst(result) < 1e-4


@pytest.mark.parametrize("count", [1, 2, 4, 5, 6])
def test_spines_of_any_number(tmp_path: Path, count: int) -> None:
    """A straight spine cut into ``count`` parts comes back as the model's three."""
    motion = bent_knees()
    assert motion.local_rotations is not None
    local = np.array(motion.local_rotations)
    local[:, [3, 6, 9]] = [1.0, 0.0, 0.0, 0.0]
    straight = Motion(
        forward_kinematics(WALK.skeleton, local, motion.joint_positions[:, 0]), 20.0, WALK.skeleton, local
    )
    body = body_of(straight, list(SMPL_JOINT_NAMES))
    for name in ("spine1", "spine2", "spine3")[: max(0, 3 - count)]:
        drop(body, name)
    for number in range(max(0, count - 3)):
        body.insert(f"spine_extra{number}", "spine3", 0.5)
    result = to_model_skeleton(read(tmp_path, body))
    assert len(result.missing_joints) == max(0, 3 - count)
    assert worst(result, straight) < 0.03  # the first spine joint is 5 cm off the straight line to the neck


def drop(body: Body, name: str) -> None:
    index = body.names.index(name)
    for child, parent in enumerate(body.parents):
        if parent == index:
            body.offsets[child] = body.offsets[index] + body.offsets[child]
            body.turns[child] = body.turns[index] * body.turns[child]
            body.parents[child] = body.parents[index]
    for each in (body.names, body.parents, body.offsets, body.turns):
        del each[index]
    body.parents = [parent - (parent > index) for parent in body.parents]


def test_a_biped_with_legs_on_the_spine_and_collars_on_the_neck(tmp_path: Path) -> None:
    """3ds Max hangs thighs from the first spine bone and clavicles from the neck; both stay as at rest here."""
    names = NAMINGS["3ds Max Biped"].split()
    body = body_of(WALK, names)
    identity = Rotation.identity(60)
    rigid = [body.names.index(f"Bip01_{name}") for name in ("Spine", "Neck")]
    for joint in rigid:
        body.turns[joint] = identity
    expected = read(tmp_path, body).joint_positions
    for thigh in ("Bip01_L_Thigh", "Bip01_R_Thigh"):
        index = body.names.index(thigh)
        body.offsets[index] = body.offsets[index] - body.offsets[rigid[0]]
        body.parents[index] = rigid[0]
    for clavicle in ("Bip01_L_Clavicle", "Bip01_R_Clavicle"):
        index = body.names.index(clavicle)
        body.offsets[index] = body.offsets[index] - body.offsets[rigid[1]]
        body.parents[index] = rigid[1]
    order = sorted(range(22), key=lambda index: _depth(body, index))
    body.parents = [order.index(body.parents[i]) if body.parents[i] >= 0 else -1 for i in order]
    body.names, body.offsets, body.turns = ([each[i] for i in order] for each in (body.names, body.offsets, body.turns))
    for anonymous in (False, True):
        if anonymous:
            body.names = [f"b{i}" for i in range(22)]
        source = read(tmp_path, body)
        result = to_model_skeleton(source)
        error = np.linalg.norm(result.motion.joint_positions - _in_model_order(expected, names, tmp_path), axis=-1)
        assert error.mean() < (0.03 if anonymous else 0.01)


def _depth(body: Body, index: int) -> int:
    return 0 if body.parents[index] < 0 else 1 + _depth(body, body.parents[index])


def _in_model_order(positions: np.ndarray, names: list[str], tmp_path: Path) -> np.ndarray:
    reference = read(tmp_path, body_of(WALK, names)).skeleton.joint_names
    return positions[:, [reference.index(name) for name in names]]


@pytest.mark.parametrize(
    ("turn", "axis"),
    [
        (Rotation.from_rotvec([np.pi, 0, 0]), "-y"),
        (Rotation.from_rotvec([-np.pi / 2, 0, 0]), "-z"),
        (Rotation.from_rotvec([0, 0, -np.pi / 2]), "x"),
        (Rotation.from_rotvec([0, 0, np.pi / 2]), "-x"),
    ],
)
def test_unusual_up_axes(tmp_path: Path, turn: Rotation, axis: str) -> None:
    source = read(tmp_path, body_of(WALK, list(SMPL_JOINT_NAMES), A_POSE).turned(turn, 0.01))
    result = to_model_skeleton(source)
    assert result.up_axis == axis
    assert worst(result) < 1e-4
    told = to_model_skeleton(source, up_axis=axis.upper())
    np.testing.assert_array_equal(told.motion.joint_positions, result.motion.joint_positions)
    with pytest.raises(InvalidRequestError, match=r"up axis 'w', expected one of y, z, -y"):
        to_model_skeleton(source, up_axis="w")


def test_a_rest_pose_that_is_no_body_leaves_positions(tmp_path: Path) -> None:
    """LAFAN1's offsets lie along one axis: as a rest pose that is a stick, and turns since it mean nothing."""
    motion = bent_knees(arms_down=70.0)
    body = body_of(motion, NAMINGS["LAFAN1"].split())
    stick = {}
    for joint, name in enumerate(SMPL_JOINT_NAMES):
        children = [c for c, parent in enumerate(body.parents) if parent == joint]
        stick[name] = Rotation.identity()
        if len(children) == 1:
            bone = body.offsets[children[0]]
            stick[name] = Rotation.align_vectors([[np.linalg.norm(bone), 0, 0]], [bone])[0]
    result = to_model_skeleton(read(tmp_path, body_of(motion, NAMINGS["LAFAN1"].split(), stick).turned(UPRIGHT, 0.01)))
    assert not result.uses_rotations
    assert worst(result, motion) < 1e-4


def test_a_t_pose_before_the_motion_is_left_out(tmp_path: Path) -> None:
    """As in CMU's files for animators: frame 0 is a T-pose, then comes the motion, arms hanging."""
    body = body_of(bent_knees(), NAMINGS["LAFAN1"].split(), A_POSE)
    shoulders = [SMPL_JOINT_NAMES.index(f"{side}_shoulder") for side in ("left", "right")]
    for joint, sign in zip(shoulders, (-1, 1), strict=True):
        swing = np.radians(20 + 5 * np.sin(np.arange(60) / 6))[:, None]
        body.turns[joint] = Rotation.from_rotvec(swing * [0, 0, sign])
    moving = to_model_skeleton(read(tmp_path, body))
    assert moving.dropped_frames == 0
    first = [Rotation.identity(1)] * 22
    for joint, side in zip(shoulders, ("left", "right"), strict=True):
        first[joint] = Rotation.concatenate([A_POSE[f"{side}_shoulder"].inv()])
    body.turns = [Rotation.concatenate([one, many]) for one, many in zip(first, body.turns, strict=True)]
    body.root = np.concatenate([body.root[:1], body.root])
    result = to_model_skeleton(read(tmp_path, body))
    assert result.dropped_frames == 1
    assert result.motion.num_frames == 60
    np.testing.assert_allclose(result.motion.joint_positions, moving.motion.joint_positions, atol=1e-4)
    assert "T-pose in the first frame left out" in result.summary


def test_two_joints_of_one_name_are_told_apart(tmp_path: Path) -> None:
    body = body_of(WALK, ["root", *["joint"] * 21])
    source = read(tmp_path, body)
    assert len(set(source.skeleton.joint_names)) == 22
    assert worst(to_model_skeleton(source)) < 1e-4


def test_errors_are_told_joint_by_joint(tmp_path: Path) -> None:
    """Forearms a fifth longer than the model's: the error is theirs, and the summary names the joint."""
    body = body_of(WALK, list(SMPL_JOINT_NAMES))
    for side in ("left", "right"):
        index = SMPL_JOINT_NAMES.index(f"{side}_wrist")
        body.offsets[index] = body.offsets[index] * 1.2
    result = to_model_skeleton(read(tmp_path, body))
    assert result.joint_errors["left_wrist"] == pytest.approx(0.2 * 0.2660117, abs=1e-4)
    assert result.joint_errors["right_wrist"] == pytest.approx(0.2 * 0.2698764, abs=1e-4)
    assert max(v for k, v in result.joint_errors.items() if "wrist" not in k) < 1e-4
    assert result.worst_error == pytest.approx(0.2 * 0.2698764, abs=1e-4)
    assert result.mean_error == pytest.approx(sum(result.joint_errors.values()) / 22)
    assert "at most 5.4 cm (largest at right_wrist)" in result.summary


def test_a_dog_or_a_chain_is_no_body(tmp_path: Path) -> None:
    body = body_of(WALK, [f"b{i}" for i in range(22)])
    for name in ("b20", "b18", "b16", "b13"):
        drop(body, name)
    with pytest.raises(FileFormatError, match=r"among 18 joints .*neither by name nor by structure"):
        to_model_skeleton(read(tmp_path, body))
