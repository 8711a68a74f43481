"""``segmo edit``: what is kept of a file is kept byte for byte, and what is new meets it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core import motion_files
from segmo_core.cli import main
from segmo_core.formats.registry import write_motion
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.resampling import resample_motion
from segmo_core.timeline.segment_track import SegmentTrack


def edited(capsys: pytest.CaptureFixture[str], bundle: Path, source: Path, *arguments: str | Path) -> dict[str, object]:
    target = source.with_name("edited" + source.suffix)
    given = ["edit", source, "-o", target, "--bundle", bundle, "--candidates", "1", "--json", *arguments]
    code = main([str(argument) for argument in given])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    told: dict[str, object] = json.loads(captured.out)
    return told


@pytest.fixture(params=["mixamo-60", "z-up-inches"])
def walk_bvh(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A foreign skeleton at 60 frames a second; the other in inches, Z up, at 24."""
    options = {
        "mixamo-60": ExportOptions(frame_rate=60, names="mixamo"),
        "z-up-inches": ExportOptions(frame_rate=24, names="unreal", unit="in", up_axis="z"),
    }[request.param]
    path = tmp_path / "walk.bvh"
    write_motion(turning_walk(num_frames=100), path, options=options)
    return path


def test_every_other_line_of_a_bvh_stays(walk_bvh: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = edited(capsys, tiny_bundle, walk_bvh, "--replace", "1.5:3.5", "a person waves")
    old, new = (path.read_bytes().split(b"\n") for path in (walk_bvh, walk_bvh.with_name("edited.bvh")))
    first, last = told["changed"]  # type: ignore[misc]
    rows = next(number for number, line in enumerate(old) if line.startswith(b"Frame Time")) + 1
    assert len(old) == len(new)
    assert old[: rows + first] == new[: rows + first]
    assert old[rows + last :] == new[rows + last :]
    assert all(a != b for a, b in zip(old[rows + first + 3 : rows + last - 3], new[rows + first + 3 :], strict=False))
    rate = float(told["frame_rate"])  # type: ignore[arg-type]
    assert first >= 0.5 * rate - 1, "blends reach at most a second beyond"
    assert last <= 4.5 * rate + 1


def test_a_bvh_has_no_jump_at_its_seams(walk_bvh: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = edited(capsys, tiny_bundle, walk_bvh, "--replace", "1.5:3.5", "a person waves")
    source, motion = (motion_files.read(path).motion for path in (walk_bvh, walk_bvh.with_name("edited.bvh")))
    scale = 1.0 / np.linalg.norm(source.skeleton.rest_offsets, axis=-1).max()  # of the longest bone
    step = np.linalg.norm(np.diff(motion.joint_positions.astype(np.float64), axis=0), axis=-1).max(axis=1) * scale
    for frame in told["changed"]:  # type: ignore[attr-defined]
        assert step[frame - 2 : frame + 2].max() * motion.frame_rate < 8.0


@pytest.mark.parametrize("shape", ["(T, 22, 3)", "(T, 66)", "(1, T, 22, 3)", "(22, 3, T)"])
def test_an_array_keeps_shape_type_and_other_frames(
    shape: str, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    joints = turning_walk(num_frames=100).joint_positions.astype(np.float64)
    given = {
        "(T, 22, 3)": joints, "(T, 66)": joints.reshape(100, 66).astype(np.float32), "(1, T, 22, 3)": joints[None],
        "(22, 3, T)": np.moveaxis(joints, 0, 2),
    }[shape]  # fmt: skip
    np.save(tmp_path / "walk.npy", given)
    told = edited(capsys, tiny_bundle, tmp_path / "walk.npy", "--replace", "1.5:3.5", "a person waves")
    new = np.load(tmp_path / "edited.npy")
    assert (new.shape, new.dtype) == (given.shape, given.dtype)
    first, last = told["changed"]  # type: ignore[misc]
    axis = {"(1, T, 22, 3)": 1, "(22, 3, T)": 2}.get(shape, 0)
    for kept in (slice(0, first), slice(last, None)):
        same = [np.moveaxis(values, axis, 0)[kept].tobytes() for values in (given, new)]
        assert same[0] == same[1]
    assert not np.allclose(np.moveaxis(given, axis, 0)[40:60], np.moveaxis(new, axis, 0)[40:60])


def test_our_own_file_keeps_numbers_and_gets_segments(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    walk = resample_motion(turning_walk(num_frames=100), 30.0)
    track = SegmentTrack.from_durations(["A person walks.", "A person turns."], [60, walk.num_frames - 60])
    write_motion(walk, tmp_path / "walk.npz", track)
    told = edited(capsys, tiny_bundle, tmp_path / "walk.npz", "--replace", "1.5:3.5", "a person waves")
    new = motion_files.read(tmp_path / "edited.npz")
    first, last = told["changed"]  # type: ignore[misc]
    assert new.motion.local_rotations is not None
    assert walk.local_rotations is not None
    for kept in (slice(0, first), slice(last, None)):
        assert np.array_equal(new.motion.local_rotations[kept], walk.local_rotations[kept])
        assert np.array_equal(new.motion.joint_positions[kept], walk.joint_positions[kept])
    assert new.track is not None
    assert [part.text for part in new.track] == ["A person walks.", "A person waves.", "A person turns."]
    assert new.track.boundaries == (45, 105)


def test_a_loop_ends_in_its_first_pose(walk_bvh: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = edited(capsys, tiny_bundle, walk_bvh, "--loop", "in-place", "--seconds", "2")
    motion = motion_files.open_motion(walk_bvh.with_name("edited.bvh"))
    assert np.abs(motion.joint_positions[-1] - motion.joint_positions[0]).max() < 0.001
    assert told["changed"][1] == told["num_frames"]  # type: ignore[index]
    speeds = np.diff(motion.joint_positions.astype(np.float64), axis=0) * motion.frame_rate
    assert np.linalg.norm(speeds[0] - speeds[-1], axis=-1).max() < 1.0


def test_a_travelling_loop_has_the_pose_elsewhere(
    walk_bvh: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited(capsys, tiny_bundle, walk_bvh, "--loop", "travelling")
    motion = motion_files.open_motion(walk_bvh.with_name("edited.bvh"))
    poses = motion.local_rotations
    assert poses is not None
    same = np.abs(np.sum(poses[0, 1:] * poses[-1, 1:], axis=-1))
    assert np.degrees(2 * np.arccos(np.clip(same, -1.0, 1.0))).max() < 0.1
    assert np.linalg.norm(motion.joint_positions[-1, 0] - motion.joint_positions[0, 0]) > 0.3


def test_more_after_the_end_and_another_motion(
    walk_bvh: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    length = motion_files.read(walk_bvh).motion.num_frames
    told = edited(capsys, tiny_bundle, walk_bvh, "--extend", "a person bows", "--seconds", "2")
    assert told["num_frames"] == length + round(2 * float(told["frame_rate"]))  # type: ignore[arg-type]
    write_motion(turning_walk(num_frames=60), tmp_path / "other.npz")
    told = edited(capsys, tiny_bundle, walk_bvh, "--join", tmp_path / "other.npz")
    assert f"Frames: {told['num_frames']}".encode() in walk_bvh.with_name("edited.bvh").read_bytes()
    assert motion_files.read(walk_bvh.with_name("edited.bvh")).motion.num_frames == told["num_frames"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--replace", "2-4", "a person waves"], "replace: '2-4', expected START:END in seconds"),
        (["--replace", "4:2", "a person waves"], "stretch: 4 to 2 s, expected a beginning before its end"),
        (["--replace", "2:9", "a person waves"], "ends at 9 s, expected at most the 5.00 s of the recording"),
        (["--replace", "2:2.1", "a person waves"], "expected at least 0.4 s"),
        (["--replace", "0:5", "a person waves"], "all of the recording, expected a part"),
        (["--replace", "2:3", " "], "text: empty"),
        (["--extend", "a person bows", "--loop", "in-place"], "--extend and --loop given, expected one of"),
        ([], "nothing given, expected one of --replace"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], sentence: str, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_motion(turning_walk(num_frames=100), tmp_path / "walk.npz")
    out = tmp_path / "out.npz"
    given = ["edit", str(tmp_path / "walk.npz"), "-o", str(out), "--bundle", str(tiny_bundle), *arguments]
    assert main(given) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert not out.exists()


def test_wrapped_rows_are_refused(
    walk_bvh: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = walk_bvh.read_text().split("\n")
    row = lines[-2].split()
    wrapped = tmp_path / "wrapped.bvh"
    wrapped.write_text("\n".join([*lines[:-2], " ".join(row[:10]), " ".join(row[10:]), ""]))
    given = ["edit", str(wrapped), "-o", str(tmp_path / "o.bvh"), "--bundle", str(tiny_bundle)]
    assert main([*given, "--replace", "1:3", "a person waves"]) == 2
    assert "rows wrapped over several lines, expected one frame a line" in capsys.readouterr().err
