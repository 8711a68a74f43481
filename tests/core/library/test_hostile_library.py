"""Libraries among files that never end, names that are no text, full disks and damaged rows: one sentence each."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from segmo_core.errors import FileFormatError, LibraryIndexError
from segmo_core.library import index as index_module
from segmo_core.library.embedding_space import EmbeddingSpace
from segmo_core.library.index import FileStamp, IndexedMotion, MotionIndex
from segmo_core.library.indexing import EncodedFile, IndexingReport, add_files
from segmo_core.progress import Progress


class Refusal:
    """A work that refuses every file, before anything is encoded."""

    def start(self, progress: Progress) -> Callable[[Path, Progress], EncodedFile]:
        return self.refuse

    def refuse(self, path: Path, progress: Progress) -> EncodedFile:
        raise FileFormatError(f"{path}: not a motion")


@pytest.fixture
def index(tmp_path: Path) -> MotionIndex:
    made = MotionIndex(tmp_path / "library")
    made.create(EmbeddingSpace("a bundle", "a fingerprint"))
    return made


def add(index: MotionIndex, *sources: Path) -> IndexingReport:
    return add_files(index, Refusal(), sources)


def test_what_never_ends_is_refused_without_being_opened(index: MotionIndex, tmp_path: Path) -> None:
    folder = tmp_path / "motions"
    folder.mkdir()
    os.mkfifo(folder / "pipe.bvh")
    (folder / "zeros.bvh").symlink_to("/dev/zero")
    (folder / "folder.bvh").mkdir()
    report = add(index, folder)
    assert {path.name for path in report.failures} == {"pipe.bvh", "zeros.bvh"}
    assert all("is a pipe or a device" in sentence for sentence in report.failures.values())


def test_a_broken_file_whose_name_is_no_text_does_not_stop_the_run(index: MotionIndex, tmp_path: Path) -> None:
    names = [os.fsdecode(b"\xff\xfe.bvh"), "plain.bvh"]
    for name in names:
        (tmp_path / name).write_text("no motion")
    report = add(index, *(tmp_path / name for name in names))
    assert {path.name for path in report.failures} == set(names)
    assert set(index.info().failures) == {tmp_path / name for name in names}


def test_a_full_disk_ends_the_run_in_one_sentence(
    index: MotionIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.bvh").write_text("no motion")

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(index_module, "_drop_unused", full)
    with pytest.raises(LibraryIndexError, match="database or disk is full"):
        add(index, tmp_path / "a.bvh")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE motions SET windows = x'0102'",
        "UPDATE motions SET windows = 'text'",
        "UPDATE motions SET windows = x'05000000010000000500000001000000'",
        "UPDATE motions SET vectors = x'00'",
        "UPDATE motions SET tokens = 3",
        "UPDATE motions SET frame_rate = 0",
        "UPDATE motions SET num_frames = 'many'",
        "UPDATE files SET path = 5",
        "UPDATE files SET size = 'large'",
        "UPDATE settings SET value = 'one' WHERE name = 'revision'",
    ],
)
def test_damaged_rows_are_told(index: MotionIndex, tmp_path: Path, damage: str) -> None:
    motion = IndexedMotion(8, 20.0, np.zeros(2, np.int64), np.array([[0, 1], [0, 2]]), np.ones((2, 4), np.float32))
    index.put(tmp_path / "a.bvh", FileStamp(1, 1), "0" * 64, motion)
    with sqlite3.connect(index.path) as database:
        database.execute("PRAGMA ignore_check_constraints = 1")
        database.execute(damage)
    database.close()
    told: list[str] = []
    for ask in (index.stamps, index.vectors, lambda: index.motion(1), index.info, lambda: index.revision):
        try:
            ask()
        except LibraryIndexError as error:
            told.append(str(error))
    assert all(sentence.startswith(str(index.path)) for sentence in told)
    assert told or "size" in damage  # a stamp of another kind only means that the file is read again


def test_the_command_ends_on_a_pipe_within_seconds(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.bvh")
    shutil.copy(__file__, tmp_path / "broken.bvh")
    command = [sys.executable, "-m", "segmo_core", "library", "add", str(tmp_path), "--library", str(tmp_path / "l")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert "not readable: 2" in done.stdout
    assert "pipe.bvh: is a pipe or a device" in done.stderr
