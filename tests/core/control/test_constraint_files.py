"""Constraints in files: ours, Kimodo's, drawn paths; what is refused, and with which sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from segmo_core.control.constraint_files import read_constraints, read_path, write_constraints
from segmo_core.control.constraints import BodyKey, Constraint, Distance, Pin, PlantedFoot, RootPath, RootWaypoint, Turn
from segmo_core.control.kimodo_files import write_kimodo
from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.motion.motion import Motion

EVERY: list[Constraint] = [
    RootWaypoint(2.0, 1.0, 0.5, 90.0),
    RootPath(((0.0, 0.0), (1.0, 2.0)), (0.0, 3.0), (0.0, 45.0)),
    Pin("right_hand", 2.5, (0.3, 1.4, 0.4), 3.0, True),
    PlantedFoot("left", 1.0, 1.5),
    Distance(0.0, 4.0, 4.0),
    Turn(1.0, 2.0, -90.0),
]


def test_every_kind_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "held.json"
    write_constraints(EVERY, file)
    assert list(read_constraints(file)) == EVERY


def test_poses_come_back(tmp_path: Path, walk: Motion) -> None:
    file = tmp_path / "pose.json"
    write_constraints([BodyKey(1.0, walk.joint_positions[5], True)], file)
    (pose,) = read_constraints(file)
    assert isinstance(pose, BodyKey)
    assert pose.in_place
    np.testing.assert_allclose(pose.joints, walk.joint_positions[5], atol=1e-5)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "not valid JSON"),
        ('{"format": "other"}', "not constraints as JSON"),
        ('{"format": "segmo-constraints", "version": 9, "constraints": []}', "version 9, expected 1"),
        ([{"type": "waypint"}], "constraint 1: type 'waypint', expected one of waypoint, path"),
        ([{"type": "waypoint", "seconds": 1, "x": 0}], "constraint 1: key 'z' is missing"),
        ([{"type": "waypoint", "seconds": -1, "x": 0, "z": 0}], "constraint 1: waypoint: at -1 s"),
        ([{"type": "pin", "joint": "nose", "seconds": 1, "place": [0, 1, 0]}], "'nose', expected one of left_hand"),
        ([{"type": "pose", "seconds": 1, "joints": [[0, 1]]}], "joints: expected 22 times"),
        ([7], "constraint 1: found 7, expected an object"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: object, sentence: str) -> None:
    file = tmp_path / "held.json"
    if isinstance(content, list):
        content = json.dumps({"format": "segmo-constraints", "version": 1, "constraints": content})
    file.write_text(str(content))
    with pytest.raises(FileFormatError) as error:
        read_constraints(file)
    assert sentence in str(error.value)
    assert str(file) in str(error.value)


def test_kimodo_waypoints_and_paths(tmp_path: Path) -> None:
    file = tmp_path / "kimodo.json"
    sparse = {"type": "root2d", "frame_indices": [0, 60], "smooth_root_2d": [[0, 0], [1, 2]],
              "global_root_heading": [[1, 0], [0, 1]]}  # fmt: skip
    dense = {"type": "root2d", "frame_indices": [0, 1, 2], "smooth_root_2d": [[0, 0], [0, 0.1], [0, 0.2]]}
    file.write_text(json.dumps([sparse, dense]))
    first, second, path = read_constraints(file)
    assert first == RootWaypoint(0.0, 0.0, 0.0, 0.0)
    assert second == RootWaypoint(2.0, 1.0, 2.0, 90.0)
    assert isinstance(path, RootPath)
    assert path.times == pytest.approx((0.0, 1 / 30, 2 / 30))


def test_kimodo_poses_come_back(tmp_path: Path, walk: Motion) -> None:
    file = tmp_path / "kimodo.json"
    pose = walk.joint_positions[30].astype(np.float64)
    write_kimodo([BodyKey(1.0, pose), RootWaypoint(2.0, 0.5, 1.0, 30.0)], file)
    back, waypoint = read_constraints(file)
    assert isinstance(back, BodyKey)
    assert isinstance(waypoint, RootWaypoint)
    np.testing.assert_allclose(back.joints, pose, atol=1e-3)
    assert waypoint.heading == pytest.approx(30.0, abs=1e-3)


@pytest.mark.parametrize(("joints", "kind"), [(22, "left-hand"), (30, "right-foot"), (77, "left-hand")])
def test_kimodo_hands_and_feet_at_rest(tmp_path: Path, joints: int, kind: str) -> None:
    file = tmp_path / "kimodo.json"
    entry = {"type": kind, "frame_indices": [30], "local_joints_rot": np.zeros((1, joints, 3)).tolist(),
             "root_positions": [[0.5, 0.93, 1.0]]}  # fmt: skip
    file.write_text(json.dumps([entry]))
    waypoint, pin = read_constraints(file)
    assert isinstance(waypoint, RootWaypoint)
    assert (waypoint.x, waypoint.z) == (0.5, 1.0)
    assert waypoint.heading == pytest.approx(0.0, abs=3.0)  # hips of a rest pose are a little uneven
    assert isinstance(pin, Pin)
    assert pin.joint == kind.replace("-", "_")
    if kind == "left-hand":  # T-pose: far out to the left, at the height of the shoulders
        assert pin.place[0] > 1.1
        assert 1.2 < pin.place[1] < 1.6
    else:
        assert pin.place[0] < 0.5
        assert pin.place[1] < 0.15


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"type": "hips"}, "type 'hips', expected one of root2d"),
        ({"type": "root2d", "frame_indices": [-1], "smooth_root_2d": [[0, 0]]}, "frame_indices, expected"),
        ({"type": "root2d", "frame_indices": [1], "smooth_root_2d": [[0]]}, "smooth_root_2d, expected 1 times 2"),
        (
            {
                "type": "fullbody",
                "frame_indices": [1],
                "root_positions": [[0, 1, 0]],
                "local_joints_rot": [[[0, 0, 0]]],
            },
            "poses of 1 joints, expected 22 (SMPL-X), 30 or 77 (SOMA)",
        ),
    ],
)
def test_kimodo_files_that_are_wrong(tmp_path: Path, entry: dict[str, object], sentence: str) -> None:
    file = tmp_path / "kimodo.json"
    file.write_text(json.dumps([entry]))
    with pytest.raises(FileFormatError) as error:
        read_constraints(file)
    assert sentence in str(error.value)


def test_kimodo_has_no_room_for_distances(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="no room for Distance"):
        write_kimodo([Distance(0.0, 1.0, 1.0)], tmp_path / "kimodo.json")
    assert not (tmp_path / "kimodo.json").exists()


@pytest.mark.parametrize(
    ("content", "times"), [("x,z\n0,0\n1,2\n", None), ("0,0\n1,2\n", None), ("t,x,z\n0,0,0\n3,1,2\n", (0.0, 3.0))]
)
def test_drawn_paths(tmp_path: Path, content: str, times: tuple[float, ...] | None) -> None:
    file = tmp_path / "path.csv"
    file.write_text(content)
    assert read_path(file) == RootPath(((0.0, 0.0), (1.0, 2.0)), times)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("", "0 points"), ("0,0\n1,a\n", "point 2: 'a', expected a number"), ("0,0\n1\n", "point 2: 1 numbers")],
)
def test_paths_that_are_wrong(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "path.csv"
    file.write_text(content)
    with pytest.raises(FileFormatError) as error:
        read_path(file)
    assert sentence in str(error.value)
