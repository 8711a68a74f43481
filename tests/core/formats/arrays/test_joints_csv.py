"""CSV files of joints: what a spreadsheet sees, back without loss, and one sentence for everything else."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core.errors import FileFormatError
from segmo_core.formats.arrays.csv_files import read_csv
from segmo_core.formats.registry import write_motion
from segmo_core.formats.scene.export_options import ExportOptions


def written(tmp_path: Path, options: ExportOptions | None = None) -> Path:
    path = tmp_path / "walk.csv"
    write_motion(turning_walk(frame_rate=30.0), path, options=options)
    return path


def test_a_row_is_a_frame(tmp_path: Path) -> None:
    walk = turning_walk(frame_rate=30.0)
    with written(tmp_path).open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 60
    assert list(rows[0])[:5] == ["time", "pelvis.x", "pelvis.y", "pelvis.z", "left_hip.x"]
    assert len(rows[0]) == 67
    assert float(rows[30]["time"]) == 1.0
    assert float(rows[41]["left_wrist.y"]) == pytest.approx(float(walk.joint("left_wrist")[41, 1]), abs=1e-6)


@pytest.mark.parametrize("options", [ExportOptions(), ExportOptions(frame_rate=59.94, names="mixamo")])
def test_comes_back(tmp_path: Path, options: ExportOptions) -> None:
    again = read_csv(written(tmp_path, options))
    assert again.frame_rate == pytest.approx(options.frame_rate or 30.0, rel=1e-4)
    walk = turning_walk(frame_rate=30.0)
    if options.frame_rate is None:
        np.testing.assert_allclose(again.joint_positions, walk.joint_positions, atol=1e-6)
    np.testing.assert_allclose(again.joint_positions[0], walk.joint_positions[0], atol=1e-6)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda lines: lines[:1], "a header and no frames"),
        (lambda lines: [lines[0].replace("time", "frame"), *lines[1:]], "line 1: columns 'frame, pelvis.x"),
        (lambda lines: [lines[0].replace("neck.y", "nick.y"), *lines[1:]], "no column 'neck.y' (1 are missing)"),
        (lambda lines: [lines[0].replace("neck.y", "neck.x"), *lines[1:]], "a column stands there twice"),
        (lambda lines: [*lines[:3], lines[3] + ",1"], "line 4: 68 values, expected 67"),
        (lambda lines: [*lines[:3], lines[3].replace(",0.", ",nan", 1)], "line 4: a value that is no finite number"),
        (lambda lines: [*lines[:3], lines[5], lines[4]], "times that do not rise evenly"),
        (lambda lines: ["\0\1"], "line 1: columns"),
    ],
)
def test_wrong_files(tmp_path: Path, edit, sentence: str) -> None:
    path = written(tmp_path)
    path.write_text("\n".join(edit(path.read_text().splitlines())) + "\n")
    with pytest.raises(FileFormatError) as caught:
        read_csv(path)
    assert sentence in str(caught.value)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileFormatError, match="not a text file, expected CSV"):
        read_csv(path)
