"""Arrays as text-to-motion and motion capture tools write them, against the motion that they are made from."""

from __future__ import annotations

import pickle
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_motions import standing, turning_walk

from segmo_core import motion_files
from segmo_core.body.smpl_pose import pose_smpl_skeleton
from segmo_core.body.smpl_rest_joints import SMPL_REST_PELVIS, SMPL_SKELETON
from segmo_core.errors import FileFormatError
from segmo_core.formats.arrays.joint_layouts import LAYOUTS
from segmo_core.formats.reading.choices import ReadingChoices
from segmo_core.formats.registry import read_motion
from segmo_core.motion import rotations
from segmo_core.motion.features import HUMANML3D_LAYOUT, features_from_joints, on_floor_facing_forward
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON

WALK = turning_walk()
JOINTS = WALK.joint_positions.astype(np.float64)


def saved(path: Path, values: Any) -> Path:
    with path.open("wb") as stream:
        np.save(stream, values, allow_pickle=True)
    return path


def zipped(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("values", "clips"),
    [
        (JOINTS, 0),
        (JOINTS[None], 0),
        (JOINTS.reshape(len(JOINTS), 66), 0),
        (np.pad(JOINTS, ((0, 0), (0, 2), (0, 0))), 0),
        (np.pad(JOINTS, ((0, 0), (0, 30), (0, 0))), 0),
        (JOINTS.transpose(1, 2, 0), 0),
        (JOINTS.transpose(1, 2, 0)[None], 0),
        (np.stack([JOINTS, JOINTS[::-1]]), 2),
        (np.stack([JOINTS, JOINTS[::-1]]).transpose(0, 2, 3, 1), 2),
    ],
    ids=["T 22 3", "1 T 22 3", "T 66", "T 24 3", "T 52 3", "22 3 T", "1 22 3 T", "N T 22 3", "N 22 3 T"],
)
def test_shapes_of_joints(tmp_path: Path, values: np.ndarray, clips: int) -> None:
    path = saved(tmp_path / "x.npy", values)
    motion = read_motion(path)
    np.testing.assert_allclose(motion.joint_positions, JOINTS, atol=1e-6)
    assert len(motion.provenance.clips) == clips
    if clips:
        second = read_motion(path, ReadingChoices(clip="2"))
        np.testing.assert_allclose(second.joint_positions, JOINTS[::-1], atol=1e-6)


@pytest.mark.parametrize("shape", [(60, 23, 3), (60, 22, 4), (22, 3), (60, 65), (0, 22, 3), (2, 2, 60, 22, 3)])
def test_other_shapes_are_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(FileFormatError, match="array of shape"):
        read_motion(saved(tmp_path / "x.npy", np.zeros(shape)))


def mdm() -> dict[str, Any]:
    both = np.stack([JOINTS, np.pad(JOINTS[:40], ((0, 20), (0, 0), (0, 0)))]).transpose(0, 2, 3, 1)
    return {"motion": both.astype(np.float32), "text": ["a person walks", "a person waves"],
            "lengths": np.array([60, 40]), "num_samples": 1, "num_repetitions": 2}  # fmt: skip


def test_a_dictionary_of_results_is_read_without_running_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "results.npy", np.array(mdm(), dtype=object))
    first, second = read_motion(path), read_motion(path, ReadingChoices(clip="a person waves"))
    np.testing.assert_allclose(first.joint_positions, JOINTS, atol=1e-6)
    assert first.provenance.clips == ("a person walks", "a person waves")
    assert second.num_frames == 40  # as its length says
    assert motion_files.open_retargeted(path).repairs[0].startswith("The file says no frame rate: 20")


class Malicious:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("never.txt"),))


@pytest.mark.parametrize("name", ["x.npy", "x.pkl", "x.npz"])
def test_a_pickle_that_asks_for_more_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path, content = tmp_path / name, {"motion": JOINTS, "text": Malicious()}
    if name == "x.pkl":
        path.write_bytes(pickle.dumps(content))
    elif name == "x.npz":
        zipped(path, results=np.array(content, dtype=object))
    else:
        saved(path, np.array(content, dtype=object))
    with pytest.raises(FileFormatError, match="a pickle that asks for"):
        read_motion(path)
    assert not (tmp_path / "never.txt").exists()


