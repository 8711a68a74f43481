"""The table of file formats: every extension that is written is read back as the same motion."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core.catalog import resolve
from segmo_core.errors import FileFormatError
from segmo_core.formats.arrays.npz_files import read_segment_track
from segmo_core.formats.registry import (
    FORMATS,
    READABLE_EXTENSIONS,
    WRITABLE_EXTENSIONS,
    ChoosingReader,
    MotionFormat,
    MotionReader,
    MotionWriter,
    read_motion,
    write_motion,
)
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.timeline.segment_track import SegmentTrack

READ_BACK = [extension for extension in WRITABLE_EXTENSIONS if extension in READABLE_EXTENSIONS]


@pytest.mark.parametrize("extension", READ_BACK)
def test_written_motion_is_read_back(tmp_path: Path, extension: str) -> None:
    motion = turning_walk()
    path = tmp_path / f"walk{extension.upper()}"
    # VRM animations are at 30 fps unless chosen.
    options = ExportOptions(frame_rate=20.0) if extension == ".vrma" else None
    write_motion(motion, path, SegmentTrack.from_durations(["a person walks"], [60]), options)
    again = to_model_skeleton(read_motion(path)).motion
    assert again.frame_rate == 20.0
    np.testing.assert_allclose(again.joint_positions, motion.joint_positions, atol=1e-5)
    assert again.local_rotations is not None
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_npz_keeps_the_segments(tmp_path: Path) -> None:
    track = SegmentTrack.from_durations(["a person walks", "a person waves"], [40, 20])
    write_motion(turning_walk(), tmp_path / "walk.npz", track)
    assert read_segment_track(tmp_path / "walk.npz") == track


@pytest.mark.parametrize("name", ["walk.xyz", "walk", "walk.npz.zip"])
def test_unknown_extension_names_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileFormatError, match=r"expected one of \.bvh, .*\.npz, \.npy"):
        read_motion(tmp_path / name)
    with pytest.raises(FileFormatError, match=r"expected one of \.bvh, .*\.npz, \.npy"):
        write_motion(turning_walk(num_frames=2), tmp_path / name)


@pytest.mark.parametrize("extension", READABLE_EXTENSIONS)
def test_missing_folder_empty_and_unwritable(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"none{extension}"
    with pytest.raises(FileFormatError, match="no such file"):
        read_motion(path)
    path.mkdir()
    with pytest.raises(FileFormatError, match="is a folder"):
        read_motion(path)
    (tmp_path / f"empty{extension}").touch()
    with pytest.raises(FileFormatError, match="is empty"):
        read_motion(tmp_path / f"empty{extension}")


@pytest.mark.parametrize("extension", WRITABLE_EXTENSIONS)
def test_missing_folder_cannot_be_written_to(tmp_path: Path, extension: str) -> None:
    with pytest.raises(FileFormatError, match="cannot be written"):
        write_motion(turning_walk(num_frames=2), tmp_path / "nowhere" / f"walk{extension}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads and writes everything")
@pytest.mark.parametrize("extension", READ_BACK)
def test_no_permission(tmp_path: Path, extension: str) -> None:
    write_motion(turning_walk(num_frames=2), tmp_path / f"walk{extension}")
    (tmp_path / f"walk{extension}").chmod(0)
    tmp_path.chmod(0o500)
    with pytest.raises(FileFormatError, match="cannot be read"):
        read_motion(tmp_path / f"walk{extension}")
    with pytest.raises(FileFormatError, match="cannot be written"):
        write_motion(turning_walk(num_frames=2), tmp_path / f"other{extension}")
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("row", FORMATS.values(), ids=lambda row: row.name)
def test_readers_and_writers_are_called_alike(row: MotionFormat) -> None:
    reader = ChoosingReader if row.has_choices else MotionReader
    for reference, protocol in ((row.reader, reader), (row.writer, MotionWriter)):
        if reference:
            wanted = list(inspect.signature(protocol.__call__).parameters)[1:]
            assert list(inspect.signature(resolve(reference)).parameters)[: len(wanted)] == wanted
