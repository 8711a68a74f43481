"""OBJ, PLY and STL: read back by trimesh, the body at its height, place and size; sequences whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from segmo_core import motion_files
from segmo_core.cli import main
from segmo_core.errors import CancelledError
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton
from segmo_core.progress import CallbackProgress


def read(path: Path) -> Any:
    return trimesh.load_mesh(path, process=False)


@pytest.mark.parametrize(("kind", "metres", "up"), [("obj", 1.0, 1), ("ply", 1.0, 1), ("stl", 0.001, 2)])
def test_a_frame_is_the_body_at_its_place(walk: Motion, tmp_path: Path, kind: str, metres: float, up: int) -> None:
    path = tmp_path / f"walk.{kind}"
    motion_files.write(walk, path, options=ExportOptions(frame="30"))
    mesh = read(path)
    low, high = mesh.bounds * metres
    joints = walk.joint_positions[30]
    assert len(mesh.faces) > 1000
    # As high as the head above its joint, and its feet on the floor; as wide as the joints, and some flesh.
    assert joints[15, 1] < high[up] < joints[15, 1] + 0.3
    assert abs(low[up]) < 0.06
    assert 1.4 < high[up] - low[up] < 1.9
    assert abs((low[0] + high[0]) / 2 - joints[:, 0].mean()) < 0.15
    # Forward is +Z where Y is up, -Y where Z is.
    forward = (low[2] + high[2]) / 2 if up == 1 else -(low[1] + high[1]) / 2
    assert abs(forward - joints[:, 2].mean()) < 0.2
    # Outside is outside: a closed body has a positive volume of a person's, 30 to 120 litres.
    assert 0.03 < trimesh.Trimesh(mesh.vertices, mesh.faces, process=True).volume * metres**3 < 0.12


def test_colours_and_normals_are_in_the_files(walk: Motion, tmp_path: Path) -> None:
    motion_files.write(walk, tmp_path / "walk.ply")
    mesh = read(tmp_path / "walk.ply")
    assert {tuple(colour) for colour in mesh.visual.vertex_colors.tolist()} == {
        (188, 183, 176, 255),
        (87, 98, 114, 255),
    }
    assert b"property float nx" in (tmp_path / "walk.ply").read_bytes()[:600]
    motion_files.write(walk, tmp_path / "walk.obj")
    lines = (tmp_path / "walk.obj").read_text().splitlines()
    assert any(line.startswith("vn ") for line in lines)
    assert len(next(line for line in lines if line.startswith("v ")).split()) >= 7


def test_the_same_motion_gives_the_same_bytes(walk: Motion, tmp_path: Path) -> None:
    for kind in ("obj", "ply", "stl"):
        for name in ("a", "b"):
            motion_files.write(walk, tmp_path / f"{name}.{kind}")
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_fingers_of_the_motion_change_nothing(walk: Motion, tmp_path: Path) -> None:
    hands = HandPoses(np.broadcast_to([1.0, 0.0, 0.0, 0.0], (walk.num_frames, 30, 4)))
    for name, motion in (("a", walk), ("b", replace(walk, hands=hands))):
        motion_files.write(motion, tmp_path / f"{name}.stl")
    assert (tmp_path / "a.stl").read_bytes() == (tmp_path / "b.stl").read_bytes()


def test_a_sequence_is_a_file_a_frame(walk: Motion, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    motion_files.write(walk, tmp_path / "walk.npz")
    out = tmp_path / "walk.obj"
    assert main(["export", str(tmp_path / "walk.npz"), "-o", str(out), "--frame", "all", "--fps", "5"]) == 0
    assert "walk.0000.obj and one file for every further frame" in "".join(capsys.readouterr().out.split("\n"))
    files = sorted(path.name for path in tmp_path.glob("*.obj"))
    assert files == [f"walk.{number:04d}.obj" for number in range(15)]
    motion_files.write(walk, tmp_path / "one.obj", options=ExportOptions(frame="4", frame_rate=5.0))
    assert (tmp_path / "one.obj").read_bytes() == (tmp_path / "walk.0004.obj").read_bytes()


def test_a_cancelled_sequence_leaves_nothing(walk: Motion, tmp_path: Path) -> None:
    progress = CallbackProgress(lambda fraction, _message: progress.cancel() if fraction > 0.3 else None)
    with pytest.raises(CancelledError):
        motion_files.write(walk, tmp_path / "walk.stl", options=ExportOptions(frame="all"), progress=progress)
    assert list(tmp_path.iterdir()) == []


def test_wrong_frames_are_told(walk: Motion, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    motion_files.write(walk, tmp_path / "walk.npz")
    for given, told in (
        ("60", "frame 60: the motion has 60, expected 0 to 59"),
        ("x", "frame 'x', expected a number from 0 or all"),
    ):
        assert main(["export", str(tmp_path / "walk.npz"), "-o", str(tmp_path / "walk.obj"), "--frame", given]) == 2
        assert told in capsys.readouterr().err
    assert main(["export", str(tmp_path / "walk.npz"), "-o", str(tmp_path / "walk.bvh"), "--frame", "3"]) == 2
    assert "BVH has no room for frame" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["walk.npz"]


def test_a_skeleton_that_the_mannequin_does_not_fit_is_written_as_bones(tmp_path: Path) -> None:
    chain = Skeleton(("root", "middle", "tip"), (-1, 0, 1), np.array([[0, 0, 0], [0, 0.5, 0], [0, 0.5, 0]]))
    positions = np.tile(np.array([[0.0, 0, 0], [0, 0.5, 0], [0, 1.0, 0]], np.float32), (4, 1, 1))
    motion_files.write(Motion(positions, 20.0, chain), tmp_path / "chain.ply")
    low, high = read(tmp_path / "chain.ply").bounds
    assert high[1] - low[1] == pytest.approx(1.0, abs=0.15)
