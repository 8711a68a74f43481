"""NPZ files: our own round trip, AMASS against scipy, and files that are not what they say."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core.errors import FileFormatError
from segmo_core.formats.arrays import npz_arrays
from segmo_core.formats.arrays.npz_files import read_npz, read_segment_track, write_npz
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.timeline.segment_track import SegmentTrack


def test_everything_a_motion_holds_comes_back(tmp_path: Path) -> None:
    motion = turning_walk(frame_rate=29.97)
    track = SegmentTrack.from_durations(["A person walks.", "A person waves, später."], [20, 40])
    path = tmp_path / "walk.npz"
    write_npz(motion, path, track=track)
    again = read_npz(path)
    np.testing.assert_array_equal(again.joint_positions, motion.joint_positions)
    assert motion.local_rotations is not None
    assert again.local_rotations is not None
    np.testing.assert_array_equal(again.local_rotations, motion.local_rotations)
    assert again.frame_rate == 29.97
    assert again.skeleton is MODEL_SKELETON
    assert read_segment_track(path) == track
    first = path.read_bytes()
    write_npz(motion, path, track=track)
    assert path.read_bytes() == first


def test_a_file_without_segments_has_none(tmp_path: Path) -> None:
    write_npz(turning_walk(), tmp_path / "walk.npz")
    assert read_segment_track(tmp_path / "walk.npz") is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"joint_positions": None}, "array 'joint_positions' is missing"),
        ({"joint_positions": np.zeros((3, 21, 3))}, "expected (T, 22, 3)"),
        ({"joint_positions": np.full((3, 22, 3), np.nan)}, "positions of frame 0 hold NaN"),
        ({"joint_positions": np.full((3, 22, 3), 1e20)}, "a coordinate of 1e+20"),
        ({"parents": np.array([-1] + [5] * 21)}, "joint 1 has parent 5, expected an earlier joint"),
        ({"parents": np.zeros((2, 2))}, "parents of shape (2, 2)"),
        ({"joint_names": np.arange(22)}, "expected a list of at most 2000 texts"),
        ({"frame_rate": np.array(-1.0)}, "frame_rate is not one positive number"),
        ({"local_rotations": np.zeros((3, 22, 3))}, "rotations of shape (3, 22, 3)"),
    ],
)
def test_wrong_files_of_our_own(tmp_path: Path, changes: dict[str, object], sentence: str) -> None:
    write_npz(turning_walk(num_frames=3), tmp_path / "walk.npz")
    with np.load(tmp_path / "walk.npz") as whole:
        arrays: dict[str, object] = {**dict(whole), **changes}
    np.savez(tmp_path / "walk.npz", **{k: v for k, v in arrays.items() if v is not None})
    with pytest.raises(FileFormatError) as caught:
        read_npz(tmp_path / "walk.npz")
    assert sentence in str(caught.value)


def test_segments_that_do_not_tile_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "walk.npz"
    write_npz(turning_walk(num_frames=3), path, track=SegmentTrack.from_durations(["a", "b"], [1, 2]))
    with np.load(path) as whole:
        arrays = {**dict(whole), "segment_starts": np.array([0, 2])}
    np.savez(path, **arrays)
    with pytest.raises(FileFormatError, match="segment 2 starts at frame 2, expected 1"):
        read_segment_track(path)


def test_claims_larger_than_the_file_are_refused_before_they_cost_memory(tmp_path: Path) -> None:
    header = np.lib.format.magic(1, 0) + b"v\x00"
    text = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 22, 3), }"
    header += text.ljust(0x76 - 1) + b"\n"
    with zipfile.ZipFile(tmp_path / "lie.npz", "w") as archive:
        archive.writestr("joint_positions.npy", header + b"\0" * 64)
    with pytest.raises(FileFormatError, match=r"joint_positions\.npy is truncated"):
        read_npz(tmp_path / "lie.npz")


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "bomb.npz", poses=np.zeros((1000, 156)), trans=np.zeros((1000, 3)))
    monkeypatch.setattr(npz_arrays, "MAX_UNPACKED_BYTES", 100_000)
    assert (tmp_path / "bomb.npz").stat().st_size < 10_000
    with pytest.raises(FileFormatError, match="unpacks to 1272256 bytes, expected at most 100000"):
        read_npz(tmp_path / "bomb.npz")


def test_cut_and_damaged_files_never_fail_otherwise(tmp_path: Path) -> None:
    write_npz(turning_walk(num_frames=4), tmp_path / "whole.npz")
    whole = (tmp_path / "whole.npz").read_bytes()
    path = tmp_path / "cut.npz"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(FileFormatError):
            read_npz(path)
    generator = np.random.default_rng(5)
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[generator.integers(len(damaged))] ^= int(generator.integers(1, 256))
        path.write_bytes(bytes(damaged))
        try:
            read_npz(path)
        except FileFormatError:
            continue
    path.write_bytes(generator.bytes(5000))
    with pytest.raises(FileFormatError, match=r"not a complete \.npz file"):
        read_npz(path)
