"""The index on disk: what it keeps, what it drops, what it refuses."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.library.embedding_space import EmbeddingSpace
from segmo_core.library.index import FileStamp, IndexedMotion, MotionIndex

SPACE = EmbeddingSpace("starter", "abc")
STAMP = FileStamp(10, 20)


def motion(seed: int, windows: int = 4) -> IndexedMotion:
    generator = np.random.default_rng(seed)
    vectors = generator.normal(size=(windows, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    starts = np.arange(windows)
    return IndexedMotion(60, 30.0, generator.integers(512, size=15), np.stack([starts, starts + 5], axis=1), vectors)


@pytest.fixture
def index(tmp_path: Path) -> MotionIndex:
    made = MotionIndex(tmp_path / "new" / "library")
    made.create(SPACE)
    return made


def test_what_is_put_in_comes_out(index: MotionIndex, tmp_path: Path) -> None:
    index.put(tmp_path / "b.bvh", STAMP, "22", motion(2, windows=3))
    index.put(tmp_path / "a.bvh", STAMP, "11", motion(1))
    found = MotionIndex(index.folder).vectors()
    np.testing.assert_allclose(found.vectors, np.concatenate([motion(1).vectors, motion(2, 3).vectors]), atol=1e-3)
    assert found.windows.tolist() == [*motion(1).windows.tolist(), *motion(2, 3).windows.tolist()]
    kept, files = index.motion(int(found.motions[0])) or (None, ())
    assert kept is not None
    assert (kept.num_frames, kept.frame_rate, files) == (60, 30.0, (tmp_path / "a.bvh",))
    np.testing.assert_array_equal(kept.token_ids, motion(1).token_ids)
    assert index.stamps() == {tmp_path / "a.bvh": STAMP, tmp_path / "b.bvh": STAMP}


def test_names_that_are_no_valid_unicode_are_kept(index: MotionIndex) -> None:
    path = Path("/motions/na\udcefve \u2028.bvh")
    index.put(path, STAMP, "11", motion(1))
    assert list(index.stamps()) == [path]


def test_a_motion_goes_with_its_last_file(index: MotionIndex, tmp_path: Path) -> None:
    first, second = tmp_path / "first.bvh", tmp_path / "second.bvh"
    first.touch()
    index.put(first, STAMP, "11", motion(1))
    assert index.put_copy(second, STAMP, "11")
    assert not index.put_copy(second, STAMP, "unknown")
    assert (index.info().num_files, index.info().num_motions) == (2, 1)
    assert index.remove([first]) == 1
    assert len(index.vectors()) == 4
    index.put_failure(second, "second.bvh: not a motion")
    assert len(index.vectors()) == 0
    assert index.info().failures == {second: "second.bvh: not a motion"}
    assert index.remove([tmp_path]) == 0
    assert index.info().failures == {}


def test_every_change_has_its_revision(index: MotionIndex, tmp_path: Path) -> None:
    before = index.revision
    index.put(tmp_path / "a.bvh", STAMP, "11", motion(1))
    assert index.revision == before + 1


def test_info_counts(index: MotionIndex, tmp_path: Path) -> None:
    index.put(tmp_path / "gone.bvh", STAMP, "11", motion(1))
    info = index.info()
    assert (info.bundle, info.num_windows, info.seconds) == ("starter", 4, 2.0)
    assert info.vanished == (tmp_path / "gone.bvh",)


def test_another_bundle_is_refused_and_the_same_taken(index: MotionIndex) -> None:
    index.create(EmbeddingSpace("renamed", "abc"))
    with pytest.raises(InvalidRequestError, match=r"made with another bundle \(starter\) than big, whose vectors"):
        index.create(EmbeddingSpace("big", "xyz"))


def test_no_library_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"no library there, expected a folder with library\.sqlite"):
        MotionIndex(tmp_path).vectors()
    (tmp_path / "library.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 50)
    with pytest.raises(FileFormatError, match="cannot be used as a library's index"):
        MotionIndex(tmp_path).create(SPACE)
    with pytest.raises(FileFormatError, match="cannot be made a library"):
        MotionIndex(tmp_path / "library.sqlite" / "inside").create(SPACE)


def test_other_databases_and_versions_are_refused(index: MotionIndex, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "library.sqlite") as foreign:
        foreign.execute("CREATE TABLE notes (text TEXT)")
    with pytest.raises(FileFormatError, match="holds no library"):
        MotionIndex(tmp_path).info()
    with sqlite3.connect(index.path) as database:
        database.execute("UPDATE settings SET value = '9' WHERE name = 'version'")
    with pytest.raises(FileFormatError, match="version 9, expected 1"):
        index.stamps()


def test_damaged_vectors_are_refused(index: MotionIndex, tmp_path: Path) -> None:
    index.put(tmp_path / "a.bvh", STAMP, "11", motion(1))
    with sqlite3.connect(index.path) as database:
        database.execute("UPDATE motions SET vectors = x'0102'")
    with pytest.raises(FileFormatError, match="vectors of unequal length"):
        index.vectors()
