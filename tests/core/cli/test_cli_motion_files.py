"""`segmo export`, `segmo import` and `segmo inspect` on files of ours and of others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from sample_motions import turning_walk

from segmo_core.cli import main
from segmo_core.formats.arrays.npz_files import read_segment_track
from segmo_core.formats.registry import read_motion, write_motion
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, Skeleton
from segmo_core.retargeting.joint_map import read_joint_map
from segmo_core.timeline.segment_track import SegmentTrack

TRACK = SegmentTrack.from_durations(["A person walks.", "A person turns."], [40, 20])


def output(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return captured.out


def failure(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main([str(argument) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


@pytest.fixture
def walk_npz(tmp_path: Path) -> Path:
    path = tmp_path / "walk.npz"
    write_motion(turning_walk(), path, TRACK)
    return path


def foreign(motion: Motion, names: tuple[str, ...], metres_per_unit: float, z_up: bool) -> Motion:
    """``motion`` as another program would have it: names, unit, and rest pose and axes turned to Z up."""
    turn = rotations.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(np.pi / 2 if z_up else 0.0))
    local = rotations.multiply(rotations.multiply(turn, motion.local_rotations), rotations.inverse(turn))
    rest = rotations.rotate(turn, np.asarray(motion.skeleton.rest_offsets)) / metres_per_unit
    positions = rotations.rotate(turn, motion.joint_positions.astype(np.float64)) / metres_per_unit
    return Motion(positions, motion.frame_rate, Skeleton(names, motion.skeleton.parents, rest), local)


def in_order(motion: Motion, names: tuple[str, ...]) -> np.ndarray:
    """Positions of the joints called ``names``; files list a hierarchy in their own order."""
    return motion.joint_positions[:, [motion.skeleton.index(name) for name in names]]


def test_export_writes_every_file_with_what_was_chosen(capsys, walk_npz, tmp_path):
    bvh, npz = tmp_path / "walk.bvh", tmp_path / "copy.npz"
    printed = output(
        capsys, "export", walk_npz, "-o", bvh, "-o", npz, "--fps", "60", "--names", "unreal", "--unit", "m"
    )
    assert "already on the model's skeleton" in printed
    assert str(bvh) in printed
    read = read_motion(bvh)
    assert (read.frame_rate, read.num_frames) == (60.0, 178)
    np.testing.assert_allclose(in_order(read, BONE_NAMES["unreal"])[::3], turning_walk().joint_positions, atol=1e-5)
    assert read_segment_track(npz) == TRACK


def test_export_json(capsys, walk_npz, tmp_path):
    answer = json.loads(output(capsys, "export", walk_npz, "-o", tmp_path / "walk.bvh", "--json"))
    assert answer["segments"] == ["A person walks.", "A person turns."]
    assert answer["retargeted"]["worst_error_mm"] == 0
    assert [each["format"] for each in answer["outputs"]] == ["bvh"]
    assert (answer["num_frames"], answer["frame_rate"], answer["num_joints"]) == (60, 20.0, 22)


def test_export_takes_a_foreign_skeleton_to_the_model_or_keeps_it(capsys, tmp_path):
    names = tuple(f"{name}_joint" if name == "head" else name for name in SMPL_JOINT_NAMES)
    source = tmp_path / "inches.npz"
    write_motion(foreign(turning_walk(), names, 0.0254, z_up=True), source)
    output(capsys, "export", source, "-o", tmp_path / "model.bvh", "--unit", "m")
    assert set(read_motion(tmp_path / "model.bvh").skeleton.joint_names) == set(SMPL_JOINT_NAMES)
    assert "up axis 'w'" in failure(capsys, "export", source, "-o", tmp_path / "x.bvh", "--up-axis", "w")
    printed = output(capsys, "export", source, "-o", tmp_path / "own.bvh", "--unit", "m", "--keep-skeleton")
    assert "Its own skeleton was kept" in printed
    own = read_motion(tmp_path / "own.bvh")
    np.testing.assert_allclose(in_order(own, names), turning_walk().joint_positions, atol=1e-4)
    rest = [own.skeleton.rest_offsets[own.skeleton.index(name)] for name in names[1:]]
    np.testing.assert_allclose(rest, MODEL_SKELETON.rest_offsets[1:], atol=1e-4)


def test_import_says_who_played_whom_and_keeps_the_map(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *_, **__: str(tmp_path / "config"))
    source, target = tmp_path / "walk.bvh", tmp_path / "walk.npz"
    output(capsys, "export", _npz(tmp_path), "-o", source, "--names", "mixamo")
    printed = output(capsys, "import", source, "-o", target, "--save-map", tmp_path / "map.json", "--keep-height")
    assert "LeftUpLeg" in printed
    assert "22 of 22 joints matched by names" in printed
    assert read_joint_map(tmp_path / "map.json").joints["left_hip"] == "LeftUpLeg"
    np.testing.assert_allclose(read_motion(target).joint_positions, turning_walk().joint_positions, atol=1e-4)
    output(capsys, "import", source, "-o", target, "--map", tmp_path / "map.json", "--save-map", "my rig")
    answer = json.loads(output(capsys, "import", source, "-o", target, "--map", "my rig", "--json"))
    assert answer["retargeted"]["matched_by"] == "map"
    assert answer["retargeted"]["up_axis"] == "y"
    assert answer["retargeted"]["scale"] == pytest.approx(0.01, rel=1e-4)


def _npz(folder: Path) -> Path:
    write_motion(turning_walk(), folder / "source.npz")
    return folder / "source.npz"


def test_import_at_another_rate_keeps_the_segments_where_they_were(capsys, walk_npz, tmp_path):
    target = tmp_path / "fast.npz"
    output(capsys, "import", walk_npz, "-o", target, "--fps", "60")
    motion, track = read_motion(target), read_segment_track(target)
    assert (motion.frame_rate, motion.num_frames) == (60.0, 178)
    assert track is not None
    assert track.ends == (119, 178)  # 40 of 60 frames, at three times the rate
    assert track.texts == TRACK.texts


def test_inspect_measures_the_file_in_its_own_unit(capsys, tmp_path):
    source = tmp_path / "centimetres.npz"
    motion = turning_walk()
    write_motion(foreign(motion, SMPL_JOINT_NAMES, 0.01, z_up=True), source)
    answer = json.loads(output(capsys, "inspect", source, "--json"))
    assert (answer["num_frames"], answer["frame_rate"], answer["is_model_skeleton"]) == (60, 20.0, False)
    assert answer["seconds"] == pytest.approx(3.0)
    assert answer["joints"][4] == {
        "name": "left_knee", "parent": 1, "bone_length": pytest.approx(100 * MODEL_SKELETON.bone_lengths[4], rel=1e-4),
    }  # fmt: skip
    assert answer["highest"][2] == pytest.approx(100 * motion.joint_positions[..., 1].max(), rel=1e-4)
    body = answer["body"]
    assert (body["up_axis"], body["metres_per_unit"]) == ("z", 0.01)
    assert body["facing"] == pytest.approx(0.0, abs=1.0)
    path = np.linalg.norm(np.diff(motion.joint_positions[:, 0][:, [0, 2]], axis=0), axis=-1).sum()
    assert body["travel"] == pytest.approx(path, rel=1e-3)
    assert body["worst_error"] < 0.001
    assert "left_knee" in output(capsys, "inspect", source)


def test_inspect_shows_segments_and_files_without_a_body(capsys, walk_npz, tmp_path):
    assert "A person turns." in output(capsys, "inspect", walk_npz)
    tail = Skeleton(("a", "b", "c"), (-1, 0, 1), np.array([[0, 0, 0], [0, 1, 0], [0, 1, 0]]))
    positions = np.broadcast_to(np.array([[0, 0, 0], [0, 1, 0], [0, 2.0, 0]]), (5, 3, 3))
    write_motion(Motion(positions, 25.0, tail), tmp_path / "tail.npz")
    assert "no joint found for" in output(capsys, "inspect", tmp_path / "tail.npz")
    answer = json.loads(output(capsys, "inspect", tmp_path / "tail.npz", "--json"))
    assert answer["body"] is None
    assert answer["is_rigid"] is False


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["export", "none.bvh", "-o", "x.npz"], "none.bvh: no such file"),
        (["export", "walk.npz", "-o", "x.xyz"], "extension '.xyz', expected one of"),
        (["export", "walk.npz", "-o", "no/x.bvh"], "folder no does not exist"),
        (["export", "walk.npz", "-o", "x.bvh", "--fps", "0"], "frame rate 0, expected 1 to 1000"),
        (["export", "walk.npz", "-o", "x.bvh", "--fps", "0.001"], "frame rate 0.001, expected 1 to 1000"),
        (["export", "walk.npz", "-o", "x.bvh", "--fps", "nan"], "frame rate nan"),
        (["export", "walk.npz", "-o", "x.bvh", "--names", "maya"], "'maya'"),
        (["export", "walk.npz", "-o", "x.npz", "--root-bone"], "no room for root bone"),
        (["export", "walk.npz", "-o", "x.bvh", "--format", "vhs"], "format 'vhs' is unknown"),
        (["export", "walk.npz", "-o", "x.bvh", "--keep-skeleton", "--map", "rig"], "expected one of them"),
        (["import", "walk.npz", "-o", "x.bvh"], "expected a name that ends in .npz"),
        (["import", "walk.npz", "-o", "x.npz", "--map", "no such rig"], "no such preset"),
        (["import", "walk.npz", "-o", "x.npz", "--map", "none.json"], "none.json: no such file"),
        (["import", "walk.npz", "-o", "x.npz", "--fps", "-5"], "frame rate -5"),
        (["inspect", "none.npz"], "none.npz: no such file"),
        (["inspect", "folder"], "no extension"),
    ],
)
def test_user_errors(capsys, monkeypatch, tmp_path, walk_npz, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *_, **__: str(tmp_path))
    assert sentence in failure(capsys, *arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["walk.npz"]


def test_inspect_points_from_a_bundle_to_info(capsys, tiny_bundle):
    assert f"see segmo info {tiny_bundle}" in failure(capsys, "inspect", tiny_bundle)


def test_all_clips_of_a_file_each_in_a_file_of_its_own(capsys, tmp_path):
    write_motion(turning_walk(num_frames=20), tmp_path / "one.bvh")
    head, rows = (tmp_path / "one.bvh").read_text().removeprefix("HIERARCHY\n").split("MOTION\n")
    declared, values = rows.split("\n", 2)[:2], rows.split("\n", 2)[2]
    both = "\n".join(f"{row} {row}" for row in values.strip().split("\n"))
    two = "\n".join(["HIERARCHY", head + head.replace("ROOT pelvis", "ROOT other/one"), "MOTION", *declared, both])
    (tmp_path / "two.bvh").write_text(two)
    answers = output(capsys, "import", tmp_path / "two.bvh", "-o", tmp_path / "out", "--all-clips", "--json")
    told = [json.loads(line) for line in answers.strip().split("\n")]
    assert [each["retargeted"]["clip"] for each in told] == ["pelvis", "other/one"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["other_one.npz", "pelvis.npz"]
    chosen = json.loads(output(capsys, "inspect", tmp_path / "two.bvh", "--clip", "2", "--json"))
    assert chosen["clip"] == "other/one"
    assert "both given" in failure(
        capsys, "import", tmp_path / "two.bvh", "-o", tmp_path / "out", "--all-clips", "--clip", "1"
    )