def smpl_parameters(motion: Motion, up: str = "z") -> tuple[np.ndarray, np.ndarray]:
    """Poses (T, 66) and translation (T, 3) of SMPL's body in axes where ``up`` is up."""
    body = pose_smpl_skeleton(motion, SMPL_SKELETON)
    angle = {"z": np.pi / 2, "y": 0.0, "-y": np.pi}[up]
    turn = rotations.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(angle))
    assert body.local_rotations is not None
    local = np.array(body.local_rotations)
    local[:, 0] = rotations.multiply(turn, local[:, 0])
    root = rotations.rotate(turn, body.joint_positions[:, 0].astype(np.float64))
    return rotations.to_rotation_vector(local).reshape(len(local), 66), root - SMPL_REST_PELVIS


def records(up: str) -> dict[str, dict[str, Any]]:
    poses, trans = smpl_parameters(WALK, up)
    wide = np.pad(poses, ((0, 0), (0, 90)))
    smpl = np.pad(poses, ((0, 0), (0, 6)))
    matrices = rotations.to_matrix(rotations.from_rotation_vector(smpl.reshape(len(smpl), 24, 3)))
    return {
        "AMASS": {"poses": wide, "trans": trans, "mocap_framerate": 20.0},
        "SMPL-H without a rate": {"poses": wide, "trans": trans},
        "SMPL-X in parts": {"root_orient": poses[:, :3], "pose_body": poses[:, 3:], "trans": trans, "fps": 20},
        "GVHMR": {"global_orient": poses[:, :3], "body_pose": poses[:, 3:], "transl": trans, "betas": np.zeros(10)},
        "GVHMR, nested": {"smpl_params_global": np.array(
            {"global_orient": poses[:, :3], "body_pose": poses[:, 3:], "transl": trans}, dtype=object)},
        "WHAM": {"pose_world": smpl, "trans_world": trans, "pose": 0 * smpl, "trans": 0 * trans},
        "ROMP": {"results": np.array({f"{frame:06d}.jpg": {"smpl_thetas": smpl[frame][None],
                                                            "cam_trans": trans[frame][None]}
                                      for frame in range(len(smpl))}, dtype=object)},
        "HY-Motion": {"poses": wide.reshape(len(wide), 52, 3), "trans": trans, "mocap_framerate": 20},
        "matrices": {"poses": matrices, "trans": trans, "fps": 20},
        "one more axis": {"poses": smpl[None], "trans": trans[None], "fps": 20},
    }  # fmt: skip


@pytest.mark.parametrize("up", ["z", "y", "-y"])
@pytest.mark.parametrize("kind", list(records("z")))
def test_poses_of_smpl_bodies_stand_upright(tmp_path: Path, kind: str, up: str) -> None:
    result = motion_files.open_retargeted(zipped(tmp_path / "x.npz", **records(up)[kind]), keep_height=True)
    truth = motion_files.retargeted(pose_smpl_skeleton(WALK, SMPL_SKELETON), keep_height=True)
    assert result.mean_error == pytest.approx(truth.mean_error, abs=1e-4)
    apart = result.motion.joint_positions - truth.motion.joint_positions
    assert np.abs(apart).max() < 1e-3
    rate = {"SMPL-H without a rate": 30, "GVHMR": 30, "GVHMR, nested": 30, "WHAM": 30, "ROMP": 30}.get(kind, 20)
    assert result.motion.frame_rate == rate
    assert any("no frame rate: 30" in sentence for sentence in result.repairs) == (rate == 30)


