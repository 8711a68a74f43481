"""Constraints on the command line: what they do to the file, what is said of them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from segmo_core.cli.app import main
from segmo_core.cli.constraint_options import given_constraints
from segmo_core.control.constraints import Pin, RootPath, RootWaypoint

WALK = ["generate", "a person walks forward", "--seconds", "4"]


def test_options_become_constraints(tmp_path: Path) -> None:
    path, file = tmp_path / "path.csv", tmp_path / "held.json"
    path.write_text("0,0\n1,2\n")
    file.write_text(json.dumps([{"type": "root2d", "frame_indices": [30], "smooth_root_2d": [[0.5, 1]]}]))
    found = given_constraints(["2:1,-0.5", "3:1,2,90"], path, ["left_hand@1-2:.3,1.4,.4"], file)
    assert found == (
        RootWaypoint(2.0, 1.0, -0.5),
        RootWaypoint(3.0, 1.0, 2.0, 90.0),
        Pin("left_hand", 1.0, (0.3, 1.4, 0.4), 2.0),
        RootPath(((0.0, 0.0), (1.0, 2.0))),
        RootWaypoint(1.0, 0.5, 1.0),
    )
    assert given_constraints(None, None, None, None) == ()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--waypoint", "2;1,2"], "waypoint: '2;1,2', expected seconds:x,z such as 2:1.5,3"),
        (["--pin", "right_hand:1,2,3"], "pin: 'right_hand:1,2,3', expected joint@seconds:x,y,z"),
        (["--pin", "nose@1:1,2,3"], "pin: 'nose', expected one of left_hand"),
        (["--waypoint", "1:0,10"], "waypoint at 1 s: 10.0 m from the start in 1 s"),
        (["--waypoint", "9:0,1"], "waypoint at 9 s: after the end of the motion at 4.0 s"),
        (["--constraints", "nowhere.json"], "nowhere.json: no such file"),
    ],
)
def test_what_is_refused(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    target = tmp_path / "walk.npy"
    assert main([*WALK, *options, "--bundle", str(tiny_bundle), "-o", str(target)]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())
    assert not target.exists()


def test_a_generated_file_holds_them(tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "walk.npy"
    options = ["--waypoint", "2:0.5,0.5", "--bundle", str(tiny_bundle), "-o", str(target), "--json"]
    assert main([*WALK, *options]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["constraints"] == [{"what": "waypoint at 2 s", "missed": pytest.approx(0.0, abs=0.002), "unit": "m"}]
    np.testing.assert_allclose(np.load(target)[40, 0, [0, 2]], [0.5, 0.5], atol=0.003)