def test_poses_without_a_rate_take_the_one_that_is_chosen(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.npz", **records("z")["SMPL-H without a rate"])
    motion = read_motion(path, ReadingChoices(frame_rate=20.0))
    assert (motion.frame_rate, motion.provenance.rate_origin) == (20.0, "chosen")


def test_dances_of_aist_and_people_of_wham(tmp_path: Path) -> None:
    poses, trans = smpl_parameters(WALK, "y")
    smpl = np.pad(poses, ((0, 0), (0, 6)))
    dance = tmp_path / "gBR_sBM_cAll_d04_mBR0_ch01.pkl"
    dance.write_bytes(pickle.dumps({"smpl_poses": smpl, "smpl_scaling": np.array([93.8]), "smpl_trans": 93.8 * trans}))
    motion = read_motion(dance)
    assert motion.frame_rate == 60.0
    plain = zipped(tmp_path / "x.npz", poses=smpl, trans=trans)
    np.testing.assert_allclose(motion.joint_positions, read_motion(plain).joint_positions, atol=1e-5)
    people: dict[int, dict[str, Any]] = defaultdict(dict)
    people[0] |= {"pose_world": smpl, "trans_world": trans}
    people[7] |= {"pose_world": smpl[::-1], "trans_world": trans[::-1]}
    wham = tmp_path / "wham_output.pkl"
    wham.write_bytes(pickle.dumps(people))
    assert read_motion(wham).provenance.clips == ("0", "7")
    other = read_motion(wham, ReadingChoices(clip="7"))
    np.testing.assert_allclose(other.joint_positions, motion.joint_positions[::-1], atol=1e-5)


def test_rows_of_motion_x(tmp_path: Path) -> None:
    poses, trans = smpl_parameters(WALK, "y")
    rows = np.zeros((len(poses), 322), dtype=np.float32)
    rows[:, :66], rows[:, 309:312] = poses, trans
    result = motion_files.open_retargeted(saved(tmp_path / "x.npy", rows))
    assert result.motion.frame_rate == 30.0
    assert result.mean_error < 0.05
    assert (result.motion.joint("head")[:, 1] > result.motion.joint("left_knee")[:, 1]).all()


LIMBS = (
    ("hip", "Leg", "hip_pitch"), ("knee", "Shin", "knee"), ("ankle", "Foot", "ankle_pitch"),
    ("foot", "ToeBase", "toe_base"), ("collar", "Shoulder", ""), ("shoulder", "Arm", "shoulder_pitch"),
    ("elbow", "ForeArm", "elbow"), ("wrist", "Hand", "wrist_yaw"),
)  # fmt: skip
PLAYERS = {
    "pelvis": ("Hips", "pelvis"), "spine1": ("Spine1", "waist_yaw"), "spine2": ("Spine2", "waist_roll"),
    "spine3": ("Chest", "waist_pitch"), "neck": ("Neck1", ""), "head": ("Head", ""),
    **{f"{side}_{part}": (f"{side.title()}{soma}", f"{side}_{robot}" if robot else "")
       for side in ("left", "right") for part, soma, robot in LIMBS},
}  # fmt: skip


@pytest.mark.parametrize("count", [77, 78, 30, 34])
def test_joints_of_kimodo_that_nothing_names(tmp_path: Path, count: int) -> None:
    layout = next(each for each in LAYOUTS if each.num_joints == count)
    names = [name for name, _ in layout.rows]
    posed = np.zeros((len(JOINTS), count, 3))
    place = dict.fromkeys(names, "")
    for part, players in PLAYERS.items():
        if players[count == 34]:
            place[players[count == 34]] = part
    for index, (name, parent) in enumerate(layout.rows):
        part = place[name]
        if part:
            posed[:, index] = JOINTS[:, MODEL_SKELETON.index(part)]
        elif parent:
            posed[:, index] = posed[:, names.index(parent)] + [0.0, 0.0, 0.01]
    result = motion_files.open_retargeted(zipped(tmp_path / "x.npz", posed_joints=posed), keep_height=True)
    assert result.motion.frame_rate == 30.0
    assert result.matched_by == "names"
    ends = [MODEL_SKELETON.index(f"{side}_{end}") for side in ("left", "right") for end in ("wrist", "foot", "knee")]
    apart = np.linalg.norm(result.motion.joint_positions - JOINTS, axis=-1)[:, ends]
    assert apart.mean() < (0.02 if count != 34 else 0.12)
    assert is_on_its_side(result.motion)


def is_on_its_side(motion: Motion) -> bool:
    across = motion.joint("left_hip") - motion.joint("right_hip")
    toes = motion.joint("left_foot") - motion.joint("left_ankle")
    return bool(np.median(np.sum(np.cross(across, [0.0, 1.0, 0.0]) * toes, axis=-1)) > 0)


def test_features_that_are_still_normalised(tmp_path: Path) -> None:
    body = standing(60, slide=1.0)
    sway = 0.1 * np.sin(np.arange(60) / 5)[:, None, None] * np.linspace(0, 1, 22)[None, :, None]
    joints = on_floor_facing_forward(body.joint_positions.astype(np.float64) + sway, HUMANML3D_LAYOUT)
    rows = features_from_joints(joints)
    mean = rows.mean(axis=0) + np.linspace(-0.2, 0.2, 263)
    std = np.full(263, 0.08) + np.linspace(0, 0.3, 263)
    normalised = saved(tmp_path / "x.npy", ((rows - mean) / std).astype(np.float32))
    with pytest.raises(FileFormatError, match="still normalised by a mean and a standard deviation"):
        read_motion(normalised)
    saved(tmp_path / "Mean.npy", mean.astype(np.float32))
    saved(tmp_path / "Std.npy", std.astype(np.float32))
    restored = read_motion(normalised, ReadingChoices(statistics=tmp_path))
    plain = read_motion(saved(tmp_path / "plain.npy", rows.astype(np.float32)), ReadingChoices(statistics=tmp_path))
    np.testing.assert_allclose(restored.joint_positions, plain.joint_positions, atol=1e-3)
    assert "restored by the statistics" in restored.provenance.repairs[0]
    assert plain.provenance.repairs == ()


def read_or_told(path: Path) -> Motion | None:
    """None where the file was refused in a sentence."""
    try:
        return read_motion(path)
    except FileFormatError:
        return None


@pytest.mark.parametrize("value", [None, {}, {"a": 1}, "a", b"x", [], [None], [[1], [1, 2]], np.zeros(3), 1e300, -1])
@pytest.mark.parametrize("name", ["lengths", "text", "fps", "smpl_scaling", "mocap_framerate"])
def test_facts_beside_the_motion_that_are_none(tmp_path: Path, name: str, value: Any) -> None:
    """Read without them, or refused in a sentence; never anything else."""
    path = saved(tmp_path / "x.npy", np.array({"motion": JOINTS, name: value}, dtype=object))
    np.testing.assert_allclose(read_motion(path).joint_positions, JOINTS, atol=1e-6)
    poses = np.zeros((5, 72))
    pickled = tmp_path / "x.pkl"
    pickled.write_bytes(pickle.dumps({"smpl_poses": poses, "smpl_trans": poses[:, :3], name: value}))
    read = read_or_told(pickled)
    assert read is None or read.num_frames == 5


@pytest.mark.parametrize("broken", [[[1.0], [1.0, 2.0]], None, {"a": 1}, "walks", np.zeros(0), np.zeros((0, 72))])
def test_frames_of_people_of_whom_one_has_no_pose(tmp_path: Path, broken: Any) -> None:
    frames: dict[str, Any] = {f"{k:03}": {"poses": np.zeros(72), "trans": np.zeros(3)} for k in range(12)}
    path = tmp_path / "x.pkl"
    path.write_bytes(pickle.dumps(frames))
    assert read_motion(path).num_frames == 12
    frames["005"]["poses"] = broken
    path.write_bytes(pickle.dumps(frames))
    read = read_or_told(path)
    assert read is None or read.num_frames >= 1  # some of them, or each as a person of one frame
